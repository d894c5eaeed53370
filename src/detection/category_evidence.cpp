#include "gates.hpp"
#include "native_tests.hpp"
#include "numeric_description.hpp"
#include "numeric_evidence.hpp"
#include "sentence.hpp"
#include "signals.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/cramers_v.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/psi.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <tuple>

namespace tristrata::detection {
namespace {

constexpr double sparse_below = 5.0;        ///< Smallest expected count for which the asymptotic p holds.
constexpr std::size_t names_from = 10000;   ///< More labels than that, most seen once, are names.
constexpr std::size_t labels_max = 100000;  ///< More than that are never compared: docs/adr/0006.
constexpr std::size_t labels_pictured = 30;
constexpr std::size_t psi_draws_work = 1'000'000;  ///< Labels times draws of PSI without drift.
/// Draws times labels, about a tenth of a second; beyond it the permutation's exact moments give p.
constexpr std::uint64_t permutation_work_max = 1'000'000;

void describe_side(drift::ColumnSide& side, const std::vector<std::string>& labels,
                   const std::vector<std::uint64_t>& counts, std::uint64_t total) {
    side.distinct = static_cast<std::uint64_t>(std::ranges::count_if(counts, [](auto c) { return c > 0; }));
    if (total == 0) return;
    const auto most = std::ranges::max_element(counts);
    side.mode = labels[static_cast<std::size_t>(most - counts.begin())];
    side.mode_share = static_cast<double>(*most) / static_cast<double>(total);
}

/// The most frequent labels of both sides together, the rest as one.
void picture(drift::Distribution& distribution, const std::vector<std::string>& labels,
             const std::vector<std::uint64_t>& reference, const std::vector<std::uint64_t>& current,
             std::uint64_t n, std::uint64_t m) {
    if (n == 0 && m == 0) return;
    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto share = [](std::uint64_t count, std::uint64_t total) {
        return total == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(total);
    };
    std::ranges::stable_sort(order, [&](auto a, auto b) {
        return share(reference[a], n) + share(current[a], m) > share(reference[b], n) + share(current[b], m);
    });
    double rest_reference = 0.0, rest_current = 0.0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::size_t i = order[rank];
        if (rank < labels_pictured) {
            distribution.labels.push_back(labels[i]);
            distribution.reference.push_back(share(reference[i], n));
            distribution.current.push_back(share(current[i], m));
        } else {
            rest_reference += share(reference[i], n);
            rest_current += share(current[i], m);
        }
    }
    if (order.size() > labels_pictured) {
        distribution.labels.push_back(core::plural(order.size() - labels_pictured, "further label"));
        distribution.reference.push_back(rest_reference);
        distribution.current.push_back(rest_current);
    }
}

std::string moved_sentence(const std::vector<std::string>& labels,
                           const std::vector<std::uint64_t>& reference,
                           const std::vector<std::uint64_t>& current, std::uint64_t n, std::uint64_t m) {
    if (n == 0 || m == 0) return "";
    std::size_t most = 0;
    double largest = -1.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double change = std::abs(static_cast<double>(current[i]) / static_cast<double>(m) -
                                       static_cast<double>(reference[i]) / static_cast<double>(n));
        if (change > largest) {
            largest = change;
            most = i;
        }
    }
    const double before = static_cast<double>(reference[most]) / static_cast<double>(n);
    const double after = static_cast<double>(current[most]) / static_cast<double>(m);
    if (before == after)
        return labels.size() == 1 ? "it holds one label, as before" : "no label's share moved";
    return fmt::format("the share of {} {} from {} to {}", core::quoted(labels[most], 40),
                       after >= before ? "rose" : "fell", percent(before), percent(after));
}

/// A number that the bytes of a label decide and nothing else: FNV-1a, mixed so that names that differ in
/// their last digit lie far apart.
std::uint64_t scattered(std::string_view label) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : label) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33);
}

