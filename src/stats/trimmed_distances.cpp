#include "tristrata/stats/trimmed_distances.hpp"

#include "pooled_walk.hpp"
#include "trimmed_area.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
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

std::optional<TrimmedDistances> TrimmedArea::lacking(std::size_t n, std::size_t m) {
    if (n == 0 || m == 0) return TrimmedDistances{};
    if (n < 4 || m < 4) return TrimmedDistances{Undefined::too_few_values, Undefined::too_few_values};
    return std::nullopt;
}

TrimmedDistances TrimmedArea::distances(const TrimmedArea& low, const TrimmedArea& high,
                                        const SortedSample& reference) {
    const auto [area, squares, mixed] = Integral::sums(low.integral_, high.integral_);
    return {in_spreads(area, reference), coefficient(squares, mixed)};
}

TrimmedDistances trimmed_distances(const SortedSample& reference, const SortedSample& current) {
    if (const auto none = TrimmedArea::lacking(reference.size(), current.size())) return *none;
    const TrimmedArea zero(reference.size(), current.size());
    std::array<TrimmedArea, 2> areas{zero, zero};
    walk_pooled(reference.values(), current.values(), areas);
    return TrimmedArea::distances(areas[0], areas[1], reference);
}

Statistic wasserstein_trimmed(const SortedSample& reference, const SortedSample& current) {
    return trimmed_distances(reference, current).wasserstein;
}

Statistic energy_coefficient(const SortedSample& reference, const SortedSample& current) {
    return trimmed_distances(reference, current).energy;
}

}  // namespace tristrata::stats
