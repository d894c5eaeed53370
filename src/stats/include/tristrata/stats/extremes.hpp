#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <span>

namespace tristrata::stats {

/// P(at least k of m values lie beyond the largest of n) where all n + m come from one distribution without
/// ties: the product of (m - i) / (n + m - i) over i < k. With ties it is too large, never too small.
///
/// Edges     n, m and k may be effective numbers; k <= 0 gives 1, k > m gives 0.
/// Cost      O(k).
/// Example   n 3, m 2, k 1: 2 / 5 (tests/extremes_test.cpp).
[[nodiscard]] double exceedance_p(double n, double m, double k) noexcept;

/// The largest share of the sample that lies within any closed interval of this width; 0 for an empty sample.
///
/// Cost      O(n).
/// Example   {0, 1, 2, 10} within 2: 3 / 4.
[[nodiscard]] double largest_share_within(const SortedSample& sample, double width) noexcept;

/// Spearman's rank correlation of pairs, mid-ranks at ties: Pearson's of the ranks. Pairs with a value that
/// is not finite are left out.
///
/// Returns   Undefined::too_few_values below three pairs, constant_sample where one side does not vary.
/// Cost      O(n log n).
/// Example   {1, 2, 3} with {2, 4, 9}: 1.
/// Source    Spearman (1904), doi:10.2307/1412159.
[[nodiscard]] Statistic rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace tristrata::stats
