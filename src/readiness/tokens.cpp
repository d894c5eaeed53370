#include "tokens.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace tristrata::readiness {
namespace {

/// One space or sign of ASCII for each that people type in its place.
std::string plain_signs(std::string_view given) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> rows{{{"\u2265", " >= "},
                                                                                        {"\u2264", " <= "},
                                                                                        {"\u2192", " to "},
                                                                                        {"\uff1a", ": "},
                                                                                        {"\u2212", "-"},
                                                                                        {"\u00b7", ", "},
                                                                                        {"\u00d7", "x"},
                                                                                        {"\u20ac", "$"},
                                                                                        {"\u00a3", "$"}}};
    if (is_ascii(given)) return std::string(given);
    const std::string dashed = with_plain_dashes(given);
    std::string text;
    for (std::size_t at = 0; at < dashed.size();) {
        const auto rest = std::string_view(dashed).substr(at);
        const auto row =
            static_cast<unsigned char>(dashed[at]) < 0x80
                ? rows.end()
                : std::ranges::find_if(rows, [&](auto& one) { return rest.starts_with(one.first); });
        if (row == rows.end()) {
            text += dashed[at++];
            continue;
        }
        text += row->second, at += row->first.size();
    }
    return without_signs(text);
}

/// That a number may have behind it without a space: "7d", "60s".
bool is_unit(std::string_view word) {
    return std::ranges::find(vocabulary::units, word, &vocabulary::Number::word) != vocabulary::units.end() ||
           vocabulary::has(accepted::threshold_units, word);
}

/// The number that begins at a digit, with its fraction; where it ends.
std::size_t number_end(std::string_view text, std::size_t at, double& value) {
    const auto read =
        std::from_chars(text.data() + at, text.data() + text.size(), value, std::chars_format::fixed);
    return static_cast<std::size_t>(read.ptr - text.data());
}

bool is_handle_part(std::string_view text, std::size_t at) {
    const char c = text[at];
    return (is_word(c) && static_cast<unsigned char>(c) < 0x80) || c == '-' || c == '/' || c == '[' ||
           c == ']' || (c == '.' && at + 1 < text.size() && is_word(text[at + 1]));
}

}  // namespace

