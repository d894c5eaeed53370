#include "threshold.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>

namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

/// A sign that stands against what follows it.
bool is_joined(const TokenReader& reader, std::string_view signs) {
    return !reader.at_end() && reader.now().is_sign(signs) && !reader.now().open;
}

/// Behind "12": ",5" of a fraction; "12,500" may be thousands.
void take_fraction(TokenReader& reader, std::string& digits, std::string& odd) {
    constexpr std::size_t digits_of_thousands = 3;
    const std::size_t comma = reader.place();
    if (!is_joined(reader, ",")) return;
    reader.skip();
    if (!reader.is(Kind::number)) return reader.go_to(comma);
    const std::string& fraction = reader.now().text;
    const bool plain = std::ranges::all_of(digits, is_digit) && std::ranges::all_of(fraction, is_digit) &&
                       (fraction.size() != digits_of_thousands || digits == "0");
    if (!plain) odd = digits + "," + fraction;
    digits += "." + fraction;
    reader.skip();
}

/// The number at this place; nothing where there is none. `odd`: what is wrong with how it is written.
std::optional<double> take_threshold_number(TokenReader& reader, std::string& odd) {
    static constexpr auto percents = vocabulary::words({"percent", "pct", "pp"});
    static constexpr auto thousands = vocabulary::words({"k"});
    const std::size_t begun = reader.place();
    const bool below_zero = is_joined(reader, "-") && reader.now().spaced;
    if (below_zero) reader.skip();
    const bool point = is_joined(reader, ".");
    if (point) reader.skip();
    if (!reader.is(Kind::number)) {
        reader.go_to(begun);
        return std::nullopt;
    }
    std::string digits = (point ? "0." : "") + reader.now().text;
    const bool apart = reader.now().open;
    reader.skip();
    if (!apart) take_fraction(reader, digits, odd);
    // "0.2.1"
    if (!apart && is_joined(reader, ".,")) odd = digits + reader.now().text;
    if (!odd.empty()) return std::nullopt;
    double value = 0.0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (reader.take_sign("%") || reader.take(percents)) value /= 100.0;
    else if (!apart && reader.take(thousands)) value *= 1000.0;
    return below_zero ? -value : value;
}

/// A unit of one's own stands behind each of two numbers: "12 lots / 3 lots".
std::string_view unit_of_both(std::span<const Token> tokens) {
    std::vector<std::string_view> units;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if (tokens[i].kind == Kind::number && tokens[i + 1].kind == Kind::word)
            units.push_back(tokens[i + 1].small);
    return units.size() == 2 && units[0] == units[1] ? units[0] : std::string_view();
}

/// Whether what stands in the bracket that opens here is a part of the thresholds: "warn (0.99)".
bool is_bracket_of(TokenReader reader, const std::function<bool(const Token&)>& fits) {
    for (reader.skip(); !reader.at_end() && !reader.now().is_sign(")"); reader.skip())
        if (reader.now().kind != Kind::number && !fits(reader.now())) return false;
    return !reader.at_end();
}

/// Whose it is, behind its numbers: "@maria", "hamilton.features".
bool take_source(TokenReader& reader) {
    if (reader.is(Kind::handle)) {
        reader.skip();
        return true;
    }
    const std::size_t begun = reader.place();
    while (reader.is(Kind::word) && !reader.now().open) {
        reader.skip();
        if (!is_joined(reader, ".")) break;
        reader.skip();
        if (!reader.is(Kind::word) || reader.now().open)
            return reader.is(Kind::word) ? (reader.skip(), true) : false;
    }
    reader.go_to(begun);
    return false;
}

/// "0.2 / 0.5, over 7d": behind both numbers a length of time is a window, and no third.
bool take_window(TokenReader& reader, std::span<const Token> tokens) {
    static constexpr auto leads = vocabulary::words(
        {"each", "every", "for", "in", "last", "of", "over", "past", "per", "rolling", "the", "within"});
    const std::size_t at = reader.place();
    if (at == 0 || at + 1 >= tokens.size() || tokens[at].kind != Kind::number) return false;
    const Token& before = tokens[at - 1];
    const bool unit = std::ranges::find(vocabulary::units, tokens[at + 1].small, &vocabulary::Number::word) !=
                      vocabulary::units.end();
    if (!unit || (!before.is_sign("(") && !vocabulary::has(leads, before.small))) return false;
    reader.go_to(at + 2);
    return true;
}

constexpr auto warns = vocabulary::words({"warn", "warning", "warns", "yellow", "amber", "orange"});
constexpr auto crits = vocabulary::words({"crit", "critical", "red"});

/// In which order a text has its numbers and what each is called: 'n', and 'w' or 'c'.
void note(std::string& order, const Token& token) {
    if (vocabulary::has(warns, token.small)) order += 'w';
    else if (vocabulary::has(crits, token.small)) order += 'c';
}

