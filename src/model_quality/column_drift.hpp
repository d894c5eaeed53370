#pragma once

#include "loading.hpp"

namespace tristrata::model_quality {

/// Prediction, target (current's known labels) and confidence of current as a whole, compared with the
/// reference's as columns: prediction_drift, target_drift, model_confidence_drift. The confidence is that of
/// the positive class, or of the likeliest one.
[[nodiscard]] core::Result<std::optional<drift::Report>> column_drift(const Loaded& loaded,
                                                                      const QualityPlan& plan,
                                                                      core::Timestamp created_at,
                                                                      const core::Task& task);

}  // namespace tristrata::model_quality
