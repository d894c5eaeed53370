#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tristrata::stats {

// Bins of equal width, as numpy makes and fills them: what the peers' distances stand on. One wild value
// stretches them all; our own bins are of equal mass (histogram.hpp).

/// bins + 1 edges from low to high, the last one exactly high: low + i (high - low) / bins.
[[nodiscard]] std::vector<double> even_edges(double low, double high, std::size_t bins);

/// numpy's rule "sturges" for n values between smallest and largest: ceil(range / width) bins of about
/// width = range / (log2 n + 1). Where there is no range, one bin from smallest - .5 to smallest + .5. n must
/// not be 0.
///
/// Example   0, ..., 99: log2 100 + 1 = 7.64, so 8 bins of 12.375.
/// Source    Sturges (1926), doi:10.1080/01621459.1926.10502161.
[[nodiscard]] std::vector<double> sturges_edges(double smallest, double largest, std::size_t n);

/// numpy's rule "doane": the divisor is 1 + log2 n + log2(1 + |g| / s), g being the sample's skewness (its
/// moments have divisor n) and s = sqrt(6 (n - 2) / ((n + 1)(n + 3))). One bin where there is no spread, or
/// fewer than three values. There must be at least one value, all finite; their order does not matter.
///
/// Example   {0, 0, 0, 0, 10}: g 1.5, s .6124, so 1 + 2.3219 + 1.7863 = 5.108 gives 6 bins.
/// Source    Doane (1976), doi:10.1080/00031305.1976.10479172.
[[nodiscard]] std::vector<double> doane_edges(std::span<const double> values);

/// How many values lie in each bin [e_i, e_i+1), the last one closed; what lies outside is in none. Both
/// ascending. O(bins log n).
[[nodiscard]] std::vector<std::uint64_t> counts_between(std::span<const double> edges,
                                                        std::span<const double> sorted);

/// The same of values in any order, infinities among them, no NaN; the edges are of equal width, one bin at
/// least. O(n).
[[nodiscard]] std::vector<std::uint64_t> counts_in_even_bins(std::span<const double> edges,
                                                             std::span<const double> values);

}  // namespace tristrata::stats
