#pragma once

#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstddef>
#include <span>
#include <variant>

namespace tristrata::stats {

/// What rows in order of time are worth to a test that compares means of something. Each test looks at
/// something else, which repeats itself for longer or shorter than the deciles' indicators do. `series` is
/// the reference in order, finite values only; `window` is current's length.
///
/// Mann-Whitney's U is the mean of the ranks: τ of their mean.
///
/// Returns   As autocorrelation_time_of_mean.
/// Cost      O(n log n + n M).
[[nodiscard]] std::variant<Dependence, Undefined> mann_whitney_dependence(std::span<const double> series,
                                                                          std::size_t window);

/// The parts of Cramér and von Mises' T repeat themselves unequally: T is a sum over j of squares of the
/// means of cos(j π F(x)), of weights 1/(j π)^2, the first of which is the level, the second the spread. With
/// τ_j of the first four, T's mean grows by the mean of τ_j at weights 1/j^2, and its standard deviation by
/// the root mean square at weights 1/j^4; what the parts have in common is not counted.
struct CramerVonMisesDependence {
    Dependence of_deviation;  ///< τ by which T's standard deviation grows.
    double mean_ratio = 1.0;  ///< That of its mean, over it.
};
/// F is the share up to the middle of a value's ties.
///
/// Returns   As autocorrelation_time_of_mean. Cost O(n log n + n M).
/// Source    Anderson and Darling (1952), doi:10.1214/aoms/1177729437, for the parts.
[[nodiscard]] std::variant<CramerVonMisesDependence, Undefined> cramer_von_mises_dependence(
    std::span<const double> series, std::size_t window);

/// Kuiper's V knows no first value, as on a circle: the root mean square of τ of cos(2 π F(x)) and sin(2 π
/// F(x)), of which the one sees the spread.
///
/// Returns   As autocorrelation_time_of_mean. Cost O(n log n + n M).
[[nodiscard]] std::variant<Dependence, Undefined> kuiper_dependence(std::span<const double> series,
                                                                    std::size_t window);

/// The largest τ of the four parts that Epps and Singleton's statistic compares: cosine and sine of .4 and of
/// .8 times the distance from the median, in units of half the interquartile range.
///
/// Returns   As autocorrelation_time_of_mean; constant_sample where the interquartile range is 0.
[[nodiscard]] std::variant<Dependence, Undefined> epps_singleton_dependence(std::span<const double> series,
                                                                            std::size_t window);

}  // namespace tristrata::stats
