#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

namespace tristrata::stats {

/// The two-sample Anderson-Darling statistic, standardised: (A² - 1) / sd(A²), with mid-ranks at ties. About
/// 0 without drift, 1.96 at p = .05, 3.75 at p = .01; it weighs the tails more than KS does.
///
/// Returns   The statistic with its p between .001 and .25, interpolated in the published table and capped at
/// its
///           ends; Undefined::too_few_values below four values of both sides together (the variance divides
///           by what is left of three), constant_sample where all values are equal.
/// Cost      O(n + m). Pure.
/// Source    Scholz and Stephens (1987), doi:10.1080/01621459.1987.10478517.
[[nodiscard]] TestOutcome anderson_darling_test(const SortedSample& reference, const SortedSample& current);

/// ks_distance and anderson_darling_test of the same two samples.
struct KsAndAndersonDarling {
    Statistic ks = Undefined::empty_sample;
    TestOutcome anderson_darling = Undefined::empty_sample;
};

/// Both in one walk over the samples, to the bit what each is alone. Cost: O(n + m). Pure.
[[nodiscard]] KsAndAndersonDarling ks_and_anderson_darling(const SortedSample& reference,
                                                           const SortedSample& current);

}  // namespace tristrata::stats
