#include "accepted.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "labels.hpp"
#include "remainder.hpp"
#include "saying.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/draft.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

// The sections that are lists: owner, sign-off.
namespace tristrata::readiness {
namespace {

constexpr std::int64_t microseconds_of_a_day = 86'400'000'000;

}  // namespace

bool is_team(const Policy& policy, std::string_view handle) {
    if (handle.find_first_of("/[") != std::string_view::npos) return true;
    const std::string small = core::lowered(handle);
    if (vocabulary::has(accepted::no_persons, small) || small.ends_with("-bot")) return true;
    for (const auto& [team, people] : policy.teams)
        if (core::lowered(team) == small) return true;
    std::string word;
    for (const char c : small + '-') {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            word += c;
            continue;
        }
        if (vocabulary::has(vocabulary::teams, word)) return true;
        word.clear();
    }
    return says(small, "on-call");
}

namespace {

/// Whether a sentence speaks of the DRI: "@jonas is the DRI until the sunset".
bool says_any_dri(const Section& section) {
    return std::ranges::any_of(section.entries, [](const Entry& one) {
        return (one.kind == Entry::Kind::text || one.kind == Entry::Kind::item) && says(one.text, "dri");
    });
}

/// RDY601 to 604; empty where there is no one person.
std::string judge_dri(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    auto sayings = sayings_of(section, tables, labels::dri);
    if (sayings.empty()) sayings = sayings_of(section, tables, labels::owner);
    std::erase_if(sayings, [](const Saying& one) { return says_any(one.label, labels::no_dri); });
    const std::size_t line = sayings.empty() ? section.line : sayings.front().line;
    std::string text = sayings.empty() ? "" : std::string(trimmed_text(sayings.front().text));
    // "DRI — @maria"
    if (!sayings.empty() && sayings.front().row == nullptr && core::lowered(text).starts_with("dri ")) {
        const std::string plain = with_plain_dashes(text);
        const auto dash = plain.find_first_not_of(' ', 3);
        if (dash != std::string::npos && plain[dash] == '-') text = trimmed_text(plain.substr(dash + 1));
    }
    std::string odd;
    auto person = read_person(judge.policy, text, &odd);
    // "ada lovelace" is a name where the owner above is called so.
    if (!person && core::lowered(text) == core::lowered(trimmed_text(judge.plan.owner.value)))
        person = read_person(judge.policy, trimmed_text(judge.plan.owner.value));
    const auto refuse = [&](const std::string& said) {
        judge.find("RDY601", line,
                   said.empty()
                       ? fmt::format("{}; expected one person behind its label, \"DRI: @maria\": {}",
                                     sayings.empty() && says_any_dri(section)
                                         ? "the DRI is told in a sentence, and no line \"DRI:\" has one"
                                         : "no DRI",
                                     accepted::person_line)
                       : fmt::format("no one person is read in {}{}; expected {}", core::quoted(said),
                                     odd == said ? "" : at_words(odd), accepted::person_line),
                   kind_of(said));
        return std::string();
    };
    if (!person) {
        if (!says_any(text, {"operator", "team", "on-call", "oncall"})) return refuse(text);
        judge.find("RDY602", line,
                   fmt::format("the DRI is {}, which is no person; expected one: {}", core::quoted(text),
                               accepted::person_line));
        return "";
    }
    if (is_empty_answer(person->name) && !is_team(judge.policy, person->name)) return refuse(text);
    // A second line of a DRI is a second DRI.
    for (const auto& other : sayings) {
        const auto one = read_person(judge.policy, trimmed_text(other.text));
        if (!one || core::lowered(one->name) != core::lowered(person->name)) {
            if (&other == &sayings.front() || (other.label != "dri" && handles_of(other.text).empty()))
                continue;
            return refuse(fmt::format("{}, {}", text, trimmed_text(other.text)));
        }
    }
    if (is_team(judge.policy, person->name)) {
        judge.find("RDY602", line,
                   fmt::format("the DRI is {}, which is no person; expected one: {}", core::quoted(text),
                               accepted::person_line));
        return "";
    }
    const auto owner = owner_of(judge);
    // "Maria Silva (@maria)" is Maria Silva, too.
    const auto is_one = [&](const std::string& one, const std::string& other) {
        return !one.empty() && core::lowered(one) == core::lowered(other);
    };
    if (owner && !is_one(owner->name, person->name) && !is_one(owner->called, person->name) &&
        !is_one(owner->name, person->called))
        judge.find("RDY603", line,
                   fmt::format("the DRI is {} and the owner above {}; expected one person",
                               core::quoted(person->name), core::quoted(owner->name)));
    if (person->until) {
        judge.outcome.named.accountable_until = person->until;
        const auto sunset = judge.outcome.named.sunset;
        if (sunset && *person->until < *sunset)
            judge.find(
                "RDY604", line,
                fmt::format(
                    "the DRI's term ends on {}, before the sunset of {}; expected that day, or a later one",
                    date_text(*person->until), date_text(*sunset)));
    }
    return person->name;
}

/// Judges the lines that speak of the review: RDY802 to 804.
void judge_review(const Judge& judge, const Section& section) {
    std::string session, odd, first, second;
    std::optional<bool> passed;
    std::optional<long> day;
    std::size_t line = section.line, second_line = 0;
    std::vector<const Entry*> alone;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::heading) continue;
        const auto found = read_review(entry.text, entry.addresses);
        if (found.session.empty() || !says_any(entry.text, labels::review)) {
            if (entry.box == Entry::Box::none && !is_marked(entry.text)) alone.push_back(&entry);
            continue;
        }
        if (found.day) day = std::max(day.value_or(*found.day), *found.day);
        if (first.empty()) first = core::lowered(found.session);
        if (second.empty() && (!found.second.empty() || core::lowered(found.session) != first)) {
            second = found.second.empty() ? found.session : found.second;
            second_line = entry.line;
        }
        if (session.empty() || found.passed) session = found.session, line = entry.line;
        if (odd.empty()) odd = found.odd;
        if (found.passed) passed = found.passed;
    }
    if (session.empty()) {
        judge.find("RDY802", section.line,
                   fmt::format("no session of the review; expected {}", accepted::review_line));
        return;
    }
    if (!second.empty()) {
        judge.find("RDY802", second_line,
                   fmt::format("the sign-off names two sessions, {} and {}; expected the one that counts: {}",
                               core::lowered(session) == core::lowered(second) ? first : session, second,
                               accepted::review_line),
                   Finding::Kind::wrong);
        return;
    }
    // The verdict may stand in a line of its own.
    if (!passed)
        for (const Entry* entry : alone)
            if (const auto found = read_review(entry->text, {}); found.passed) {
                passed = found.passed;
                if (found.day) day = std::max(day.value_or(*found.day), *found.day);
                if (odd.empty()) odd = found.odd;
            }
    // A header that names no review, or hides what it says, has its own finding.
    const std::size_t header_line = judge.plan.reviewed.line;
    const bool judged = std::ranges::any_of(judge.outcome.findings, [&](const Finding& one) {
        return one.line == header_line && (one.rule->id == "RDY014" || one.rule->id == "RDY015");
    });
    const auto above = judged ? ReviewText{} : read_review(judge.plan.reviewed.value, {});
    const auto beside = [](const std::string& word, std::string_view write) {
        return fmt::format("{} beside the verdict leaves it open; expected the verdict alone: {}",
                           core::quoted(word, 40), write);
    };
    const auto not_passed = [](std::string_view where, std::string_view write) {
        return fmt::format(
            "the verdict that counts, the last of {}, is none that passed; expected PASSED of a later "
            "session: {}",
            where, write);
    };
    // Where the day begins before UTC's, tomorrow has come.
    const auto latest = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day) + 1;
    const auto to_come = [&](std::optional<long> of) { return of && *of > latest; };
    const auto not_held = [](long of, std::string_view write) {
        return fmt::format("the verdict is of {}, which is to come; expected one that was given: {}",
                           date_text(of), write);
    };
    if (passed && !*passed) judge.find("RDY803", line, not_passed("the sign-off", accepted::review_line));
    else if (passed && to_come(day))
        judge.find("RDY803", line, not_held(*day, accepted::review_line), Finding::Kind::wrong);
    else if (!odd.empty()) judge.find("RDY803", line, beside(odd, accepted::review_line));
    else if (!passed)
        judge.find("RDY803", line,
                   fmt::format("the review has no verdict; expected PASSED behind its session: {}",
                               accepted::review_line));
    else if (above.passed && !*above.passed)
        judge.find("RDY803", header_line, not_passed("the header", accepted::reviewed_line));
    else if (!above.odd.empty())
        judge.find("RDY803", header_line, beside(above.odd, accepted::reviewed_line));
    else if (above.passed && to_come(above.day))
        judge.find("RDY803", header_line, not_held(*above.day, accepted::reviewed_line),
                   Finding::Kind::wrong);
    const std::string& header = judge.outcome.named.session;
    if (!header.empty() && core::lowered(header) != core::lowered(session))
        judge.find(
            "RDY804", line,
            fmt::format("the sign-off names the session {} and the header {}; expected the one of the review "
                        "that counts in both",
                        session, header));
}

