#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

// Distances between two columns of counts over the same categories or bins. Undefined::empty_sample where a
// side has no count at all. O(k), pure, symmetric.

/// Total variation: half the sum of the absolute differences of shares; in [0, 1].
/// Example   {1, 1} against {1, 3}: |.5 - .25| = 0.25.
[[nodiscard]] Statistic total_variation(std::span<const std::uint64_t> reference,
                                        std::span<const std::uint64_t> current) noexcept;

/// Jensen-Shannon distance: the square root of the divergence, logarithms to base 2; in [0, 1].
/// Example   {1, 0} against {0, 1}: 1.
[[nodiscard]] Statistic jensen_shannon(std::span<const std::uint64_t> reference,
                                       std::span<const std::uint64_t> current) noexcept;

}  // namespace tristrata::stats
