#include "wording.hpp"

#include "tristrata/core/ascii.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <set>

namespace tristrata::readiness {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_word(char c) noexcept { return is_digit(c) || is_letter(c) || c == '_'; }

/// A sign of several bytes that divides as a dash or a space does: it is no letter.
std::size_t sign_at(std::string_view text, std::size_t at) {
    static constexpr std::array<std::string_view, 12> signs{"\u2013", "\u2014", "\u2265", "\u2264",
                                                            "\u2705", "\u2026", "\u00a0", "\u2192",
                                                            "\u274c", "\u00b1", "\u00a7", "\u00d7"};
    for (const auto sign : signs)
        if (text.substr(at, sign.size()) == sign) return sign.size();
    // Spaces, joiners and marks of direction that show nothing: U+00AD, U+2000 to 200F, U+2028 to 202F,
    // U+205F to 206F, U+3000, U+FEFF.
    static constexpr std::array<std::string_view, 3> nothing{"\u00ad", "\u3000", "\ufeff"};
    for (const auto sign : nothing)
        if (text.substr(at, sign.size()) == sign) return sign.size();
    if (text.size() < at + 3 || text[at] != '\xe2') return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]),
               third = static_cast<unsigned char>(text[at + 2]);
    const bool general = second == 0x80 && (third <= 0x8f || (third >= 0xa8 && third <= 0xaf));
    return general || (second == 0x81 && third >= 0x9f && third <= 0xaf) ? 3 : 0;
}

std::string without_signs(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t sign = static_cast<unsigned char>(text[at]) >= 0x80 ? sign_at(text, at) : 0;
        if (sign > 0) plain += ' ', at += sign;
        else plain += text[at++];
    }
    return plain;
}

}  // namespace

std::string_view trimmed_text(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<Labelled> labelled(std::string_view text) {
    constexpr std::size_t label_bytes_max = 48;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon > label_bytes_max) return std::nullopt;
    const auto label = trimmed_text(text.substr(0, colon));
    if (label.empty()) return std::nullopt;
    return Labelled{core::lowered(label), std::string(trimmed_text(text.substr(colon + 1)))};
}

bool says(std::string_view text, std::string_view phrase) {
    const std::string small = core::lowered(text);
    for (auto at = small.find(phrase); at != std::string::npos; at = small.find(phrase, at + 1)) {
        const bool begins = at == 0 || !is_word(small[at - 1]);
        const std::size_t end = at + phrase.size();
        if (begins && (end == small.size() || !is_word(small[end]))) return true;
    }
    return false;
}

bool says_any(std::string_view text, const std::vector<std::string_view>& phrases) {
    return std::ranges::any_of(phrases, [&](std::string_view phrase) { return says(text, phrase); });
}

std::vector<double> numbers_of(std::string_view given) {
    const std::string text = without_signs(given);
    std::vector<double> numbers;
    for (std::size_t at = 0; at < text.size();) {
        const bool point = text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1]) &&
                           (at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.'));
        if (!is_digit(text[at]) && !point) {
            ++at;
            continue;
        }
        std::size_t end = at;
        bool fraction = false, other = false;
        const bool below_zero = at > 0 && text[at - 1] == '-' && (at == 1 || !is_word(text[at - 2]));
        std::string digits = below_zero ? "-" : "";
        if (point) digits += "0";
        for (; end < text.size(); ++end) {
            const char c = text[end];
            const bool more = end + 1 < text.size() && is_digit(text[end + 1]);
            if (is_digit(c)) {
                digits += c;
            } else if ((c == '.' || c == ',') && more) {
                other = other || fraction;
                fraction = true;
                digits += '.';
            } else if ((c == '-' || c == ':') && more) {
                other = true;  // A date, a time, a range.
            } else {
                break;
            }
        }
        const bool alone = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.' && text[at - 1] != '#');
        std::size_t next = end;
        while (next < text.size() && text[next] == ' ') ++next;
        const bool percent = next < text.size() && text[next] == '%';
        double number = 0.0;
        const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        const bool ends = end == text.size() || !is_word(text[end]);
        if (alone && ends && !other && code == std::errc() && stop == digits.data() + digits.size())
            numbers.push_back(percent ? number / 100.0 : number);
        at = std::max(end, at + 1);
    }
    return numbers;
}