/// What stands behind a box, in small letters and without marks.
std::string without_box(const Entry& entry) {
    std::string text;
    for (const auto& word : words_of_text(entry.text))
        if (word != "white_check_mark" && word != "heavy_check_mark" && word != "ballot_box_with_check" &&
            word != "white" && word != "check" && word != "mark" && word != "heavy" && word != "ballot" &&
            word != "box" && word != "with")
            text += (text.empty() ? "" : " ") + word;
    return text;
}

/// A box of the template: what is compared, and as it stands.
struct FormBox {
    std::string words;
    std::string text;
};

std::vector<FormBox> boxes_of(const Plan& form) {
    std::vector<FormBox> boxes;
    if (const Section* const section = form.find(Part::sign_off))
        for (const auto& entry : section->entries) {
            if (entry.box == Entry::Box::none) continue;
            auto text = trimmed_text(entry.text);
            if (text.starts_with('[') && text.size() > 3 && text[2] == ']')
                text = trimmed_text(text.substr(3));
            boxes.push_back({without_box(entry), std::string(text)});
        }
    return boxes;
}

/// Whether the line is ticked by a sign, such as ✅, that stands in no code; of "[x]" the list makes a box.
bool has_sign(const Entry& entry) {
    std::string text = core::lowered(entry.text);
    for (const auto& code : entry.code)
        if (const auto at = text.find(core::lowered(code)); !code.empty() && at != std::string::npos)
            text.erase(at, code.size());
    for (auto at = text.find("[x]"); at != std::string::npos; at = text.find("[x]", at)) text.erase(at, 3);
    return is_marked(text);
}

