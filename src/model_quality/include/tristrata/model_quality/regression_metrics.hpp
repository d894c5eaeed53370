#pragma once

#include "tristrata/model_quality/metric.hpp"

#include <span>
#include <vector>

namespace tristrata::model_quality {

/// The loss of each row whose mean, or the root of it, is the metric: |e|, |e| / |y|, e^2 or
/// (log(1 + y) - log(1 + prediction))^2, e being y - prediction; for the bias prediction - y.
///
/// Returns   An error text where a row has no such loss: a target of 0 for mape, a value below 0 for msle and
///           rmsle. Values are finite.
[[nodiscard]] core::Result<std::vector<double>> losses(Metric metric, std::span<const double> truth,
                                                       std::span<const double> predicted);

/// True for rmse and rmsle, which are roots of a mean loss.
[[nodiscard]] constexpr bool is_root(Metric metric) noexcept {
    return metric == Metric::rmse || metric == Metric::rmsle;
}

/// The metric of these rows; none where a row has no loss, or there is no row.
///
/// Example   y 1 2 4, predicted 1 3 2: mae 1, mse 5/3, mape 1/3, bias -1/3
/// (tests/regression_metrics_test.cpp,
///           "worked example").
[[nodiscard]] Measured regression_metric(Metric metric, std::span<const double> truth,
                                         std::span<const double> predicted);

}  // namespace tristrata::model_quality
