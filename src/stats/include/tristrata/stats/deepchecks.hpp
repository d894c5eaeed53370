#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

// deepchecks's Cramér's V of a 2 x k table, for comparing with its thresholds (.2 for a feature, .15 for a
// label); ours is cramers_v. The larger side is scaled down to the smaller one's total first, and two
// categories get Yates' correction, so that {1000, 0} against {0, 1000} is .999 and not 1. Undefined as
// cramers_v.

/// Of the counts as they are.
/// Example   {200, 800, 10, 10} against {400, 620, 0, 0}: 0.2285.
[[nodiscard]] Statistic deepchecks_cramers_v(std::span<const std::uint64_t> reference,
                                             std::span<const std::uint64_t> current);

/// With balanced classes: one is added to each scaled count, categories are weighed so that the reference has
/// as much of each, and both sides are rounded to whole counts. A change of a rare label so weighs as much as
/// that of a frequent one.
/// Example   {9900, 100} against {1000, 0}: 0.457.
[[nodiscard]] Statistic deepchecks_balanced_cramers_v(std::span<const std::uint64_t> reference,
                                                      std::span<const std::uint64_t> current);

}  // namespace tristrata::stats