/// RDY801: each box is one of the template's, and ticked.
void judge_boxes(const Judge& judge, const Section& section) {
    static const std::vector<FormBox> usual = [] {
        const auto form = parse_plan(built_in_form(), "template");
        return form ? boxes_of(*form) : std::vector<FormBox>();
    }();
    auto boxes = judge.options.form == nullptr ? usual : boxes_of(*judge.options.form);
    if (boxes.empty()) boxes = usual;
    std::size_t ticked = 0, wrong = 0;
    for (const auto& entry : section.entries) {
        // A page shows no box that stands in code.
        if (entry.kind == Entry::Kind::code) continue;
        const bool open = entry.box == Entry::Box::open || entry.text.find("\u274c") != std::string::npos ||
                          entry.text.find("\u2610") != std::string::npos;
        if (open) {
            ++wrong;
            judge.find("RDY801", entry.line, "this box is not ticked; expected [x] once it is so");
        }
        const bool sign = has_sign(entry);
        if (open || (entry.box != Entry::Box::ticked && !sign)) continue;
        const std::string text = without_box(entry);
        if (std::ranges::find(boxes, text, &FormBox::words) != boxes.end()) {
            ++ticked;
        } else if (const auto review = read_review(entry.text, entry.addresses);
                   review.session.empty() || !review.odd.empty()) {
            ++wrong;
            judge.find("RDY801", entry.line,
                       fmt::format("the template has no box {}; expected {}",
                                   core::quoted(trimmed_text(entry.text), 80),
                                   core::quoted("[x] " + boxes.front().text, 120)),
                       Finding::Kind::wrong);
        }
    }
    if (ticked < boxes.size() && wrong == 0)
        judge.find(
            "RDY801", section.line,
            ticked == 0
                ? fmt::format("no box is ticked; expected a list of the template's boxes, each with [x]: {}",
                              core::quoted(boxes.front().text, 120))
                : fmt::format("{} of the template's {} boxes are ticked; expected each, with [x]", ticked,
                              boxes.size()));
}

