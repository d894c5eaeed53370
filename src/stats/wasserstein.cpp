#include "tristrata/stats/wasserstein.hpp"

#include "pooled_walk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

double area_between(std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    struct Area {
        double n, m, scale;  // The scale comes before the width, which may be as large as a double is.
        double area = 0.0, first = NAN, height_before_first = 0.0, previous = NAN;
        void operator()(double x, std::int64_t i, std::int64_t j, std::int64_t, std::int64_t) {
            const double height = std::abs(static_cast<double>(i) * m - static_cast<double>(j) * n) * scale;
            if (std::isnan(previous)) {
                first = x;
                height_before_first = height;
            } else {
                area += height * (x - previous);
            }
            previous = x;
        }
    };
    std::array<Area, 2> areas{Area{n, m, 1.0 / (n * m)}, Area{n, m, 1.0 / (n * m)}};
    walk_pooled(a, b, areas);
    const auto& [low, high] = areas;
    const double between = std::isnan(low.previous) || std::isnan(high.first)
                               ? 0.0
                               : high.height_before_first * (high.first - low.previous);
    return low.area + between + high.area;
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

}  // namespace tristrata::stats
