#pragma once

#include "joint_evidence.hpp"
#include "tristrata/core/task.hpp"

namespace tristrata::detection {

/// Which columns stand to each other as they did (docs/statistics/correlation.md)? Every pair's correlation
/// of normal scores, each side's own, so that what happens to one column alone changes nothing; the
/// difference of Fisher's z over its standard error. The null is the permutation of rows of scores between
/// the sides, in blocks where rows depend on their neighbours; a pair's p is its rank among the draws'
/// largest differences, and so corrected over all pairs. Under `chunks` each window's correlations are
/// measured against those of all windows of its class, and ranked. Label columns have no order and are left
/// out.
[[nodiscard]] core::Result<JointEvidence> correlation_evidence(const JointSample& sample,
                                                               const Setting& setting,
                                                               const core::Task& task);

}  // namespace tristrata::detection
