#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace tristrata::stats {

/// Visitor of walk_pooled: the largest |i/n - j/m|, as |i m - j n| of whole numbers, which are exact and take
/// no division a value.
struct KsGap {
    std::int64_t n, m, largest = 0;

    void operator()(double, std::int64_t, std::int64_t, std::int64_t i, std::int64_t j) {
        largest = std::max(largest, std::abs(i * m - j * n));
    }
    /// The distance that both stretches found.
    [[nodiscard]] static double distance(const KsGap& low, const KsGap& high) {
        return static_cast<double>(std::max(low.largest, high.largest)) /
               (static_cast<double>(low.n) * static_cast<double>(low.m));
    }
};

}  // namespace tristrata::stats
