#include "tristrata/model_quality/metric.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <array>
#include <cmath>

namespace tristrata::model_quality {
namespace {

constexpr std::array rows{
    //                          name                 class. higher share  scores predictions
    MetricTraits{Metric::accuracy, "accuracy", true, true, true, false, true},
    MetricTraits{Metric::precision, "precision", true, true, true, false, true},
    MetricTraits{Metric::recall, "recall", true, true, true, false, true},
    MetricTraits{Metric::specificity, "specificity", true, true, true, false, true},
    MetricTraits{Metric::f1, "f1", true, true, true, false, true},
    MetricTraits{Metric::roc_auc, "roc_auc", true, true, true, true, false},
    MetricTraits{Metric::average_precision, "average_precision", true, true, true, true, false},
    MetricTraits{Metric::log_loss, "log_loss", true, false, false, true, false},
    MetricTraits{Metric::brier, "brier", true, false, true, true, false},
    MetricTraits{Metric::mae, "mae", false, false, false, false, true},
    MetricTraits{Metric::mape, "mape", false, false, false, false, true},
    MetricTraits{Metric::mse, "mse", false, false, false, false, true},
    MetricTraits{Metric::rmse, "rmse", false, false, false, false, true},
    MetricTraits{Metric::msle, "msle", false, false, false, false, true},
    MetricTraits{Metric::rmsle, "rmsle", false, false, false, false, true},
    MetricTraits{Metric::bias, "bias", false, false, false, false, true}};

constexpr std::array<std::string_view, 3> problems{"binary", "multiclass", "regression"};

}  // namespace

std::string_view name(Problem problem) noexcept { return problems[static_cast<std::size_t>(problem)]; }

core::Result<Problem> parse_problem(std::string_view text) {
    for (std::size_t i = 0; i < problems.size(); ++i)
        if (problems[i] == text) return static_cast<Problem>(i);
    return core::fail(
        core::ErrorKind::usage,
        fmt::format("the problem is {}; expected binary, multiclass or regression", core::quoted(text)));
}

std::span<const MetricTraits> metrics() noexcept { return rows; }

const MetricTraits& traits(Metric metric) noexcept { return rows[static_cast<std::size_t>(metric)]; }

std::optional<double> performance_gap(Metric metric, double reference, double current,
                                      double scale) noexcept {
    const MetricTraits& row = traits(metric);
    if (metric == Metric::bias) {
        if (!(scale > 0.0)) return std::nullopt;
        return (std::abs(current) - std::abs(reference)) / scale;
    }
    const double worse = row.higher_is_better ? reference - current : current - reference;
    if (row.share) return worse;
    if (!(reference > 0.0)) return std::nullopt;
    return worse / reference;
}

}  // namespace tristrata::model_quality
