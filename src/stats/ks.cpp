#include "tristrata/stats/ks.hpp"

#include "ks_gap.hpp"
#include "permutation.hpp"
#include "pooled_walk.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr double exact_cells_max = 4e6;

}  // namespace

Statistic ks_distance(const SortedSample& reference, const SortedSample& current) noexcept {
    const auto a = reference.values();
    const auto b = current.values();
    if (a.empty() || b.empty()) return Undefined::empty_sample;
    const auto n = static_cast<std::int64_t>(a.size()), m = static_cast<std::int64_t>(b.size());
    std::array<KsGap, 2> gaps{KsGap{n, m}, KsGap{n, m}};
    walk_pooled(a, b, gaps);
    return KsGap::distance(gaps[0], gaps[1]);
}

std::optional<Interval> ks_bounds(std::span<const std::uint64_t> reference,
                                  std::span<const std::uint64_t> current) noexcept {
    const auto total = [](std::span<const std::uint64_t> counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const double n = total(reference), m = total(current);
    if (n == 0.0 || m == 0.0) return std::nullopt;
    Interval bounds;
    std::uint64_t before = 0, after = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double f_below = static_cast<double>(before) / n, g_below = static_cast<double>(after) / m;
        before += reference[i];
        after += current[i];
        const double f = static_cast<double>(before) / n, g = static_cast<double>(after) / m;
        bounds.low = std::max(bounds.low, std::abs(f - g));
        bounds.high = std::max({bounds.high, f - g_below, g - f_below});
    }
    return bounds;
}

double ks_exact_p(double d, std::uint64_t n, std::uint64_t m) {
    if (n == 0 || m == 0) return 1.0;
    if (n < m) std::swap(n, m);
    // A path of n + m steps leaves |i/n - j/m| < d with some probability; each cell holds the share of the
    // paths to it that did: P(i, j) = P(i-1, j) i/(i+j) + P(i, j-1) j/(i+j), and 1 outside. Nothing is
    // subtracted, so that small p keep their digits. Distances are multiples of 1/(n m): half a step below d
    // is on the safe side of rounding.
    const auto rows = static_cast<double>(n), columns = static_cast<double>(m);
    const double bound = d - 0.5 / (rows * columns);
    if (bound < 0.0) return 1.0;
    std::vector<double> left(m + 1, 1.0);
    for (std::uint64_t i = 0; i <= n; ++i) {
        const auto x = static_cast<double>(i);
        // The cells inside: |j - i m / n| <= bound m.
        const double middle = x / rows * columns, reach = bound * columns;
        auto j = static_cast<std::uint64_t>(std::max(0.0, std::ceil(middle - reach) - 1.0));
        const auto last = static_cast<std::uint64_t>(std::min(columns, std::floor(middle + reach) + 1.0));
        if (j > 0) left[j - 1] = 1.0;
        for (; j <= last; ++j) {
            const auto y = static_cast<double>(j);
            if (std::abs(x / rows - y / columns) > bound) {
                left[j] = 1.0;
            } else if (i == 0 && j == 0) {
                left[j] = 0.0;
            } else {
                const double from_below = i > 0 ? left[j] * x : 0.0;
                const double from_left = j > 0 ? left[j - 1] * y : 0.0;
                left[j] = (from_below + from_left) / (x + y);
            }
        }
    }
    return std::clamp(left[m], 0.0, 1.0);
}

double kolmogorov_survival(double x) noexcept {
    if (!(x > 0.0)) return 1.0;
    if (x < 1.0) {
        // The alternating series converges slowly here; its theta transform does at once:
        // P(K <= x) = sqrt(2 pi)/x Σ exp(-(2k-1)² pi² / (8 x²)).
        using std::numbers::pi;
        const double scale = pi * pi / (8.0 * x * x);
        double sum = 0.0;
        for (int k = 1; k <= 5; ++k) sum += std::exp(-(2.0 * k - 1.0) * (2.0 * k - 1.0) * scale);
        return std::clamp(1.0 - std::sqrt(2.0 * pi) / x * sum, 0.0, 1.0);
    }
    double sum = 0.0;
    for (int k = 1; k <= 8; ++k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
    return std::clamp(sum, 0.0, 1.0);
}

double ks_asymptotic_p(double d, double n, double m) noexcept {
    const double root = std::sqrt(n * m / (n + m));
    return root > 0.0 ? kolmogorov_survival(d * (root + 0.12 + 0.11 / root)) : 1.0;
}

TestOutcome ks_test(double d, std::uint64_t n, std::uint64_t m) {
    if (n == 0 || m == 0) return Undefined::empty_sample;
    const auto rows = static_cast<double>(n), columns = static_cast<double>(m);
    if (rows * columns <= exact_cells_max) return TestResult{d, ks_exact_p(d, n, m), "exact"};
    return TestResult{d, ks_asymptotic_p(d, rows, columns), "asymptotic"};
}

TestOutcome ks_test(const SortedSample& reference, const SortedSample& current) {
    const auto distance = value_of(ks_distance(reference, current));
    if (!distance) return Undefined::empty_sample;
    return ks_test(*distance, reference.size(), current.size());
}

TestOutcome ks_permutation_test(std::span<const std::uint64_t> reference,
                                std::span<const std::uint64_t> current, std::uint64_t draws, Random random) {
    std::vector<std::uint64_t> pooled(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return Undefined::empty_sample;
    const auto whole_n = static_cast<double>(n), whole_m = static_cast<double>(m);
    const auto distance_of = [&](std::span<const std::uint64_t> drawn) {
        double before = 0.0, after = 0.0, distance = 0.0;
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            after += static_cast<double>(drawn[i]);
            before += static_cast<double>(pooled[i] - drawn[i]);
            distance = std::max(distance, std::abs(before / whole_n - after / whole_m));
        }
        return distance;
    };
    const double observed = distance_of(current);
    const double threshold = observed - 1e-9;
    std::vector<std::uint64_t> drawn(pooled.size());
    return permutation_result(observed, draws, [&] {
        draw_hypergeometric(pooled, m, drawn, random);
        return distance_of(drawn) >= threshold;
    });
}

Interval ks_interval(double d, double n, double m, double alpha) noexcept {
    const double reach = std::sqrt(std::log(4.0 / alpha) / 2.0);
    const double margin = reach * (1.0 / std::sqrt(n) + 1.0 / std::sqrt(m));
    return {std::max(0.0, d - margin), std::min(1.0, d + margin)};
}

}  // namespace tristrata::stats
