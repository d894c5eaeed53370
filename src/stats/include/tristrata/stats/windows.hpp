#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace tristrata::stats {

/// One measure of one column over K reference windows and then the current one: K + 1 values, absent where a
/// window holds none.
using WindowSeries = std::vector<std::optional<double>>;

/// A column's p under the chunk null.
struct ChunkP {
    double p = 1.0;
    std::size_t compared = 0;  ///< Reference windows: p is no smaller than 1 / (1 + compared).
};

/// The chunk null: p of each column, corrected over all of them. `series` holds `per_column` measures for
/// each column, one after another. Each is standardised over all its K + 1 windows alike; a window's score is
/// its largest value over columns and measures; a column's p is (1 + reference windows whose score is at
/// least the column's own current one) / (1 + reference windows compared), K of them where none is absent.
///
/// Nulls     A reference window without a measure that current has of the column is not compared: it had
///           fewer chances of a high score. A column seen in few windows so has no small p.
/// Exact     Under exchangeable windows, none absent, any column is flagged at p <= alpha with probability
///           at most alpha, whatever the correlation of the columns: all windows are treated alike.
/// Returns   Absent for a column whose current window has no measure, or none that varies.
[[nodiscard]] std::vector<std::optional<ChunkP>> chunk_adjusted_p(const std::vector<WindowSeries>& series,
                                                                  std::size_t per_column,
                                                                  std::size_t reference_windows);

}  // namespace tristrata::stats
