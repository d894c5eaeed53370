#include "tristrata/model_quality/regression_metrics.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace tristrata::model_quality {

core::Result<std::vector<double>> losses(Metric metric, std::span<const double> truth,
                                         std::span<const double> predicted) {
    assert(truth.size() == predicted.size());
    std::vector<double> out(truth.size());
    std::size_t without = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double y = truth[i], p = predicted[i], error = y - p;
        switch (metric) {
            case Metric::mae:
                out[i] = std::abs(error);
                break;
            case Metric::mape:
                without += y == 0.0;
                out[i] = y == 0.0 ? 0.0 : std::abs(error) / std::abs(y);
                break;
            case Metric::mse:
            case Metric::rmse:
                out[i] = error * error;
                break;
            case Metric::msle:
            case Metric::rmsle: {
                const bool none = y < 0.0 || p < 0.0;
                without += none;
                const double difference = none ? 0.0 : std::log1p(y) - std::log1p(p);
                out[i] = difference * difference;
                break;
            }
            default:
                out[i] = -error;
        }
    }
    if (without == 0) return out;
    return core::fail(core::ErrorKind::invalid_input,
                      metric == Metric::mape
                          ? fmt::format("{} of {} {} 0, and nothing is a share of 0", without,
                                        core::plural(truth.size(), "target"), without == 1 ? "is" : "are")
                          : fmt::format("{} of {} {} a value below 0, which has no logarithm here", without,
                                        core::plural(truth.size(), "row"), without == 1 ? "holds" : "hold"));
}

Measured regression_metric(Metric metric, std::span<const double> truth, std::span<const double> predicted) {
    if (truth.empty()) return Measured::none("no row");
    const auto loss = losses(metric, truth, predicted);
    if (!loss) return Measured::none(loss.error().message);
    double sum = 0.0;
    for (const double one : *loss) sum += one;
    const double mean = sum / static_cast<double>(loss->size());
    if (!std::isfinite(mean)) return Measured::none("the losses are too large to be added up");
    return Measured::of(is_root(metric) ? std::sqrt(mean) : mean);
}

}  // namespace tristrata::model_quality
