#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// Cramér's V of the 2 x k table of counts, corrected for its bias: with N rows, k categories that some row
/// has and chi-square without a continuity correction, phi = max(0, chi-square / N - (k - 1) / (N - 1)),
/// k' = k - (k - 1)^2 / (N - 1), r' = 2 - 1 / (N - 1), and V = sqrt(phi / min(k' - 1, r' - 1)). In [0, 1]:
/// about 0 without drift however many categories there are, where the plain V is not.
///
/// Returns   Undefined::empty_sample where a side has no count; too_few_values where N is too small for the
///           correction (N = 2, or k > N - 1); 0 where one category is left. Symmetric, pure.
/// Cost      O(k).
/// Example   {1000, 0} against {0, 1000}: 1. {10, 20} against {20, 10}: 0.3095 (plain: 0.3333).
/// Source    Bergsma (2013), doi:10.1016/j.jkss.2012.10.002.
[[nodiscard]] Statistic cramers_v(std::span<const std::uint64_t> reference,
                                  std::span<const std::uint64_t> current);

}  // namespace tristrata::stats
