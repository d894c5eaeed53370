#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>

namespace tristrata::stats {

/// Fisher's exact two-sided p of a 2 x 2 table: the probability, margins fixed, of all tables no more likely
/// than the observed one (to one part in 10^7). The statistic is the difference of the shares.
///
/// Returns   Undefined::empty_sample where a side has no row; the smallest normal double where p is below it.
///           Pure.
/// Cost      O(standard deviation of the count).
/// Source    Loader (2000), "Fast and accurate computation of binomial probabilities", for the terms.
/// Example   {8, 2} against {1, 5}: p .03497 (tests/fisher_test.cpp).
[[nodiscard]] TestOutcome fisher_test(std::uint64_t reference, std::uint64_t reference_rest,
                                      std::uint64_t current, std::uint64_t current_rest);

}  // namespace tristrata::stats
