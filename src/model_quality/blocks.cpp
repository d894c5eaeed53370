#include "blocks.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tristrata::model_quality {
namespace {

constexpr double share_of_distance = 0.5;  ///< To the simpler estimator's answer.
constexpr double share_of_change = 0.2;    ///< From the reference's value.

}  // namespace

std::vector<double> beside(const boosting::Matrix& features, std::span<const double> more,
                           std::size_t more_columns) {
    assert(features.columns == 0 || features.order == boosting::Order::by_row);
    std::vector<double> out;
    out.reserve(features.values.size() + more.size());
    for (std::size_t row = 0; row * more_columns < more.size(); ++row) {
        const auto mine = features.values.subspan(row * features.columns, features.columns);
        const auto theirs = more.subspan(row * more_columns, more_columns);
        out.insert(out.end(), mine.begin(), mine.end());
        out.insert(out.end(), theirs.begin(), theirs.end());
    }
    return out;
}

std::vector<double> without(std::span<const double> table, std::size_t columns, std::size_t begin,
                            std::size_t end) {
    std::vector<double> out(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(begin * columns));
    out.insert(out.end(), table.begin() + static_cast<std::ptrdiff_t>(end * columns), table.end());
    return out;
}

std::size_t choose(const std::vector<std::vector<double>>& errors, double standard_errors) {
    const auto mean = [](const std::vector<double>& values) {
        double sum = 0.0;
        for (const double value : values) sum += value;
        return sum / static_cast<double>(values.size());
    };
    std::size_t best = 0;
    for (std::size_t i = 1; i < errors.size(); ++i)
        if (mean(errors[i]) < mean(errors[best])) best = i;
    for (std::size_t i = 0; i < best; ++i) {
        std::vector<double> difference(errors[i].size());
        std::ranges::transform(errors[i], errors[best], difference.begin(), std::minus{});
        const double centre = mean(difference), n = static_cast<double>(difference.size());
        double squares = 0.0;
        for (const double one : difference) squares += (one - centre) * (one - centre);
        if (n > 1 && centre <= standard_errors * std::sqrt(squares / (n - 1) / n)) return i;
    }
    return best;
}

void set_band(Estimate& estimate, double sampling_error, double block_variance, std::optional<double> simpler,
              std::optional<double> reference) {
    const double value = *estimate.estimated.value;
    double variance = sampling_error * sampling_error + block_variance;
    if (simpler) variance += std::pow(share_of_distance * (value - *simpler), 2);
    if (reference) variance += std::pow(share_of_change * (value - *reference), 2);
    const double half = normal_975 * std::sqrt(variance);
    if (simpler && std::isfinite(*simpler)) estimate.simpler = simpler;
    if (std::isfinite(sampling_error)) estimate.sampling_error = sampling_error;
    if (!std::isfinite(value + half)) return;
    estimate.low = std::max(value - half, 0.0);
    estimate.high = value + half;
    if (traits(estimate.metric).share) estimate.high = std::min(*estimate.high, 1.0);
}

}  // namespace tristrata::model_quality
