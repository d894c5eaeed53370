#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <variant>

namespace tristrata::stats {

/// Epps and Singleton's test: the empirical characteristic functions of both samples, compared at t = .4 and
/// .8 in units of half the pooled interquartile range; chi-square with as many degrees as the covariance of
/// the four real parts has rank. Below 25 values a side the statistic is shrunk as the authors say. Unlike KS
/// it is made for discrete columns too.
///
/// Returns   Undefined::empty_sample; too_few_values below five values a side; constant_sample where the
/// pooled
///           interquartile range is 0.
/// When not  Below a thousand values a side p is too small: the covariance of so few is a poor metric (1,000
///           against 30 normal values: .44 of undrifted runs at .05): epps_singleton_permutation_test.
/// Numbers   The pooled median is taken off first: the statistic does not know of it, but the cosine does.
/// Cost      O(n + m), four sines and cosines a value. Pure.
/// Example   {1, ..., 6} against {4, ..., 9}: 4.1039, p .39213.
/// Source    Epps and Singleton (1986), doi:10.1080/00949658608810963.
[[nodiscard]] TestOutcome epps_singleton_test(const SortedSample& reference, const SortedSample& current);

/// The p of the same statistic by permutation of the rows: the smaller side is drawn from both together.
/// Sequential as ks_permutation_test.
///
/// Cost      Four sines and cosines a value, then O(min(n, m)) a draw. The same on any number of threads.
[[nodiscard]] TestOutcome epps_singleton_permutation_test(const SortedSample& reference,
                                                          const SortedSample& current, std::uint64_t draws,
                                                          Random random);

/// The statistic and its degrees.
struct EppsSingletonStatistic {
    double statistic = 0.0;
    double degrees = 0.0;
};
/// Returns   As epps_singleton_test.
[[nodiscard]] std::variant<EppsSingletonStatistic, Undefined> epps_singleton_statistic(
    const SortedSample& reference, const SortedSample& current);

/// The same in the metric of the covariance that both sides have together, and never shrunk: without drift it
/// is each side's, and better known. Where n rows are worth n / tau, p is chi_square_survival(statistic /
/// tau, degrees), which holds for few of them too.
///
/// Example   {1, ..., 6} against {4, ..., 9}: 5.2670.
[[nodiscard]] std::variant<EppsSingletonStatistic, Undefined> epps_singleton_pooled_statistic(
    const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
