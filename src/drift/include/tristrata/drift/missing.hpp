#pragma once

#include "tristrata/drift/report.hpp"
#include "tristrata/drift/severity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::drift {

// What did not come, came twice, or repeats what came before: whatever else moved beside it may have moved by
// that alone. Each answer is a sentence for each thing that is missing, and empty where nothing is.

/// Whether such a share more of values or rows that are missing is warn or crit by that table. By the size
/// alone: where the reference holds as few already, no signal is fired.
[[nodiscard]] bool is_much_missing(double share, const SeverityPolicy& policy);

/// Of a column: its values, by the table and the signals' own severity; and that they are one alone, or
/// repeat one another where the reference's hardly did.
[[nodiscard]] std::vector<std::string> missing_of(const ColumnReport& column, const SeverityPolicy& policy);

/// Of numbers, whether one value has taken the place of others: that its share times the number of different
/// values is four times that of the reference, or of a normal column on any step (about 2.5). Of values on
/// steps that is the same at any step, spread and number of rows, so that prices that triple or move less are
/// not taken for stuck. Absent where a twentieth of the reference holds one value (counts, flags, codes), and
/// below the share from which on missing values are a warning.
/// Example   416 different prices in 20,000 rows, the most frequent one in 1 % of them; now one in 70 % of
///           500, of which 110 differ: 77 against 4.
[[nodiscard]] std::optional<std::string> filled_in(const ColumnReport& column, const SeverityPolicy& policy);

/// Of numbers, whether values are held in turns, or a few of them replayed: fewer than a fifth as many
/// different ones as so many rows would hold if each of the reference's, or of as many of them as today's
/// spread has steps for, came as often as any other. Of honest prices, counts and fees, whose tails come
/// seldom, that is a third and more. Absent where the reference holds fewer than 50, or one value in a
/// twentieth of its rows. Example   416 different prices before; now 500 rows of ten values, where 291 could
/// be.
[[nodiscard]] std::optional<std::string> held_in_turns(const ColumnReport& column);

/// Of text, whether one label that the reference never held has taken the place of others, in a quarter of
/// the rows or more: a name that is new, or what fills in where none came. Absent where the report pictures
/// no labels.
[[nodiscard]] std::optional<std::string> filled_in_label(const ColumnReport& column);

/// The first of the three that is told.
[[nodiscard]] std::optional<std::string> replaced(const ColumnReport& column, const SeverityPolicy& policy);

/// Of all columns: rows, and labels that many rows had (crit), whose rows may be those.
[[nodiscard]] std::vector<std::string> missing_of(const Report& report, const SeverityPolicy& policy);

/// Apart by "; ".
[[nodiscard]] std::string one_text(const std::vector<std::string>& sentences);

}  // namespace tristrata::drift