/// τ of a categorical series: that of its codes in order of frequency, so that deciles cut between labels.
/// Equally frequent labels stand in the order of a hash: in that of their first row they would make a series
/// that ascends, and a column of distinct names would look like one long run.
std::optional<stats::Dependence> dependence_of(const std::vector<std::string>& labels,
                                               std::span<const std::uint32_t> codes,
                                               const std::vector<std::uint64_t>& counts, std::size_t m) {
    std::vector<std::size_t> order(counts.size());
    std::vector<std::uint64_t> tie(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::transform(labels, tie.begin(), scattered);
    std::ranges::sort(order, [&](auto a, auto b) {
        return std::tuple(counts[b], tie[a], a) < std::tuple(counts[a], tie[b], b);
    });
    std::vector<double> rank(counts.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
    std::vector<double> series;
    series.reserve(codes.size());
    for (const auto code : codes)
        if (code < rank.size()) series.push_back(rank[code]);
    const auto outcome = stats::integrated_autocorrelation_time(series, m);
    if (const auto* found = std::get_if<stats::Dependence>(&outcome)) return *found;
    return stats::Dependence{};
}

/// Why the labels are names rather than categories, or nothing.
std::optional<std::string> what_makes_names(std::size_t labels, const std::vector<std::uint64_t>& reference,
                                            std::uint64_t n, std::uint64_t m) {
    if (labels <= names_from) return std::nullopt;
    const auto once = static_cast<std::uint64_t>(std::ranges::count(reference, std::uint64_t{1}));
    if (labels <= labels_max && 2 * once <= n) return std::nullopt;
    const auto why = labels > labels_max
                         ? fmt::format("more than the {} that are compared",
                                       core::readable(static_cast<double>(labels_max)))
                         : fmt::format("{} of the reference's rows hold one that stands once",
                                       percent(static_cast<double>(once) / static_cast<double>(n)));
    return fmt::format(
        "{} distinct values among {} rows, {}: names rather than categories; give the column role = \"key\" "
        "or ignore = true in the plan, or group its values (a prefix, or a hash modulo 1,000) before the "
        "check",
        core::readable(static_cast<double>(labels)), core::readable(static_cast<double>(n + m)), why);
}

/// Chi-square under the null in force: asymptotic where every expected count allows it; else by permutation,
/// or by the curve with the permutation's own moments where there are too many labels to draw.
stats::TestOutcome chi_square_under(const std::vector<std::uint64_t>& reference,
                                    const std::vector<std::uint64_t>& current, std::size_t labels,
                                    const Setting& setting,
                                    const std::optional<stats::Dependence>& dependence,
                                    std::uint64_t column_index) {
    const auto asymptotic = stats::chi_square_test(reference, current);
    const auto* test = std::get_if<stats::TestResult>(&asymptotic);
    if (test == nullptr) return asymptotic;
    const double statistic = test->statistic;
    const bool sparse = stats::min_expected_count(reference, current) < sparse_below;
    if (!dependence && !sparse) return asymptotic;
    const std::uint64_t draws = permutation_draws(setting);
    if (!dependence && draws <= permutation_work_max / labels)
        return stats::chi_square_permutation_test(reference, current, draws,
                                                  stats::Random(setting.plan->seed, column_index));
    if (!sparse) {
        const auto degrees = static_cast<double>(labels - 1);
        const auto p_at = [&](double tau) { return stats::chi_square_survival(statistic / tau, degrees); };
        return stats::TestResult{statistic, stats::averaged_p(p_at, *dependence), "asymptotic"};
    }
    const auto p_at = [&](double tau) {
        const auto found = stats::chi_square_moments(reference, current, tau);
        const auto* moments = std::get_if<stats::ChiSquareMoments>(&found);
        return moments != nullptr ? stats::chi_square_survival(statistic / tau, *moments) : 1.0;
    };
    return stats::TestResult{statistic, dependence ? stats::averaged_p(p_at, *dependence) : p_at(1.0),
                             "moments"};
}

/// PSI beside what it would be without drift. Where a label has few rows on average, that is drawn: the
/// first-order mean grows with the number of labels, and PSI cannot.
Stability stability_of(std::optional<double> psi, const std::vector<std::uint64_t>& reference,
                       const std::vector<std::uint64_t>& current, double n, double m, const Setting& setting,
                       std::uint64_t column_index) {
    Stability stability;
    stability.psi = psi;
    if (!psi || !(n > 0.0) || !(m > 0.0)) return stability;
    const std::size_t labels = reference.size();
    const double alpha = setting.plan->alpha;
    if (labels > 1 && std::min(n, m) < sparse_below * static_cast<double>(labels)) {
        const std::size_t draws = std::clamp<std::size_t>(psi_draws_work / labels, 20, 200);
        // A stream of its own: the test draws from the column's.
        if (const auto null = stats::psi_drawn_null(reference, current, n, m, alpha, draws,
                                                    stats::Random(setting.plan->seed, column_index, 1))) {
            stability.excess = *psi - null->mean;
            stability.low = std::max(0.0, *psi - null->high);
            stability.high = std::max(0.0, *psi - null->low);
        }
        return stability;
    }
    stability.excess = *psi - stats::psi_null_mean(labels, n, m);
    if (const auto interval = stats::psi_interval(*psi, labels, n, m, alpha)) {
        stability.low = interval->low;
        stability.high = interval->high;
    }
    return stability;
}

}  // namespace

void examine_categories(Evidence& evidence, const std::vector<std::string>& labels,
                        const std::vector<std::uint32_t>& reference_codes,
                        const std::vector<std::uint32_t>& current_codes, const Setting& setting,
                        std::uint64_t column_index) {
    std::vector<std::uint64_t> reference(labels.size(), 0), current(labels.size(), 0);
    for (const auto code : reference_codes)
        if (code < labels.size()) ++reference[code];
    for (const auto code : current_codes)
        if (code < labels.size()) ++current[code];
    examine_categories(evidence, labels, reference, current, reference_codes, current_codes, std::nullopt,
                       setting, column_index);
}

void examine_categories(Evidence& evidence, const std::vector<std::string>& labels,
                        const std::vector<std::uint64_t>& reference,
                        const std::vector<std::uint64_t>& current,
                        std::span<const std::uint32_t> reference_codes,
                        std::span<const std::uint32_t> current_codes,
                        const std::optional<stats::Dependence>& saved, const Setting& setting,
                        std::uint64_t column_index) {
    auto& report = evidence.report;
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    describe_side(report.reference, labels, reference, n);
    describe_side(report.current, labels, current, m);
    picture(report.distribution, labels, reference, current, n, m);
    evidence.moved = moved_sentence(labels, reference, current, n, m);
    const bool in_order = setting.null != Null::independent;
    std::optional<stats::Dependence> dependence;
    if (in_order)
        dependence = saved ? saved : dependence_of(labels, reference_codes, reference, current_codes.size());
    auto signals = category_signals({labels, reference, current, reference_codes, dependence}, setting);
    if (report.current.distinct == 1) {
        const auto held = static_cast<std::size_t>(std::ranges::max_element(current) - current.begin());
        const auto windows = setting.null == Null::chunks
                                 ? constant_windows(reference_codes, setting.windows,
                                                    [&](auto code) { return code < labels.size(); })
                                 : 0;
        if (auto signal = constant_signal(
                {n, n - reference[held], report.reference.distinct, m, dependence, windows}, setting))
            signals.push_back(std::move(*signal));
    }
    report.signals.insert(report.signals.end(), std::make_move_iterator(signals.begin()),
                          std::make_move_iterator(signals.end()));
    if (auto names = what_makes_names(labels.size(), reference, n, m)) {
        evidence.obstacle = std::move(*names);
        return;
    }
    if (setting.null == Null::chunks)
        evidence.measures = window_measures(labels.size(), reference_codes, current_codes, setting);

    if (setting.null != Null::dependent) dependence.reset();  // Windows are ranked as they are.
    const double tau = dependence ? dependence->tau : 1.0;
    const double n_effective = static_cast<double>(n) / tau, m_effective = static_cast<double>(m) / tau;
    if (dependence) {
        report.effective_n_reference = n_effective;
        report.effective_n_current = m_effective;
    }
    const auto variation = stats::value_of(stats::total_variation(reference, current));
    const auto psi = stats::value_of(stats::psi(reference, current));
    const Stability stability =
        stability_of(psi, reference, current, n_effective, m_effective, setting, column_index);
    report.effect = drift::Effect{"psi_excess", stability.excess, stability.low, stability.high};
    report.measures = {
        {"psi", psi},
        {"psi_excess", stability.excess},
        {"jensen_shannon", stats::value_of(stats::jensen_shannon(reference, current))},
        {"total_variation", variation},
        {"kl", stats::value_of(stats::kl_divergence(reference, current))},
        {"hellinger", stats::value_of(stats::hellinger(reference, current))},
        {"bhattacharyya", stats::value_of(stats::bhattacharyya(reference, current))},
        {"l_infinity", stats::value_of(stats::l_infinity(reference, current))},
        {"histogram_intersection", stats::value_of(stats::histogram_intersection(reference, current))},
        {"cramers_v", stats::value_of(stats::cramers_v(reference, current))}};

    if (!enough(evidence, n, m, tau)) return;
    evidence.gate = category_gate(reference, current, tau);
    if (labels.size() <= 1) {
        evidence.p = 1.0;
        report.test =
            drift::Test{"chi_square", "exact", std::string(name(setting.null)), 0.0, 1.0, std::nullopt};
        return;
    }
    if (setting.null == Null::chunks) {
        report.test = drift::Test{"chi_square", "windows", "chunks", variation, std::nullopt, std::nullopt};
        return;
    }
    if (const auto chosen = chosen_test(*setting.plan, report); chosen && *chosen != "chi_square") {
        record_test(evidence, *chosen,
                    label_test(*chosen, reference, current, setting, dependence, column_index), setting);
        return;
    }
    record_test(evidence, "chi_square",
                chi_square_under(reference, current, labels.size(), setting, dependence, column_index),
                setting);
}

}  // namespace tristrata::detection
