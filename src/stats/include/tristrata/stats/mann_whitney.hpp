#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>

namespace tristrata::stats {

/// Which alternative a test has in mind.
enum class Alternative : std::uint8_t {
    two_sided,
    less,  ///< The reference tends to be smaller than current.
};

/// The Mann-Whitney U of the reference: the pairs in which its value is the larger one, ties counted half.
/// U / (n m) is the chance that a reference value exceeds a current one: 1/2 without drift.
///
/// Returns   U, and p exact where one side has at most 8 values and the table of sums stays small, by the
///           normal distribution with tie-corrected variance and continuity correction beyond; p 1 where all
///           values are equal. Undefined::empty_sample if a side is empty.
/// Ties      Mid-ranks. The exact p is that of the orderings with these ties.
/// Cost      O(n + m). Pure.
/// Example   {1, 2, 3} against {4, 5, 6}: U 0, p .1 (2 of 20 orderings).
/// Source    Mann and Whitney (1947), doi:10.1214/aoms/1177730491; exact with ties by the shift algorithm of
///           Streitberg and Röhmel (1986).
[[nodiscard]] TestOutcome mann_whitney_test(const SortedSample& reference, const SortedSample& current,
                                            Alternative alternative = Alternative::two_sided);

/// The same with the normal distribution's p whatever the sizes, which may be effective ones: U / (n m) and
/// the shares of the ties are kept, n / tau and m / tau stand for n and m.
[[nodiscard]] TestOutcome mann_whitney_asymptotic_test(const SortedSample& reference,
                                                       const SortedSample& current, Alternative alternative,
                                                       double tau = 1.0);

}  // namespace tristrata::stats
