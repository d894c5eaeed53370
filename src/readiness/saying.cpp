#include "saying.hpp"

#include "field.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

namespace tristrata::readiness {

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
        // A block of code says nothing of the plan.
        if (entry.kind == Entry::Kind::code) continue;
        if (entry.kind == Entry::Kind::columns) {
            ++begun;
            continue;
        }
        if (entry.kind == Entry::Kind::row) {
            if (!entry.cells.empty() && says_any(entry.cells[0], words)) {
                const Table* table = begun == 0 ? nullptr : &tables[begun - 1];
                // How it stands with it is judged as a note.
                const auto state = table == nullptr ? std::nullopt : table->state_column();
                std::string rest;
                for (std::size_t i = 1; i < entry.cells.size(); ++i)
                    if (i != state) rest += (rest.empty() ? "" : " | ") + entry.cells[i];
                sayings.push_back(Saying{entry.line, core::lowered(entry.cells[0]), rest, &entry, table});
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

namespace {

/// Without the word that begins the line: "Sunset 2026-08-23".
std::string value_of(const Saying& saying) {
    std::string text = saying.text;
    if (saying.row == nullptr && core::lowered(text).starts_with(saying.label))
        text.erase(0, saying.label.size());
    return text;
}

}  // namespace

std::string unread_day(const Saying& saying) {
    std::string odd;
    const std::string text(trimmed_text(value_of(saying)));
    (void)read_day(text, std::nullopt, &odd);
    return core::quoted(text, 80) + (odd == text ? "" : at_words(odd));
}

std::optional<long> date_of(const Section& section, const std::vector<Table>& tables,
                            const std::vector<std::string_view>& words, std::optional<long> rollout) {
    for (const auto& saying : sayings_of(section, tables, words)) {
        if (const auto day = read_day(value_of(saying), rollout)) return day;
        // Of a row any cell may be the day.
        if (saying.row != nullptr)
            for (std::size_t i = 1; i < saying.row->cells.size(); ++i)
                if (const auto day = read_day(saying.row->cells[i], rollout)) return day;
    }
    return std::nullopt;
}

}  // namespace tristrata::readiness
