#pragma once

#include "tristrata/stats/statistic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tristrata::stats {

/// Draws at least as extreme as the data after which the answer is known: a relative error of an eighth.
inline constexpr std::uint64_t exceedances_enough = 60;

/// Permutation p of an observed statistic. `exceeds` makes one draw and says whether it is at least as
/// extreme; p is (1 + exceedances) / (1 + draws), or exceedances / draws so far where there are enough of
/// them early.
///
/// Source  Besag and Clifford (1991), doi:10.1093/biomet/78.2.301.
template <class Exceeds>
[[nodiscard]] TestResult permutation_result(double observed, std::uint64_t draws, Exceeds&& exceeds) {
    std::uint64_t exceeded = 0;
    for (std::uint64_t draw = 1; draw <= draws; ++draw) {
        exceeded += exceeds() ? 1 : 0;
        if (exceeded == exceedances_enough)
            return {observed, static_cast<double>(exceeded) / static_cast<double>(draw), "permutation"};
    }
    return {observed, (1.0 + static_cast<double>(exceeded)) / (1.0 + static_cast<double>(draws)),
            "permutation"};
}

/// Twice the smaller of the two tails' p, at most 1: a skew null says nothing of one tail by the other.
/// `draw` makes one draw and returns its statistic; what rounding parts is a tie. It ends early where both
/// tails have enough.
template <class Draw>
[[nodiscard]] TestResult two_tailed_permutation_result(double observed, std::uint64_t draws, Draw&& draw) {
    std::uint64_t at_most = 0, at_least = 0;
    const double rounding = 1e-9 * (1.0 + std::abs(observed));
    for (std::uint64_t made = 1; made <= draws; ++made) {
        const double statistic = draw();
        at_most += statistic <= observed + rounding ? 1 : 0;
        at_least += statistic >= observed - rounding ? 1 : 0;
        if (const auto fewer = std::min(at_most, at_least); fewer == exceedances_enough)
            return {observed, std::min(1.0, 2.0 * static_cast<double>(fewer) / static_cast<double>(made)),
                    "permutation"};
    }
    const auto fewer = static_cast<double>(std::min(at_most, at_least));
    return {observed, std::min(1.0, 2.0 * (1.0 + fewer) / (1.0 + static_cast<double>(draws))), "permutation"};
}

}  // namespace tristrata::stats
