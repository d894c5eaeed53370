#include "saying.hpp"

#include "tristrata/core/ascii.hpp"
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
            sayings.push_back(Saying{entry.line, line->label, without_struck(line->value), nullptr, nullptr});
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

std::optional<long> date_of(const Section& section, const std::vector<Table>& tables,
                            const std::vector<std::string_view>& words) {
    for (const auto& saying : sayings_of(section, tables, words)) {
        // "2026-05-25 + 90 d = 2026-08-23": the sum is the answer.
        const auto sum = saying.text.rfind('=');
        if (sum != std::string::npos)
            if (const auto days = dates_of(std::string_view(saying.text).substr(sum)); !days.empty())
                return days.front();
        if (const auto days = dates_of(saying.text); !days.empty()) return days.front();
    }
    return std::nullopt;
}

}  // namespace tristrata::readiness
