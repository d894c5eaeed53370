#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <variant>

namespace tristrata::stats {

/// Welch's t: the difference of the means, reference less current, over sqrt(s^2/n + t^2/m), s^2 and t^2
/// being the variances with divisors n - 1 and m - 1; two-sided p by Student's distribution with Welch and
/// Satterthwaite's degrees. It compares means and nothing else, and one wild value blinds it.
///
/// Returns   Undefined::empty_sample; too_few_values below two values a side; constant_sample where neither
///           side varies.
/// Cost      O(n + m), two passes: variances are not differences of squares. Pure.
/// Example   {1, 2, 3, 4} against {3, 4, 5, 9}: t -1.8773 with 4.366 degrees, p .12768.
/// Source    Welch (1947), doi:10.1093/biomet/34.1-2.28.
[[nodiscard]] TestOutcome welch_t_test(const SortedSample& reference, const SortedSample& current);

/// t and its degrees. Where n rows are worth n / tau, p is student_t_two_sided_p(t / sqrt(tau), degrees /
/// tau).
struct WelchStatistic {
    double t = 0.0;
    double degrees = 0.0;
};
/// Returns   As welch_t_test.
[[nodiscard]] std::variant<WelchStatistic, Undefined> welch_statistic(const SortedSample& reference,
                                                                      const SortedSample& current);

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
