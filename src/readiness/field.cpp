#include "field.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

/// "full rollout + 90 days", "90 days after the full rollout".
std::optional<long> take_sum(TokenReader& reader, std::optional<long> rollout) {
    static constexpr auto plus = vocabulary::words({"plus", "and"});
    static constexpr auto after = vocabulary::words({"after", "from"});
    const std::size_t begun = reader.place();
    std::optional<long> base;
    bool named = reader.take_phrase(accepted::rollout_names);
    if (named) base = rollout;
    else if (reader.is(Kind::day)) base = reader.now().day, named = true, reader.skip();
    if (named && (reader.take_sign("+") || reader.take(plus))) {
        if (const auto length = read_length(reader); length && length->is_exact() && base)
            return *base + std::lround(length->days);
    } else if (!named) {
        const auto length = read_length(reader);
        if (length && length->is_exact() && reader.take(after)) {
            if (reader.take_phrase(accepted::rollout_names)) base = rollout;
            else if (reader.is(Kind::day)) base = reader.now().day, reader.skip();
            if (base) return *base + std::lround(length->days);
        }
    }
    reader.go_to(begun);
    return std::nullopt;
}

/// ", or later", "(at the earliest)": a clause behind a day by which it is no one day; empty where there is
/// none.
std::string bound_of_day(std::span<const Token> behind) {
    static constexpr auto bounds = std::to_array<std::string_view>({"at the earliest",
                                                                    "at the latest",
                                                                    "at earliest",
                                                                    "at latest",
                                                                    "or later",
                                                                    "or earlier",
                                                                    "or sooner",
                                                                    "or after",
                                                                    "or before",
                                                                    "or any later day",
                                                                    "and later",
                                                                    "and after",
                                                                    "or so",
                                                                    "give or take",
                                                                    "plus or minus",
                                                                    "not before",
                                                                    "not earlier",
                                                                    "not later",
                                                                    "no earlier",
                                                                    "no later",
                                                                    "around then",
                                                                    "or the week after",
                                                                    "or the day after",
                                                                    "or the month after",
                                                                    "or the following week",
                                                                    "or the following day",
                                                                    "or the following month",
                                                                    "or the next week",
                                                                    "or the next day",
                                                                    "or a week later",
                                                                    "or a day later",
                                                                    "or one week later"});
    TokenReader reader(behind);
    while (!reader.at_end()) {
        if (!reader.take_sign(",") && !reader.take_separator()) {
            reader.skip();
            continue;
        }
        const std::size_t begun = reader.place();
        static constexpr auto lone = vocabulary::words({"earliest", "latest"});
        const bool alone = reader.take(lone) && (reader.at_end() || reader.now().is_sign(",;)"));
        if (!alone) reader.go_to(begun);
        if (!alone && !reader.take_phrase(bounds)) continue;
        // "not before 9:00" bounds something else.
        if (!reader.at_end() && !reader.now().is_sign(",;.()")) continue;
        std::size_t end = reader.place();
        while (end < behind.size() && !behind[end].is_sign(",;()")) ++end;
        return text_of(behind.subspan(begun, end - begun));
    }
    return "";
}

/// What may stand behind a person: in brackets whatever says no other one; else a role, or a sentence of some
/// words. "Ada, Bob" is of two.
bool tells_of_person(const Policy& policy, std::span<const Token> clause, bool bracket) {
    constexpr std::ptrdiff_t words_of_a_sentence = 3;
    const auto is_role = [&](const Token& one) {
        return vocabulary::has(accepted::roles, one.small) ||
               std::ranges::any_of(policy.teams,
                                   [&](const auto& team) { return core::lowered(team.first) == one.small; });
    };
    static constexpr auto none = vocabulary::words({"nobody", "none", "unknown", "tbc"});
    if (clause.front().kind == Kind::word && vocabulary::has(none, clause.front().small)) return false;
    if (bracket || std::ranges::any_of(clause, is_role)) return true;
    // "deputy @jonas"; "deputy" alone is no one person.
    if (vocabulary::has(accepted::deputies, clause.front().small) && clause.size() > 1 &&
        clause[1].kind == Kind::handle)
        return true;
    // "room 3.14": a small letter begins no name.
    const char initial = clause.front().text[0];
    if (clause.size() > 1 && initial >= 'a' && initial <= 'z' && clause[1].kind == Kind::number) return true;
    const bool adds = std::ranges::any_of(clause, [](const Token& one) {
        return vocabulary::has(accepted::adds, one.small) || one.is_sign("&/+");
    });
    return !adds && std::ranges::count(clause, Kind::word, &Token::kind) >= words_of_a_sentence;
}

