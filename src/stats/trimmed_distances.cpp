#include "tristrata/stats/trimmed_distances.hpp"

#include "step_integral.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

double spread_without_mode(const SortedSample& sample) {
    const auto values = sample.values();
    std::size_t best_from = 0, best = 0;
    for (std::size_t i = 0; i < values.size();) {
        std::size_t j = i;
        while (j < values.size() && values[j] == values[i]) ++j;
        if (j - i > best) {
            best = j - i;
            best_from = i;
        }
        i = j;
    }
    std::vector<double> rest(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(best_from));
    rest.insert(rest.end(), values.begin() + static_cast<std::ptrdiff_t>(best_from + best), values.end());
    return rest.size() < 2 ? 0.0 : SortedSample(std::move(rest)).iqr();
}

Statistic in_spreads(double area, const SortedSample& reference) {
    double spread = reference.iqr();
    if (!(spread > 0.0)) spread = spread_without_mode(reference);
    if (!(spread > 0.0) || !std::isfinite(area / spread)) return Undefined::constant_sample;
    return area / spread;
}

Statistic coefficient(double squares, double mixed) {
    if (!(mixed > 0.0)) return 0.0;
    if (!std::isfinite(mixed)) return Undefined::not_applicable;
    return std::clamp(squares / mixed, 0.0, 1.0);
}

}  // namespace

TrimmedDistances trimmed_distances(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return {};
    if (reference.size() < 4 || current.size() < 4)
        return {Undefined::too_few_values, Undefined::too_few_values};
    const auto inner = [](std::span<const double> values) { return values.subspan(1, values.size() - 2); };
    const auto [area, squares, mixed] = integrate_between<3>(
        inner(reference.values()), inner(current.values()), [](double gap, double f, double g) {
            return std::array{std::abs(gap), gap * gap, f * (1.0 - g) + g * (1.0 - f)};
        });
    return {in_spreads(area, reference), coefficient(squares, mixed)};
}

Statistic wasserstein_trimmed(const SortedSample& reference, const SortedSample& current) {
    return trimmed_distances(reference, current).wasserstein;
}

Statistic energy_coefficient(const SortedSample& reference, const SortedSample& current) {
    return trimmed_distances(reference, current).energy;
}

}  // namespace tristrata::stats
