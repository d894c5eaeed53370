#include "counts_evidence.hpp"

#include "gates.hpp"
#include "native_tests.hpp"
#include "numeric_description.hpp"
#include "numeric_evidence.hpp"
#include "signals.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/psi.hpp"
#include "tristrata/stats/robust_deviation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::detection {
namespace {

using dataset::Column;
using stats::Histogram;
using stats::SortedSample;

constexpr double modal_share_limit = 0.20;  ///< As for rows: above it the modal value is a part of its own.
constexpr std::size_t psi_bins = 10;

void needs_rows(Evidence& evidence, std::string_view what) {
    evidence.obstacle = fmt::format(
        "needs rows: {}, and the profile keeps this column as counts; a larger --exact-mb keeps its "
        "rows",
        what);
}

/// The upper end of the bin in which the value of share q lies: at most one bin, a thousandth of the rows,
/// above it.
double quantile(const NumberCounts& counts, double q) {
    const double rank = q * static_cast<double>(counts.finite);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.edges.size(); ++i) {
        below += counts.counts[i];
        if (static_cast<double>(below) >= rank)
            return std::clamp(counts.edges[i], counts.minimum, counts.maximum);
    }
    return counts.maximum;
}

/// The most frequent value whose count is exact.
struct Mode {
    double value = 0.0;
    std::uint64_t count = 0;
    std::size_t bin = 0;
};
Mode mode_of(const NumberCounts& counts) {
    Mode mode;
    for (std::size_t bin = 0; bin < counts.counts.size(); ++bin)
        if (counts.counts[bin] > mode.count)
            if (const auto value = only_value(counts, bin)) mode = {*value, counts.counts[bin], bin};
    return mode;
}

/// Both sides over fewer edges, all of them stored ones or beyond the reference's ends: still exact.
Histogram over(const NumberCounts& counts, const std::vector<double>& edges) {
    Histogram histogram(edges);
    for (std::size_t bin = 0; bin < counts.counts.size(); ++bin) {
        const double top = bin < counts.edges.size() ? counts.edges[bin] : counts.maximum;
        const auto at = std::ranges::lower_bound(edges, top) - edges.begin();
        histogram.counts[static_cast<std::size_t>(at)] += counts.counts[bin];
    }
    return histogram;
}

/// The stored edges nearest to equal mass, by the rule of stats::equal_mass_edges.
std::vector<double> decile_edges(const NumberCounts& counts) {
    std::vector<double> edges;
    for (std::size_t i = 1; i < psi_bins && counts.finite > 0; ++i) {
        const double edge = quantile(counts, static_cast<double>(i) / psi_bins);
        if (edge < counts.maximum && (edges.empty() || edge > edges.back())) edges.push_back(edge);
    }
    return edges;
}

void picture(drift::Distribution& distribution, const NumberCounts& counts, const SortedSample& current) {
    // The edges stand for the reference's quantiles; within its ends a picture's edge moves to a stored one.
    std::vector<double> outline{counts.minimum};
    for (const double edge : counts.edges)
        if (edge > counts.minimum && edge < counts.maximum) outline.push_back(edge);
    outline.push_back(counts.maximum);
    auto edges = stats::plot_edges(outline, current.values(), 30);
    if (edges.size() < 2) return;
    for (std::size_t i = 1; i + 1 < edges.size(); ++i) {
        if (edges[i] < counts.minimum || edges[i] >= counts.maximum || counts.edges.empty()) continue;
        const auto above = std::ranges::lower_bound(counts.edges, edges[i]);
        edges[i] = above == counts.edges.end() ? counts.maximum : *above;
    }
    const auto repeated = std::ranges::unique(edges);
    edges.erase(repeated.begin(), repeated.end());
    std::erase_if(edges, [&, last = edges.back()](double edge) { return edge > last; });
    if (edges.size() < 2 || !std::ranges::is_sorted(edges)) return;
    const std::vector<double> interior(edges.begin() + 1, edges.end() - 1);
    const Histogram before = over(counts, interior);
    Histogram after(interior);
    after.update_sorted(current.values());
    const auto shares = [](const Histogram& histogram) {
        const auto total = static_cast<double>(histogram.total());
        std::vector<double> out;
        for (const auto count : histogram.counts)
            out.push_back(total > 0.0 ? static_cast<double>(count) / total : 0.0);
        return out;
    };
    distribution.edges = edges;
    distribution.reference = shares(before);
    distribution.current = shares(after);
}

void describe(drift::ColumnSide& side, const NumberCounts& counts) {
    side.distinct = counts.distinct;
    if (counts.finite == 0) return;
    side.median = quantile(counts, 0.5);
    side.mean = counts.mean;
    side.minimum = counts.minimum;
    side.maximum = counts.maximum;
    if (counts.finite > 1)
        side.standard_deviation = std::sqrt(counts.squares / static_cast<double>(counts.finite - 1));
}

