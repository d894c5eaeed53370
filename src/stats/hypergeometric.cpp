#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

/// log n!; a table for what is asked for all the time, Stirling's series with an error below 1e-14 beyond.
double log_factorial(std::uint64_t n) {
    constexpr std::size_t tabled = 1024;
    static const std::vector<double> table = [] {
        std::vector<double> values(tabled, 0.0);
        for (std::size_t i = 2; i < tabled; ++i) values[i] = values[i - 1] + std::log(static_cast<double>(i));
        return values;
    }();
    if (n < tabled) return table[n];
    const double x = static_cast<double>(n) + 1.0;
    return (x - 0.5) * std::log(x) - x + 0.91893853320467274178 + 1.0 / (12.0 * x) -
           1.0 / (360.0 * x * x * x);
}

}  // namespace

std::uint64_t hypergeometric(std::uint64_t marked, std::uint64_t unmarked, std::uint64_t draws,
                             Random& random) {
    assert(draws <= marked + unmarked);
    const std::uint64_t low = draws > unmarked ? draws - unmarked : 0;
    const std::uint64_t high = std::min(draws, marked);
    if (low == high) return low;
    const auto a = static_cast<double>(marked), b = static_cast<double>(unmarked),
               k = static_cast<double>(draws);
    const auto mode =
        std::clamp(static_cast<std::uint64_t>((a + 1.0) * (k + 1.0) / (a + b + 2.0)), low, high);
    const double at_mode = std::exp(
        log_factorial(marked) - log_factorial(mode) - log_factorial(marked - mode) + log_factorial(unmarked) -
        log_factorial(draws - mode) - log_factorial(unmarked + mode - draws) -
        log_factorial(marked + unmarked) + log_factorial(draws) + log_factorial(marked + unmarked - draws));
    // From the mode outwards, the nearer side first: most draws end within a standard deviation.
    double rest = random.uniform() - at_mode;
    if (rest < 0.0) return mode;
    double up = at_mode, down = at_mode;
    std::uint64_t above = mode, below = mode;
    while (true) {
        const bool can_rise = above<high, can_fall = below> low;
        if (!can_rise && !can_fall) return mode;  // What rounding left over.
        if (can_rise) {
            const auto x = static_cast<double>(above);
            up *= (a - x) * (k - x) / ((x + 1.0) * (b - k + x + 1.0));
            ++above;
            rest -= up;
            if (rest < 0.0) return above;
        }
        if (can_fall) {
            const auto x = static_cast<double>(below);
            down *= x * (b - k + x) / ((a - x + 1.0) * (k - x + 1.0));
            --below;
            rest -= down;
            if (rest < 0.0) return below;
        }
        if (up + down == 0.0) return mode;
    }
}

void draw_hypergeometric(std::span<const std::uint64_t> counts, std::uint64_t draws,
                         std::span<std::uint64_t> out, Random& random) {
    std::uint64_t left = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    for (std::size_t i = 0; i < counts.size(); ++i) {
        left -= counts[i];
        out[i] = hypergeometric(counts[i], left, draws, random);
        draws -= out[i];
    }
}

}  // namespace tristrata::stats
