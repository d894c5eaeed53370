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
};
[[nodiscard]] std::vector<Table> tables_of(const Section& section);
/// A row's cell; empty where the row is short or there is no such column.
[[nodiscard]] std::string cell_of(const Entry& row, std::optional<std::size_t> column);

/// The addresses of the links in that cell.
[[nodiscard]] std::vector<std::string> addresses_of(const Entry& row, std::optional<std::size_t> column);

}  // namespace tristrata::readiness
