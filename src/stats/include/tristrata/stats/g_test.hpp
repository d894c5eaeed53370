#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// The G test of the 2 x k table of counts, the likelihood ratio beside Pearson's chi-square: G = 2 sum of
/// O ln(O / E) over both rows, E being the counts expected where both sides have one distribution; k - 1
/// degrees, categories that neither side has being left out. G / (2 N ln 2) is the mutual information of side
/// and category in bits.
///
/// Returns   Undefined::empty_sample where a side has no count; statistic 0 and p 1 where one category is
///           left. Symmetric, pure.
/// When not  Below five expected counts its p is less to be trusted than that of chi-square, for which there
/// is
///           a permutation.
/// Example   {10, 20} against {20, 10}: G 6.796, p .00914.
/// Source    Wilks (1938), doi:10.1214/aoms/1177732360.
[[nodiscard]] TestOutcome g_test(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current);

}  // namespace tristrata::stats
