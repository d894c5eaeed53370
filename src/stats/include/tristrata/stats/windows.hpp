#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tristrata::stats {

/// One measure of one column over K reference windows and then the current one: K + 1 values, absent where a
/// window holds none.
using WindowSeries = std::vector<std::optional<double>>;

/// (value - mean) / sd, both over the windows of the same class that have a value; absent where a class has
/// fewer than two or no spread. No classes: all windows are of one.
[[nodiscard]] WindowSeries standardised(const WindowSeries& series, std::span<const int> classes = {});

/// A column's p under the chunk null.
struct ChunkP {
    double p = 1.0;
    std::size_t compared = 0;  ///< Reference windows: p is no smaller than 1 / (1 + compared).
    double smallest = 1.0;     ///< What p would be if current's measures grew without end.
    std::size_t alike = 0;     ///< Reference windows of current's class that hold the measure, at most.
};

/// The chunk null: p of each column, corrected over all of them. `series` holds `per_column` measures for
/// each column, one after another. Each is standardised over the windows of its class, reference and current
/// alike (`classes` holds K + 1; none: all are of one); a window's score is its largest value over columns
/// and measures; a column's p is (1 + reference windows whose score is at least the column's own current one)
/// / (1 + reference windows compared), K of them where none is absent, whatever their class.
///
/// Classes   A measure against a pool of 17 windows is smaller than against one of 44, and Saturdays may
///           spread more than Tuesdays: what is ranked together must be on one scale. Of n windows of a class
///           none stands out by more than (n - 1) / sqrt(n): `smallest` is the p of just that, and where it
///           is above alpha a rare class cannot be flagged whatever it holds.
/// Nulls     A reference window without a measure that current has of the column is not compared: it had
///           fewer chances of a high score. A column seen in few windows so has no small p.
/// Exact     Under exchangeable windows, none absent, any column is flagged at p <= alpha with probability
///           at most alpha, whatever the correlation of the columns: all windows are treated alike. With
///           classes, exchangeable within each, so over all windows together: some one of the K + 1 is the
///           highest, and each of its class is it as often.
/// Returns   Absent for a column whose current window has no measure, or none that varies.
[[nodiscard]] std::vector<std::optional<ChunkP>> chunk_adjusted_p(const std::vector<WindowSeries>& series,
                                                                  std::size_t per_column,
                                                                  std::size_t reference_windows,
                                                                  std::span<const int> classes = {});

}  // namespace tristrata::stats
