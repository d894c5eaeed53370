#pragma once

#include <span>
#include <vector>

namespace tristrata::stats {

/// Normal scores: what a standard normal shows at the share of a sorted sample that lies below each value,
/// Φ⁻¹((below + (equal + 1) / 2) / (n + 1)), and for a value that the sample does not hold Φ⁻¹((below + 1/2)
/// / (n + 1)). They depend on order alone: no outlier is farther out than the sample's own ends.
///
/// Ties      Equal values share the middle of their ranks.
/// Nulls     NaN scores 0, the middle; so does everything where `sorted` is empty. Infinities have a rank.
/// Cost      O(m log n).
/// Example   {1, 2, 3} at 2, 1, 9, NaN: 0, -0.674, 1.150, 0 (tests/normal_scores_test.cpp).
/// Source    van der Waerden (1952), "Order tests for the two-sample problem".
[[nodiscard]] std::vector<double> normal_scores(std::span<const double> sorted,
                                                std::span<const double> values);

}  // namespace tristrata::stats
