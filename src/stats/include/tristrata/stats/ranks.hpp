#pragma once

#include <span>
#include <vector>

namespace tristrata::stats {

/// The rank of each value among all of them, from 1; equal values have the mean of their places. No NaN may
/// be among them.
///
/// Cost      O(n log n).
/// Example   {3, 1, 3}: 2.5, 1, 2.5.
[[nodiscard]] std::vector<double> mid_ranks(std::span<const double> values);

}  // namespace tristrata::stats
