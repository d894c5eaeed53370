#include "accepted.hpp"
#include "canary_field.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "remainder.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/draft.hpp"
#include "vocabulary.hpp"
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

using vocabulary::words;

bool has(std::span<const Token> tokens, std::size_t at, vocabulary::Words list) {
    return at < tokens.size() && tokens[at].kind == Token::Kind::word &&
           vocabulary::has(list, tokens[at].small);
}

/// "FAILED in round 2", "the committee withdrew it", "2 blockers remain"; "round 1 failed, round 2 passed"
/// and "two dissents, withdrawn" do not.
bool takes_verdict_back(std::span<const Token> note) {
    static constexpr auto leads =
        words({"by", "committee", "is", "it", "review", "session", "the", "this", "verdict", "was"});
    static constexpr auto undone = words({"expired", "withdrew"});
    static constexpr auto blocking = words({"blocker", "blockers"});
    static constexpr auto settled =
        words({"addressed", "applied", "closed", "done", "fixed", "mended", "resolved", "settled", "solved"});
    const auto any = [&](vocabulary::Words list) {
        return std::ranges::any_of(note, [&](const Token& one) { return vocabulary::has(list, one.small); });
    };
    if (any(accepted::passed)) return false;
    std::size_t at = 0;
    while (has(note, at, leads)) ++at;
    if (has(note, at, accepted::not_passed) || has(note, at, undone)) return true;
    if (has(note, 0, words({"no"})) && has(note, 1, words({"review", "session"}))) return true;
    const bool counted =
        !note.empty() && (note[0].kind == Token::Kind::number
                              ? note[0].value > 0.0
                              : std::ranges::find(vocabulary::numbers, note[0].small,
                                                  &vocabulary::Number::word) != vocabulary::numbers.end());
    return counted && has(note, 1, blocking) && !any(settled);
}

/// "or @jonas", "@jonas", "the team", "left the company"; "@jonas covers holidays" and "deputy @jonas" do
/// not.
bool names_another(std::span<const Token> note) {
    static constexpr auto adds = words({"and", "or", "plus"});
    if (has(note, 0, adds))
        return note.size() > 1 && (note[1].kind == Token::Kind::handle || note[1].text != note[1].small ||
                                   has(note, note.size() - 1, vocabulary::teams));
    if (note.size() == 1 && note[0].kind == Token::Kind::handle) return true;
    if (has(note, 0, words({"the", "our"})) && note.size() == 2 && has(note, 1, vocabulary::teams))
        return true;
    return has(note, 0, words({"left"})) && has(note, 1, words({"the", "us"}));
}

/// "or 2026-06-01", "or a week later".
bool names_another_day(std::span<const Token> note) {
    static constexpr auto lengths = words({"day", "days", "week", "weeks", "month", "months"});
    if (!has(note, 0, words({"and", "or"}))) return false;
    return std::ranges::any_of(note, [](const Token& one) {
        return one.kind == Token::Kind::day || vocabulary::has(lengths, one.small);
    });
}

/// What a note below a field says that takes it back; empty where it does not. `text`: the field.
std::string taken_back_below(const Policy& policy, const FieldOf& field, std::string_view text,
                             const Entry& entry) {
    const auto tokens = tokens_of(entry.text, entry.code);
    const std::span<const Token> note(tokens);
    const auto is = [&](std::string_view word) { return field.word == word; };
    const bool review = is("review") || is("session"), day = is("full rollout") || is("sunset");
    // Of a dissent or an earlier draft it is not said of the verdict.
    static constexpr auto beside = words({"dissent", "dissents", "draft", "objection", "objections",
                                          "question", "questions", "remark", "remarks"});
    if (review &&
        std::ranges::any_of(note, [](const Token& one) { return vocabulary::has(beside, one.small); }))
        return "";
    auto said = undone_by(note, {.may_depend = is("dri") && has(note, 0, words({"if", "unless"})),
                                 .may_wait = !field.must_be_there,
                                 .may_be_off = field.must_be_there,
                                 .must_be_there = field.must_be_there});
    if (!said.empty()) return said;
    if (is("shadow")) {
        const auto line = labelled(text);
        const auto shadow = read_shadow(line ? line->value : std::string(text));
        return shadow.length ? shadow_ended_by(note, shadow.length->days) : "";
    }
    const bool another = (review && takes_verdict_back(note)) || (is("dri") && names_another(note)) ||
                         (day && names_another_day(note)) || (is("lever") && asks_for_build(note)) ||
                         (is("canary") && has(note, 0, words({"and", "or", "plus"})) &&
                          !canary_in(policy, with_pairs({note.begin() + 1, note.end()})).crypto.empty());
    return another ? entry.text : "";
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
    bool any = false;
    for (std::size_t i = 0; i < section.entries.size() && !any; ++i) {
        const Entry& entry = section.entries[i];
        any = entry.kind == Entry::Kind::item ? entry.level > 1
                                              : i > 0 && entry.line == section.entries[i - 1].line + 1;
    }
    if (!any) return;
    const FieldOf* field = nullptr;
    const Entry* of = nullptr;
    std::size_t last = 0;  // The line of the field, or of what goes on with it.
    for (const auto& entry : section.entries) {
        // Behind a hard break the item goes on in the line below; a paragraph of its own has one between.
        const bool goes_on =
            entry.kind == Entry::Kind::text && of != nullptr && last > 0 && entry.line == last + 1;
        if (!goes_on && (entry.kind != Entry::Kind::item || of == nullptr || entry.level <= of->level)) {
            field = field_of(section.part, entry);
            of = field == nullptr ? nullptr : &entry;
            last = of == nullptr ? 0 : entry.line;
            continue;
        }
        last = goes_on ? entry.line : 0;
        // One with a label is a field of its own.
        if (field == nullptr || labelled(entry.text)) continue;
        const std::string note = taken_back_below(judge.policy, *field, of->text, entry);
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
