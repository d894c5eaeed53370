#include "tristrata/stats/wasserstein.hpp"

#include "step_integral.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

double area_between(std::span<const double> a, std::span<const double> b) {
    return integrate_between<1>(a, b,
                                [](double gap, double, double) { return std::array{std::abs(gap)}; })[0];
}

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

}  // namespace

Statistic wasserstein_trimmed(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    if (reference.size() < 4 || current.size() < 4) return Undefined::too_few_values;
    double spread = reference.iqr();
    if (!(spread > 0.0)) spread = spread_without_mode(reference);
    if (!(spread > 0.0)) return Undefined::constant_sample;
    const auto inner = [](std::span<const double> values) { return values.subspan(1, values.size() - 2); };
    const double area = area_between(inner(reference.values()), inner(current.values())) / spread;
    if (!std::isfinite(area)) return Undefined::constant_sample;
    return area;
}

Statistic wasserstein_distance(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    return area_between(reference.values(), current.values());
}

}  // namespace tristrata::stats
