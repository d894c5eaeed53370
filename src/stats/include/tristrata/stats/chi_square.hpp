#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>
#include <variant>

namespace tristrata::stats {

/// P(X >= statistic) of a chi-square with so many degrees.
[[nodiscard]] double chi_square_survival(double statistic, double degrees);

/// Pearson's chi-square of the 2 x k table of counts: were both sides drawn from one distribution? Categories
/// that neither side has are left out; k - 1 degrees.
///
/// Returns   Undefined::empty_sample where a side has no count; statistic 0 and p 1 where one category is
/// left. Example   {10, 20} against {20, 10}: 6.667, p .00982 (tests/chi_square_test.cpp).
[[nodiscard]] TestOutcome chi_square_test(std::span<const std::uint64_t> reference,
                                          std::span<const std::uint64_t> current);

/// The same with Yates' continuity correction where two categories are left: each gap is half a count
/// smaller, and not below 0. That is scipy's chi2_contingency, and so NannyML's, deepchecks's and
/// alibi-detect's test. Example   {10, 20} against {20, 10}: 5.4, p .0201 (tests/chi_square_test.cpp). Source
/// Yates (1934), doi:10.2307/2983604.
[[nodiscard]] TestOutcome yates_chi_square_test(std::span<const std::uint64_t> reference,
                                                std::span<const std::uint64_t> current);

/// The smallest expected count of that table: below 5 the asymptotic p is not to be trusted.
[[nodiscard]] double min_expected_count(std::span<const std::uint64_t> reference,
                                        std::span<const std::uint64_t> current) noexcept;

/// The p of the same statistic by permutation of the rows: the counts of current are drawn from both sides'
/// together. Sequential as ks_permutation_test.
[[nodiscard]] TestOutcome chi_square_permutation_test(std::span<const std::uint64_t> reference,
                                                      std::span<const std::uint64_t> current,
                                                      std::uint64_t draws, Random random);

/// Mean, variance and skewness of the statistic over all permutations of the rows.
struct ChiSquareMoments {
    double mean = 0.0;
    double variance = 0.0;
    double skewness = 0.0;
};

/// They are exact: the conditional factorial moments of the counts, in quadruple precision since the third
/// central moment is what is left of terms 1e20 times its size.
///
/// Dependence  Where n rows are worth n/tau, so is every category's count, and at least one row.
/// Returns     Undefined::empty_sample where a side has no count.
/// Cost        O(k log k).
[[nodiscard]] std::variant<ChiSquareMoments, Undefined> chi_square_moments(
    std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current, double tau = 1.0);

/// P(X >= statistic) of the Pearson III curve with these moments; 1 where the statistic cannot vary. Within a
/// fifth of the permutation's p at .001 from thirty categories on, however sparse.
///
/// Source    Mielke and Berry (1985), doi:10.1016/0378-3758(85)90095-X.
[[nodiscard]] double chi_square_survival(double statistic, const ChiSquareMoments& moments);

}  // namespace tristrata::stats