/// A name: one word ("maria", "m.silva", "jonas-k"), or up to four that begin with large letters, with the
/// particles between them: "Jean-Luc Picard", "J. R. Silva", "María de la Cruz".
std::string take_name(TokenReader& reader) {
    constexpr std::size_t words_max = 4;
    const auto is_large = [](const Token& one) {
        return (one.text[0] >= 'A' && one.text[0] <= 'Z') || static_cast<unsigned char>(one.text[0]) >= 0x80;
    };
    std::string name;
    std::size_t words = 0, fits = 0, end = reader.place();
    const bool large = is_large(reader.now());
    bool only_names = true;
    for (TokenReader ahead = reader; ahead.is(Kind::word) && words < words_max;) {
        const Token& first = ahead.now();
        const bool particle = words > 0 && vocabulary::has(accepted::particles, first.small);
        if (words > 0 && (!large || !first.spaced || (!particle && !is_large(first)))) break;
        if (words > 0) name += ' ';
        // "jonas-k", "O'Brien", "J."
        for (bool begun = false; !ahead.at_end() && (!begun || !ahead.now().spaced) &&
                                 (ahead.is(Kind::word) || ahead.now().is_sign(".-'\u2019"));
             begun = true) {
            const std::string& word = ahead.now().small;
            only_names =
                only_names && !vocabulary::has(vocabulary::teams, word) &&
                !vocabulary::has(accepted::roles, word) && !vocabulary::has(accepted::beside_roles, word) &&
                !vocabulary::has(accepted::no_persons, word) && !vocabulary::has(accepted::no_names, word) &&
                !vocabulary::has(accepted::adds, word) && !vocabulary::has(vocabulary::refusals, word);
            name += ahead.now().text;
            ahead.skip();
        }
        ++words;
        if (words > 1 && !only_names) break;
        if (!particle) fits = name.size(), end = ahead.place();
    }
    // "Data Science Team" is nobody's name; what stands first is looked at by whoever asks.
    reader.go_to(end);
    name.resize(fits);
    // The point of a sentence, not that of "J."
    if (name.size() > 2 && name.ends_with('.') && name[name.size() - 3] != ' ') name.pop_back();
    return name;
}

}  // namespace

std::string shown_number(double number) {
    constexpr double tenths = 10.0;
    return fmt::format("{:g}", std::round(number * tenths) / tenths);
}

std::optional<long> read_day(std::string_view text, std::optional<long> rollout, std::string* odd) {
    const auto tokens = tokens_of(text);
    TokenReader reader(tokens);
    const auto refuse = [&](std::string said) -> std::optional<long> {
        if (odd != nullptr && odd->empty()) *odd = std::move(said);
        return std::nullopt;
    };
    while (reader.take_sign("-:")) {
    }
    std::optional<long> day;
    const auto sum = take_sum(reader, rollout);
    if (!sum) {
        reader.take_all(accepted::day_before);
        reader.take_sign(",");
        if (!reader.is(Kind::day)) return std::nullopt;
        day = reader.now().day;
        reader.skip();
    }
    if (reader.take_sign("=")) {
        // Of a sum its answer is the day.
        if (sum) {
            if (!reader.is(Kind::day)) return std::nullopt;
            day = reader.now().day;
            reader.skip();
        } else if (!take_sum(reader, rollout)) {
            return std::nullopt;
        }
    }
    if (!day) day = sum;
    // "full rollout + 90 days (2026-08-23)", ", on 2026-08-23": the day that is written is the answer.
    if (TokenReader ahead = reader; sum && ahead.take_sign(",(-")) {
        ahead.take_all(accepted::day_before);
        if (ahead.is(Kind::day)) day = ahead.now().day;
    }
    while (!reader.at_end()) {
        // "2026-08-23, 90 days after the full rollout"
        if (reader.now().is_sign(",")) {
            TokenReader ahead = reader;
            ahead.skip();
            // "full rollout + 90 days, 2026-08-23"
            ahead.take_all(accepted::day_before);
            if (sum && ahead.is(Kind::day) && ahead.now().day == *day) {
                ahead.skip();
                reader = ahead;
                continue;
            }
            if (const auto same = take_sum(ahead, rollout)) {
                if (*same != *day) return std::nullopt;
                reader = ahead;
                continue;
            }
        }
        if (reader.take(accepted::day_behind) || reader.take_sign("%") || reader.is(Kind::number)) {
            if (reader.is(Kind::number)) reader.skip();
            continue;
        }
        // What stands behind it without a comma is a part of it: "2026-05-25 or later".
        const auto rest = std::span(tokens).subspan(reader.place());
        TokenReader ahead = reader;
        if (!ahead.take_sign(",") && !ahead.take_separator()) return refuse(text_of(rest));
        if (auto said = taken_back_by(
                rest,
                {.is_another = [&](const Token& one) { return one.kind == Kind::day && one.day != *day; },
                 .may_depend = true});
            !said.empty())
            return refuse(std::move(said));
        if (auto bound = bound_of_day(rest); !bound.empty()) return refuse(std::move(bound));
        break;
    }
    return day;
}

