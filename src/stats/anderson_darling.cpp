#include "tristrata/stats/anderson_darling.hpp"

#include "ks_gap.hpp"
#include "pooled_walk.hpp"
#include "tristrata/stats/ks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>

namespace tristrata::stats {
namespace {

double harmonic(double n) {
    if (n < 1000.0) {
        double sum = 0.0;
        for (double i = 1.0; i <= n; i += 1.0) sum += 1.0 / i;
        return sum;
    }
    return std::log(n) + 0.57721566490153286061 + 1.0 / (2.0 * n) - 1.0 / (12.0 * n * n);
}

/// Σ over i < j of 1 / ((N - i) j): pi²/6 less (2 (log N + Euler's constant) + 1) / N, to 1e-8 where that is
/// used.
double double_sum(double total) {
    if (total > 20000.0)
        return 1.64493406684822643647 - (2.0 * (std::log(total) + 0.57721566490153286061) + 1.0) / total;
    double tail = 0.0, sum = 0.0;
    const auto last = static_cast<int>(total) - 1;
    for (int i = last; i >= 1; --i) {
        sum += tail / (total - static_cast<double>(i));
        tail += 1.0 / static_cast<double>(i);
    }
    return sum;
}

double variance(double n, double m) {
    const double total = n + m, h_sum = 1.0 / n + 1.0 / m, h = harmonic(total - 1.0), g = double_sum(total);
    constexpr double k = 2.0;
    const double a = (4.0 * g - 6.0) * (k - 1.0) + (10.0 - 6.0 * g) * h_sum;
    const double b =
        (2.0 * g - 4.0) * k * k + 8.0 * h * k + (2.0 * g - 14.0 * h - 4.0) * h_sum - 8.0 * h + 4.0 * g - 6.0;
    const double c =
        (6.0 * h + 2.0 * g - 2.0) * k * k + (4.0 * h - 4.0 * g + 6.0) * k + (2.0 * h - 6.0) * h_sum + 4.0 * h;
    const double d = (2.0 * h + 6.0) * k * k - 4.0 * h * k;
    return (((a * total + b) * total + c) * total + d) / ((total - 1.0) * (total - 2.0) * (total - 3.0));
}

double p_of(double statistic) {
    constexpr std::array critical{0.325, 1.226, 1.961, 2.718, 3.752, 4.592, 6.546};
    constexpr std::array level{0.25, 0.10, 0.05, 0.025, 0.01, 0.005, 0.001};
    if (statistic <= critical.front()) return level.front();
    for (std::size_t i = 1; i < critical.size(); ++i) {
        if (statistic > critical[i]) continue;
        const double share = (statistic - critical[i - 1]) / (critical[i] - critical[i - 1]);
        return std::exp(std::log(level[i - 1]) + share * (std::log(level[i]) - std::log(level[i - 1])));
    }
    return level.back();
}

/// Visitor of walk_pooled. For two samples both terms of the k-sample statistic have the same numerator, but
/// for its sign.
struct SquaredGaps {
    double n, m, sum = 0.0;

    void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
        const double below_a = static_cast<double>(i0 + i) * 0.5;
        const double below_b = static_cast<double>(j0 + j) * 0.5;
        const double here = static_cast<double>(i - i0 + j - j0), below = below_a + below_b;
        const double weight = below * (n + m - below) - (n + m) * here * 0.25;
        const double gap = m * below_a - n * below_b;
        if (weight > 0.0) sum += here * gap * gap / weight;
    }
};

/// Why there is no statistic, if there is none.
std::optional<Undefined> lacking(std::span<const double> a, std::span<const double> b) {
    if (a.empty() || b.empty()) return Undefined::empty_sample;
    if (a.size() + b.size() < 4) return Undefined::too_few_values;
    if (std::min(a.front(), b.front()) == std::max(a.back(), b.back())) return Undefined::constant_sample;
    return std::nullopt;
}

TestOutcome outcome(const SquaredGaps& low, const SquaredGaps& high) {
    const double n = low.n, m = low.m, total = n + m, sum = low.sum + high.sum;
    const double squared = (total - 1.0) / (total * total) * (sum / n + sum / m);
    const double statistic = (squared - 1.0) / std::sqrt(variance(n, m));
    if (!std::isfinite(statistic)) return Undefined::too_few_values;
    return TestResult{statistic, p_of(statistic), "asymptotic"};
}

SquaredGaps squared_gaps(std::span<const double> a, std::span<const double> b) {
    return {static_cast<double>(a.size()), static_cast<double>(b.size())};
}

}  // namespace

TestOutcome anderson_darling_test(const SortedSample& reference, const SortedSample& current) {
    const auto a = reference.values(), b = current.values();
    if (const auto none = lacking(a, b)) return *none;
    std::array<SquaredGaps, 2> sums{squared_gaps(a, b), squared_gaps(a, b)};
    walk_pooled(a, b, sums);
    return outcome(sums[0], sums[1]);
}

KsAndAndersonDarling ks_and_anderson_darling(const SortedSample& reference, const SortedSample& current) {
    const auto a = reference.values(), b = current.values();
    if (const auto none = lacking(a, b)) return {ks_distance(reference, current), *none};
    struct Both {
        KsGap gap;
        SquaredGaps gaps;
        void operator()(double x, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            gap(x, i0, j0, i, j);
            gaps(x, i0, j0, i, j);
        }
    };
    const Both none{{static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size())},
                    squared_gaps(a, b)};
    std::array<Both, 2> found{none, none};
    walk_pooled(a, b, found);
    return {KsGap::distance(found[0].gap, found[1].gap), outcome(found[0].gaps, found[1].gaps)};
}

}  // namespace tristrata::stats
