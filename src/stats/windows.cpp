#include "tristrata/stats/windows.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

namespace tristrata::stats {
namespace {

std::optional<double> larger(std::optional<double> a, std::optional<double> b) {
    if (!a) return b;
    if (!b) return a;
    return std::max(*a, *b);
}

}  // namespace

WindowSeries standardised(const WindowSeries& series, std::span<const int> classes) {
    struct Moments {
        double sum = 0.0, count = 0.0, squares = 0.0;
        [[nodiscard]] double mean() const { return sum / count; }
    };
    assert(classes.empty() || classes.size() == series.size());
    const auto class_at = [&](std::size_t i) { return classes.empty() ? 0 : classes[i]; };
    std::map<int, Moments> of;
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (!series[i]) continue;
        of[class_at(i)].sum += *series[i];
        of[class_at(i)].count += 1.0;
    }
    for (std::size_t i = 0; i < series.size(); ++i)
        if (series[i]) {
            Moments& moments = of[class_at(i)];
            moments.squares += (*series[i] - moments.mean()) * (*series[i] - moments.mean());
        }
    WindowSeries out(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (!series[i]) continue;
        const Moments& moments = of[class_at(i)];
        if (moments.count < 2.0) continue;
        const double sd = std::sqrt(moments.squares / (moments.count - 1.0));
        if (sd > 1e-12 * std::max(1.0, std::abs(moments.mean()))) out[i] = (*series[i] - moments.mean()) / sd;
    }
    return out;
}

std::vector<std::optional<ChunkP>> chunk_adjusted_p(const std::vector<WindowSeries>& series,
                                                    std::size_t per_column, std::size_t reference_windows,
                                                    std::span<const int> classes) {
    assert(per_column > 0 && series.size() % per_column == 0);
    const std::size_t columns = series.size() / per_column;
    WindowSeries scores(reference_windows);
    WindowSeries current(columns);
    std::vector<WindowSeries> standard(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (series[i].size() != reference_windows + 1) continue;  // The column was not measured by windows.
        standard[i] = standardised(series[i], classes);
        for (std::size_t window = 0; window < reference_windows; ++window)
            scores[window] = larger(scores[window], standard[i][window]);
        current[i / per_column] = larger(current[i / per_column], standard[i][reference_windows]);
    }
    // A window that lacks what current has of the column had fewer chances of a high score: not comparable.
    const auto measured_alike = [&](std::size_t column, std::size_t window) {
        const auto first = standard.begin() + static_cast<std::ptrdiff_t>(column * per_column);
        return std::all_of(first, first + static_cast<std::ptrdiff_t>(per_column), [&](const auto& one) {
            return one.empty() || !one[reference_windows] || one[window];
        });
    };
    std::vector<std::optional<ChunkP>> p(columns);
    for (std::size_t column = 0; column < columns; ++column) {
        if (!current[column]) continue;
        std::size_t above = 0, compared = 0;
        for (std::size_t window = 0; window < reference_windows; ++window) {
            if (!measured_alike(column, window)) continue;
            ++compared;
            if (*scores[window] >= *current[column]) ++above;
        }
        p[column] =
            ChunkP{(1.0 + static_cast<double>(above)) / (1.0 + static_cast<double>(compared)), compared};
    }
    return p;
}

}  // namespace tristrata::stats
