#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace tristrata::stats {

/// Visitor of walk_pooled: the sum of the Anderson-Darling statistic. For two samples both terms of the
/// k-sample statistic have the same numerator, but for its sign.
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
    /// Why two ascending samples have no statistic, if they have none.
    [[nodiscard]] static std::optional<Undefined> lacking(std::span<const double> a,
                                                          std::span<const double> b);
    /// The test of what both stretches found.
    [[nodiscard]] static TestOutcome outcome(const SquaredGaps& low, const SquaredGaps& high);
};

}  // namespace tristrata::stats
