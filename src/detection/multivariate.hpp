#pragma once

#include "joint_sample.hpp"
#include "tristrata/core/task.hpp"

#include <vector>

namespace tristrata::detection {

/// So many columns are looked at together at most.
inline constexpr std::size_t joint_columns_max = 500;

/// The tests of all columns together (docs/multivariate.md), corrected over themselves: by
/// Benjamini-Hochberg, or under `chunks` by the largest score of a window. One test's trouble is its reason
/// and never costs the others; only a task that is called off is an error.
[[nodiscard]] core::Result<std::vector<drift::JointTest>> test_together(const JointSample& sample,
                                                                        const Setting& setting,
                                                                        const core::Task& task);

}  // namespace tristrata::detection
