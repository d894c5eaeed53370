#include "tristrata/stats/windows.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tristrata::stats {
namespace {

/// (value - mean) / sd over the windows that have one; all absent where there is no spread.
WindowSeries standardised(const WindowSeries& series) {
    double sum = 0.0, count = 0.0;
    for (const auto& value : series) {
        if (!value) continue;
        sum += *value;
        count += 1.0;
    }
    WindowSeries out(series.size());
    if (count < 2.0) return out;
    const double mean = sum / count;
    double squares = 0.0;
    for (const auto& value : series)
        if (value) squares += (*value - mean) * (*value - mean);
    const double sd = std::sqrt(squares / (count - 1.0));
    if (!(sd > 1e-12 * std::max(1.0, std::abs(mean)))) return out;
    for (std::size_t i = 0; i < series.size(); ++i)
        if (series[i]) out[i] = (*series[i] - mean) / sd;
    return out;
}

std::optional<double> larger(std::optional<double> a, std::optional<double> b) {
    if (!a) return b;
    if (!b) return a;
    return std::max(*a, *b);
}

}  // namespace

std::vector<std::optional<ChunkP>> chunk_adjusted_p(const std::vector<WindowSeries>& series,
                                                    std::size_t per_column, std::size_t reference_windows) {
    assert(per_column > 0 && series.size() % per_column == 0);
    const std::size_t columns = series.size() / per_column;
    WindowSeries scores(reference_windows);
    WindowSeries current(columns);
    std::vector<WindowSeries> standard(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (series[i].size() != reference_windows + 1) continue;  // The column was not measured by windows.
        standard[i] = standardised(series[i]);
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
