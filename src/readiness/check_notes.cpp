#include "accepted.hpp"
#include "canary_field.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "labels.hpp"
#include "remainder.hpp"
#include "table.hpp"
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

enum class What : std::uint8_t { threshold, shadow, canary, day, lever, rehearsal, person, verdict };

/// A field by the words of its label, and the rule that owns it.
struct FieldOf {
    Part part;
    const labels::Words* words;
    What what;
    std::string_view rule;
    bool must_be_there = false;  ///< "planned" takes back what has to be there, and no day.
};
const std::array<FieldOf, 13>& fields() {
    static const std::array<FieldOf, 13> all{
        FieldOf{Part::header, &labels::owner, What::person, "RDY012"},
        FieldOf{Part::header, &labels::dri, What::person, "RDY012"},
        FieldOf{Part::header, &labels::review, What::verdict, "RDY014"},
        FieldOf{Part::drift_detection, &labels::psi, What::threshold, "RDY301"},
        FieldOf{Part::drift_detection, &labels::performance_gap, What::threshold, "RDY302"},
        FieldOf{Part::rollout, &labels::shadow, What::shadow, "RDY401"},
        FieldOf{Part::rollout, &labels::canary, What::canary, "RDY402"},
        FieldOf{Part::rollout, &labels::full_rollout, What::day, "RDY404"},
        FieldOf{Part::rollback, &labels::lever, What::lever, "RDY501", true},
        FieldOf{Part::rollback, &labels::rehearsal, What::rehearsal, "RDY503"},
        FieldOf{Part::owner, &labels::dri, What::person, "RDY601"},
        FieldOf{Part::owner, &labels::sunset, What::day, "RDY701"},
        FieldOf{Part::sign_off, &labels::review, What::verdict, "RDY803"}};
    return all;
}
const FieldOf& plain_lever() {
    static const FieldOf field{Part::rollback, &labels::lever, What::lever, "RDY501", true};
    return field;
}
const FieldOf& owner_as_dri() {
    static const FieldOf field{Part::owner, &labels::owner, What::person, "RDY601"};
    return field;
}

const FieldOf* field_of_label(Part part, std::string_view label) {
    if (part == Part::owner && says_any(label, labels::no_dri)) return nullptr;
    const auto found = std::ranges::find_if(
        fields(), [&](const FieldOf& one) { return one.part == part && says_any(label, *one.words); });
    if (found != fields().end()) return &*found;
    return part == Part::owner && says_any(label, labels::owner) ? &owner_as_dri() : nullptr;
}

