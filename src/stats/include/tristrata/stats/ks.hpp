#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace tristrata::stats {

/// Kolmogorov-Smirnov distance: D = max over x of |F(x) - G(x)|, F and G being the empirical CDFs of the two
/// samples. Right-continuous: F(x) counts values <= x.
///
/// Ties      A run of equal values is consumed in both samples before they are compared.
/// Returns   D in [0, 1]; Undefined::empty_sample if either sample is empty. Never NaN.
/// Cost      O(n + m), no allocation. Pure.
/// Example   {1, 2, 3} against {2, 3, 4} gives 1/3 (tests/ks_test.cpp, "worked example").
/// Source    Hodges (1958), doi:10.1007/BF02589501.
[[nodiscard]] Statistic ks_distance(const SortedSample& reference, const SortedSample& current) noexcept;

/// What counts over the same edges say of D: at least the largest |F - G| at an edge, where both are exact,
/// and at most what F and G can differ by inside a bin. The low end never overstates: a test takes it.
///
/// Returns   Absent where a side is empty.
/// Example   {2, 1} against {1, 2} gives [1/3, 2/3] (tests/ks_test.cpp, "worked example of bounds").
[[nodiscard]] std::optional<Interval> ks_bounds(std::span<const std::uint64_t> reference,
                                                std::span<const std::uint64_t> current) noexcept;

/// The share of the orderings of n + m distinct values whose distance is at least d: the exact two-sided p of
/// samples without ties (with ties it is too large, never too small).
///
/// Cost      O(n m d) or less, O(min(n, m)) memory. Down to 1e-300 p keeps its digits.
[[nodiscard]] double ks_exact_p(double d, std::uint64_t n, std::uint64_t m);

/// P(K > x) of the Kolmogorov distribution: 2 Σ (-1)^(k-1) exp(-2 k² x²), k >= 1; 1 for x <= 0.
[[nodiscard]] double kolmogorov_survival(double x) noexcept;

/// P(K > D (√e + 0.12 + 0.11/√e)), e = n m / (n + m): asymptotic, corrected for small samples (5 values
/// against 1,000: within .01 of the exact p, where e = n m / (n + m) alone is .03 too large). n and m may be
/// effective numbers, not whole ones. 1 where either is 0.
///
/// Source    Stephens (1970), doi:10.1111/j.2517-6161.1970.tb00821.x.
[[nodiscard]] double ks_asymptotic_p(double d, double n, double m) noexcept;

/// The two-sided p of D without ties: exact while n m <= 4e6, asymptotic beyond ("how" says which).
[[nodiscard]] TestOutcome ks_test(const SortedSample& reference, const SortedSample& current);

/// The same of samples of n and m values whose distance is known: d.
[[nodiscard]] TestOutcome ks_test(double d, std::uint64_t n, std::uint64_t m);

/// The p of D with ties, by permutation: the counts of current are drawn anew from both sides' together. The
/// counts are over the same distinct values in ascending order.
///
/// Returns   p = (1 + draws with a distance at least as large) / (1 + draws). A plain yes or no is drawn
/// early
///           (Besag and Clifford, 1991): after 60 such draws, p is 60 / draws so far.
/// Cost      O(distinct values) a draw.
[[nodiscard]] TestOutcome ks_permutation_test(std::span<const std::uint64_t> reference,
                                              std::span<const std::uint64_t> current, std::uint64_t draws,
                                              Random random);

/// An interval of the true distance at level 1 - alpha, from the Dvoretzky-Kiefer-Wolfowitz bound of both
/// samples (Massart's constant); n and m may be effective, not whole.
[[nodiscard]] Interval ks_interval(double d, double n, double m, double alpha) noexcept;

}  // namespace tristrata::stats
