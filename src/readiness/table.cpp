#include "table.hpp"

#include "wording.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace tristrata::readiness {

std::optional<std::size_t> Table::column(const std::vector<std::string_view>& words) const {
    if (columns == nullptr) return std::nullopt;
    for (const auto word : words)
        for (std::size_t i = 0; i < columns->cells.size(); ++i)
            if (says(columns->cells[i], word)) return i;
    return std::nullopt;
}

std::optional<std::size_t> Table::state_column() const {
    static const std::vector<std::string_view> names{"status", "state",   "progress", "note",    "notes",
                                                     "remark", "remarks", "comment",  "comments"};
    const auto at = column(names);
    return at && *at > 0 ? at : std::nullopt;
}

std::vector<Table> tables_of(const Section& section) {
    std::vector<Table> tables;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns) tables.push_back(Table{&entry, {}});
        else if (entry.kind == Entry::Kind::row && !tables.empty()) tables.back().rows.push_back(&entry);
    }
    return tables;
}

const Entry* half_a_table(const Section& section) {
    for (const auto& entry : section.entries)
        if (entry.kind == Entry::Kind::text && entry.text.starts_with('|')) return &entry;
    return nullptr;
}

std::string cell_of(const Entry& row, std::optional<std::size_t> column) {
    return column && *column < row.cells.size() ? row.cells[*column] : "";
}

std::vector<std::string> names_of(const Entry& row, std::optional<std::size_t> column) {
    std::vector<std::string> names;
    for (std::size_t i = 0; column && i < row.code_cells.size(); ++i)
        if (row.code_cells[i] == *column && !is_empty_answer(row.code[i]) && hedge_in(row.code[i]).empty())
            names.push_back(row.code[i]);
    const std::string cell = cell_of(row, column);
    if (!hedge_in(cell).empty() && names.empty()) return names;
    if (is_empty_answer(cell)) return names;
    const bool bare = names.empty();
    std::vector<std::string> pieces{""};
    int braces = 0;  // rows_total{table="a,b"} is one name.
    for (std::size_t i = 0; i < cell.size(); ++i) {
        braces += cell[i] == '{' ? 1 : cell[i] == '}' ? -1 : 0;
        constexpr std::string_view joint = " and ";
        const bool joined = std::string_view(cell).substr(i).starts_with(joint);
        if (braces > 0 || (!joined && std::string_view(",;&+").find(cell[i]) == std::string_view::npos)) {
            pieces.back() += cell[i];
            continue;
        }
        pieces.emplace_back();
        i += joined ? joint.size() - 1 : 0;
    }
    for (const auto& piece : pieces) {
        std::istringstream words(piece);
        std::vector<std::string> said{std::istream_iterator<std::string>(words), {}};
        const bool listed = std::ranges::all_of(
            said, [](const std::string& word) { return word.find('_') != std::string::npos; });
        if (said.size() > 1 && !listed) {
            if (bare) return {cell};
            continue;
        }
        for (auto& word : said)
            if (std::ranges::find(names, word) == names.end() && (bare || listed))
                names.push_back(std::move(word));
    }
    return names;
}

std::vector<std::string> addresses_of(const Entry& row, std::optional<std::size_t> column) {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; column && i < row.address_cells.size(); ++i)
        if (row.address_cells[i] == *column) addresses.push_back(row.addresses[i]);
    return addresses;
}

}  // namespace tristrata::readiness
