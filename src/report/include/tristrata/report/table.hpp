#pragma once

#include "tristrata/drift/report.hpp"

#include <string>

namespace tristrata::report {

struct TableStyle {
    bool colour = false;
    unsigned width = 140;  ///< Cells of a line; below 60 a row is name, verdict and severity.
};

/// The report as a table for a terminal: a verdict in words, then column, verdict, severity, reference and
/// current in the column's unit, effect, adjusted p, a small picture of both distributions and the reason in
/// one sentence. Where a line is too short for all of it, pictures, the interval and the middle of long names
/// go first. Worst first, drifted columns of one severity by impact, else in the order of the schema. Control
/// characters of names are escaped.
[[nodiscard]] std::string to_table(const drift::Report& report, const TableStyle& style);

/// The verdict in words: "2 of 8 tested columns drifted; the worst is crit."
[[nodiscard]] std::string headline(const drift::Report& report);

/// Counts as eight heights of a block, one character a bin, at most `cells` characters.
[[nodiscard]] std::string spark(const std::vector<double>& shares, std::size_t cells);

}  // namespace tristrata::report
