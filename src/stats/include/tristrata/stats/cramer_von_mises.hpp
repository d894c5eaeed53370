#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>
#include <variant>

namespace tristrata::stats {

/// The two-sample Cramér-von Mises statistic T = n m / N times the mean of (F - G)^2 over all N = n + m
/// values, F and G being the right-continuous empirical CDFs. Where KS takes the largest gap, this takes the
/// mean of its square.
///
/// Ties      A run of equal values is consumed in both samples before they are compared: two equal constants
///           have T 0. (With mid-ranks, as scipy has it, 30 and 20 equal values have T .69 and p .013.)
///           Without ties both are the same number. The null's mean and variance are those of the orderings
///           that keep the ties.
/// Returns   p exact (the share of the orderings with a T at least as large) where neither side has more than
///           20 values, asymptotic beyond: T's limit, after T is moved to its mean and variance.
///           Undefined::empty_sample; too_few_values below two values a side.
/// Cost      O(n + m) beyond 20 values a side, up to 30 ms below. Pure.
/// Example   {1, 2, 3} against {4, 5, 6}: T 19/36 = .5278, p .1 (2 of 20 orderings).
/// Source    Anderson (1962), doi:10.1214/aoms/1177704477; exact: Xiao, Gordon and Yakovlev (2007),
///           doi:10.18637/jss.v017.i08.
[[nodiscard]] TestOutcome cramer_von_mises_test(const SortedSample& reference, const SortedSample& current);

/// T, and its mean and variance over the orderings that keep the ties: what the asymptotic p stands on.
struct CramerVonMisesMoments {
    double statistic = 0.0;
    double mean = 0.0;
    double variance = 0.0;
};
/// Returns   As cramer_von_mises_test.
[[nodiscard]] std::variant<CramerVonMisesMoments, Undefined> cramer_von_mises_moments(
    const SortedSample& reference, const SortedSample& current);

/// The asymptotic p where n rows are worth n / tau: T / tau is compared with the moments. Pure, O(1).
[[nodiscard]] double cramer_von_mises_asymptotic_p(const CramerVonMisesMoments& moments, double tau = 1.0);

/// The same where T's mean grows by one factor and its standard deviation by another.
[[nodiscard]] double cramer_von_mises_asymptotic_p(const CramerVonMisesMoments& moments, double tau_of_mean,
                                                   double tau_of_deviation);

/// The same for n and m rows without ties, which may be effective numbers, not whole ones; 1 where either is
/// 0. Where two thirds of the rows are equal, .08 of undrifted runs are flagged by it at .05: the moments
/// know.
[[nodiscard]] double cramer_von_mises_asymptotic_p(double statistic, double n, double m);

/// P(W > x) of T's limit; 1 for x <= 0. Ten digits, of p and not of 1 - p: the tail is summed, not
/// subtracted.
///
/// Source    Smirnov's integral as in Anderson and Darling (1952), doi:10.1214/aoms/1177729437.
[[nodiscard]] double cramer_von_mises_survival(double x);

/// The p of T by permutation over counts of the same ascending values; as ks_permutation_test.
[[nodiscard]] TestOutcome cramer_von_mises_permutation_test(std::span<const std::uint64_t> reference,
                                                            std::span<const std::uint64_t> current,
                                                            std::uint64_t draws, Random random);

}  // namespace tristrata::stats