std::vector<long> dates_of(std::string_view text) {
    std::vector<long> days;
    for (std::size_t at = 0; at + 10 <= text.size(); ++at) {
        const std::string_view date = text.substr(at, 10);
        if (!is_digit(date[0]) || date[4] != '-' || date[7] != '-') continue;
        if ((at > 0 && is_word(text[at - 1])) || (at + 10 < text.size() && is_digit(text[at + 10]))) continue;
        const auto part = [&](std::size_t from, std::size_t count) {
            int number = -1;
            const char* const end = date.data() + from + count;
            return std::from_chars(date.data() + from, end, number).ptr == end ? number : -1;
        };
        const int year = part(0, 4), month = part(5, 2), day = part(8, 2);
        if (year < 1970 || month < 1 || day < 1) continue;
        const std::chrono::year_month_day calendar{std::chrono::year(year),
                                                   std::chrono::month(static_cast<unsigned>(month)),
                                                   std::chrono::day(static_cast<unsigned>(day))};
        if (calendar.ok())
            days.push_back(static_cast<long>(std::chrono::sys_days(calendar).time_since_epoch().count()));
    }
    return days;
}

std::string date_text(long day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

namespace {

/// What a length of time beside these words is: "every 6 hours", "14 days after the merge" say no length, and
/// "less than 7 days" says one that need not be reached.
enum class Length : std::uint8_t { plain, none, bounded };
Length length_of(std::string_view before, std::string_view behind) {
    constexpr std::size_t window_bytes = 24;
    before = before.substr(before.size() - std::min(before.size(), window_bytes));
    while (!before.empty() && (before.back() == ' ' || before.back() == '~')) before.remove_suffix(1);
    const auto ends = [&](std::string_view word) {
        return before.ends_with(word) && (before.size() == word.size() || !is_word(word.front()) ||
                                          !is_word(before[before.size() - word.size() - 1]));
    };
    static constexpr std::array<std::string_view, 16> bounds{
        "<",   "<=",      "less than",    "fewer than", "under",  "below",  "at most",      "up to",
        "max", "maximum", "no more than", "not",        "nearly", "almost", "shorter than", "max."};
    static constexpr std::array<std::string_view, 8> others{"every",  "each", "per",  "after",
                                                            "within", "in",   "last", "until"};
    if (std::ranges::any_of(bounds, ends)) return Length::bounded;
    if (std::ranges::any_of(others, ends)) return Length::none;
    behind = behind.substr(0, window_bytes);
    while (!behind.empty() && behind.front() == ' ') behind.remove_prefix(1);
    for (const std::string_view word : {"after", "later", "before"})
        if (behind.starts_with(word)) return Length::none;
    return Length::plain;
}

}  // namespace

std::optional<double> days_of(std::string_view given) {
    std::string marked(given);
    for (auto at = marked.find("\u2264"); at != std::string::npos; at = marked.find("\u2264", at + 1))
        marked.replace(at, 3, "<  ");
    const std::string text = core::lowered(without_signs(marked));
    std::optional<double> shortest;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at]) || (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-'))) {
            ++at;
            continue;
        }
        double number = 0.0;
        const std::size_t begun = at;
        const char* const begin = text.data() + at;
        const char* const end =
            std::from_chars(begin, text.data() + text.size(), number, std::chars_format::fixed).ptr;
        std::size_t unit = at + static_cast<std::size_t>(end - begin);
        at = std::max(unit, at + 1);
        while (unit < text.size() && (text[unit] == ' ' || text[unit] == '-')) ++unit;
        std::size_t stop = unit;
        while (stop < text.size() && is_letter(text[stop])) ++stop;
        const std::string_view word = std::string_view(text).substr(unit, stop - unit);
        double days = 0.0;
        if (word == "d" || word == "day" || word == "days") days = number;
        else if (word == "w" || word == "week" || word == "weeks") days = 7.0 * number;
        else if (word == "month" || word == "months") days = 30.0 * number;
        else if (word == "h" || word == "hour" || word == "hours") days = number / 24.0;
        else continue;
        const auto length =
            length_of(std::string_view(text).substr(0, begun), std::string_view(text).substr(stop));
        if (length == Length::none) continue;
        if (length == Length::bounded) days = 0.0;
        shortest = shortest ? std::min(*shortest, days) : days;
    }
    return shortest;
}

