#pragma once

#include "evidence.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace tristrata::detection {

/// The effect gates that stand beside p: judgement, documented in docs/verdicts.md.
inline constexpr double ks_floor = 0.05;
inline constexpr double total_variation_floor = 0.05;
inline constexpr double share_factor_floor = 1.25;
inline constexpr double expected_count_floor = 10.0;

/// A test needs so many independent values; fewer are insufficient data.
inline constexpr double reference_values_min = 30.0;
inline constexpr double current_values_min = 5.0;
/// ... and, where a test's own mean repeats itself for longer than the deciles do, as many as have a spread.
inline constexpr double spread_values_min = 2.0;

/// Permutations enough to resolve alpha divided by the number of columns tested together.
[[nodiscard]] std::uint64_t permutation_draws(const Setting& setting);

/// True where both sides hold enough independent values; otherwise writes the obstacle.
[[nodiscard]] bool enough(Evidence& evidence, std::size_t reference, std::size_t current, double tau,
                          double reference_min = reference_values_min,
                          double current_min = current_values_min);

/// Total variation >= 0.05, or one category with >= 10 expected in current whose share changes by a factor
/// whose interval's near end is >= 1.25. Counts are over the same labels; tau divides them for the interval.
[[nodiscard]] bool category_gate(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current, double tau);

/// Whether a share changed: Fisher; where rows repeat each other, at the numbers they are worth, its p
/// averaged over the uncertainty of τ.
[[nodiscard]] stats::TestOutcome share_test(std::uint64_t reference, std::uint64_t reference_rest,
                                            std::uint64_t current, std::uint64_t current_rest,
                                            const std::optional<stats::Dependence>& dependence);

}  // namespace tristrata::detection
