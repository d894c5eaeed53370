#pragma once

#include "tristrata/model_quality/class_metrics.hpp"
#include "tristrata/model_quality/metric.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace tristrata::model_quality {

/// The standard error that a metric has over n rows drawn like these, as a number c of which the error is
/// c / sqrt(n). Deviations are those of the population (n, not n - 1).
///
/// accuracy                  sd of being right.
/// precision, recall, specificity  sqrt(a (1 - a) / f): the rate a on its own rows, a share f of all.
/// f1                        2 / (1 + r)^2 * sqrt(r (1 - r) / f), r = tp / (tp + fp + fn), f = (tp + fp + fn)
/// / n:
///                           f1 is 2 r / (1 + r), and this its slope.
/// roc_auc                   sqrt(v10 / p + v01 / (1 - p)): variances of the placements of positives among
///                           negatives and of negatives among positives, p the share of positives.
/// average_precision         100 half-samples without replacement, seeded: sd * sqrt(n), for a half-sample
///                           varies as a sample of n rows does.
/// log_loss, brier, losses   sd of the loss; rmse and rmsle: sd / (2 * root of the mean loss).
/// multiclass means          sqrt(sum of squares over the classes) / classes.
///
/// Where the peers differ    NannyML leaves out v01 of roc_auc and multiplies by 1.2 where there are several
///                           classes; takes f1 for r times 2 / (1 + r) as if that did not vary, and for r
///                           where there are several classes; draws average_precision without a seed.
/// Returns   None where the metric has no value on these rows.
/// Example   90 of 100 right: accuracy has c = .3, over 50 rows an error of .0424 (tests/
///           sampling_error_test.cpp, "worked example").
/// Source    DeLong, DeLong, Clarke-Pearson (1988), doi:10.2307/2531595; NannyML 0.13.1's documentation.
[[nodiscard]] Measured sampling_scale(Metric metric, const ClassMetrics& metrics,
                                      std::span<const double> truth, std::uint64_t seed);
[[nodiscard]] Measured sampling_scale(Metric metric, std::span<const double> truth,
                                      std::span<const double> predicted);

/// Variances of the placements of one class: of positives among negatives, and of negatives among positives.
struct Placements {
    double positives = 0.0;  ///< v10
    double negatives = 0.0;  ///< v01
    double positive_share = 0.0;
};
/// Absent where there are only positives or only negatives.
[[nodiscard]] std::optional<Placements> placements(const ClassMetrics& metrics, std::size_t of_class,
                                                   std::span<const double> truth);

}  // namespace tristrata::model_quality