std::size_t distinct_of(const SortedSample& sample) {
    std::size_t distinct = sample.empty() ? 0 : 1;
    const auto values = sample.values();
    for (std::size_t i = 1; i < values.size(); ++i) distinct += values[i] != values[i - 1] ? 1 : 0;
    return distinct;
}

double ks_p(double distance, double n, double m, const std::optional<stats::Dependence>& dependence) {
    const auto p_at = [&](double tau) { return stats::ks_asymptotic_p(distance, n / tau, m / tau); };
    return dependence ? stats::averaged_p(p_at, *dependence) : p_at(1.0);
}

/// The modal value's share, and KS of the rest over the edges; 2 * min p, as for rows.
void two_part(Evidence& evidence, const NumberCounts& counts, const Mode& mode, Histogram current,
              std::uint64_t at_mode, const Setting& setting,
              const std::optional<stats::Dependence>& dependence) {
    const std::uint64_t n = counts.finite, m = current.total(), a = mode.count, b = at_mode;
    const auto share = share_test(a, n - a, b, m - b, dependence);
    double p = 1.0, statistic = 0.0;
    if (const auto* test = std::get_if<stats::TestResult>(&share)) p = test->p;
    auto rest = counts.counts;
    rest[mode.bin] -= a;
    // The bin of the mode may hold other values of current: only what is the mode itself is taken out.
    current.counts[mode.bin] -= b;
    const auto bounds = stats::ks_bounds(rest, current.counts);
    bool gate = false;
    if (bounds && n - a >= 5 && m - b >= 5) {
        statistic = bounds->low;
        p = std::min(p, ks_p(statistic, static_cast<double>(n - a), static_cast<double>(m - b), dependence));
        gate = statistic >= ks_floor;
    }
    const std::uint64_t before[]{a, n - a}, after[]{b, m - b};
    evidence.p = std::min(1.0, 2.0 * p);
    evidence.gate = gate || category_gate(before, after, dependence ? dependence->tau : 1.0);
    evidence.report.test = drift::Test{"two_part", "asymptotic", std::string(name(setting.null)),
                                       statistic,  evidence.p,   std::nullopt};
}

void examine_numbers(Evidence& evidence, const NumberCounts& counts, std::vector<double> values,
                     const Setting& setting) {
    auto& report = evidence.report;
    const double alpha = setting.plan->alpha;
    const SortedSample current{std::move(values)};
    describe(report.reference, counts);
    describe_side(report.current, current, distinct_of(current));
    if (counts.finite > 0) picture(report.distribution, counts, current);
    evidence.moved = moved_sentence(report, setting.plan->derived);
    std::optional<stats::Dependence> dependence;
    if (setting.null == Null::dependent) dependence = counts.dependence;
    const double tau = dependence ? dependence->tau : 1.0;
    const auto n = static_cast<double>(counts.finite), m = static_cast<double>(current.size());
    if (dependence) {
        report.effective_n_reference = n / tau;
        report.effective_n_current = m / tau;
    }

    Histogram on_edges(counts.edges);
    on_edges.update_sorted(current.values());
    // D minus the rank errors of both sides is D at the edges, where counts are exact.
    const auto bounds = stats::ks_bounds(counts.counts, on_edges.counts);
    const auto distance = bounds ? std::optional(bounds->low) : std::nullopt;
    const auto deciles = decile_edges(counts);
    const Histogram before = over(counts, deciles);
    Histogram after(deciles);
    after.update_sorted(current.values());
    Stability stability;
    if (counts.finite > 0 && !current.empty())
        stability = stability_of(before, after, stats::psi_null_mean(before.counts.size(), n / tau, m / tau),
                                 n / tau, m / tau, alpha);
    report.effect = drift::Effect{"psi_excess", stability.excess, stability.low, stability.high};
    std::optional<stats::Interval> ks;
    if (bounds) {
        ks = stats::ks_interval(bounds->low, n / tau, m / tau, alpha);
        ks->high = stats::ks_interval(bounds->high, n / tau, m / tau, alpha).high;
    }
    std::optional<double> third;
    if (counts.finite > 0)
        third = stats::value_of(stats::third_largest_robust_deviation(
            current.values(), quantile(counts, 0.5), quantile(counts, 0.75) - quantile(counts, 0.25)));
    report.measures = {
        {"psi", stability.psi},
        {"psi_excess", stability.excess},
        {"ks", distance},
        {"ks_low", ks ? std::optional(ks->low) : std::nullopt},
        {"ks_high", ks ? std::optional(ks->high) : std::nullopt},
        {"third_largest", third},
        {"jensen_shannon", stats::value_of(stats::jensen_shannon(before.counts, after.counts))},
        {"total_variation", stats::value_of(stats::total_variation(before.counts, after.counts))}};

    if (report.current.distinct == 1) {
        const auto bin =
            std::ranges::lower_bound(counts.edges, current.values().front()) - counts.edges.begin();
        const auto alike =
            current.values().front() < counts.minimum || current.values().front() > counts.maximum
                ? 0
                : counts.counts[static_cast<std::size_t>(bin)];
        const auto worth =
            setting.null == Null::independent ? std::nullopt : std::optional(counts.dependence);
        if (auto signal = constant_signal(
                {counts.finite, counts.finite - alike, counts.distinct, current.size(), worth, 0}, setting))
            report.signals.push_back(std::move(*signal));
    }
    if (setting.null == Null::chunks)
        return needs_rows(evidence, "the null chunks compares current with the reference's windows");
    const auto chosen = chosen_test(*setting.plan, report);
    if (chosen && *chosen != "ks" && *chosen != "two_part")
        return needs_rows(evidence, fmt::format("the test {} looks at values one by one", *chosen));
    if (!enough(evidence, counts.finite, current.size(), tau)) return;
    const bool constant = counts.minimum == counts.maximum;
    if (constant && current.values().front() == counts.minimum && current.values().back() == counts.minimum) {
        evidence.p = 1.0;
        report.test = drift::Test{std::string(chosen.value_or("two_part")),
                                  "exact",
                                  std::string(name(setting.null)),
                                  0.0,
                                  1.0,
                                  std::nullopt};
        return;
    }
    const Mode mode = mode_of(counts);
    if (chosen ? *chosen == "two_part" : static_cast<double>(mode.count) > modal_share_limit * n) {
        const auto at_mode = std::ranges::equal_range(current.values(), mode.value);
        return two_part(evidence, counts, mode, std::move(on_edges),
                        static_cast<std::uint64_t>(at_mode.size()), setting, dependence);
    }
    evidence.p = ks_p(*distance, n, m, dependence);
    evidence.gate = *distance >= ks_floor;
    report.test =
        drift::Test{"ks", "asymptotic", std::string(name(setting.null)), distance, evidence.p, std::nullopt};
}