std::vector<Token> tokens_of(std::string_view given, const std::vector<std::string>& code) {
    const std::string text = plain_signs(given), small = core::lowered(text);
    constexpr std::size_t bytes_of_a_token = 4;
    std::vector<Token> tokens;
    tokens.reserve(text.size() / bytes_of_a_token + 1);
    std::size_t next_code = 0;
    const auto add = [&](Token::Kind kind, std::size_t begin, std::size_t end) -> Token& {
        Token& token = tokens.emplace_back();
        token.kind = kind;
        token.text = text.substr(begin, end - begin);
        token.small = small.substr(begin, end - begin);
        token.spaced = begin == 0 || text[begin - 1] == ' ';
        token.open = end >= text.size() || text[end] == ' ';
        return token;
    };
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ' || text[at] == '\t' || text[at] == '`') {
            ++at;
            continue;
        }
        if (next_code < code.size() && !code[next_code].empty() &&
            std::string_view(text).substr(at).starts_with(code[next_code]) &&
            (at == 0 || !is_word(text[at - 1]))) {
            const std::size_t end = at + code[next_code++].size();
            add(Token::Kind::code, at, end);
            at = end;
            continue;
        }
        if (const auto day = day_at(small, at)) {
            add(Token::Kind::day, at, day->second).day = day->first;
            at = day->second;
            continue;
        }
        std::size_t end = at;
        if (text[at] == '@' && (at == 0 || !is_word(text[at - 1]))) {
            for (++end; end < text.size() && is_handle_part(text, end);) ++end;
            Token& token = add(Token::Kind::handle, at, end);
            token.text.erase(0, 1), token.small.erase(0, 1);
            at = end;
            continue;
        }
        if (!is_word(text[at])) {
            end = at + 1;
            if ((text[at] == '>' || text[at] == '<') && end < text.size() && text[end] == '=') ++end;
            add(Token::Kind::sign, at, end);
            at = end;
            continue;
        }
        double value = 0.0;
        if (is_digit(text[at])) {
            const std::size_t after = number_end(text, at, value);
            std::size_t word = after;
            while (word < text.size() && is_word(text[word])) ++word;
            if (word == after || is_unit(std::string_view(small).substr(after, word - after))) {
                add(Token::Kind::number, at, after).value = value;
                at = after;
                continue;
            }
        }
        while (end < text.size() && is_word(text[end])) ++end;
        if (std::string_view(text).substr(end).starts_with("://")) {
            end = std::min(text.find_first_of(" |)>", end), text.size());
            add(Token::Kind::address, at, end);
        } else {
            add(Token::Kind::word, at, end);
        }
        at = end;
    }
    return tokens;
}

std::vector<Token> with_first_days(std::vector<Token> tokens) {
    static constexpr auto joins = vocabulary::words({"to", "until", "till", "through"});
    constexpr double days_of_a_month = 31.0;
    constexpr std::size_t letters_min = 3;
    const auto month_of = [&](std::size_t at) -> unsigned {
        if (tokens[at].kind != Token::Kind::word || tokens[at].small.size() < letters_min) return 0;
        const auto& word = tokens[at].small;
        const auto found = std::ranges::find_if(vocabulary::months, [&](std::string_view month) {
            return word == month || word == month.substr(0, letters_min);
        });
        return found == vocabulary::months.end()
                   ? 0
                   : static_cast<unsigned>(found - vocabulary::months.begin()) + 1;
    };
    const auto is_day = [&](std::size_t at) {
        return tokens[at].kind == Token::Kind::number && tokens[at].value >= 1.0 &&
               tokens[at].value <= days_of_a_month;
    };
    for (std::size_t last = 2; last < tokens.size(); ++last) {
        if (tokens[last].kind != Token::Kind::day ||
            (!tokens[last - 1].is_sign("-") && !vocabulary::has(joins, tokens[last - 1].small)))
            continue;
        std::size_t begin = last - 2;
        unsigned month = 0;
        double day = 0.0;
        if (is_day(begin)) {
            day = tokens[begin].value;
            if (begin > 0 && month_of(begin - 1) > 0) month = month_of(--begin);
        } else if (month_of(begin) > 0 && begin > 0 && is_day(begin - 1)) {
            month = month_of(begin--);
            day = tokens[begin].value;
        } else {
            continue;
        }
        const std::chrono::year_month_day end{std::chrono::sys_days(std::chrono::days(tokens[last].day))};
        const auto in_month = month > 0 ? std::chrono::month(month) : end.month();
        const std::chrono::year_month_day first{
            in_month > end.month() ? end.year() - std::chrono::years(1) : end.year(), in_month,
            std::chrono::day(static_cast<unsigned>(day))};
        if (!first.ok() || first >= end) continue;
        Token& token = tokens[begin];
        token.kind = Token::Kind::day;
        token.day = static_cast<long>(std::chrono::sys_days(first).time_since_epoch().count());
        token.open = tokens[last - 2].open;
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                     tokens.begin() + static_cast<std::ptrdiff_t>(last) - 1);
        return tokens;
    }
    return tokens;
}

std::vector<std::string_view> sentences_of(std::string_view text) {
    std::vector<std::string_view> sentences;
    for (std::size_t begin = 0; begin < text.size();) {
        // A point within a word ends none: "docs/plan.md".
        std::size_t end = text.find_first_of(".!?", begin);
        while (end < text.size() && end + 1 < text.size() && text[end + 1] != ' ')
            end = text.find_first_of(".!?", end + 1);
        end = std::min(end, text.size() - 1);
        const auto sentence = trimmed_text(text.substr(begin, end + 1 - begin));
        if (!sentence.empty()) sentences.push_back(sentence);
        begin = end + 1;
    }
    return sentences;
}

bool TokenReader::take(Words words) {
    if (!is(Token::Kind::word) || !vocabulary::has(words, now().small)) return false;
    ++at_;
    return true;
}

void TokenReader::take_all(Words words) {
    while (take(words)) {
    }
}

bool TokenReader::take_phrase(Phrases phrases) {
    return std::ranges::any_of(phrases, [&](std::string_view phrase) {
        std::size_t place = at_;
        for (std::size_t begin = 0; begin < phrase.size();) {
            const std::size_t end = std::min(phrase.find(' ', begin), phrase.size());
            if (place >= tokens_.size() || tokens_[place].small != phrase.substr(begin, end - begin))
                return false;
            ++place;
            begin = end + 1;
        }
        at_ = place;
        return true;
    });
}

bool TokenReader::take_sign(std::string_view signs) {
    if (at_end() || !now().is_sign(signs)) return false;
    ++at_;
    return true;
}

bool TokenReader::take_separator() {
    if (at_end()) return false;
    const Token& token = now();
    const bool dash = token.is_sign("-") && token.spaced && token.open;
    const bool point = token.is_sign(".!") && token.open;
    if (!dash && !point && !token.is_sign(";:()|") &&
        !(token.kind == Token::Kind::word && vocabulary::has(vocabulary::causes, token.small)))
        return false;
    ++at_;
    return true;
}

bool TokenReader::take_reason(Words words, Words more) {
    constexpr std::size_t words_of_a_reason = 3;
    const std::size_t begun = at_;
    const bool bracket = !at_end() && now().is_sign("("), caused = is(Token::Kind::word);
    if (!take_separator()) return false;
    std::size_t count = 0;
    bool known = true;
    for (; !at_end(); ++at_) {
        const std::size_t here = at_;
        // A bracket within one ends it, too: whoever opens many is read in linear time.
        if (bracket ? now().is_sign("()") : take_separator()) {
            at_ = here;
            break;
        }
        if (now().is_sign("?")) known = false, count = 0;
        // An identifier is none: "(3e0a3008)".
        if (now().kind != Token::Kind::word || std::ranges::any_of(now().text, is_digit)) continue;
        ++count;
        known = known && (vocabulary::has(words, now().small) || vocabulary::has(more, now().small));
    }
    if (bracket) take_sign(")");
    if (known || count >= (caused ? 1 : words_of_a_reason)) return true;
    at_ = begun;
    return false;
}

}  // namespace tristrata::readiness
