#pragma once

#include "tristrata/stats/statistic.hpp"

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

}  // namespace tristrata::stats
