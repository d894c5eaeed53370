#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>

namespace tristrata::stats {

/// The z test of two proportions: z = (p - q) / sqrt(P (1 - P) (1/n + 1/m)), p and q being the shares of
/// marked rows in reference and current and P that of both together; two-sided p by the normal distribution,
/// without a continuity correction. z^2 is the chi-square of the 2 x 2 table.
///
/// Returns   Undefined::empty_sample where a side has no row; statistic 0 and p 1 where all rows are marked,
/// or
///           none is. Pure.
/// When not  With fewer than about five expected rows in a cell its p is too small: fisher_test is exact.
/// Example   60 of 100 against 15 of 50: z 3.464, p .000532.
/// Source    Pearson (1900), doi:10.1080/14786440009463897, whose chi-square it is the root of.
[[nodiscard]] TestOutcome two_proportions_z_test(std::uint64_t reference, std::uint64_t reference_rest,
                                                 std::uint64_t current, std::uint64_t current_rest);

}  // namespace tristrata::stats