/// "crit 0.5 / warn 0.2", "0.5 (crit) / 0.2 (warn)": warn is put first. "warn 0.60 and crit" lacks a number.
void settle_labels(ThresholdText& thresholds, std::string_view order) {
    const auto warn = order.find('w'), crit = order.find('c');
    if (warn == std::string_view::npos || crit == std::string_view::npos) return;
    // "40 s for warn and crit" is of both.
    if (thresholds.numbers.size() == 1 && thresholds.odd.empty() && (order == "wnc" || order == "cnw"))
        thresholds.odd = order.back() == 'w' ? "warn" : "crit";
    // Each label beside its own number: "0.2 / 0.5 (crit pages, warn posts)" speaks of both.
    const auto number = order.find('n');
    if (number == std::string_view::npos) return;  // "warn / crit", of a column's title
    const bool before = number > 0 && order.substr(number - 1).starts_with("cnwn");
    if (thresholds.numbers.size() >= 2 && (before || order.substr(number).starts_with("ncnw")))
        std::swap(thresholds.numbers[0], thresholds.numbers[1]);
}

/// A slash with no number behind it: "0.60 / 0.40 / -", "0.60 /".
bool ends_open(std::span<const Token> tokens, std::size_t slash) {
    const bool in_path = slash > 0 && !tokens[slash].spaced && tokens[slash - 1].kind != Kind::number;
    if (!tokens[slash].is_sign("/") || in_path) return false;
    const auto behind = tokens.subspan(slash + 1);
    return behind.empty() ||
           (behind[0].is_sign("-") && (behind.size() == 1 || behind[1].kind != Kind::number));
}

ThresholdText read(std::span<const Token> tokens, std::span<const std::string> own) {
    ThresholdText thresholds;
    const std::string_view unit = unit_of_both(tokens);
    const auto fits = [&](const Token& token) {
        if (token.kind == Kind::code) return true;
        if (token.kind == Kind::sign) {
            const bool dash = token.text == "-" && token.spaced && token.open;
            return !dash && token.is_sign("<=>=:/|,+%-&$");
        }
        return token.kind == Kind::word &&
               (token.small == unit || vocabulary::has(accepted::threshold_beside, token.small) ||
                vocabulary::has(accepted::threshold_units, token.small) ||
                std::ranges::find(own, token.small) != own.end());
    };
    // "5 / 10 %": the sign counts for both.
    const bool shared_percent =
        tokens.size() == 4 && tokens[0].kind == Kind::number && tokens[1].is_sign("/") &&
        tokens[2].kind == Kind::number &&
        (tokens[3].is_sign("%") || tokens[3].small == "percent" || tokens[3].small == "pp");
    for (const auto& token : tokens)
        if (token.is_sign("?")) thresholds.odd = token.text;
    // "in 2 weeks" is none.
    if (!tokens.empty() && vocabulary::has(accepted::threshold_behind, tokens.front().small))
        thresholds.odd = tokens.front().text;
    TokenReader reader(tokens);
    std::size_t behind = tokens.size();  // The pair.
    std::string order;
    std::size_t noted = tokens.size();  // Where the first note begins.
    while (!reader.at_end() && thresholds.odd.empty()) {
        if (thresholds.numbers.size() >= 2 && take_window(reader, tokens)) continue;
        if (const auto number = take_threshold_number(reader, thresholds.odd)) {
            thresholds.numbers.push_back(*number);
            order += 'n';
            if (thresholds.numbers.size() == 2) behind = reader.place();
            continue;
        }
        if (!thresholds.odd.empty() || reader.at_end()) break;
        const std::string text = reader.now().text;
        // "0.2 or 0.5" says neither; "0.2 or more" is one.
        if (TokenReader ahead = reader; !thresholds.numbers.empty() && reader.now().small == "or") {
            ahead.skip();
            if (ahead.is(Kind::number)) {
                thresholds.odd = text;
                break;
            }
        }
        const bool bracket = text == "(";
        // "3 x", and not "0.01 / x".
        if (reader.now().small == "x" &&
            (reader.place() == 0 || tokens[reader.place() - 1].kind != Kind::number) &&
            std::ranges::find(own, reader.now().small) == own.end()) {
            thresholds.odd = text;
            break;
        }
        if (fits(reader.now()) || text == ")" || (bracket && is_bracket_of(reader, fits))) {
            note(order, reader.now());
            reader.skip();
            continue;
        }
        if (!thresholds.numbers.empty() && take_source(reader)) continue;
        // "0.52 / 0.50 of signals": what is measured, in any word.
        static constexpr auto of = vocabulary::words({"of", "per"});
        if (thresholds.numbers.size() >= 2 && reader.is(Token::Kind::word) &&
            vocabulary::has(of, tokens[reader.place() - 1].small)) {
            noted = std::min(noted, reader.place());
            reader.skip();
            continue;
        }
        noted = std::min(noted, reader.place());
        if (bracket && reader.take_reason(accepted::threshold_reasons)) continue;
        // "0.2 / 0.5 — as in 2025"
        const bool complete = thresholds.numbers.size() >= 2;
        if (!bracket && complete && reader.take_reason(accepted::threshold_reasons)) break;
        const std::size_t place = reader.place();
        // "warn 0.2; crit 0.5"
        if (!bracket && reader.take_separator() && !reader.at_end() &&
            (reader.is(Kind::number) || fits(reader.now()))) {
            if (noted == place) noted = tokens.size();
            continue;
        }
        reader.go_to(place);
        if (!bracket && !thresholds.numbers.empty() && reader.take_reason(accepted::threshold_reasons)) break;
        // "0.2 / 0.5, which is the default", "0.2 / 0.5 against June"
        if (complete && begins_aside(tokens.subspan(behind)) &&
            taken_back_by(
                tokens.subspan(behind),
                {.is_another = [](const Token& one) { return one.kind == Kind::number; }, .may_depend = true})
                .empty())
            break;
        thresholds.odd = text;
    }
    // "- / 0.40", "0.60 /", "0.60 / NaN": a half is missing.
    static constexpr auto no_numbers = vocabulary::words({"inf", "infinity", "nan"});
    static constexpr auto halves = vocabulary::words({"crit", "critical", "warn", "warning"});
    const bool alone = thresholds.numbers.size() == 1;
    for (std::size_t i = 0; alone && i < tokens.size() && thresholds.odd.empty(); ++i) {
        if (vocabulary::has(no_numbers, tokens[i].small)) thresholds.odd = tokens[i].text;
        // "warn 0.60, crit"
        if (i > 0 && i + 1 == tokens.size() && vocabulary::has(halves, tokens[i].small) &&
            tokens[i - 1].is_sign(",/;"))
            thresholds.odd = tokens[i].text;
        if (!tokens[i].is_sign("/")) continue;
        const auto is_none = [&](std::size_t beside) {
            return beside >= tokens.size() || tokens[beside].is_sign("-") ||
                   vocabulary::has(halves, tokens[beside].small);
        };
        if (is_none(i + 1) || i == 0 || is_none(i - 1)) thresholds.odd = tokens[i].text;
    }
    for (std::size_t i = 0; i < tokens.size() && thresholds.odd.empty(); ++i)
        if (ends_open(tokens, i)) thresholds.odd = tokens[i].text;
    constexpr double percent = 100.0;
    if (shared_percent && thresholds.numbers.size() == 2) thresholds.numbers[0] /= percent;
    // "1 / 2 / 3" is no pair.
    std::size_t slashes = 0;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i)
        slashes +=
            tokens[i].is_sign("/") && tokens[i - 1].kind == Kind::number && tokens[i + 1].kind == Kind::number
                ? 1
                : 0;
    if (slashes == 2 && thresholds.numbers.size() == 3 && thresholds.odd.empty()) thresholds.odd = "/";
    settle_labels(thresholds, order);
    // "0.52 / 0.50 (to be confirmed)", "— if the canary holds"
    if (thresholds.odd.empty() && noted < tokens.size())
        thresholds.odd = taken_back_by(tokens.subspan(noted), {.may_wait = true});
    if (auto doubt = doubt_in(tokens); !doubt.empty() && !thresholds.numbers.empty()) thresholds.odd = doubt;
    return thresholds;
}

}  // namespace

