#include "evidently_tests.hpp"

#include "kernel_permutation.hpp"
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/epps_singleton.hpp"
#include "tristrata/stats/equal_width.hpp"
#include "tristrata/stats/fisher.hpp"
#include "tristrata/stats/goodness_of_fit.hpp"
#include "tristrata/stats/hypergeometric.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/scipy_p.hpp"
#include "tristrata/stats/t_test.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace tristrata::detection {
namespace {

using stats::SortedSample;
using stats::TestResult;

constexpr std::size_t values_counted_one_by_one = 20;  ///< Up to so many in the reference, a bin each.
constexpr double smallest_norm = 0.001;  ///< Of the reference's sd, which Wasserstein is divided by.
constexpr double zero_share = 1e-4;      ///< What an empty bin is filled with ...
constexpr double rare_share = 1e-4;      ///< ... unless the rarest bin's share is at most this:
constexpr double rare_divisor = 1e6;     ///< then with that share divided by this.
constexpr int variation_draws = 1000;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::size_t distinct_of(std::span<const double> sorted) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) count += i == 0 || sorted[i] != sorted[i - 1];
    return count;
}

struct Shares {
    std::vector<double> reference;
    std::vector<double> current;
};

Shares shares_of(const std::vector<std::uint64_t>& reference, const std::vector<std::uint64_t>& current,
                 const EvidentlyColumn& column) {
    Shares shares;
    for (const auto count : reference)
        shares.reference.push_back(static_cast<double>(count) / static_cast<double>(column.n));
    for (const auto count : current)
        shares.current.push_back(static_cast<double>(count) / static_cast<double>(column.m));
    return shares;
}

/// Shares over Evidently's bins: Sturges' between the ends of both sides together, or a bin a value.
Shares binned(const EvidentlyColumn& column) {
    if (!column.numeric || column.reference_distinct() <= values_counted_one_by_one) {
        const ValueCounts counts = column.value_counts();
        return shares_of(counts.reference, counts.current, column);
    }
    const auto a = column.reference.values(), b = column.current.values();
    const auto edges = stats::sturges_edges(std::min(a.front(), b.front()), std::max(a.back(), b.back()),
                                            a.size() + b.size());
    return shares_of(stats::counts_between(edges, a), stats::counts_between(edges, b), column);
}

/// Empty bins are filled, each side by its own rarest bin; the shares then add up to more than 1.
Shares filled(Shares shares) {
    for (auto* side : {&shares.reference, &shares.current}) {
        double rarest = infinity;
        for (const double share : *side)
            if (share > 0.0) rarest = std::min(rarest, share);
        const double fill = rarest <= rare_share ? rarest / rare_divisor : zero_share;
        std::ranges::replace(*side, 0.0, fill);
    }
    return shares;
}

double sum_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

double relative_entropy(double p, double q) { return p > 0.0 ? p * std::log(p / q) : 0.0; }

PeerScore p_of(const stats::TestOutcome& outcome) {
    if (const auto* test = std::get_if<TestResult>(&outcome)) return PeerScore::of(test->p);
    return PeerScore::none(std::string(stats::describe(std::get<stats::Undefined>(outcome))));
}

PeerScore ks(const EvidentlyColumn& column, stats::Random) {
    const auto distance = stats::value_of(stats::ks_distance(column.reference, column.current));
    return PeerScore::of(stats::scipy_ks_p(*distance, column.n, column.m));
}

PeerScore wasserstein(const EvidentlyColumn& column, stats::Random) {
    const auto a = column.reference.values();
    const auto n = static_cast<double>(a.size());
    const double area =
        stats::value_of(stats::wasserstein_distance(column.reference, column.current)).value_or(nan);
    double mean = 0.0, squares = 0.0;
    for (const double x : a) mean += (x - a.front()) / n;
    mean += a.front();
    for (const double x : a) squares += (x - mean) * (x - mean);
    return PeerScore::of(area / std::max(std::sqrt(squares / n), smallest_norm));
}

PeerScore energy(const EvidentlyColumn& column, stats::Random) {
    return PeerScore::of(
        stats::value_of(stats::energy_distance(column.reference, column.current)).value_or(nan));
}

