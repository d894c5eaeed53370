#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

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
/// Numbers   The pooled median is taken off first: the statistic does not know of it, but the cosine does.
/// Cost      O(n + m), four sines and cosines a value. Pure.
/// Example   {1, ..., 6} against {4, ..., 9}: 4.1039, p .39213.
/// Source    Epps and Singleton (1986), doi:10.1080/00949658608810963.
[[nodiscard]] TestOutcome epps_singleton_test(const SortedSample& reference, const SortedSample& current);

/// The statistic and its degrees. Where n rows are worth n / tau, p is chi_square_survival(statistic / tau,
/// degrees).
struct EppsSingletonStatistic {
    double statistic = 0.0;
    double degrees = 0.0;
};
/// Returns   As epps_singleton_test.
[[nodiscard]] std::variant<EppsSingletonStatistic, Undefined> epps_singleton_statistic(
    const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
