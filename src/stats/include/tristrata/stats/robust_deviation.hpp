#pragma once

#include "tristrata/stats/statistic.hpp"

#include <span>

namespace tristrata::stats {

/// The third-largest |x - median| / iqr, median and iqr being the reference's: it sees a heavier tail that KS
/// sees late, and two wild values do not move it.
///
/// Returns   Undefined::too_few_values below three values; constant_sample where iqr is not positive.
/// Cost      O(1): only the ends of a sorted sample can be that far.
/// Example   {0, 1, 2, 3, 100, 200} with median 2 and iqr 1: 2 (|0 - 2| after 198 and 98).
[[nodiscard]] Statistic third_largest_robust_deviation(std::span<const double> sorted, double median,
                                                       double iqr) noexcept;

}  // namespace tristrata::stats
