#include "golden_case.hpp"
#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/cramer_von_mises.hpp"
#include "tristrata/stats/deepchecks.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/equal_width.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/mmd.hpp"
#include "tristrata/stats/scipy_p.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace tristrata::golden {
namespace {

using namespace stats;
using Numbers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

double number(const Statistic& statistic) { return std::get<double>(statistic); }
Numbers figures(const TestOutcome& outcome) {
    const auto& test = std::get<TestResult>(outcome);
    return {test.statistic, test.p};
}

struct Sides {
    Numbers reference, current;
    [[nodiscard]] double low() const {
        return std::min(std::ranges::min(reference), std::ranges::min(current));
    }
    [[nodiscard]] double high() const {
        return std::max(std::ranges::max(reference), std::ranges::max(current));
    }
};

/// frouros's samples of one column.
Sides univariate() {
    return {Input("frouros_univariate_ref.csv.gz", false).numbers(0),
            Input("frouros_univariate_test.csv.gz", false).numbers(0)};
}
Sides same_500() {
    const Input input("frouros_same_500.csv.gz", false);
    return {input.numbers(0), input.numbers(1)};
}

/// frouros: ten bins of equal width over both sides.
template <class Distance>
Numbers in_ten_bins(const Sides& sides, Distance distance) {
    const auto edges = even_edges(sides.low(), sides.high(), 10);
    const SortedSample a(sides.reference), b(sides.current);
    const Counts p = counts_between(edges, a.values()), q = counts_between(edges, b.values());
    return {number(distance(p, q))};
}

/// frouros's shares for Jensen-Shannon: a histogram a side by numpy's "auto", its CDF taken linear within
/// bins, and that CDF's steps over nine intervals of the pooled range.
Numbers interval_shares(const Numbers& values, double low, double high) {
    const SortedSample sample(values);
    const auto sorted = sample.values();
    const double range = sorted.back() - sorted.front(), count = static_cast<double>(sorted.size());
    const double width = std::min(range / (std::log2(count) + 1.0), 2.0 * sample.iqr() / std::cbrt(count));
    const auto edges =
        even_edges(sorted.front(), sorted.back(), static_cast<std::size_t>(std::ceil(range / width)));
    const Counts counts = counts_between(edges, sorted);
    const auto cdf = [&](double x) {
        double below = 0.0;
        for (std::size_t i = 0; i < counts.size(); ++i)
            below += static_cast<double>(counts[i]) *
                     std::clamp((x - edges[i]) / (edges[i + 1] - edges[i]), 0.0, 1.0);
        return below / count;
    };
    const auto points = even_edges(low, high, 9);
    Numbers shares;
    for (std::size_t i = 0; i + 1 < points.size(); ++i) shares.push_back(cdf(points[i + 1]) - cdf(points[i]));
    return shares;
}

/// frouros's two columns a side, in ten by ten bins.
Numbers two_columns() {
    const Input input("frouros_mv_same.csv.gz", false);
    std::vector<Sides> axes{{input.numbers(0), input.numbers(2)}, {input.numbers(1), input.numbers(3)}};
    const auto cells_of = [&](const Numbers& x, const Numbers& y) {
        Counts cells(100, 0);
        const auto bin = [&](const Sides& axis, double value) {
            const auto edges = even_edges(axis.low(), axis.high(), 10);
            const auto counts = counts_between(edges, std::span(&value, 1));
            return static_cast<std::size_t>(std::ranges::find(counts, 1u) - counts.begin());
        };
        for (std::size_t i = 0; i < x.size(); ++i) ++cells[10 * bin(axes[0], x[i]) + bin(axes[1], y[i])];
        return cells;
    };
    const auto points = [&](const Numbers& x, const Numbers& y) {
        Numbers rows;
        for (std::size_t i = 0; i < x.size(); ++i) rows.insert(rows.end(), {x[i], y[i]});
        return rows;
    };
    const Counts p = cells_of(axes[0].reference, axes[1].reference),
                 q = cells_of(axes[0].current, axes[1].current);
    return {number(bhattacharyya(p, q)),
            number(mmd_squared({points(axes[0].reference, axes[1].reference), 2},
                               {points(axes[0].current, axes[1].current), 2}, 1.0))};
}

Numbers mmd_unit(const std::string& which) {
    const Input input("frouros_mmd_unit_" + which + ".csv.gz");
    return {number(mmd_squared({input.numbers("ref")}, {input.numbers("test")}, 0.5))};
}

/// Elec2's first column: the first half against the second.
std::pair<SortedSample, SortedSample> elec2() {
    const Numbers all = Input("elec2_date.csv.gz", false).numbers(0);
    const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    return {SortedSample(Numbers(all.begin(), half)), SortedSample(Numbers(half, all.end()))};
}

/// Counts of labels on both sides, labels in ascending order.
std::pair<Counts, Counts> label_counts(std::span<const std::string> reference,
                                       std::span<const std::string> current) {
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
    for (const auto& label : reference) ++counts[label].first;
    for (const auto& label : current) ++counts[label].second;
    std::pair<Counts, Counts> out;
    for (const auto& [label, count] : counts) {
        out.first.push_back(count.first);
        out.second.push_back(count.second);
    }
    return out;
}

/// alibi-detect's TabularDrift on the census data: rows from 10,000 or 20,000 on against the first 10,000.
Row adult(int window, const std::string& column, const std::string& id, bool numeric) {
    return {"ad.adult.t" + std::to_string(window) + "." + id,
            [window, column, numeric]() -> Numbers {
                const Input input("alibi_adult_mapped.csv.gz");
                const std::span cells(input.cells(column));
                const auto reference = cells.first(10000);
                const auto current = cells.subspan(10000 * static_cast<std::size_t>(window + 1), 10000);
                if (!numeric) {
                    const auto [a, b] = label_counts(reference, current);
                    return figures(yates_chi_square_test(a, b));
                }
                const auto sample = [](std::span<const std::string> texts) {
                    Numbers values;
                    for (const auto& text : texts) values.push_back(std::stod(text));
                    return SortedSample(std::move(values));
                };
                const double d = number(ks_distance(sample(reference), sample(current)));
                return {d, kolmogorov_survival(d * std::sqrt(5000.0))};
            },
            decimals(3), ""};
}

Numbers deepchecks_features() {
    const Input train("deepchecks_drifted_train.csv.gz"), test("deepchecks_drifted_test.csv.gz");
    Numbers out;
    for (const auto* column : {"categorical_without_drift", "categorical_with_drift"}) {
        const auto [a, b] = label_counts(train.cells(column), test.cells(column));
        out.push_back(number(deepchecks_cramers_v(a, b)));
    }
    for (const auto* column : {"numeric_without_drift", "numeric_with_drift"})
        out.push_back(
            number(ks_distance(SortedSample(train.numbers(column)), SortedSample(test.numbers(column)))));
    return out;
}

Numbers balanced(const Counts& reference, const std::vector<Counts>& currents) {
    Numbers out;
    for (const auto& current : currents)
        out.push_back(number(deepchecks_balanced_cramers_v(reference, current)));
    return out;
}

/// whylogs: bins of equal width over both sides, one for four values, at least two and at most thirty; the
/// last edge a little further, so that the largest value is below it. A sketch of a few values holds them
/// all.
Numbers in_whylogs_bins(const Sides& sides) {
    const double high = sides.high() + 1e-7 * std::abs(sides.high());
    const std::size_t values = sides.reference.size() + sides.current.size();
    const auto edges = even_edges(sides.low(), high, std::clamp<std::size_t>((values + 3) / 4, 2, 30));
    const SortedSample a(sides.reference), b(sides.current);
    return {number(hellinger(counts_between(edges, a.values()), counts_between(edges, b.values())))};
}

Numbers range(double from, double to) {
    Numbers values;
    for (double x = from; x < to; x += 1.0) values.push_back(x);
    return values;
}

}  // namespace

