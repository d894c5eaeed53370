#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <variant>

namespace tristrata::stats {

/// Welch's t: the difference of the means, reference less current, over sqrt(s^2/n + t^2/m), s^2 and t^2
/// being the variances with divisors n - 1 and m - 1; two-sided p by Student's distribution with Welch and
/// Satterthwaite's degrees. It compares means and nothing else, and one wild value blinds it.
///
/// Returns   Undefined::empty_sample; too_few_values below two values a side; constant_sample where neither
///           side varies.
/// When not  The mean of few skew values is not normal (1,000 against 100 lognormal values, sigma 2: .15 of
///           undrifted runs at .05): welch_permutation_test.
/// Cost      O(n + m), two passes: variances are not differences of squares. Pure.
/// Example   {1, 2, 3, 4} against {3, 4, 5, 9}: t -1.8773 with 4.366 degrees, p .12768.
/// Source    Welch (1947), doi:10.1093/biomet/34.1-2.28.
[[nodiscard]] TestOutcome welch_t_test(const SortedSample& reference, const SortedSample& current);

/// The p of the same t by permutation of the rows, the smaller side being drawn from both together, and not
/// below that of Student's distribution. Without drift the first is exact whatever the values' distribution;
/// where only the spread differs it is too small for few values (50 of sd 10 against 2,000 of sd 1: .10 of
/// runs at .05), which the second knows. Sequential as ks_permutation_test.
///
/// Tails     Twice the smaller of the two tails' p: of skew values t is skew.
/// Edges     A draw in which neither side varies has an infinite t.
/// Cost      O(n + m) once, O(min(n, m)) a draw. The same on any number of threads.
/// Source    Janssen (1997), doi:10.1016/S0167-7152(97)00043-6.
[[nodiscard]] TestOutcome welch_permutation_test(const SortedSample& reference, const SortedSample& current,
                                                 std::uint64_t draws, Random random);

/// t, and what its degrees are made of.
struct WelchStatistic {
    double t = 0.0;
    double reference_share = 0.0;  ///< s^2/n over s^2/n + t^2/m.
    double n = 0.0, m = 0.0;
};
/// Returns   As welch_t_test.
[[nodiscard]] std::variant<WelchStatistic, Undefined> welch_statistic(const SortedSample& reference,
                                                                      const SortedSample& current);

/// Welch and Satterthwaite's degrees where n rows are worth n / tau: 1 / (a^2 / (n/tau - 1) + (1 - a)^2 /
/// (m/tau - 1)), a being the reference's share; 0 where a side is worth no more than one value.
[[nodiscard]] double welch_degrees(const WelchStatistic& welch, double tau = 1.0) noexcept;

/// p there: Student's of t / sqrt(tau) with these degrees, 1 where there are none.
///
/// Source    Zwiers and von Storch (1995), doi:10.1175/1520-0442(1995)008<0336:TSCIAI>2.0.CO;2.
[[nodiscard]] double welch_p(const WelchStatistic& welch, double tau = 1.0);

/// Student's t with the variance pooled, as if both sides had the same; n + m - 2 degrees. Where the smaller
/// side has the larger spread its p is far too small (2,000 values of sd 1 against 50 of sd 10: .70 of
/// undrifted runs at .05). It is here because Evidently uses it.
///
/// Returns   As welch_t_test, but one value on a side will do where the other has two.
/// Source    Student (1908), doi:10.1093/biomet/6.1.1.
[[nodiscard]] TestOutcome student_t_test(const SortedSample& reference, const SortedSample& current);

/// Two-sided p of Student's t with so many degrees, not whole ones too.
[[nodiscard]] double student_t_two_sided_p(double t, double degrees);

}  // namespace tristrata::stats
