#pragma once

#include "tristrata/stats/random.hpp"

#include <cstddef>
#include <span>

namespace tristrata::detection {

/// More values of both sides together than that are not done: every pair of them is looked at.
inline constexpr std::size_t kernel_values_max = 10'000;

/// Evidently's empirical_mmd: the share of 100 permutations whose MMD² (Gaussian kernel, its squared width
/// half the median of all squared distances within the reference) is at least the observed one. Each side has
/// at least two values, ascending. Evidently draws without a seed: two runs of its own differ as much as ours
/// do.
///
/// Cost      O((n + m)²) time, O(n + m) memory: no kernel matrix is kept.
[[nodiscard]] double kernel_permutation_p(std::span<const double> reference, std::span<const double> current,
                                          stats::Random random);

}  // namespace tristrata::detection