/// The field that a line is, as the rules read it: by its label, by the word that begins it ("Shadow — 7
/// days", "Full rollout on 2026-05-25"), a review by its session, a lever by its name.
const FieldOf* field_of(Part part, const Entry& entry) {
    if (entry.kind != Entry::Kind::item && entry.kind != Entry::Kind::text) return nullptr;
    const auto line = labelled(entry.text);
    if (const auto* field = line ? field_of_label(part, line->label) : nullptr; field != nullptr)
        return field;
    const auto of_part = [&](What what) {
        return std::ranges::find_if(fields(),
                                    [&](const FieldOf& one) { return one.part == part && one.what == what; });
    };
    if (part == Part::sign_off && entry.box == Entry::Box::none && says_any(entry.text, labels::review) &&
        !read_review(entry.text, entry.addresses).session.empty())
        return &*of_part(What::verdict);
    if (part == Part::rollback && read_lever(line ? line->value : entry.text, entry.code) == Lever::named)
        return &plain_lever();
    if (line || entry.text.find_first_of("0123456789@") == std::string::npos) return nullptr;
    const std::string small = core::lowered(entry.text.substr(0, 24));
    const auto begun = std::ranges::find_if(fields(), [&](const FieldOf& one) {
        return one.part == part && one.part != Part::header &&
               std::ranges::any_of(*one.words, [&](std::string_view word) {
                   return small.starts_with(word) && small.size() > word.size() && small[word.size()] == ' ';
               });
    });
    return begun == fields().end() ? nullptr : &*begun;
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
    const auto is = [&](What what) { return field.what == what; };
    const bool review = is(What::verdict), day = is(What::day);
    // Of a dissent or an earlier draft it is not said of the verdict.
    static constexpr auto beside = words({"dissent", "dissents", "draft", "objection", "objections",
                                          "question", "questions", "remark", "remarks"});
    if (review &&
        std::ranges::any_of(note, [](const Token& one) { return vocabulary::has(beside, one.small); }))
        return "";
    // Below the owner the header may tell of the plan's former id.
    if (field.part == Part::header &&
        says_any(entry.text, {"formerly", "previously", "originally", "renamed", "replaces", "supersedes"}))
        return "";
    auto said = undone_by(note, {.may_depend = is(What::person) && has(note, 0, words({"if", "unless"})),
                                 .may_wait = !field.must_be_there,
                                 .may_be_off = field.must_be_there,
                                 .must_be_there = field.must_be_there});
    if (!said.empty()) return said;
    // "not computed yet": what has to run does not.
    static constexpr auto run = words({"built", "checked", "computed", "emitted", "evaluated", "implemented",
                                       "measured", "monitored", "running", "used", "watched", "wired"});
    if ((is(What::threshold) || is(What::shadow)) && has(note, 0, words({"not"})) && has(note, 1, run) &&
        (note.size() == 2 || has(note, 2, words({"yet", "anywhere", "now"}))))
        return entry.text;
    if (is(What::shadow)) {
        const auto line = labelled(text);
        const auto shadow = read_shadow(line ? line->value : std::string(text));
        return shadow.length ? shadow_ended_by(note, shadow.length->days) : "";
    }
    const bool another = (review && takes_verdict_back(note)) || (is(What::person) && names_another(note)) ||
                         (day && names_another_day(note)) || (is(What::lever) && asks_for_build(note)) ||
                         (is(What::canary) && has(note, 0, words({"and", "or", "plus"})) &&
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

namespace {

/// A word that ends a line of a field: "because its order book is the deepest<br>skipped". Where the line
/// before goes on with it ("the old one was"), it is a part of the sentence.
std::string taken_back_behind_break(const FieldOf& field, const Entry& entry) {
    static constexpr auto goes_on =
        words({"a",  "an",   "and", "are", "as",  "be",    "because", "been", "being", "by",      "for",
               "if", "in",   "is",  "it",  "may", "never", "no",      "nor",  "not",   "of",      "on",
               "or", "than", "the", "to",  "was", "were",  "which",   "will", "with",  "without", "nothing"});
    static constexpr auto verbs = words({"are", "is", "was", "were"});
    constexpr std::size_t words_max = 2;
    for (std::size_t i = 0; i < entry.breaks.size(); ++i) {
        const std::size_t begin = std::min(entry.breaks[i], entry.text.size());
        const std::size_t end = i + 1 < entry.breaks.size() ? entry.breaks[i + 1] : entry.text.size();
        const std::string piece(trimmed_text(std::string_view(entry.text).substr(begin, end - begin)));
        const auto note = tokens_of(piece), before = tokens_of(std::string_view(entry.text).substr(0, begin));
        if (note.empty() || note.size() > words_max || has(note, 0, verbs) || before.empty() ||
            has(before, before.size() - 1, goes_on))
            continue;
        if (auto said = doubt_in(note, field.must_be_there); !said.empty()) return said;
    }
    return "";
}

void tell(const Judge& judge, const FieldOf& field, std::size_t line, std::string_view note,
          std::string_view of) {
    if (note.empty() || std::ranges::any_of(judge.outcome.findings,
                                            [&](const Finding& one) { return one.rule->id == field.rule; }))
        return;
    judge.find(field.rule, line,
               fmt::format("{} below {} takes it back; expected a line that holds, and what is told of it "
                           "in prose",
                           core::quoted(note, 60), core::quoted(of, 60)),
               Finding::Kind::wrong);
}

void judge_notes_of(const Judge& judge, Part part, const std::vector<Entry>& entries) {
    bool any = false;
    for (std::size_t i = 0; i < entries.size() && !any; ++i) {
        const Entry& entry = entries[i];
        any = !entry.breaks.empty() || entry.level > 1 ||
              (i > 0 && (entry.kind == Entry::Kind::text || entries[i - 1].kind == Entry::Kind::text));
    }
    if (!any) return;
    const FieldOf* field = nullptr;
    const Entry* of = nullptr;
    std::size_t last = 0;  // The line of the field, or of what goes on with it.
    for (const auto& entry : entries) {
        const bool text = entry.kind == Entry::Kind::text, item = entry.kind == Entry::Kind::item;
        // Behind a hard break the item goes on in the line below, and so does a paragraph; a paragraph of its
        // own below it tells of a verdict alone.
        const bool next = text && of != nullptr && last > 0 && entry.line == last + 1;
        const bool apart =
            text && of != nullptr && !next && of->kind == Entry::Kind::text && field->what == What::verdict;
        const bool goes_on = next || apart;
        const bool below = item && of != nullptr && entry.level > of->level;
        const FieldOf* own =
            below || (goes_on && of->kind == Entry::Kind::item) ? nullptr : field_of(part, entry);
        const auto label = labelled(entry.text);
        if (below && of->kind == Entry::Kind::text && label) own = field_of(part, entry);
        if (own != nullptr || !(goes_on || below)) {
            field = own;
            of = field == nullptr ? nullptr : &entry;
            last = of == nullptr ? 0 : entry.line;
            if (field != nullptr)
                tell(judge, *field, entry.line, taken_back_behind_break(*field, entry), entry.text);
            continue;
        }
        last = goes_on ? entry.line : 0;
        // One with a label is a field of its own.
        if (label) continue;
        const auto said = !apart ? taken_back_below(judge.policy, *field, of->text, entry)
                          : takes_verdict_back(tokens_of(entry.text)) ? entry.text
                                                                      : "";
        tell(judge, *field, entry.line, said, of->text);
    }
}

/// The column of a table that tells how it stands with each row is a note of it: "skipped", "not emitted
/// yet".
void judge_states(const Judge& judge, const Section& section) {
    // Of a stage, or a sunset, that is to come or goes on.
    static constexpr auto to_come = words({"open", "pending", "planned", "scheduled", "upcoming"});
    static constexpr auto goes_on = words({"begun", "ongoing", "running", "started", "underway"});
    static constexpr auto begun = words({"begun", "due", "started", "yet"});
    const std::string whole = fmt::format("RDY{}99", number_of(section.part));
    const bool alerts = section.part == Part::alerting, stages = section.part == Part::rollout,
               days = stages || section.part == Part::owner;
    const FieldOf other{section.part, &labels::lever,
                        section.part == Part::monitoring || section.part == Part::drift_detection
                            ? What::threshold
                            : What::rehearsal,
                        whole, alerts};
    for (const auto& table : tables_of(section)) {
        const auto at = table.state_column();
        if (!at) continue;
        for (const Entry* row : table.rows) {
            if (*at >= row->cells.size()) continue;
            Entry note;
            note.text = row->cells[*at];
            const auto tokens = tokens_of(note.text);
            const FieldOf* own = field_of_label(section.part, row->cells[0]);
            const bool is_day = days && (own == nullptr || own->what != What::person);
            if (is_day && (has(tokens, 0, to_come) || has(tokens, 0, goes_on) ||
                           (has(tokens, 0, words({"not"})) && has(tokens, 1, begun)) ||
                           (has(tokens, 0, words({"in"})) && has(tokens, 1, words({"progress"})))))
                continue;
            const FieldOf& field = own == nullptr ? other : *own;
            const std::string value = row->cells.size() > 1 ? row->cells[1] : "";
            // An alert that is off wakes nobody.
            auto said = alerts ? doubt_in(tokens) : "";
            if (said.empty()) said = taken_back_below(judge.policy, field, value, note);
            tell(judge, field, row->line, said, row->cells[0]);
        }
    }
}

}  // namespace

void judge_notes(const Judge& judge, const Section& section) {
    judge_notes_of(judge, section.part, section.entries);
    if (section.part != Part::sign_off) judge_states(judge, section);
}

void judge_header_notes(const Judge& judge) { judge_notes_of(judge, Part::header, judge.plan.header); }

}  // namespace tristrata::readiness