/// Whether the sunset is one as soon as the full rollout has a day: "full rollout + 90 days".
bool counts_from_rollout(const Section& section, const std::vector<Table>& tables, long days) {
    for (const auto& saying : sayings_of(section, tables, {"sunset"})) {
        std::vector<long> rollouts{0};
        // "2026-08-23, 90 days after the full rollout"
        for (const long day : dates_of(saying.text)) rollouts.push_back(day - days);
        for (const long rollout : rollouts)
            if (date_of(section, tables, {"sunset"}, rollout)) return true;
    }
    return false;
}

/// Why a change cannot have been taken back on that day; empty where it can.
std::string not_undone(const Judge& judge, long day, long today) {
    const auto& filled = judge.outcome.named.filled_on;
    if (judge.options.brought)
        return "the change set brings the plan in, and what it merges cannot have been taken back";
    if (day > today) return fmt::format("{} is to come", date_text(day));
    if (filled && day < *filled)
        return fmt::format("{} lies before the plan was filled, {}", date_text(day), date_text(*filled));
    return "";
}

/// RDY703. `line`: of the sunset.
void judge_outcome(const Judge& judge, const Section& section, const std::vector<Table>& tables,
                   std::size_t line) {
    Named& named = judge.outcome.named;
    const auto today = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day);
    const bool is_due = named.sunset && *named.sunset <= today;
    std::string outcome, odd;
    std::size_t outcome_line = line;
    std::optional<long> undone;
    for (const auto& saying : sayings_of(section, tables, {"outcome"})) {
        auto found = read_outcome(saying.text, today);
        // A change is not revisited in its own story.
        if (found == "revisited" && !named.story.empty() && says(saying.text, core::lowered(named.story)))
            found.clear();
        if (found == "revisited" && !undone) undone = undone_day(saying.text);
        if (!found.empty()) outcome = found, outcome_line = saying.line;
        else if (saying.label == "outcome" && !is_empty_answer(saying.text) && !reads_as_due(saying.text))
            odd = saying.text, outcome_line = saying.line;
    }
    if (named.sunset && !is_due && outcome.empty() && !odd.empty() && placeholder_in(odd).empty()) {
        judge.find(
            "RDY703", outcome_line,
            fmt::format("no outcome is read in {}; expected \"Outcome: due at the sunset\" until {}, or "
                        "of a change that is taken back: {}",
                        core::quoted(odd, 60), date_text(*named.sunset), accepted::undone_line),
            Finding::Kind::wrong);
        return;
    }
    if (const auto why = undone ? not_undone(judge, *undone, today) : ""; !why.empty()) {
        judge.find(
            "RDY703", outcome_line,
            fmt::format("the outcome says that the change was rolled back on {}, and {}; expected {}",
                        date_text(*undone), why,
                        is_due && !judge.options.brought ? "the day on which it was"
                                                         : "\"Outcome: due at the sunset\" until it was"),
            Finding::Kind::wrong);
        return;
    }
    if (named.sunset && !is_due && !outcome.empty() && !undone) {
        judge.find("RDY703", outcome_line,
                   fmt::format("the outcome is {} before the sunset of {}; expected \"Outcome: due at the "
                               "sunset\" until then",
                               outcome, date_text(*named.sunset)),
                   Finding::Kind::wrong);
        return;
    }
    named.outcome = outcome;
    named.undone_on = undone;
    if (is_due && outcome.empty())
        judge.find(
            "RDY703", line,
            fmt::format("the sunset was on {} and no outcome is named; expected \"Outcome: permanent\", or "
                        "\"Outcome: revisited in\" and the story that does it; of one that is taken back: {}",
                        date_text(*named.sunset), accepted::undone_line));
}

}  // namespace