std::optional<Person> read_person(const Policy& policy, std::string_view text, std::string* odd) {
    const auto tokens = tokens_of(text);
    TokenReader reader(tokens);
    const auto refuse = [&](std::size_t from) -> std::optional<Person> {
        if (odd != nullptr) *odd = text_of(std::span(tokens).subspan(from));
        return std::nullopt;
    };
    const auto is_until = [&](std::size_t from) {
        TokenReader ahead(tokens);
        ahead.go_to(from);
        return ahead.take_phrase(accepted::until) && ahead.is(Kind::day);
    };
    if (!reader.is(Kind::handle) && !reader.is(Kind::word)) return std::nullopt;
    Person person;
    // "nobody (was @maria)"
    if (tokens.size() > 1 && vocabulary::has(vocabulary::refusals, tokens.front().small)) return refuse(0);
    if (reader.is(Kind::handle)) {
        person.name = reader.now().text;
        reader.skip();
    } else {
        person.name = take_name(reader);
    }
    // "Ada Lovelace (@ada)", "@ada (Ada Lovelace)": the handle counts.
    const bool is_handle = tokens.front().kind == Kind::handle;
    if (TokenReader ahead = reader; ahead.take_sign("(")) {
        std::string beside;
        if (!is_handle && ahead.is(Kind::handle)) beside = ahead.now().text, ahead.skip();
        else if (is_handle && ahead.is(Kind::word)) beside = take_name(ahead);
        if ((is_handle ? beside.find(' ') != std::string::npos : !beside.empty()) && ahead.take_sign(")")) {
            person.called = is_handle ? beside : std::exchange(person.name, beside);
            reader = ahead;
        }
    }
    const auto take_until = [&] {
        const std::size_t begun = reader.place();
        if (reader.take_phrase(accepted::until)) {
            if (reader.is(Kind::day)) {
                person.until = reader.now().day;
                reader.skip();
                return true;
            }
            if (reader.take_phrase(accepted::sunset)) return true;
        }
        // "for 90 days", "for the next 90 days": as long as a DRI answers.
        static constexpr auto for_long = std::to_array<std::string_view>({"for the next", "for"});
        if (reader.take_phrase(for_long))
            if (const auto length = read_length(reader);
                length && !length->is_most && length->days >= static_cast<double>(policy.sunset_days))
                return true;
        reader.go_to(begun);
        return false;
    };
    if (!take_until() && !reader.at_end() && reader.now().is_sign("&/+")) return refuse(reader.place());
    while (!reader.at_end()) {
        const std::size_t begun = reader.place();
        if (reader.take_sign(".") && reader.at_end()) break;
        const bool bracket = reader.take_sign("(");
        if (!bracket && !reader.take_sign(",") && !reader.take_separator() && !take_until())
            return refuse(begun);
        if (reader.at_end()) break;
        if (take_until()) continue;
        // "@ada, @bob", "@ada, until she finds someone", "@ada (and Bob)": another, or no day.
        static constexpr auto ends = vocabulary::words({"until", "till", "for"});
        std::size_t end = reader.place();
        const auto closes = [&](const Token& one) {
            return bracket ? one.is_sign(")")
                           : one.is_sign(",;:(|") || (one.is_sign("-") && one.spaced && one.open);
        };
        while (end < tokens.size() && !closes(tokens[end]) &&
               !(end > reader.place() && !bracket && is_until(end)))
            ++end;
        const auto clause = std::span(tokens).subspan(reader.place(), end - reader.place());
        if (clause.empty() || reader.take(accepted::adds) || reader.take(ends) ||
            !tells_of_person(policy, clause, bracket))
            return refuse(begun);
        const bool deputy = vocabulary::has(accepted::deputies, clause.front().small);
        if (auto said = taken_back_by(
                clause, {.is_another = [&](const Token& one) { return one.kind == Kind::handle && !deputy; },
                         .may_depend = true});
            !said.empty()) {
            if (odd != nullptr) *odd = std::move(said);
            return std::nullopt;
        }
        reader.go_to(end);
        if (bracket) reader.take_sign(")");
    }
    return person;
}

}  // namespace tristrata::readiness
