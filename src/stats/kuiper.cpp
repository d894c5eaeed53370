#include "tristrata/stats/kuiper.hpp"

#include "permutation.hpp"
#include "pooled_walk.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr double exact_steps_max = 4e6;
constexpr double rounding_from = 1e-11;

/// A path of n + m steps is at i m - j n, in units of their greatest common divisor.
struct Lattice {
    std::int64_t n, m, up, down;

    Lattice(std::uint64_t rows, std::uint64_t columns)
        : n(static_cast<std::int64_t>(rows)), m(static_cast<std::int64_t>(columns)) {
        const std::int64_t divisor = std::gcd(n, m);
        up = m / divisor;
        down = n / divisor;
    }
    [[nodiscard]] std::int64_t height_max() const { return n * up; }
};

/// The share of the paths that stay at heights low to high, both included.
double share_between(const Lattice& lattice, std::int64_t low, std::int64_t high,
                     std::vector<double>& inside) {
    inside.assign(static_cast<std::size_t>(lattice.m) + 1, 0.0);
    for (std::int64_t i = 0; i <= lattice.n; ++i) {
        for (std::int64_t j = 0; j <= lattice.m; ++j) {
            const std::int64_t height = i * lattice.up - j * lattice.down;
            const auto at = static_cast<std::size_t>(j);
            if (height < low || height > high) {
                inside[at] = 0.0;
            } else if (i == 0 && j == 0) {
                inside[at] = 1.0;
            } else {
                const double from_a = i > 0 ? inside[at] * static_cast<double>(i) : 0.0;
                const double from_b = j > 0 ? inside[at - 1] * static_cast<double>(j) : 0.0;
                inside[at] = (from_a + from_b) / static_cast<double>(i + j);
            }
        }
    }
    return inside.back();
}

}  // namespace

Statistic kuiper_distance(const SortedSample& reference, const SortedSample& current) noexcept {
    const auto a = reference.values(), b = current.values();
    if (a.empty() || b.empty()) return Undefined::empty_sample;
    const auto n = static_cast<std::int64_t>(a.size()), m = static_cast<std::int64_t>(b.size());
    struct Range {
        std::int64_t n, m, low = 0, high = 0;
        void operator()(double, std::int64_t, std::int64_t, std::int64_t i, std::int64_t j) {
            const std::int64_t height = i * m - j * n;
            low = std::min(low, height);
            high = std::max(high, height);
        }
    };
    std::array<Range, 2> ranges{Range{n, m}, Range{n, m}};
    walk_pooled(a, b, ranges);
    const std::int64_t low = std::min(ranges[0].low, ranges[1].low);
    const std::int64_t high = std::max(ranges[0].high, ranges[1].high);
    return static_cast<double>(high - low) / (static_cast<double>(n) * static_cast<double>(m));
}

double kuiper_exact_p(double v, std::uint64_t n, std::uint64_t m) {
    if (n == 0 || m == 0) return 1.0;
    const Lattice lattice(n, m);
    // The largest range below v, which is a whole number of steps but for rounding.
    const double steps = v * static_cast<double>(lattice.height_max());
    const auto range = static_cast<std::int64_t>(std::ceil(steps - 1e-6)) - 1;
    if (range < std::max(lattice.up, lattice.down)) return 1.0;
    // A path of that range or less has one lowest point: it stays between low and low + range, and not
    // between low + 1 and low + range.
    double below = 0.0;
    std::vector<double> inside;
    for (std::int64_t low = -range; low <= 0; ++low) {
        below += share_between(lattice, low, low + range, inside);
        if (low < 0) below -= share_between(lattice, low + 1, low + range, inside);
    }
    const double p = std::clamp(1.0 - below, 0.0, 1.0);
    if (p >= rounding_from) return p;
    // Of one minus so much nothing is left but rounding: the limit has the order of magnitude, and is not 0.
    return std::min(rounding_from, kuiper_asymptotic_p(v, static_cast<double>(n), static_cast<double>(m)));
}

double kuiper_asymptotic_p(double v, double n, double m) noexcept {
    const double root = std::sqrt(n * m / (n + m));
    if (!(root > 0.0)) return 1.0;
    const double x = v * (root + 0.155 + 0.24 / root);
    // Below this the alternating series needs many terms, and p is 1 to fifteen digits.
    if (x < 0.4) return 1.0;
    double sum = 0.0;
    for (double k = 1.0; k <= 20.0; k += 1.0) {
        const double square = 2.0 * k * k * x * x;
        sum += 2.0 * (2.0 * square - 1.0) * std::exp(-square);
    }
    return std::clamp(sum, 0.0, 1.0);
}

TestOutcome kuiper_test(const SortedSample& reference, const SortedSample& current) {
    const auto distance = value_of(kuiper_distance(reference, current));
    if (!distance) return Undefined::empty_sample;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double places = 2.0 * n * m / static_cast<double>(std::gcd(reference.size(), current.size()));
    if (n * m * places <= exact_steps_max)
        return TestResult{*distance, kuiper_exact_p(*distance, reference.size(), current.size()), "exact"};
    return TestResult{*distance, kuiper_asymptotic_p(*distance, n, m), "asymptotic"};
}

TestOutcome kuiper_permutation_test(std::span<const std::uint64_t> reference,
                                    std::span<const std::uint64_t> current, std::uint64_t draws,
                                    Random random) {
    std::vector<std::uint64_t> pooled(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return Undefined::empty_sample;
    const auto whole_n = static_cast<double>(n), whole_m = static_cast<double>(m);
    const auto distance_of = [&](std::span<const std::uint64_t> drawn) {
        double a = 0.0, b = 0.0, low = 0.0, high = 0.0;
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            b += static_cast<double>(drawn[i]);
            a += static_cast<double>(pooled[i] - drawn[i]);
            const double gap = a / whole_n - b / whole_m;
            low = std::min(low, gap);
            high = std::max(high, gap);
        }
        return high - low;
    };
    const double observed = distance_of(current);
    const double threshold = observed - 1e-9;
    std::vector<std::uint64_t> drawn(pooled.size());
    return permutation_result(observed, draws, [&] {
        draw_hypergeometric(pooled, m, drawn, random);
        return distance_of(drawn) >= threshold;
    });
}

}  // namespace tristrata::stats
