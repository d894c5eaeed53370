#include "judge.hpp"
#include "remainder.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/draft.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

// What stands below a field, in items of its own, and what the template left in the place of an answer.
namespace tristrata::readiness {
namespace {

/// A field by the word of its label, and the rule that owns it.
struct FieldOf {
    Part part;
    std::string_view word;
    std::string_view rule;
    bool must_be_there = false;  ///< "planned" takes back what has to be there, and no day.
};
constexpr std::array<FieldOf, 11> fields{FieldOf{Part::drift_detection, "psi", "RDY301"},
                                         FieldOf{Part::drift_detection, "performance gap", "RDY302"},
                                         FieldOf{Part::rollout, "shadow", "RDY401"},
                                         FieldOf{Part::rollout, "canary", "RDY402"},
                                         FieldOf{Part::rollout, "full rollout", "RDY404"},
                                         FieldOf{Part::rollback, "lever", "RDY501", true},
                                         FieldOf{Part::rollback, "rehearsed", "RDY503"},
                                         FieldOf{Part::owner, "dri", "RDY601"},
                                         FieldOf{Part::owner, "sunset", "RDY701"},
                                         FieldOf{Part::sign_off, "review", "RDY803"},
                                         FieldOf{Part::sign_off, "session", "RDY803"}};

const FieldOf* field_of(Part part, const Entry& entry) {
    if (entry.kind != Entry::Kind::item) return nullptr;
    const auto line = labelled(entry.text);
    if (!line) return nullptr;
    const auto found = std::ranges::find_if(
        fields, [&](const FieldOf& one) { return one.part == part && says(line->label, one.word); });
    return found == fields.end() ? nullptr : &*found;
}

/// What the form has between < and >, in small letters and without digits: `init` writes other numbers.
std::vector<std::string> placeholders_of_form() {
    std::vector<std::string> all;
    const std::string_view form = built_in_form();
    for (auto at = form.find('<'); at != std::string_view::npos; at = form.find('<', at + 1)) {
        const auto end = form.find('>', at);
        if (end == std::string_view::npos) break;
        std::string plain = core::lowered(form.substr(at + 1, end - at - 1));
        std::erase_if(plain, [](char c) { return c >= '0' && c <= '9'; });
        // A comment is none; of the sunset these words are an answer, and of thresholds another rule speaks.
        if (!plain.starts_with('!') && !plain.starts_with("full rollout") && !plain.starts_with("warn"))
            all.push_back(std::move(plain));
    }
    return all;
}

bool is_placeholder(std::string_view answer) {
    static const std::vector<std::string> all = placeholders_of_form();
    return std::ranges::any_of(all, [&](const std::string& one) {
        std::size_t at = 0;
        for (const char c : answer) {
            if (c >= '0' && c <= '9') continue;
            if (at >= one.size() || core::lowered(c) != one[at]) return false;
            ++at;
        }
        return at == one.size();
    });
}

}  // namespace

std::string left_of_form(const Entry& entry) {
    for (const auto& cell : entry.cells)
        if (is_placeholder(cell)) return cell;
    if (entry.kind != Entry::Kind::item) return "";
    const auto colon = entry.text.find(':');
    const auto value =
        trimmed_text(std::string_view(entry.text).substr(std::min(colon, entry.text.size() - 1) + 1));
    return colon != std::string::npos && is_placeholder(value) ? std::string(value) : "";
}

void judge_notes(const Judge& judge, const Section& section) {
    const auto is_below = [](const Entry& one) { return one.kind == Entry::Kind::item && one.level > 1; };
    if (std::ranges::none_of(section.entries, is_below)) return;
    const FieldOf* field = nullptr;
    const Entry* of = nullptr;
    for (const auto& entry : section.entries) {
        if (entry.kind != Entry::Kind::item || of == nullptr || entry.level <= of->level) {
            field = field_of(section.part, entry);
            of = field == nullptr ? nullptr : &entry;
            continue;
        }
        // One with a label is a field of its own.
        if (field == nullptr || labelled(entry.text)) continue;
        const auto tokens = tokens_of(entry.text);
        const std::string note =
            undone_by(tokens, {.may_be_off = field->must_be_there, .must_be_there = field->must_be_there});
        if (note.empty() || std::ranges::any_of(judge.outcome.findings, [&](const Finding& one) {
                return one.rule->id == field->rule;
            }))
            continue;
        judge.find(
            field->rule, entry.line,
            fmt::format("{} below {} takes it back; expected a line that holds, and what is told of it "
                        "in prose",
                        core::quoted(note, 60), core::quoted(of->text, 60)),
            Finding::Kind::wrong);
    }
}

}  // namespace tristrata::readiness
