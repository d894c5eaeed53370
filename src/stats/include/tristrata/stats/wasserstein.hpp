#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

namespace tristrata::stats {

/// 1-Wasserstein distance ∫ |F - G| in units of the reference's interquartile range, after the smallest and
/// the largest value of each sample are left out: untrimmed, one value of 1e6 flags an undrifted column
/// always. Where the interquartile range is zero, that of the reference without its modal value stands in.
///
/// Returns   Undefined::too_few_values below four values a side; constant_sample where no spread is left.
/// Cost      O(n + m). Pure.
/// Example   {0, 1, 2, 3, 4} against the same shifted by 1: 0.5 (distance 1, interquartile range 2).
[[nodiscard]] Statistic wasserstein_trimmed(const SortedSample& reference, const SortedSample& current);

/// 1-Wasserstein distance ∫ |F - G| of all values, in the column's unit: one value of 1e6 among a hundred
/// moves it by 1e4. It is here because the peers and scipy use it.
///
/// Returns   Undefined::empty_sample.
/// Cost      O(n + m). Pure.
/// Example   {0, 2} against {1, 5}: (|0 - 1| + |2 - 5|) / 2 = 2.
[[nodiscard]] Statistic wasserstein_distance(const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
