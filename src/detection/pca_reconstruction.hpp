#pragma once

#include "joint_evidence.hpp"

#include <optional>

namespace tristrata::detection {

/// Do current's rows still lie where the reference's main directions lead
/// (docs/statistics/pca_reconstruction.md)? A row's error is the length of what principal components, fitted
/// on one half of the reference, do not hold of its normal scores. The errors of the other half and of
/// current are compared by KS: given the fit they are draws of one distribution where nothing changed. Under
/// `chunks` the components are fitted on all windows alike, and current's errors are ranked among the
/// windows'.
[[nodiscard]] JointEvidence pca_evidence(const JointSample& sample, const Setting& setting);

/// The mean error as NannyML defines it: missing values are the reference's mean (labels: the most frequent),
/// labels are their share of the reference, columns standardised by the reference, as few components as
/// explain more than 65 % of it. Absent for an empty side.
/// Source    nannyml/drift/multivariate/data_reconstruction (0.13.1).
struct ReconstructionMeans {
    std::optional<double> reference;
    std::optional<double> current;
};
[[nodiscard]] ReconstructionMeans mean_reconstruction_errors(const std::vector<JointColumn>& columns);

}  // namespace tristrata::detection
