#pragma once

#include "tristrata/readiness/plan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// A table with its column names.
struct Table {
    const Entry* columns = nullptr;
    std::vector<const Entry*> rows;

    /// The first column whose name says one of the words; nothing where there is none.
    [[nodiscard]] std::optional<std::size_t> column(const std::vector<std::string_view>& words) const;
    /// That which tells how it stands with each row, and is a note of it: "Status", "Remark".
    [[nodiscard]] std::optional<std::size_t> state_column() const;
};
[[nodiscard]] std::vector<Table> tables_of(const Section& section);
/// A line that begins as a row of a table does and is none; null where there is none.
[[nodiscard]] const Entry* half_a_table(const Section& section);
/// A row's cell; empty where the row is short or there is no such column.
[[nodiscard]] std::string cell_of(const Entry& row, std::optional<std::size_t> column);

/// The names in that cell: each piece in backticks; without one, names that stand apart by signs, "and" or a
/// break ("win_rate, drawdown"); of a sentence the cell as it is.
[[nodiscard]] std::vector<std::string> names_of(const Entry& row, std::optional<std::size_t> column);

/// The addresses of the links in that cell.
[[nodiscard]] std::vector<std::string> addresses_of(const Entry& row, std::optional<std::size_t> column);

}  // namespace tristrata::readiness
