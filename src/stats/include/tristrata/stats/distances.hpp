#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

// Distances between two columns of counts over the same categories or bins, or of shares of any sum (negative
// or NaN ones are not allowed). Undefined::empty_sample where a side has nothing at all. O(k), pure;
// symmetric but for Kullback-Leibler. p and q are what reference and current have, divided by their sums.

/// Total variation: half the sum of the absolute differences of shares; in [0, 1].
/// Example   {1, 1} against {1, 3}: |.5 - .25| = 0.25.
[[nodiscard]] Statistic total_variation(std::span<const std::uint64_t> reference,
                                        std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic total_variation(std::span<const double> reference,
                                        std::span<const double> current) noexcept;

/// Jensen-Shannon distance: the square root of the divergence, logarithms to base 2; in [0, 1].
/// Example   {1, 0} against {0, 1}: 1.
[[nodiscard]] Statistic jensen_shannon(std::span<const std::uint64_t> reference,
                                       std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic jensen_shannon(std::span<const double> reference,
                                       std::span<const double> current) noexcept;

/// Kullback-Leibler divergence of reference from current: sum of p ln(p / q), in nats; >= 0, without an upper
/// end.
///
/// Zeros     Of counts: half a count is added to every bin, as in psi. Of shares: nothing is added, and
///           Undefined::no_overlap where current has none of a bin that the reference has: it is infinite.
/// Example   {9, 9} against {4, 14}: half of them become {.5, .5} and {4.5, 14.5} / 19, which gives 0.1622.
/// Source    Kullback and Leibler (1951), doi:10.1214/aoms/1177729694.
[[nodiscard]] Statistic kl_divergence(std::span<const std::uint64_t> reference,
                                      std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic kl_divergence(std::span<const double> reference,
                                      std::span<const double> current) noexcept;

/// Hellinger distance sqrt(1/2 sum of (sqrt p - sqrt q)^2); in [0, 1]. Divided by sqrt 2, so that 1 is its
/// largest value; some books leave that out.
/// Example   {1, 1} against {1, 0}: sqrt(1 - sqrt .5) = 0.5412.
/// Source    Hellinger (1909), doi:10.1515/crll.1909.136.210.
[[nodiscard]] Statistic hellinger(std::span<const std::uint64_t> reference,
                                  std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic hellinger(std::span<const double> reference,
                                  std::span<const double> current) noexcept;

/// Bhattacharyya distance -ln of the sum of sqrt(p q), natural logarithm; >= 0. (The complement 1 - sum,
/// which some tools call by this name, is the square of hellinger.)
///
/// Returns   Undefined::no_overlap where no bin has counts of both sides: the distance is infinite.
/// Example   {1, 1} against {1, 0}: -ln sqrt .5 = 0.3466.
/// Source    Bhattacharyya (1943), Bulletin of the Calcutta Mathematical Society 35.
[[nodiscard]] Statistic bhattacharyya(std::span<const std::uint64_t> reference,
                                      std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic bhattacharyya(std::span<const double> reference,
                                      std::span<const double> current) noexcept;

/// The largest difference of one bin's shares; in [0, 1].
/// Example   {1, 1, 2} against {1, 3, 0}: |.5 - 0| = 0.5.
[[nodiscard]] Statistic l_infinity(std::span<const std::uint64_t> reference,
                                   std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic l_infinity(std::span<const double> reference,
                                   std::span<const double> current) noexcept;

/// Complement of the histograms' intersection: 1 - sum of min(p, q); in [0, 1]. Of shares that add up to one
/// it is total variation, come by another way.
/// Example   {1, 1} against {1, 3}: 1 - (.25 + .5) = 0.25.
/// Source    Swain and Ballard (1991), doi:10.1007/BF00130487.
[[nodiscard]] Statistic histogram_intersection(std::span<const std::uint64_t> reference,
                                               std::span<const std::uint64_t> current) noexcept;
[[nodiscard]] Statistic histogram_intersection(std::span<const double> reference,
                                               std::span<const double> current) noexcept;

}  // namespace tristrata::stats
