#include "tristrata/stats/energy.hpp"

#include "step_integral.hpp"

#include <algorithm>
#include <cmath>

namespace tristrata::stats {

Statistic energy_coefficient(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    if (reference.size() < 4 || current.size() < 4) return Undefined::too_few_values;
    const auto inner = [](std::span<const double> values) { return values.subspan(1, values.size() - 2); };
    const auto [squares, mixed] = integrate_between<2>(
        inner(reference.values()), inner(current.values()),
        [](double gap, double f, double g) { return std::array{gap * gap, f * (1.0 - g) + g * (1.0 - f)}; });
    if (!(mixed > 0.0)) return 0.0;
    if (!std::isfinite(mixed)) return Undefined::not_applicable;
    return std::clamp(squares / mixed, 0.0, 1.0);
}

Statistic energy_distance(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const auto [squares] =
        integrate_between<1>(reference.values(), current.values(),
                             [](double gap, double, double) { return std::array{gap * gap}; });
    return std::sqrt(2.0 * squares);
}

}  // namespace tristrata::stats