ThresholdText read_thresholds(std::string_view text, const std::vector<std::string>& code,
                              std::span<const std::string> own) {
    // A number in backticks is one: "`0.2` / `0.5`".
    std::vector<std::string> names;
    for (const auto& one : code)
        if (one.find_first_not_of("0123456789.,%<>=+-/ ") != std::string::npos) names.push_back(one);
    auto thresholds = read(tokens_of(text, names), own);
    // "0 / 0" is one number, which pages as it warns.
    const auto tokens = tokens_of(text);
    if (thresholds.odd.empty() && tokens.size() == 3 && tokens[1].is_sign("/") &&
        thresholds.numbers.size() == 2 && std::abs(thresholds.numbers[0] - thresholds.numbers[1]) <= 0.0)
        thresholds.odd = std::string(trimmed_text(text));
    // "0.52 / 0.50 (not decided yet)"
    if (thresholds.odd.empty()) thresholds.odd = hedge_in(text);
    return thresholds;
}

bool leads_to_thresholds(std::string_view text, const std::vector<std::string>& code) {
    return read_thresholds(text, code).odd.empty();
}

bool names_thresholds_behind(std::string_view text, const std::vector<std::string>& code,
                             std::string_view metric) {
    // More clauses than a line has are not looked through.
    constexpr std::size_t clauses_max = 12;
    const auto tokens = tokens_of(text, code);
    const std::string name = core::lowered(metric);
    std::size_t at = 0;
    while (at < tokens.size() && tokens[at].small != name) ++at;
    std::size_t clauses = 0;
    for (++at; at < tokens.size() && clauses < clauses_max; ++at) {
        TokenReader reader(std::span<const Token>(tokens).subspan(at - 1));
        if (at > 1 && tokens[at - 1].small != name && !tokens[at - 1].is_sign(",") &&
            !reader.take_separator())
            continue;
        ++clauses;
        const auto found = read(std::span<const Token>(tokens).subspan(at), {});
        if (found.odd.empty() && !found.numbers.empty()) return true;
    }
    return false;
}

}  // namespace tristrata::readiness