void examine_labels(Evidence& evidence, const LabelCounts& counts, const Column& current,
                    const Setting& setting, std::uint64_t column_index) {
    const bool sensitive = evidence.report.sensitive;
    auto reference_counts = counts.counts;
    std::map<std::string, std::uint64_t, std::less<>> current_counts;
    const auto add = [&](const std::string& label, std::uint64_t rows) {
        const std::string shown = sensitive ? config::hashed_label(label) : label;
        reference_counts.try_emplace(shown, 0);
        current_counts[shown] += rows;
    };
    std::vector<std::uint64_t> by_code(current.labels.size(), 0);
    for (const auto code : current.codes)
        if (code != Column::missing_code) ++by_code[code];
    for (std::size_t code = 0; code < by_code.size(); ++code)
        if (by_code[code] > 0) add(current.labels[code], by_code[code]);
    for (const double number : current.numbers)
        if (!std::isnan(number)) add(category_of(number), 1);
    if (counts.rest > 0) {
        evidence.obstacle = fmt::format(
            "at least {} distinct values in the reference, more than the profile counts one by one: names "
            "rather "
            "than categories; give the column role = \"key\" or ignore = true in the plan",
            core::readable(static_cast<double>(counts.distinct)));
        return;
    }
    std::vector<std::string> labels;
    std::vector<std::uint64_t> before, after;
    for (const auto& [label, rows] : reference_counts) {
        labels.push_back(label);
        before.push_back(rows);
        const auto there = current_counts.find(label);
        after.push_back(there == current_counts.end() ? 0 : there->second);
    }
    examine_categories(evidence, labels, before, after, {}, {}, counts.dependence, setting, column_index);
}

}  // namespace

Setting without_rows(const Setting& setting) {
    Setting rowless = setting;
    rowless.null = Null::independent;
    rowless.ordered = false;
    rowless.windows.clear();
    return rowless;
}

void examine_counts(Evidence& evidence, const SavedCounts& saved, Column current, const Setting& setting,
                    std::uint64_t column_index) {
    Setting rowless = without_rows(setting);
    rowless.null = setting.null;
    const auto kind = evidence.report.kind;
    if (const auto* numbers = std::get_if<NumberCounts>(&saved)) {
        if (kind != drift::Kind::numeric)
            return needs_rows(evidence, "a category is compared label by label");
        if (setting.null == Null::dependent && !numbers->ordered)
            return needs_rows(evidence, "nobody measured what its rows are worth");
        return examine_numbers(evidence, *numbers, std::move(current.numbers), rowless);
    }
    if (const auto* labels = std::get_if<LabelCounts>(&saved)) {
        if (setting.null == Null::dependent && !labels->ordered)
            return needs_rows(evidence, "nobody measured what its rows are worth");
        if (setting.null == Null::chunks) {
            rowless.null = Null::independent;
            examine_labels(evidence, *labels, current, rowless, column_index);
            evidence.p.reset();
            evidence.report.test.reset();
            return needs_rows(evidence, "the null chunks compares current with the reference's windows");
        }
        return examine_labels(evidence, *labels, current, rowless, column_index);
    }
    needs_rows(evidence, "times are compared by their gaps and by the time of day");
}

}  // namespace tristrata::detection
