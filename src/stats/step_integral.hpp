#pragma once

#include "pooled_walk.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tristrata::stats {

/// The integrals over x, from the smallest value of both samples to the largest, of K functions of the
/// empirical CDFs: `heights(gap, f, g)` gives them where the CDFs are f and g and gap = f - g, which is taken
/// of whole numbers, so that it is 0 where they are equal. O(n + m).
template <std::size_t K, class Heights>
[[nodiscard]] std::array<double, K> integrate_between(std::span<const double> a, std::span<const double> b,
                                                      Heights heights) {
    struct Area {
        double n, m;
        Heights heights;
        double gap_unit = 1.0 / (n * m), a_unit = 1.0 / n, b_unit = 1.0 / m;  // No division a value.
        std::array<double, K> area{}, before_first{}, last{};
        double first = NAN, previous = NAN;

        void operator()(double x, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            if (std::isnan(previous)) {
                first = x;
                before_first = at(i0, j0);
            } else {
                for (std::size_t k = 0; k < K; ++k) area[k] += last[k] * (x - previous);
            }
            last = at(i, j);
            previous = x;
        }
        [[nodiscard]] std::array<double, K> at(std::int64_t i, std::int64_t j) const {
            const auto x = static_cast<double>(i), y = static_cast<double>(j);
            return heights((x * m - y * n) * gap_unit, x * a_unit, y * b_unit);
        }
    };
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    std::array<Area, 2> areas{Area{n, m, heights}, Area{n, m, heights}};
    walk_pooled(a, b, areas);
    const auto& [low, high] = areas;
    std::array<double, K> sums{};
    for (std::size_t k = 0; k < K; ++k) {
        sums[k] = low.area[k] + high.area[k];
        if (!std::isnan(low.previous) && !std::isnan(high.first))
            sums[k] += high.before_first[k] * (high.first - low.previous);
    }
    return sums;
}

}  // namespace tristrata::stats
