#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::model_quality {

/// What a model predicts.
enum class Problem : std::uint8_t { binary, multiclass, regression };
[[nodiscard]] std::string_view name(Problem problem) noexcept;
[[nodiscard]] core::Result<Problem> parse_problem(std::string_view text);

enum class Metric : std::uint8_t {
    accuracy,
    precision,
    recall,
    specificity,
    f1,
    roc_auc,
    average_precision,
    log_loss,
    brier,
    mae,
    mape,
    mse,
    rmse,
    msle,
    rmsle,
    bias,
};

/// A row of the one table of metrics.
struct MetricTraits {
    Metric metric;
    std::string_view name;  ///< As in JSON: "roc_auc".
    bool classification;
    bool higher_is_better;
    /// How a change is weighed: by its size where the metric is a share, in relation to the reference where
    /// it is a loss without a scale.
    bool share;
    bool needs_scores;       ///< Probabilities, not the predicted class alone.
    bool needs_predictions;  ///< The predicted class.
};

/// In the order in which reports show them.
[[nodiscard]] std::span<const MetricTraits> metrics() noexcept;
[[nodiscard]] const MetricTraits& traits(Metric metric) noexcept;
[[nodiscard]] inline std::string_view name(Metric metric) noexcept { return traits(metric).name; }

/// A number, or one sentence that says why there is none.
struct Measured {
    std::optional<double> value;
    std::string reason;

    static Measured of(double number) { return {number, {}}; }
    static Measured none(std::string why) { return {std::nullopt, std::move(why)}; }
};

/// By how much a metric became worse: current below reference where higher is better, above where lower is;
/// a share's difference, or a loss's in relation to the reference. Negative where it became better. For the
/// bias: by how much its size grew, in relation to `scale`, the reference's mean absolute error.
///
/// Returns   Absent where the reference (or the scale) is 0 and is divided by.
[[nodiscard]] std::optional<double> performance_gap(Metric metric, double reference, double current,
                                                    double scale = 0.0) noexcept;

}  // namespace tristrata::model_quality