std::vector<Row> stats_rows() {
    constexpr Nearness isclose = relative(1e-5), close = within(0.01);
    std::vector<Row> rows{
        {"fr.emd",
         [] {
             const auto sides = univariate();
             return Numbers{
                 number(wasserstein_distance(SortedSample(sides.reference), SortedSample(sides.current)))};
         },
         isclose, ""},
        {"fr.js",
         [] {
             const auto sides = univariate();
             const Numbers p = interval_shares(sides.reference, sides.low(), sides.high());
             const Numbers q = interval_shares(sides.current, sides.low(), sides.high());
             return Numbers{number(jensen_shannon(p, q)) * std::sqrt(std::log(2.0))};
         },
         isclose, ""},
        {"fr.hi",
         [] {
             return in_ten_bins(
                 univariate(), [](const Counts& p, const Counts& q) { return histogram_intersection(p, q); });
         },
         isclose, ""},
        {"fr.hellinger",
         [] {
             return in_ten_bins(univariate(),
                                [](const Counts& p, const Counts& q) { return hellinger(p, q); });
         },
         isclose, ""},
        {"fr.same.hellinger",
         [] {
             return in_ten_bins(same_500(), [](const Counts& p, const Counts& q) { return hellinger(p, q); });
         },
         isclose, ""},
        {"fr.mmd1d",
         [] {
             const auto sides = univariate();
             return Numbers{number(mmd_squared({sides.reference}, {sides.current}, 1.0))};
         },
         isclose, ""},
        {"fr.chi2", [] { return figures(chi_square_test(Counts{4, 2, 0}, Counts{1, 1, 4})); }, isclose, ""},
        {"fr.mv.same", two_columns, isclose, ""},
        {"fr.mmd.unit.1", [] { return mmd_unit("1"); }, isclose, ""},
        {"fr.mmd.unit.3", [] { return mmd_unit("3"); }, isclose, ""},
        {"fr.mmd.unit.5", [] { return mmd_unit("5"); }, isclose, ""},
        {"fr.elec2.cvm",
         [] {
             const auto [a, b] = elec2();
             return figures(scipy_cramer_von_mises_test(a, b));
         },
         isclose, "the p is what scipy's series leaves over; cramer_von_mises_test says 0"},
        {"fr.elec2.mwu",
         [] {
             const auto [a, b] = elec2();
             return figures(mann_whitney_test(a, b));
         },
         isclose, ""},
        {"fr.elec2.kuiper",
         [] {
             const auto [a, b] = elec2();
             const double d = number(ks_distance(a, b));
             return Numbers{d, scipy_ks_p(d, a.size(), b.size())};
         },
         isclose, "frouros calls ks_2samp under this name: the figure is KS's D"},
        {"dc.cv.full", [] { return Numbers{number(deepchecks_cramers_v(Counts{1000, 0}, Counts{0, 1000}))}; },
         close, ""},
        {"dc.cv.min0",
         [] {
             return Numbers{number(deepchecks_cramers_v(Counts{200, 800, 10, 10}, Counts{400, 620, 0, 0}))};
         },
         close, ""},
        {"dc.cv.bal1", [] { return balanced({9900, 100}, {{10000, 0}, {1000, 0}, {100, 0}}); }, close, ""},
        {"dc.cv.bal3", [] { return balanced({99900, 100}, {{99000, 1000}, {990, 10}}); }, close, ""},
        {"dc.cv.3cls", [] { return balanced({4900, 100, 5000}, {{4950, 50, 5000}}); }, close, ""},
        {"dc.emd",
         [] {
             // Both sides are scaled to [0, 1]: a division by the pooled range.
             const SortedSample a(range(0, 100)), b(range(50, 150));
             return Numbers{number(wasserstein_distance(a, b)) / 149.0};
         },
         close, ""},
        {"dc.ks",
         [] {
             const Input input("deepchecks_ks_42.csv.gz");
             return Numbers{
                 number(ks_distance(SortedSample(input.numbers("a")), SortedSample(input.numbers("b"))))};
         },
         close, ""},
        {"wl.hellinger", [] { return in_whylogs_bins({{4.3, 1.8, 4.1}, {4.9, 13.3, 232.3}}); }, within(1e-12),
         ""},
        {"dc.feature.cvks", deepchecks_features, decimals(4), ""},
    };
    for (const int window : {0, 1}) {
        rows.push_back(adult(window, "Workclass", "Workclass", false));
        rows.push_back(adult(window, "Marital Status", "Marital_Status", false));
        rows.push_back(adult(window, "Relationship", "Relationship", false));
        rows.push_back(adult(window, "Sex", "Sex", false));
        rows.push_back(adult(window, "Capital Loss", "Capital_Loss", true));
        rows.push_back(adult(window, "Country", "Country", false));
    }
    return rows;
}

}  // namespace tristrata::golden
