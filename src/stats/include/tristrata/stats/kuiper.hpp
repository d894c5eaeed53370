#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// Kuiper's distance of two samples: V = D+ + D-, the largest of F - G plus the largest of G - F, where F and
/// G are the right-continuous empirical CDFs. As sensitive in the tails as in the middle, and the same
/// wherever a circle of values (hours of the day) is cut.
///
/// Ties      A run of equal values is consumed in both samples before they are compared.
/// Returns   V in [0, 1]; Undefined::empty_sample if either sample is empty.
/// Cost      O(n + m), no allocation. Pure.
/// Example   {1, 4} against {2, 3} gives .5 + .5 = 1, where KS finds .5.
/// Source    Kuiper (1960), doi:10.1016/S1385-7258(60)50006-0.
[[nodiscard]] Statistic kuiper_distance(const SortedSample& reference, const SortedSample& current) noexcept;

/// The share of the orderings of n + m distinct values whose V is at least v: exact without ties (with ties
/// it is too large, never too small).
///
/// Cost      O(n m) for each of at most n m / gcd(n, m) places of the path's lowest point.
[[nodiscard]] double kuiper_exact_p(double v, std::uint64_t n, std::uint64_t m);

/// P(V > v) in the limit, at v (sqrt e + 0.155 + 0.24 / sqrt e), e = n m / (n + m):
/// 2 sum of (4 k^2 x^2 - 1) exp(-2 k^2 x^2). n and m may be effective numbers, not whole ones.
///
/// Source    Stephens (1970), doi:10.1111/j.2517-6161.1970.tb00821.x.
[[nodiscard]] double kuiper_asymptotic_p(double v, double n, double m) noexcept;

/// The p of V without ties: exact where that takes at most 4e6 steps, asymptotic beyond ("how" says which).
[[nodiscard]] TestOutcome kuiper_test(const SortedSample& reference, const SortedSample& current);

/// The p of V with ties, by permutation over counts of the same ascending values; as ks_permutation_test.
[[nodiscard]] TestOutcome kuiper_permutation_test(std::span<const std::uint64_t> reference,
                                                  std::span<const std::uint64_t> current, std::uint64_t draws,
                                                  Random random);

}  // namespace tristrata::stats
