#include "numeric_evidence.hpp"

#include "gates.hpp"
#include "native_tests.hpp"
#include "numeric_description.hpp"
#include "quality_signals.hpp"
#include "signals.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/fisher.hpp"
#include "tristrata/stats/histogram.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/psi.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/robust_deviation.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/trimmed_distances.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <functional>

namespace tristrata::detection {
namespace {

using stats::SortedSample;

constexpr double modal_share_limit = 0.20;         ///< Above it the modal value is a part of its own.
constexpr std::size_t reference_windows_min = 10;  ///< PSI's null mean is measured from so many windows on.

/// Order and frequency of a sorted sample in one walk.
struct Mode {
    double value = 0.0;
    std::size_t count = 0;
    std::size_t distinct = 0;
};

Mode mode_of(std::span<const double> sorted) {
    if (sorted.empty()) return {};
    // Values that all differ are the common case, and counted without a branch a value.
    std::size_t equal_neighbours = 0;
    for (std::size_t i = 1; i < sorted.size(); ++i)
        equal_neighbours += static_cast<std::size_t>(sorted[i] == sorted[i - 1]);
    if (equal_neighbours == 0) return {sorted.front(), 1, sorted.size()};
    Mode mode;
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t j = i + 1;
        while (j < sorted.size() && sorted[j] == sorted[i]) ++j;
        ++mode.distinct;
        if (j - i > mode.count) {
            mode.count = j - i;
            mode.value = sorted[i];
        }
        i = j;
    }
    return mode;
}

void describe(drift::ColumnSide& side, const SortedSample& sample, const Mode& mode) {
    describe_side(side, sample, mode.distinct);
    if (!sample.empty())
        side.mode_share = static_cast<double>(mode.count) / static_cast<double>(sample.size());
}

/// KS of two samples under the null in force. `ratio` is n_eff / n: how many independent values a row is
/// worth.
stats::TestOutcome ks_under(const SortedSample& reference, const SortedSample& current, double d,
                            const Setting& setting, const std::optional<stats::Dependence>& dependence,
                            std::uint64_t column_index) {
    if (reference.empty() || current.empty()) return stats::Undefined::empty_sample;
    const auto n = static_cast<double>(reference.size());
    const auto m = static_cast<double>(current.size());
    if (dependence) {
        const double p = stats::averaged_p(
            [&](double tau) { return stats::ks_asymptotic_p(d, n / tau, m / tau); }, *dependence);
        return stats::TestResult{d, p, "asymptotic"};
    }
    if (const auto counts = paired_counts(reference.values(), current.values()))
        return stats::ks_permutation_test(counts->reference, counts->current, permutation_draws(setting),
                                          stats::Random(setting.plan->seed, column_index));
    return stats::ks_test(d, reference.size(), current.size());
}

SortedSample without(const SortedSample& sample, double value) {
    std::vector<double> rest;
    rest.reserve(sample.size());
    std::ranges::copy_if(sample.values(), std::back_inserter(rest), [value](double x) { return x != value; });
    return SortedSample(std::move(rest));
}

/// Whether the finite values, of which there is one at least, are all the same.
bool holds_one_value(const std::vector<double>& values) {
    std::optional<double> first;
    for (const double x : values) {
        if (!std::isfinite(x)) continue;
        if (first && *first != x) return false;
        first = x;
    }
    return first.has_value();
}

std::size_t count_of(const SortedSample& sample, double value) {
    const auto range = std::ranges::equal_range(sample.values(), value);
    return static_cast<std::size_t>(range.size());
}

/// The two-part test: the modal value's share, and KS of the rest; 2 * min p.
void two_part(Evidence& evidence, const SortedSample& reference, const SortedSample& current,
              const Mode& mode, const Setting& setting, const std::optional<stats::Dependence>& dependence,
              std::uint64_t column_index) {
    const std::uint64_t n = reference.size(), m = current.size();
    const std::uint64_t a = mode.count, b = count_of(current, mode.value);
    const auto share_outcome = share_test(a, n - a, b, m - b, dependence);
    double p = 1.0;
    std::string how = "exact";
    double statistic = 0.0;
    if (const auto* test = std::get_if<stats::TestResult>(&share_outcome)) p = test->p;

    const auto rest_reference = without(reference, mode.value);
    const auto rest_current = without(current, mode.value);
    const auto rest_distance = stats::value_of(stats::ks_distance(rest_reference, rest_current));
    bool rest_gate = false;
    if (rest_distance && rest_reference.size() >= 5 && rest_current.size() >= 5) {
        statistic = *rest_distance;
        const auto outcome =
            ks_under(rest_reference, rest_current, *rest_distance, setting, dependence, column_index);
        if (const auto* test = std::get_if<stats::TestResult>(&outcome)) {
            how = test->how;
            p = std::min(p, test->p);
            rest_gate = *rest_distance >= ks_floor;
        }
    }
    p = std::min(1.0, 2.0 * p);
    const std::uint64_t reference_counts[]{a, n - a}, current_counts[]{b, m - b};
    evidence.p = p;
    evidence.gate =
        rest_gate || category_gate(reference_counts, current_counts, dependence ? dependence->tau : 1.0);
    evidence.report.test =
        drift::Test{"two_part", how, std::string(name(setting.null)), statistic, p, std::nullopt};
}

/// The mean PSI of the reference's own windows of the current's length, each against the rest of it: held
/// against itself a window would be too much like it.
std::optional<double> windowed_null_mean(const std::vector<double>& reference, std::size_t window_rows,
                                         const stats::Histogram& whole) {
    if (window_rows == 0 || reference.size() / window_rows < reference_windows_min) return std::nullopt;
    const std::size_t windows = reference.size() / window_rows;
    double sum = 0.0;
    std::size_t used = 0;
    for (std::size_t w = 0; w < windows; ++w) {
        stats::Histogram histogram(whole.edges);
        const auto* begin = reference.data() + w * window_rows;
        std::vector<double> finite;
        std::copy_if(begin, begin + window_rows, std::back_inserter(finite),
                     [](double x) { return std::isfinite(x); });
        histogram.update(finite);
        std::vector<std::uint64_t> rest(whole.counts.size());
        std::ranges::transform(whole.counts, histogram.counts, rest.begin(), std::minus<>{});
        if (const auto psi = stats::value_of(stats::psi(rest, histogram.counts))) {
            sum += *psi;
            ++used;
        }
    }
    if (used < reference_windows_min) return std::nullopt;
    return sum / static_cast<double>(used);
}

void picture(drift::Distribution& distribution, const SortedSample& reference, const SortedSample& current) {
    constexpr std::size_t bins = 30;
    const auto edges = stats::plot_edges(reference.values(), current.values(), bins);
    if (edges.size() < 2) return;
    const std::vector<double> interior(edges.begin() + 1, edges.end() - 1);
    const auto shares = [&](const SortedSample& sample) {
        stats::Histogram histogram(interior);
        histogram.update_sorted(sample.values());
        std::vector<double> out(histogram.counts.size(), 0.0);
        if (sample.empty()) return out;
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<double>(histogram.counts[i]) / static_cast<double>(sample.size());
        return out;
    };
    distribution.edges = edges;
    distribution.reference = shares(reference);
    distribution.current = shares(current);
}

/// Pictures, the effect and the measures of the table: what a report shows beside the verdict.
void measure_numbers(drift::ColumnReport& report, const SortedSample& reference, const SortedSample& current,
                     const stats::KsAndAndersonDarling& compared, const std::vector<double>& ordered,
                     std::size_t window_rows, double n_effective, double m_effective,
                     const Setting& setting) {
    picture(report.distribution, reference, current);
    const double alpha = setting.plan->alpha;
    // The measures exist wherever both sides have a value; the verdict needs more.
    stats::Histogram reference_bins(stats::mass_point_edges(reference.values(), 10));
    stats::Histogram current_bins(reference_bins.edges);
    reference_bins.update_sorted(reference.values());
    current_bins.update_sorted(current.values());
    Stability stability;
    if (!reference.empty() && !current.empty()) {
        std::optional<double> null_mean;
        if (setting.ordered) null_mean = windowed_null_mean(ordered, window_rows, reference_bins);
        if (!null_mean)
            null_mean = stats::psi_null_mean(reference_bins.counts.size(), n_effective, m_effective);
        stability = stability_of(reference_bins, current_bins, *null_mean, n_effective, m_effective, alpha);
    }
    report.effect = drift::Effect{"psi_excess", stability.excess, stability.low, stability.high};
    const double iqr = reference.empty() ? 0.0 : reference.iqr();
    const auto trimmed = stats::trimmed_distances(reference, current);
    std::optional<stats::Interval> ks;
    const auto distance = stats::value_of(compared.ks);
    if (distance) ks = stats::ks_interval(*distance, n_effective, m_effective, alpha);
    report.measures = {
        {"psi", stability.psi},
        {"psi_excess", stability.excess},
        {"ks", distance},
        {"ks_low", ks ? std::optional(ks->low) : std::nullopt},
        {"ks_high", ks ? std::optional(ks->high) : std::nullopt},
        {"wasserstein", stats::value_of(trimmed.wasserstein)},
        {"third_largest", reference.empty() ? std::nullopt
                                            : stats::value_of(stats::third_largest_robust_deviation(
                                                  current.values(), reference.median(), iqr))},
        {"jensen_shannon",
         stats::value_of(stats::jensen_shannon(reference_bins.counts, current_bins.counts))},
        {"total_variation",
         stats::value_of(stats::total_variation(reference_bins.counts, current_bins.counts))},
        {"energy", stats::value_of(trimmed.energy)},
        {"kl", stats::value_of(stats::kl_divergence(reference_bins.counts, current_bins.counts))},
        {"hellinger", stats::value_of(stats::hellinger(reference_bins.counts, current_bins.counts))},
        {"bhattacharyya", stats::value_of(stats::bhattacharyya(reference_bins.counts, current_bins.counts))},
        {"l_infinity", stats::value_of(stats::l_infinity(reference_bins.counts, current_bins.counts))},
        {"histogram_intersection",
         stats::value_of(stats::histogram_intersection(reference_bins.counts, current_bins.counts))},
    };
    if (const auto* found = std::get_if<stats::TestResult>(&compared.anderson_darling))
        report.measures.emplace_back("anderson_darling", found->statistic);
}

void show_sides(drift::ColumnReport& report, std::vector<double> reference_values,
                std::vector<double> current_values, PreparedColumn* prepared) {
    const PreparedColumn sides =
        prepared != nullptr
            ? std::move(*prepared)
            : PreparedColumn{
                  {}, SortedSample{std::move(reference_values)}, SortedSample{std::move(current_values)}};
    describe(report.reference, sides.reference, mode_of(sides.reference.values()));
    describe(report.current, sides.current, mode_of(sides.current.values()));
    picture(report.distribution, sides.reference, sides.current);
}

}  // namespace

