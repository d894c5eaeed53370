#pragma once

#include "joint_evidence.hpp"
#include "tristrata/core/task.hpp"

namespace tristrata::detection {

/// Can boosted trees tell current's rows from the reference's (docs/statistics/domain_classifier.md)? The
/// area under the ROC curve of predictions for rows that were not trained on (five shuffled, seeded folds);
/// its p by permutation of the labels, the trees trained anew for each draw, whole blocks where rows depend
/// on their neighbours. Under `chunks` every window is told apart from the others of its class, and current
/// ranked. The columns that drive it are those whose splits gained most.
[[nodiscard]] core::Result<JointEvidence> classifier_evidence(const JointSample& sample,
                                                              const Setting& setting, const core::Task& task);

/// The area under the ROC curve: the chance that a row labelled true scores above one labelled false, ties
/// half. 0.5 where a label has no row.
[[nodiscard]] double area_under_roc(const std::vector<double>& scores, const std::vector<bool>& labels);

}  // namespace tristrata::detection
