#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <variant>

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

/// U and what its normal p stands on.
struct MannWhitneyCounts {
    double u = 0.0;
    double n = 0.0, m = 0.0;
    double tied =
        0.0;  ///< Sum of t^3 - t over the runs of equal values, over N^3 - N: 1 where all are equal.
};
/// Returns   Undefined::empty_sample if a side is empty. O(n + m).
[[nodiscard]] std::variant<MannWhitneyCounts, Undefined> mann_whitney_counts(const SortedSample& reference,
                                                                             const SortedSample& current);

/// The normal distribution's p where n rows are worth n / tau: U / (n m) and the shares of the ties are kept.
/// Pure, O(1).
[[nodiscard]] double mann_whitney_asymptotic_p(const MannWhitneyCounts& counts, Alternative alternative,
                                               double tau = 1.0) noexcept;

/// mann_whitney_test with that p whatever the sizes.
[[nodiscard]] TestOutcome mann_whitney_asymptotic_test(const SortedSample& reference,
                                                       const SortedSample& current, Alternative alternative,
                                                       double tau = 1.0);

}  // namespace tristrata::stats