void examine_numbers(Evidence& evidence, std::vector<double> reference_values,
                     std::vector<double> current_values, const Setting& setting, std::uint64_t column_index,
                     PreparedColumn* prepared, std::vector<double> sorted) {
    auto& report = evidence.report;
    const std::size_t window_rows = current_values.size();
    if (setting.no_verdict && report.kind == drift::Kind::numeric) {
        show_sides(report, std::move(reference_values), std::move(current_values), prepared);
        return;
    }
    if (setting.null == Null::chunks)
        evidence.measures = prepared != nullptr ? std::move(prepared->measures)
                                                : window_measures(reference_values, current_values, setting);
    const bool constant = holds_one_value(current_values);
    const std::size_t constant_before =
        constant && setting.null == Null::chunks
            ? constant_windows<double>(reference_values, setting.windows,
                                       [](double x) { return std::isfinite(x); })
            : 0;
    std::vector<double> ordered;
    if (setting.ordered && (!setting.brief || constant || setting.null == Null::dependent))
        std::ranges::copy_if(reference_values, std::back_inserter(ordered),
                             [](double x) { return std::isfinite(x); });
    std::vector<double> in_order;  // For what is asked seldom: the dependence of a signal.
    if (setting.ordered && setting.null != Null::independent && ordered.empty()) in_order = reference_values;
    std::erase_if(in_order, [](double x) { return !std::isfinite(x); });
    const SortedSample reference = prepared != nullptr ? std::move(prepared->reference)
                                   : sorted.empty()    ? SortedSample{std::move(reference_values)}
                                                       : SortedSample::from_sorted(std::move(sorted));
    const SortedSample current =
        prepared != nullptr ? std::move(prepared->current) : SortedSample{std::move(current_values)};
    const Mode mode = mode_of(reference.values());
    const Mode current_mode = mode_of(current.values());
    describe(report.reference, reference, mode);
    describe(report.current, current, current_mode);
    evidence.moved = moved_sentence(report, setting.plan->derived);

    if (constant && report.kind == drift::Kind::numeric) {
        Constancy found{reference.size(), reference.size() - count_of(reference, current_mode.value),
                        mode.distinct,    current.size(),
                        std::nullopt,     constant_before};
        if (setting.null != Null::independent) {
            const auto outcome = stats::integrated_autocorrelation_time(ordered, current.size());
            if (const auto* tau_found = std::get_if<stats::Dependence>(&outcome))
                found.dependence = *tau_found;
        }
        if (auto signal = constant_signal(found, setting)) report.signals.push_back(std::move(*signal));
    }

    std::optional<stats::Dependence> dependence;
    if (setting.null == Null::dependent) {
        const auto outcome = stats::integrated_autocorrelation_time(ordered, current.size());
        if (const auto* found = std::get_if<stats::Dependence>(&outcome)) dependence = *found;
        else if (mode.distinct > 1) dependence = stats::Dependence{};
    }
    const double tau = dependence ? dependence->tau : 1.0;
    const double n_effective = static_cast<double>(reference.size()) / tau;
    const double m_effective = static_cast<double>(current.size()) / tau;
    if (dependence) {
        report.effective_n_reference = n_effective;
        report.effective_n_current = m_effective;
    }

    if (report.kind == drift::Kind::numeric) {
        // Windows have a dependence too, though their own null needs none of it.
        const auto rows_a_value = [&] {
            if (dependence || !setting.ordered || setting.null == Null::independent) return tau;
            const auto outcome =
                stats::integrated_autocorrelation_time(ordered.empty() ? in_order : ordered, current.size());
            const auto* found = std::get_if<stats::Dependence>(&outcome);
            return found != nullptr ? found->tau : 1.0;
        };
        auto found = spread_and_range_signals(reference, current, setting.plan->of(report.name), rows_a_value,
                                              setting);
        std::ranges::move(found, std::back_inserter(report.signals));
    }
    stats::KsAndAndersonDarling compared;
    if (setting.brief) compared.ks = stats::ks_distance(reference, current);
    else compared = stats::ks_and_anderson_darling(reference, current);
    const auto distance = stats::value_of(compared.ks);
    if (!setting.brief)
        measure_numbers(report, reference, current, compared, ordered, window_rows, n_effective, m_effective,
                        setting);

    if (!enough(evidence, reference.size(), current.size(), tau)) return;
    if (mode.distinct <= 1 && current_mode.distinct <= 1 && mode.value == current_mode.value) {
        evidence.p = 1.0;
        const std::string_view test = chosen_test(*setting.plan, report).value_or("two_part");
        report.test =
            drift::Test{std::string(test), "exact", std::string(name(setting.null)), 0.0, 1.0, std::nullopt};
        return;
    }
    if (setting.null == Null::chunks) {
        evidence.gate = distance && *distance >= ks_floor;
        report.test = drift::Test{"ks", "windows", "chunks", distance, std::nullopt, std::nullopt};
        return;
    }
    // Of two constants only their values differ, which no test of spread or of ranks can put a number to.
    const bool two_constants = mode.distinct <= 1 && current_mode.distinct <= 1;
    const auto chosen = chosen_test(*setting.plan, report);
    const bool by_default = !chosen || (two_constants && *chosen != "ks");
    if (!by_default && *chosen != "ks" && *chosen != "two_part") {
        std::optional<RowsWorth> worth;
        if (dependence) {
            worth = rows_worth(*chosen, ordered, current.size(), *dependence);
            const double own_tau = worth->dependence.tau;
            report.effective_n_reference = static_cast<double>(reference.size()) / own_tau;
            report.effective_n_current = static_cast<double>(current.size()) / own_tau;
            if (!enough(evidence, reference.size(), current.size(), own_tau, spread_values_min,
                        spread_values_min))
                return;
        }
        evidence.gate = *distance >= ks_floor;
        record_test(evidence, *chosen, number_test(*chosen, reference, current, setting, worth, column_index),
                    setting);
        return;
    }
    const bool modal =
        static_cast<double>(mode.count) > modal_share_limit * static_cast<double>(reference.size());
    if (by_default ? modal : *chosen == "two_part") {
        two_part(evidence, reference, current, mode, setting, dependence, column_index);
        return;
    }
    evidence.gate = *distance >= ks_floor;
    record_test(evidence, "ks", ks_under(reference, current, *distance, setting, dependence, column_index),
                setting);
}

}  // namespace tristrata::detection