PeerScore anderson(const EvidentlyColumn& column, stats::Random) {
    const auto outcome = stats::anderson_darling_test(column.reference, column.current);
    if (const auto* test = std::get_if<TestResult>(&outcome))
        return PeerScore::of(stats::scipy_anderson_darling_p(test->statistic));
    if (std::get<stats::Undefined>(outcome) == stats::Undefined::constant_sample)
        return PeerScore::none("Anderson-Darling needs more than one distinct value");
    if (column.n + column.m == 3) return PeerScore::of(nan);  // Its variance divides by 0.
    return PeerScore::none("Anderson-Darling needs more than two values");
}

PeerScore cramer_von_mises(const EvidentlyColumn& column, stats::Random) {
    return p_of(stats::scipy_cramer_von_mises_test(column.reference, column.current));
}

/// Whether each side holds one value alone, and the middle half of both together does not.
bool are_two_constants(const SortedSample& reference, const SortedSample& current) {
    const auto a = reference.values(), b = current.values();
    if (a.front() != a.back() || b.front() != b.back()) return false;
    std::vector<double> both(a.begin(), a.end());
    both.insert(both.end(), b.begin(), b.end());
    return SortedSample(std::move(both)).iqr() > 0.0;
}

PeerScore epps_singleton(const EvidentlyColumn& column, stats::Random) {
    const auto outcome = stats::epps_singleton_test(column.reference, column.current);
    if (std::holds_alternative<stats::Undefined>(outcome) &&
        std::get<stats::Undefined>(outcome) == stats::Undefined::constant_sample) {
        // Nothing varies within a side: the rounding of its covariances makes the statistic endless there.
        if (are_two_constants(column.reference, column.current)) return PeerScore::of(0.0);
        return PeerScore::none("the middle half of both sides together is one value (interquartile range 0)");
    }
    if (std::holds_alternative<stats::Undefined>(outcome))
        return PeerScore::unsettled(
            "fewer than five values on a side: Evidently would end its report with SciPy 1.10, and says NaN, "
            "which is no drift, with SciPy 1.17");
    return p_of(outcome);
}

/// One-sided: only a reference that lies below current is found.
PeerScore mann_whitney(const EvidentlyColumn& column, stats::Random) {
    constexpr std::uint64_t exact_values_max = 8;
    const bool ties = column.distinct() < column.n + column.m;
    const bool exact = !ties && (column.n <= exact_values_max || column.m <= exact_values_max);
    return p_of(exact ? stats::mann_whitney_test(column.reference, column.current, stats::Alternative::less)
                      : stats::mann_whitney_asymptotic_test(column.reference, column.current,
                                                            stats::Alternative::less));
}

PeerScore t_test(const EvidentlyColumn& column, stats::Random) {
    const auto outcome = stats::student_t_test(column.reference, column.current);
    if (const auto* test = std::get_if<TestResult>(&outcome)) return PeerScore::of(test->p);
    // Two constants: 0 / 0 where they are equal, an infinite t where they differ.
    if (std::get<stats::Undefined>(outcome) != stats::Undefined::constant_sample) return PeerScore::of(nan);
    return PeerScore::of(column.reference.values().front() == column.current.values().front() ? nan : 0.0);
}

PeerScore z(const EvidentlyColumn& column, stats::Random) {
    const ValueCounts counts = column.value_counts();
    if (counts.reference.size() == 1) return PeerScore::of(1.0);
    const auto n = static_cast<double>(column.n), m = static_cast<double>(column.m);
    const double p = (n - static_cast<double>(counts.reference.front())) / n;
    const double q = (m - static_cast<double>(counts.current.front())) / m;
    const double pooled = (p * n + q * m) / (n + m);
    const double score = (p - q) / std::sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m));
    return PeerScore::of(2.0 * (1.0 - 0.5 * std::erfc(-std::abs(score) / std::sqrt(2.0))));
}

/// One category alone has no degrees of freedom: NaN there.
PeerScore p_or_nan(const stats::TestOutcome& outcome) {
    if (const auto* test = std::get_if<TestResult>(&outcome)) return PeerScore::of(test->p);
    return PeerScore::of(nan);
}

/// Against shares of the reference that are taken as known.
PeerScore chi_square(const EvidentlyColumn& column, stats::Random) {
    const ValueCounts counts = column.value_counts();
    return p_or_nan(stats::one_sample_chi_square_test(counts.reference, counts.current));
}

PeerScore g(const EvidentlyColumn& column, stats::Random) {
    if (column.n != column.m)
        return PeerScore::none(fmt::format(
            "its G test does not scale what it expects: {} values in the reference and {} in current end "
            "in an error",
            column.n, column.m));
    const ValueCounts counts = column.value_counts();
    return p_or_nan(stats::one_sample_g_test(counts.reference, counts.current));
}

