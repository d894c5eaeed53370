#include "judge.hpp"

#include "tristrata/core/ascii.hpp"
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

std::vector<Saying> sayings_of(const Section& section, const std::vector<Table>& tables,
                               const std::vector<std::string_view>& words) {
    std::vector<Saying> sayings;
    bool below = false;     // a heading that says one of the words
    std::size_t begun = 0;  // tables whose column names were passed
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::heading) {
            below = says_any(entry.text, words);
            if (below) sayings.push_back(Saying{entry.line, core::lowered(entry.text), "", nullptr, nullptr});
            continue;
        }
        if (entry.kind == Entry::Kind::columns) {
            ++begun;
            continue;
        }
        if (entry.kind == Entry::Kind::row) {
            if (!entry.cells.empty() && says_any(entry.cells[0], words)) {
                std::string rest;
                for (std::size_t i = 1; i < entry.cells.size(); ++i)
                    rest += (i > 1 ? " | " : "") + entry.cells[i];
                sayings.push_back(Saying{entry.line, core::lowered(entry.cells[0]), rest, &entry,
                                         begun == 0 ? nullptr : &tables[begun - 1]});
            }
            continue;
        }
        const auto line = labelled(entry.text);
        if (line && says_any(line->label, words)) {
            sayings.push_back(Saying{entry.line, line->label, line->value, nullptr, nullptr});
        } else if (below && !sayings.empty()) {
            sayings.back().text += " " + entry.text;
        } else if (!line) {
            // "Shadow for 7 days": the word begins the line.
            for (const auto word : words)
                if (core::lowered(entry.text).starts_with(word)) {
                    sayings.push_back(Saying{entry.line, std::string(word), entry.text, nullptr, nullptr});
                    break;
                }
        }
    }
    return sayings;
}

}  // namespace tristrata::readiness
