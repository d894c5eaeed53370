#include "tristrata/stats/robust_deviation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace tristrata::stats {

Statistic third_largest_robust_deviation(std::span<const double> sorted, double median, double iqr) noexcept {
    if (sorted.empty()) return Undefined::empty_sample;
    if (sorted.size() < 3) return Undefined::too_few_values;
    if (!(iqr > 0.0)) return Undefined::constant_sample;
    // The three largest deviations stand among the three lowest and the three highest values.
    std::array<double, 6> deviations{};
    deviations.fill(-1.0);  // Below every deviation: what is not taken sorts last.
    std::size_t used = 0;
    const std::size_t size = sorted.size();
    const auto take = [&](std::size_t index) { deviations[used++] = std::abs(sorted[index] - median) / iqr; };
    const std::size_t low = std::min<std::size_t>(3, size);
    for (std::size_t i = 0; i < low; ++i) take(i);
    for (std::size_t i = std::max(low, size - 3); i < size; ++i) take(i);
    std::ranges::sort(deviations, std::greater<>{});
    if (!std::isfinite(deviations[2])) return Undefined::constant_sample;
    return deviations[2];
}

}  // namespace tristrata::stats