PeerScore fisher(const EvidentlyColumn& column, stats::Random) {
    const ValueCounts counts = column.value_counts();
    const auto seen = [](const std::vector<std::uint64_t>& side) {
        return std::ranges::count_if(side, [](auto count) { return count > 0; });
    };
    if (seen(counts.reference) > 2 || seen(counts.current) > 2)
        return PeerScore::none("its Fisher test takes two values a side; there are more");
    if (column.n != column.m)
        return PeerScore::none(
            fmt::format("its Fisher test wants as many values in current as in the reference: {} and {}",
                        column.n, column.m));
    if (counts.reference.size() > 2)
        return PeerScore::unsettled(
            "two values a side, but not the same two: Evidently gives one of several p, by the order of a "
            "set");
    if (counts.reference.size() == 1) return PeerScore::of(1.0);
    return p_of(
        stats::fisher_test(counts.reference[0], counts.reference[1], counts.current[0], counts.current[1]));
}

PeerScore psi(const EvidentlyColumn& column, stats::Random) {
    const Shares shares = filled(binned(column));
    double sum = 0.0;
    for (std::size_t i = 0; i < shares.reference.size(); ++i)
        sum += (shares.reference[i] - shares.current[i]) * std::log(shares.reference[i] / shares.current[i]);
    return PeerScore::of(sum);
}

PeerScore kl_divergence(const EvidentlyColumn& column, stats::Random) {
    const Shares shares = filled(binned(column));
    const double p = sum_of(shares.reference), q = sum_of(shares.current);
    double sum = 0.0;
    for (std::size_t i = 0; i < shares.reference.size(); ++i)
        sum += relative_entropy(shares.reference[i] / p, shares.current[i] / q);
    return PeerScore::of(sum);
}

/// Natural logarithms: at most sqrt(ln 2) = .8326.
PeerScore jensen_shannon(const EvidentlyColumn& column, stats::Random) {
    const Shares shares = binned(column);
    const double p = sum_of(shares.reference), q = sum_of(shares.current);
    double sum = 0.0;
    for (std::size_t i = 0; i < shares.reference.size(); ++i) {
        const double a = shares.reference[i] / p, b = shares.current[i] / q, middle = (a + b) / 2.0;
        sum += relative_entropy(a, middle) + relative_entropy(b, middle);
    }
    return PeerScore::of(std::sqrt(std::max(0.0, sum) / 2.0));
}

/// Numbers: as many bins as Sturges gives the distinct values, whatever their counts.
PeerScore hellinger(const EvidentlyColumn& column, stats::Random) {
    double overlap = 0.0;
    const auto add = [&](const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
        const auto n = static_cast<double>(std::accumulate(a.begin(), a.end(), std::uint64_t{0}));
        const auto m = static_cast<double>(std::accumulate(b.begin(), b.end(), std::uint64_t{0}));
        for (std::size_t i = 0; i < a.size(); ++i)
            overlap += std::sqrt(static_cast<double>(a[i]) / n * (static_cast<double>(b[i]) / m));
    };
    if (column.numeric) {
        const auto a = column.reference.values(), b = column.current.values();
        const auto edges = stats::sturges_edges(std::min(a.front(), b.front()), std::max(a.back(), b.back()),
                                                column.distinct());
        add(stats::counts_between(edges, a), stats::counts_between(edges, b));
    } else {
        add(column.counts.reference, column.counts.current);
    }
    return PeerScore::of(std::sqrt(1.0 - std::clamp(overlap, 0.0, 1.0)));
}

/// numpy's sum of up to 128 numbers, digit for digit: one after another below eight, else eight sums side by
/// side; more are halved.
double numpy_sum(std::span<const double> values) {
    constexpr std::size_t lanes = 8, block = 128;
    const std::size_t n = values.size();
    if (n < lanes) {
        double sum = 0.0;
        for (const double value : values) sum += value;
        return sum;
    }
    if (n > block) {
        const std::size_t half = n / 2 - n / 2 % lanes;
        return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
    }
    std::array<double, lanes> r{};
    std::copy_n(values.begin(), lanes, r.begin());
    std::size_t i = lanes;
    for (; i + lanes <= n; i += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) r[lane] += values[i + lane];
    double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; ++i) sum += values[i];
    return sum;
}

