#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// The two-sample Cramér-von Mises statistic T = U / (n m N) - (4 n m - 1) / (6 N), N = n + m and
/// U = n sum of (r_i - i)^2 + m sum of (s_j - j)^2, r and s being the ranks of the sorted sides among all
/// values. Where KS takes the largest gap of the CDFs, this takes the mean of its square over the values.
///
/// Ties      Mid-ranks: equal values share their mean rank. The exact p is that of the orderings with these
///           ties; the asymptotic one knows of none (cramer_von_mises_permutation_test does).
/// Returns   p exact (the share of the orderings with a T at least as large) where neither side has more than
///           20 values, asymptotic beyond. Undefined::empty_sample; too_few_values below two values a side.
/// Cost      O(n + m) beyond 20 values. Pure.
/// Example   {1, 2, 3} against {4, 5, 6}: T 19/36 = .5278, p .1 (2 of 20 orderings).
/// Source    Anderson (1962), doi:10.1214/aoms/1177704477; Xiao, Gordon and Yakovlev (2007),
///           doi:10.18637/jss.v017.i08.
[[nodiscard]] TestOutcome cramer_von_mises_test(const SortedSample& reference, const SortedSample& current);

/// The p of T by its limit, after T is moved to the limit's mean and variance from its own at n and m (which
/// may be effective numbers, not whole ones). 1 where either is 0.
[[nodiscard]] double cramer_von_mises_asymptotic_p(double statistic, double n, double m);

/// P(W > x) of T's limit; 1 for x <= 0. Ten digits, of p and not of 1 - p: the tail is summed, not
/// subtracted.
///
/// Source    Smirnov's integral as in Anderson and Darling (1952), doi:10.1214/aoms/1177729437.
[[nodiscard]] double cramer_von_mises_survival(double x);

/// The p of T with ties, by permutation over counts of the same ascending values; as ks_permutation_test.
[[nodiscard]] TestOutcome cramer_von_mises_permutation_test(std::span<const std::uint64_t> reference,
                                                            std::span<const std::uint64_t> current,
                                                            std::uint64_t draws, Random random);

}  // namespace tristrata::stats
