#include "table.hpp"

#include "wording.hpp"

namespace tristrata::readiness {

std::optional<std::size_t> Table::column(const std::vector<std::string_view>& words) const {
    if (columns == nullptr) return std::nullopt;
    for (const auto word : words)
        for (std::size_t i = 0; i < columns->cells.size(); ++i)
            if (says(columns->cells[i], word)) return i;
    return std::nullopt;
}

std::vector<Table> tables_of(const Section& section) {
    std::vector<Table> tables;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns) tables.push_back(Table{&entry, {}});
        else if (entry.kind == Entry::Kind::row && !tables.empty()) tables.back().rows.push_back(&entry);
    }
    return tables;
}

std::string cell_of(const Entry& row, std::optional<std::size_t> column) {
    return column && *column < row.cells.size() ? row.cells[*column] : "";
}

std::vector<std::string> addresses_of(const Entry& row, std::optional<std::size_t> column) {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; column && i < row.address_cells.size(); ++i)
        if (row.address_cells[i] == *column) addresses.push_back(row.addresses[i]);
    return addresses;
}

}  // namespace tristrata::readiness