/// A permutation p without the one that is observed: it can be 0.
PeerScore total_variation(const EvidentlyColumn& column, stats::Random random) {
    const ValueCounts counts = column.value_counts();
    std::vector<std::uint64_t> pooled(counts.reference.size()), drawn(counts.reference.size());
    std::ranges::transform(counts.reference, counts.current, pooled.begin(), std::plus<>{});
    std::vector<double> gaps(pooled.size());
    const auto variation = [&](const std::vector<std::uint64_t>& reference) {
        for (std::size_t i = 0; i < pooled.size(); ++i)
            gaps[i] = std::abs(static_cast<double>(reference[i]) / static_cast<double>(column.n) -
                               static_cast<double>(pooled[i] - reference[i]) / static_cast<double>(column.m));
        return 0.5 * numpy_sum(gaps);
    };
    // Without a tolerance: sums that are equal on paper are lost to rounding there too.
    const double observed = variation(counts.reference);
    int reached = 0;
    for (int draw = 0; draw < variation_draws; ++draw) {
        stats::draw_hypergeometric(pooled, column.n, drawn, random);
        reached += variation(drawn) >= observed;
    }
    return PeerScore::of(static_cast<double>(reached) / variation_draws);
}

PeerScore empirical_mmd(const EvidentlyColumn& column, stats::Random random) {
    if (column.n < 2 || column.m < 2) return PeerScore::of(nan);
    if (column.n + column.m > kernel_values_max)
        return PeerScore::none(
            fmt::format("MMD looks at all pairs of its {} values; {} are the most that are done here "
                        "(Evidently would take {} "
                        "GB)",
                        column.n + column.m, kernel_values_max,
                        8 * (column.n + column.m) * (column.n + column.m) / 1'000'000'000 + 1));
    return PeerScore::of(kernel_permutation_p(column.reference.values(), column.current.values(), random));
}

struct Row {
    std::string_view name;
    PeerScore (*score)(const EvidentlyColumn&, stats::Random);
};
constexpr std::array rows{
    Row{"ks", ks},
    Row{"z", z},
    Row{"chisquare", chi_square},
    Row{"wasserstein", wasserstein},
    Row{"jensenshannon", jensen_shannon},
    Row{"kl_div", kl_divergence},
    Row{"psi", psi},
    Row{"hellinger", hellinger},
    Row{"ed", energy},
    Row{"anderson", anderson},
    Row{"cramer_von_mises", cramer_von_mises},
    Row{"es", epps_singleton},
    Row{"mannw", mann_whitney},
    Row{"t_test", t_test},
    Row{"empirical_mmd", empirical_mmd},
    Row{"g_test", g},
    Row{"fisher_exact", fisher},
    Row{"TVD", total_variation},
};

}  // namespace

ValueCounts EvidentlyColumn::value_counts() const {
    if (!numeric) return counts;
    ValueCounts out;
    const auto a = reference.values(), b = current.values();
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t i0 = i, j0 = j;
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
        out.reference.push_back(i - i0);
        out.current.push_back(j - j0);
    }
    return out;
}

std::size_t EvidentlyColumn::reference_distinct() const {
    if (numeric) return distinct_of(reference.values());
    return static_cast<std::size_t>(
        std::ranges::count_if(counts.reference, [](auto count) { return count > 0; }));
}

std::size_t EvidentlyColumn::distinct() const {
    if (!numeric) return counts.reference.size();
    std::size_t both = 0;
    const auto a = reference.values(), b = current.values();
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size(); ++both) {
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
    }
    return both;
}

PeerScore evidently_score(std::string_view test, const EvidentlyColumn& column, stats::Random random) {
    const auto* row = std::ranges::find(rows, test, &Row::name);
    if (row == rows.end()) return PeerScore::none(fmt::format("there is no test {} of Evidently", test));
    const bool by_bins =
        test == "hellinger" || ((test == "psi" || test == "kl_div" || test == "jensenshannon") &&
                                column.reference_distinct() > values_counted_one_by_one);
    if (column.numeric && by_bins) {
        const auto a = column.reference.values(), b = column.current.values();
        if (!std::isfinite(std::max(a.back(), b.back()) - std::min(a.front(), b.front())))
            return PeerScore::none("the range of both sides together fits no double, so that it has no bins");
    }
    return row->score(column, random);
}

}  // namespace tristrata::detection
