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
    const auto like_current = [&](std::size_t window) {
        return classes.empty() || classes[window] == classes[reference_windows];
    };
    WindowSeries current(columns);
    std::vector<std::size_t> alike(columns, 0);
    std::vector<WindowSeries> standard(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (series[i].size() != reference_windows + 1) continue;  // The column was not measured by windows.
        standard[i] = standardised(series[i], classes);
        const std::size_t column = i / per_column;
        current[column] = larger(current[column], standard[i][reference_windows]);
        if (!standard[i][reference_windows]) continue;
        std::size_t held = 0;
        for (std::size_t window = 0; window < reference_windows; ++window)
            held += like_current(window) && series[i][window].has_value() ? 1 : 0;
        alike[column] = std::max(alike[column], held);
    }
    // The two largest scores of a window, of different columns: what is left of it without any one column.
    std::vector<std::optional<std::size_t>> highest(reference_windows);
    WindowSeries scores(reference_windows), second(reference_windows);
    for (std::size_t window = 0; window < reference_windows; ++window) {
        WindowSeries best(columns);
        for (std::size_t i = 0; i < standard.size(); ++i)
            if (!standard[i].empty())
                best[i / per_column] = larger(best[i / per_column], standard[i][window]);
        for (std::size_t column = 0; column < columns; ++column)
            if (best[column] && (!highest[window] || *best[column] > *best[*highest[window]]))
                highest[window] = column;
        for (std::size_t column = 0; column < columns; ++column)
            if (column != highest[window]) second[window] = larger(second[window], best[column]);
        if (highest[window]) scores[window] = best[*highest[window]];
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
        // Without end, current stands out of its class by this, and each of its class by less.
        const auto k = static_cast<double>(alike[column]);
        const double furthest = k / std::sqrt(k + 1.0);
        std::size_t above = 0, above_furthest = 0, compared = 0;
        for (std::size_t window = 0; window < reference_windows; ++window) {
            if (!measured_alike(column, window)) continue;
            ++compared;
            if (*scores[window] >= *current[column]) ++above;
            const auto other =
                like_current(window) && highest[window] == column ? second[window] : scores[window];
            if (other && *other >= furthest) ++above_furthest;
        }
        const auto p_of = [&](std::size_t higher) {
            return (1.0 + static_cast<double>(higher)) / (1.0 + static_cast<double>(compared));
        };
        p[column] = ChunkP{p_of(above), compared, p_of(above_furthest), alike[column]};
    }
    return p;
}

}  // namespace tristrata::stats