std::vector<std::string> handles_of(std::string_view text) {
    std::vector<std::string> handles;
    std::set<std::string, std::less<>> seen;
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) continue;  // An address of mail.
        std::size_t end = at + 1;
        while (end < text.size() &&
               ((static_cast<unsigned char>(text[end]) < 0x80 && is_word(text[end])) || text[end] == '-' ||
                text[end] == '/' || (text[end] == '.' && end + 1 < text.size() && is_word(text[end + 1]))))
            ++end;
        std::string handle(text.substr(at + 1, end - at - 1));
        if (!handle.empty() && seen.insert(handle).second) handles.push_back(std::move(handle));
    }
    return handles;
}

std::vector<std::string> words_of_text(std::string_view given) {
    const std::string text = core::lowered(without_signs(given));
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + ' ') {
        if (is_letter(c)) {
            word += c;
            continue;
        }
        if (word.size() >= 2) words.push_back(word);
        word.clear();
    }
    return words;
}

bool is_empty_answer(std::string_view given) {
    std::string text;
    for (const char c : core::lowered(without_signs(given)))
        if (is_word(c)) text += c;
    static constexpr std::array<std::string_view, 8> empty{"",   "na",   "none",    "nil",
                                                           "no", "null", "unknown", "same"};
    return std::ranges::find(empty, text) != empty.end();
}

bool is_refused(std::string_view text) {
    static constexpr std::array<std::string_view, 21> refusals{
        "no",         "none",      "not",       "never",    "without", "skip",    "skipped",
        "impossible", "nothing",   "nil",       "na",       "omitted", "dropped", "waived",
        "unknown",    "undecided", "cancelled", "canceled", "nowhere", "nobody",  "unnecessary"};
    const auto words = words_of_text(text.substr(0, 160));
    return !words.empty() && std::ranges::find(refusals, words.front()) != refusals.end();
}

std::string placeholder_in(std::string_view text) {
    // Tags of HTML that people write in cells and lines.
    static constexpr std::array<std::string_view, 22> tags{
        "br",   "b",   "i", "em",  "strong", "code",  "sub", "sup", "kbd", "details", "summary",
        "span", "div", "p", "img", "a",      "small", "s",   "u",   "hr",  "del",     "ins"};
    for (auto open = text.find('<'); open != std::string_view::npos; open = text.find('<', open + 1)) {
        constexpr std::size_t placeholder_bytes_max = 120;
        const auto close = text.substr(0, open + placeholder_bytes_max).find_first_of("<>", open + 1);
        if (close == std::string_view::npos || text[close] != '>') continue;
        const std::string_view inside = text.substr(open + 1, close - open - 1);
        if (inside.empty() || (!is_letter(inside[0]) && inside[0] != '@')) continue;
        std::string first;
        for (const char c : inside) {
            if (!is_word(c)) break;
            first += core::lowered(c);
        }
        const bool address = inside.find("://") != std::string_view::npos ||
                             (inside[0] != '@' && inside.find('@') != std::string_view::npos);
        if (!address && std::ranges::find(tags, first) == tags.end())
            return std::string(text.substr(open, close - open + 1));
    }
    // Written in two pieces, so that a search for what is unfinished does not find this.
    static const std::vector<std::string_view> later{("tb"
                                                      "d"),
                                                     ("to"
                                                      "do"),
                                                     ("fix"
                                                      "me"),
                                                     "tba",
                                                     "to be decided",
                                                     "to be defined",
                                                     "to be done",
                                                     "fill me in",
                                                     "pick later",
                                                     "decide later",
                                                     "lorem ipsum",
                                                     "to be determined"};
    for (const auto phrase : later)
        if (says(text, phrase)) return std::string(phrase);
    const std::string_view bare = trimmed_text(text);
    if (bare == "..." || bare == "\u2026" || bare == "???" || bare == "?") return std::string(bare);
    return "";
}

std::optional<std::string> session_in(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at]) && !(is_letter(text[at]) && static_cast<unsigned char>(text[at]) < 0x80)) {
            ++at;
            continue;
        }
        std::size_t end = at, digits = 0;
        bool letter = false;
        while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80 && is_word(text[end])) {
            digits += is_digit(text[end]) ? 1 : 0;
            letter = letter || is_letter(text[end]);
            ++end;
        }
        if (end - at >= 6 && digits > 0 && (letter || end - at >= 8))
            return std::string(text.substr(at, end - at));
        at = end;
    }
    return std::nullopt;
}

}  // namespace tristrata::readiness