void judge_owner(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    Named& named = judge.outcome.named;
    named.sunset = date_of(section, tables, labels::sunset, named.full_rollout);
    named.owner = judge_dri(judge, section, tables);
    const auto sunsets = sayings_of(section, tables, labels::sunset);
    const std::size_t line = sunsets.empty() ? section.line : sunsets.front().line;
    // A finding of section 4 says already that the day is missing that it counts from.
    const bool counts = !named.sunset && !named.full_rollout &&
                        counts_from_rollout(section, tables, judge.policy.sunset_days);
    const bool told = counts && std::ranges::any_of(judge.outcome.findings, [](const Finding& one) {
                          return one.rule->part == Part::rollout;
                      });
    if (counts && !told) {
        judge.find("RDY701", line,
                   "the sunset counts from the full rollout, whose day stands nowhere; expected the day "
                   "itself: \"Sunset: 2026-08-23\"");
    } else if (!named.sunset && !told) {
        judge.find(
            "RDY701", line,
            sunsets.empty() || is_empty_answer(sunsets.front().text)
                ? "no sunset; expected \"Sunset:\" and the day of the full rollout and 90 days"
                : fmt::format("no one day of the sunset is read in {}; expected \"Sunset: 2026-08-23\", the "
                              "full rollout and {} days",
                              unread_day(sunsets.front()), judge.policy.sunset_days),
            sunsets.empty() ? Finding::Kind::missing : kind_of(sunsets.front().text));
    } else if (named.sunset && named.full_rollout &&
               *named.sunset != *named.full_rollout + judge.policy.sunset_days) {
        judge.find(
            "RDY702", line,
            fmt::format("the sunset is {}, and the full rollout of {} and {} days is another day; expected "
                        "\"Sunset: {}\"",
                        date_text(*named.sunset), date_text(*named.full_rollout), judge.policy.sunset_days,
                        date_text(*named.full_rollout + judge.policy.sunset_days)));
    }
    const auto terms = sayings_of(section, tables, {"accountable", "term", "accountable until"});
    if (const auto until = date_of(section, tables, {"accountable", "term"})) {
        named.accountable_until = until;
        if (named.sunset && *until < *named.sunset)
            judge.find(
                "RDY604", terms.front().line,
                fmt::format(
                    "the DRI's term ends on {}, before the sunset of {}; expected that day, or a later one",
                    date_text(*until), date_text(*named.sunset)));
    }
    judge_denials(judge, section);
    judge_outcome(judge, section, tables, line);
}

void judge_sign_off(const Judge& judge, const Section& section) {
    judge_boxes(judge, section);
    judge_review(judge, section);
    judge_denials(judge, section);
}

}  // namespace tristrata::readiness
