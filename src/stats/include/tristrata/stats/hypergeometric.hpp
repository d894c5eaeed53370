#pragma once

#include "tristrata/stats/random.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// One draw of how many of `draws` balls, taken without replacement from `marked` + `unmarked`, are marked.
///
/// Cost      Inversion from the mode outwards: O(standard deviation). Exact up to rounding of the
/// probabilities.
[[nodiscard]] std::uint64_t hypergeometric(std::uint64_t marked, std::uint64_t unmarked, std::uint64_t draws,
                                           Random& random);

/// The same for many colours: `out[i]` of `counts[i]` are drawn, `draws` in all.
void draw_hypergeometric(std::span<const std::uint64_t> counts, std::uint64_t draws,
                         std::span<std::uint64_t> out, Random& random);

}  // namespace tristrata::stats
