#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

namespace tristrata::stats {

/// Energy distance as a share: the coefficient of inhomogeneity (2 E|X-Y| - E|X-X'| - E|Y-Y'|) / (2 E|X-Y|),
/// X and X' of the reference, Y and Y' of current, after the smallest and the largest value of each sample
/// are left out. In [0, 1]: 0 where both are equal, 1 where both are constants and differ. It has no unit:
/// seconds and milliseconds give the same.
///
/// Returns   Undefined::empty_sample; too_few_values below four values a side. 0 where all that is left is
/// one
///           value.
/// Cost      O(n + m): it is the integral of (F - G)^2 over that of F (1 - G) + G (1 - F). Pure.
/// Example   {0, 1, 2, 3, 4} against the same shifted by 1: 3/11 (1/3 over 11/9).
/// Source    Székely and Rizzo (2013), doi:10.1016/j.jspi.2013.03.018.
[[nodiscard]] Statistic energy_coefficient(const SortedSample& reference, const SortedSample& current);

/// sqrt(2 times the integral of (F - G)^2), of all values: it has the unit of the square root of the column,
/// so that no threshold fits two columns. It is here because Evidently and scipy use it.
///
/// Returns   Undefined::empty_sample.
/// Example   {0} against {2}: sqrt(2 x 2) = 2.
[[nodiscard]] Statistic energy_distance(const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
