#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

// One-sample tests: is current drawn from the reference's shares, taken as known exactly? The reference is a
// sample too, so that p is too small: with as many rows on both sides and ten categories .56 of undrifted
// runs are flagged at .05. They are here because Evidently uses them; the two-sample tests are chi_square.hpp
// and g_test.hpp.
//
// Categories  One that the reference lacks and current has is impossible: the statistic is infinite, p 0.
// Returns     Undefined::empty_sample where a side has no count; constant_sample where one category is left.

/// Pearson's chi-square of current's counts against the reference's shares; k - 1 degrees.
///
/// Example   {10, 20} against {20, 10}: expected 10 and 20, so 10 + 5 = 15, p .000107.
[[nodiscard]] TestOutcome one_sample_chi_square_test(std::span<const std::uint64_t> reference,
                                                     std::span<const std::uint64_t> current);

/// G of the same: 2 sum of O ln(O / E). The expected counts are scaled to current's rows; Evidently leaves
/// that out, and so has an answer where both sides have as many rows only.
///
/// Example   {10, 20} against {20, 10}: 2 (20 ln 2 + 10 ln .5) = 13.86, p .000197.
[[nodiscard]] TestOutcome one_sample_g_test(std::span<const std::uint64_t> reference,
                                            std::span<const std::uint64_t> current);

}  // namespace tristrata::stats
