#include "field.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <span>

// What became of a change at its sunset.

namespace tristrata::readiness {

namespace {

using Kind = Token::Kind;

/// "rolled back on 2026-12-18", "reverted 2026-12-18"; goes nowhere where it stands not.
std::optional<long> take_undone_day(TokenReader& reader) {
    static constexpr auto phrases =
        std::to_array<std::string_view>({"rolled back", "reverted", "taken back", "backed out", "undone"});
    static constexpr auto on = vocabulary::words({"on"});
    const std::size_t begun = reader.place();
    if (reader.take_phrase(phrases)) {
        reader.take(on);
        if (reader.is(Kind::day)) {
            const long day = reader.now().day;
            reader.skip();
            return day;
        }
    }
    reader.go_to(begun);
    return std::nullopt;
}

/// Whether what stands before "rolled back" says it of the change: nothing, a sign, "it was", "and"; or the
/// id of "revisited in".
bool is_said_of_change(std::span<const Token> before) {
    static constexpr auto leads =
        vocabulary::words({"already", "been", "change", "has", "is", "it", "the", "this", "was"});
    static constexpr auto joins = vocabulary::words({"and", "then", "since"});
    std::size_t at = before.size();
    while (at > 0 && vocabulary::has(leads, before[at - 1].small)) --at;
    const bool joined = at > 0 && vocabulary::has(joins, before[at - 1].small);
    if (joined) --at;
    const auto parts = [](const Token& one) {
        return one.is_sign(",;:(|") || (one.is_sign(".-") && one.open);
    };
    if (at == 0 || parts(before[at - 1])) return true;
    if (!joined && at < before.size()) return false;
    // "revisited in CVN-N002-EF-S01 and rolled back on …"
    while (at > 0 && !parts(before[at - 1]) && before[at - 1].small != "revisited") --at;
    return at > 0 && before[at - 1].small == "revisited" &&
           std::ranges::none_of(before.subspan(at), [](const Token& one) {
               static constexpr auto opens =
                   vocabulary::words({"if", "not", "or", "unless", "until", "when", "never", "once"});
               return vocabulary::has(opens, one.small);
           });
}

}  // namespace

std::optional<long> undone_day(std::string_view text) {
    const auto tokens = tokens_of(text);
    TokenReader reader(tokens);
    for (; !reader.at_end(); reader.skip()) {
        const std::size_t begun = reader.place();
        const auto day = take_undone_day(reader);
        if (!day) continue;
        const auto behind = std::span(tokens).subspan(reader.place());
        if (!is_said_of_change(std::span(tokens).first(begun)) || !taken_back_by(behind).empty())
            return std::nullopt;
        return day;
    }
    return std::nullopt;
}

bool reads_as_due(std::string_view text) {
    static constexpr auto due =
        vocabulary::words({"due", "at", "on", "by", "with", "the", "its", "sunset", "it", "is", "until",
                           "then", "when", "comes", "day", "of", "decided", "be", "to"});
    const auto tokens = tokens_of(text);
    TokenReader reader(tokens);
    bool any = false;
    while (!reader.at_end()) {
        any = any || (reader.is(Kind::word) && reader.now().small == "due");
        if (reader.take(due) || reader.take_sign(".,()")) continue;
        // "due at the sunset: keep if the regret is below 3 bps"
        if (any && (reader.take_sign(":;") || reader.take_separator())) {
            static constexpr auto outcomes = vocabulary::words({"permanent", "revisited"});
            return (reader.at_end() || !vocabulary::has(outcomes, reader.now().small)) &&
                   taken_back_by(std::span(tokens).subspan(reader.place())).empty();
        }
        if (!reader.is(Kind::day)) return false;
        reader.skip();
    }
    return any;
}

namespace {

/// Words, numbers and signs that no space divides: "CVN-N002-EF-S01", "Q3/2027". Takes one piece at least.
std::string take_id(TokenReader& reader) {
    std::string id;
    do {
        id += reader.now().text;
        reader.skip();
    } while (!reader.at_end() && !reader.now().spaced &&
             (reader.is(Kind::word) || reader.is(Kind::number) ||
              (reader.now().is_sign("-/#.") && !reader.now().open)));
    return id;
}

/// A part of an id that is a time, or a number alone: "Q3", "H2", "FY27", "mid", "week", "3rd", "90d".
bool is_time_part(std::string_view part) {
    static constexpr auto times = vocabulary::words(
        {"q",         "h",      "fy",     "w",       "kw",   "cw",     "wk",      "week",
         "weeks",     "month",  "months", "quarter", "half", "year",   "sprint",  "mid",
         "day",       "days",   "early",  "late",    "end",  "eoy",    "eoq",     "next",
         "may",       "spring", "summer", "autumn",  "fall", "winter", "y",       "v",
         "version",   "phase",  "pi",     "m",       "t",    "+",      "release", "iteration",
         "milestone", "stage",  "step",   "round",   "wave", "rc"});
    constexpr std::size_t ending_max = 3;
    const std::string small = core::lowered(part);
    const auto first = std::ranges::find_if(small, is_digit);
    const auto end = std::find_if_not(first, small.end(), is_digit);
    const std::string_view lead(small.begin(), first), behind(end, small.end());
    const bool month = lead.size() >= 3 && std::ranges::any_of(vocabulary::months, [&](std::string_view one) {
                           return lead == one || lead == one.substr(0, 3);
                       });
    // "2027Q3", "3Q27", "2027W14"
    static constexpr std::string_view terms = "qhw";
    const bool term = behind.size() > 1 && terms.find(behind[0]) != std::string_view::npos &&
                      std::ranges::all_of(behind.substr(1), is_digit);
    if (lead.empty()) return term || (behind.size() <= ending_max && std::ranges::none_of(behind, is_digit));
    return behind.empty() && (month || vocabulary::has(times, lead));
}

/// "T-4711", "M-12", "PI-204": of a tracker whose key reads like a time. "Q-3", "PI-3" and "FY-2027" are
/// times.
bool is_tracker_id(std::string_view id) {
    static constexpr auto keys = std::to_array<std::string_view>({"M", "T"});
    static constexpr auto years = std::to_array<std::string_view>({"CY", "FY", "H", "KW", "Q", "Y"});
    constexpr std::size_t key_max = 3, digits_of_a_story = 3;
    const auto dash = id.find('-');
    if (dash == 0 || dash == std::string_view::npos || dash > key_max) return false;
    const auto key = id.substr(0, dash), number = id.substr(dash + 1);
    if (number.empty() || !std::ranges::all_of(number, is_digit) ||
        !std::ranges::all_of(key, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return false;
    return std::ranges::find(keys, key) != keys.end() ||
           (number.size() >= digits_of_a_story && std::ranges::find(years, key) == years.end());
}

/// An id with a digit, or of large letters and a dash ("ORD-B"), that is no time: "Q3", "mid-2027",
/// "2027-09".
bool names_story(std::string_view id) {
    const auto is_large = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (is_tracker_id(id)) return true;
    const bool dashed = id.find('-') != std::string_view::npos && !id.ends_with('-');
    bool named = false, numbered = false, large = false, digits = false;
    static constexpr auto nothing = vocabulary::words({"iso", "n", "na", "nn", "tba",
                                                       ("tb"
                                                        "d"),
                                                       ("to"
                                                        "do"),
                                                       "utf", "xx", "xxx"});
    if (vocabulary::has(nothing, core::lowered(id.substr(0, id.find_first_of("-/#."))))) return false;
    for (std::string_view rest = id; !rest.empty();) {
        const auto end = std::min(rest.find_first_of("-/#."), rest.size());
        const auto part = rest.substr(0, end);
        const bool any = std::ranges::any_of(part, is_digit);
        digits = digits || any;
        numbered = numbered || (!part.empty() && std::ranges::all_of(part, is_digit));
        if (!part.empty() && !is_time_part(part)) {
            const bool caps = std::ranges::all_of(part, is_large);
            named = named || any || caps;
            large = large || (caps && part.size() > 1 && part.data() == id.data());
            // "ord-3"
            named = named || (numbered || std::ranges::any_of(rest.substr(end), is_digit));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return named && (digits || (large && dashed));
}

}  // namespace

namespace {

/// Behind "permanent" a clause that says the contrary, or nothing: ", failed", "(was rolled back)", ", N/A",
/// "; outcome unknown". "the old path was removed" and "nothing failed" tell of something else.
bool denies_permanence(std::span<const Token> behind) {
    static constexpr auto leads = vocabulary::words({"and", "been", "but", "change", "has", "is", "it", "now",
                                                     "outcome", "since", "the", "then", "this", "was"});
    static constexpr auto undone =
        vocabulary::words({"aborted", "cancelled", "disabled", "failed", "failing", "fails", "failure",
                           "removed", "reverted", "revoked", "undone", "unknown", "unclear", "withdrawn"});
    static constexpr auto back = vocabulary::words({"rolled", "taken", "switched", "turned"});
    static constexpr auto none = vocabulary::words({"na", "nil", "no", "none", "never", "nothing"});
    const auto ends = [](const Token& one) {
        return one.is_sign(",;:().!|") || (one.is_sign("-") && one.spaced);
    };
    for (std::size_t begin = 0; begin < behind.size();) {
        std::size_t end = begin;
        while (end < behind.size() && !ends(behind[end])) ++end;
        std::size_t at = begin;
        while (at < end && vocabulary::has(leads, behind[at].small)) ++at;
        const auto next = at + 1 < end ? std::string_view(behind[at + 1].small) : std::string_view();
        if (at < end && (vocabulary::has(undone, behind[at].small) ||
                         (vocabulary::has(back, behind[at].small) && (next == "back" || next == "off"))))
            return true;
        if (at + 1 == end && vocabulary::has(none, behind[at].small)) return true;
        begin = end + 1;
    }
    return false;
}

/// "with no incident", "after 90 days without an alert", ", no alert fired": what did not happen is a reason.
bool tells_of_quiet(std::span<const Token> behind) {
    static constexpr auto leads =
        vocabulary::words({"with", "and", "after", "without", "a", "an", "any", "single"});
    static constexpr auto troubles = vocabulary::words(
        {"alert",    "alerts",     "blocker",     "blockers",   "complaint", "complaints", "deviation",
         "doubt",    "failure",    "failures",    "finding",    "findings",  "incident",   "incidents",
         "issue",    "issues",     "objection",   "objections", "page",      "pages",      "problem",
         "problems", "regression", "regressions", "rollback",   "rollbacks"});
    static constexpr auto denies = vocabulary::words({"no", "without", "zero"});
    static constexpr auto over =
        vocabulary::words({"since", "fired", "in", "for", "during", "of", "the", "sunset", "rollout", "full",
                           "until", "seen", "days", "day", "weeks"});
    bool denied = false, quiet = false;
    for (const auto& one : behind) {
        if (one.is_sign("?")) return false;
        if (one.kind == Kind::word && vocabulary::has(denies, one.small)) {
            denied = true;
            continue;
        }
        if (one.kind == Kind::word && vocabulary::has(troubles, one.small)) {
            if (!denied) return false;
            quiet = true;
            continue;
        }
        const bool beside = one.kind == Kind::number || one.kind == Kind::day || one.is_sign(",.;()-") ||
                            vocabulary::has(leads, one.small) || vocabulary::has(over, one.small);
        if (!beside) return false;
    }
    return quiet;
}

}  // namespace

std::string read_outcome(std::string_view text, long today) {
    static constexpr auto before = vocabulary::words({"it", "is", "stays", "made", "the", "was", "kept"});
    static constexpr auto permanent = vocabulary::words({"permanent"});
    static constexpr auto revisited = vocabulary::words({"revisited"});
    const auto tokens = tokens_of(text);
    TokenReader reader(tokens);
    static constexpr auto on = vocabulary::words({"on", "since", "from"});
    static constexpr auto seen = vocabulary::words({"the", "it", "as", "all", "no", "its"});
    static constexpr auto by = vocabulary::words(
        {"ratified", "confirmed", "decided", "by", "the", "committee", "session", "review", "in"});
    static constexpr auto undone = vocabulary::words({"reverted", "removed", "disabled", "withdrawn"});
    static constexpr auto coming = std::to_array<std::string_view>({"will be", "to be"});
    reader.take_all(before);
    // "kept: permanent"
    if (reader.place() > 0) reader.take_sign(":");
    if (reader.take(permanent)) {
        reader.take(on);
        if (reader.is(Kind::day)) {
            if (reader.now().day > today) return "";
            reader.skip();
        }
        if (std::ranges::any_of(tokens, [](const Token& one) { return one.small == "revisited"; })) return "";
        const auto rest = std::span(tokens).subspan(reader.place());
        if (denies_permanence(rest)) return "";
        if (tells_of_quiet(rest)) return "permanent";
        // "permanent, the dispersion stayed": what was seen is a reason.
        TokenReader ahead = reader;
        const bool told = ahead.take_sign(",") && (ahead.take(seen) || ahead.take(by));
        if (told || reader.at_end() || reader.take_reason(by)) return "permanent";
        // "permanent, win rate 0.54", "permanent: good"
        static constexpr auto takes_back = vocabulary::words(
            {"but", "except", "no", "not", "only", "temporarily", "till", "unless", "until"});
        const bool plain = std::ranges::none_of(
            rest, [](const Token& one) { return vocabulary::has(takes_back, one.small); });
        return plain && begins_aside(rest) && taken_back_by(rest, {.may_depend = true}).empty() ? "permanent"
                                                                                                : "";
    }
    // "revisited in CVN-N001-EF-S11": in a story, an issue or a page.
    static constexpr auto where = vocabulary::words(
        {"in", "by", "as", "with", "under", "through", "the", "a", "story", "issue", "see", "new"});
    // "reverted, revisited in ORD-14", "will be revisited in ORD-14"
    if (const std::size_t begun = reader.place();
        reader.take(undone) && !reader.take_sign(",;") && !reader.take(vocabulary::words({"and"})))
        reader.go_to(begun);
    // "rolled back on 2026-06-03, revisited in ORD-14"
    if (take_undone_day(reader)) {
        reader.take_sign(",;:");
        reader.take_all(vocabulary::words({"and", "now", "it", "is"}));
    }
    reader.take_phrase(coming);
    if (!reader.take(revisited)) return "";
    // "A-1" begins an id.
    const auto is_joined = [&] {
        return reader.place() + 1 < tokens.size() && tokens[reader.place() + 1].is_sign("-") &&
               !tokens[reader.place() + 1].spaced;
    };
    while ((!is_joined() && reader.take(where)) || reader.take_sign(":,(#-")) {
    }
    // "in Q3 by CVN-N002-EF-S01": the first that is a story's, to the clause's end.
    static constexpr auto counted = vocabulary::words({"issue", "issues", "story", "ticket", "pr"});
    while (!reader.at_end() && !reader.now().is_sign(",;.")) {
        const Token& token = reader.now();
        const std::size_t begun = reader.place();
        const bool numbered =
            token.kind == Kind::number && begun > 0 &&
            (tokens[begun - 1].is_sign("#") || vocabulary::has(counted, tokens[begun - 1].small));
        const std::string id = take_id(reader);
        if (token.kind == Kind::address || numbered || names_story(id))
            return std::ranges::any_of(tokens, [](const Token& one) { return one.is_sign("?"); })
                       ? ""
                       : "revisited";
    }
    return "";
}

}  // namespace tristrata::readiness
