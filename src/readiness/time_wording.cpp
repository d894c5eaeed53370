#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <chrono>

// Days and lengths of time, as people write them.
namespace tristrata::readiness {

namespace {

/// Days since 1970; nothing where the calendar has no such day.
std::optional<long> day_of(int year, unsigned month, unsigned day) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (year < 1970 || !date.ok()) return std::nullopt;
    return static_cast<long>(std::chrono::sys_days(date).time_since_epoch().count());
}

/// The whole number of up to four digits at a place, and where it ends.
std::optional<std::pair<int, std::size_t>> whole_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    int number = 0;
    while (end < text.size() && is_digit(text[end]) && end - at < 5)
        number = 10 * number + (text[end++] - '0');
    if (end == at || end - at > 4) return std::nullopt;
    return std::pair(number, end);
}

/// 2026-05-22, or with slashes.
std::optional<long> iso_date_at(std::string_view text, std::size_t at) {
    constexpr std::size_t bytes = 10;
    const std::string_view date = text.substr(at, bytes);
    if (date.size() < bytes || (date[4] != '-' && date[4] != '/') || date[7] != date[4]) return std::nullopt;
    if (at + bytes < text.size() && is_digit(text[at + bytes])) return std::nullopt;
    const auto year = whole_at(date.substr(0, 4), 0), month = whole_at(date.substr(0, 7), 5),
               day = whole_at(date, 8);
    if (!year || !month || !day || year->second != 4 || month->second != 7 || day->second != bytes)
        return std::nullopt;
    return day_of(year->first, static_cast<unsigned>(month->first), static_cast<unsigned>(day->first));
}

/// The month that a word at a place names, from its first three letters on, and where the word ends.
std::optional<std::pair<unsigned, std::size_t>> month_at(std::string_view small, std::size_t at) {
    std::size_t end = at;
    while (end < small.size() && is_letter(small[end])) ++end;
    const auto word = small.substr(at, end - at);
    for (std::size_t i = 0; i < vocabulary::months.size(); ++i)
        if (word == vocabulary::months[i] || word == vocabulary::months[i].substr(0, 3))
            return std::pair(static_cast<unsigned>(i + 1), end);
    return std::nullopt;
}

/// "22 May 2026" or "May 22, 2026", in small letters. Which of 05/06 is the month nobody can tell.
std::optional<long> named_date_at(std::string_view small, std::size_t at) {
    const auto gap = [&](std::size_t from) {
        while (from < small.size() && (small[from] == ' ' || small[from] == ',' || small[from] == '.'))
            ++from;
        return from;
    };
    const auto day_at = [&](std::size_t from) {
        auto number = whole_at(small, from);
        for (const std::string_view end : {"st", "nd", "rd", "th"})
            if (number && small.substr(number->second).starts_with(end)) number->second += 2;
        return number;
    };
    auto day = is_digit(small[at]) ? day_at(at) : std::nullopt;
    const auto month = month_at(small, day ? gap(day->second) : at);
    if (!month) return std::nullopt;
    std::size_t end = month->second;
    if (!day) {
        day = day_at(gap(end));
        if (!day) return std::nullopt;
        end = day->second;
    }
    const auto year = whole_at(small, gap(end));
    if (!year) return std::nullopt;
    return day_of(year->first, month->first, static_cast<unsigned>(day->first));
}

}  // namespace

std::vector<long> dates_of(std::string_view text) {
    std::vector<long> days;
    if (std::ranges::none_of(text, is_digit)) return days;
    const std::string small = core::lowered(text);
    for (std::size_t at = 0; at < small.size(); ++at) {
        if (!is_word(small[at]) || (at > 0 && is_word(small[at - 1]))) continue;
        auto day = is_digit(small[at]) ? iso_date_at(small, at) : std::nullopt;
        if (!day) day = named_date_at(small, at);
        if (day) days.push_back(*day);
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
    if (std::ranges::any_of(vocabulary::bounds, ends)) return Length::bounded;
    if (std::ranges::any_of(vocabulary::no_lengths, ends)) return Length::none;
    behind = behind.substr(0, window_bytes);
    while (!behind.empty() && behind.front() == ' ') behind.remove_prefix(1);
    for (const std::string_view word : {"after", "later", "before", "ago"})
        if (behind.starts_with(word)) return Length::none;
    return Length::plain;
}

}  // namespace

namespace {

/// The number that is written at a place, in digits or as a word, and where it ends; nothing where there is
/// none.
struct Written {
    double value = 0.0;
    std::size_t end = 0;
    bool is_article = false;
};
std::optional<Written> number_at(std::string_view text, std::size_t at) {
    if (is_digit(text[at])) {
        Written number;
        const char* const begin = text.data() + at;
        const auto read =
            std::from_chars(begin, text.data() + text.size(), number.value, std::chars_format::fixed);
        number.end = at + static_cast<std::size_t>(read.ptr - begin);
        return number;
    }
    const auto word_at = [&](std::size_t from) {
        std::size_t end = from;
        while (end < text.size() && is_letter(text[end])) ++end;
        return text.substr(from, end - from);
    };
    const auto value_of = [](std::string_view word) {
        const auto found = std::ranges::find(vocabulary::numbers, word, &vocabulary::Number::word);
        return found == vocabulary::numbers.end() ? 0.0 : found->value;
    };
    const auto word = word_at(at);
    if (word == "a" || word == "an") {
        const bool half = text.substr(0, at).ends_with("half ");
        return Written{half ? 0.5 : 1.0, at + word.size(), true};
    }
    if (word == "fortnight") return Written{1.0, at, true};
    double value = value_of(word);
    if (value == 0.0) return std::nullopt;
    std::size_t end = at + word.size();
    constexpr double tens = 20.0;  // "twenty-one"
    if (value >= tens && end + 1 < text.size() && (text[end] == '-' || text[end] == ' ')) {
        const auto next = word_at(end + 1);
        if (const double more = value_of(next); more > 0.0 && more < 10.0)
            value += more, end += 1 + next.size();
    }
    return Written{value, end, false};
}

/// The length in days of the unit at a place, behind words such as "full", and where it ends.
std::optional<Written> unit_at(std::string_view text, std::size_t at) {
    constexpr std::size_t words_max = 4;
    for (std::size_t count = 0; count < words_max; ++count) {
        while (at < text.size() && std::string_view(" -+)").find(text[at]) != std::string_view::npos) ++at;
        std::size_t end = at;
        while (end < text.size() && is_letter(text[end])) ++end;
        const auto word = text.substr(at, end - at);
        const auto unit = std::ranges::find(vocabulary::units, word, &vocabulary::Number::word);
        if (unit != vocabulary::units.end()) return Written{unit->value, end, false};
        if (word.empty() || !vocabulary::has(vocabulary::beside_units, word)) return std::nullopt;
        at = end;
    }
    return std::nullopt;
}

/// Where a second number follows at once, "7 to 14 days", "2-3 weeks": the place of that one.
std::optional<std::size_t> range_at(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] == ' ') ++at;
    for (const std::string_view word : {"-", "to ", "or "})
        if (text.substr(at).starts_with(word)) {
            at += word.size();
            while (at < text.size() && text[at] == ' ') ++at;
            return at < text.size() ? std::optional(at) : std::nullopt;
        }
    return std::nullopt;
}

}  // namespace

std::optional<double> days_of(std::string_view given) {
    std::string marked = with_plain_dashes(given);
    for (auto at = marked.find("\u2264"); at != std::string::npos; at = marked.find("\u2264", at + 1))
        marked.replace(at, 3, "<  ");
    std::string text = core::lowered(without_signs(marked));
    constexpr std::size_t date_bytes = 10;  // no lengths: dates_of() reads them
    for (std::size_t at = 0; at + date_bytes <= text.size(); ++at)
        if (is_digit(text[at]) && text[at + 4] == '-' && text[at + 7] == '-')
            text.replace(at, date_bytes, date_bytes, ';');
    std::optional<double> shortest, of_article;
    for (std::size_t at = 0; at < text.size();) {
        const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '-');
        const auto number = begins && is_word(text[at]) ? number_at(text, at) : std::nullopt;
        if (!number) {
            ++at;
            continue;
        }
        const std::size_t begun = at;
        at = std::max(number->end, at + 1);
        auto unit = unit_at(text, number->end);
        if (const auto second = unit ? std::nullopt : range_at(text, number->end))
            if (const auto upper = number_at(text, *second); upper && !upper->is_article)
                unit = unit_at(text, upper->end), at = upper->end;
        if (!unit) continue;
        const auto length =
            length_of(std::string_view(text).substr(0, begun), std::string_view(text).substr(unit->end));
        if (length == Length::none) continue;
        const double days = length == Length::bounded ? 0.0 : number->value * unit->value;
        auto& least = number->is_article ? of_article : shortest;
        least = least ? std::min(*least, days) : days;
    }
    // "14 days, looked at for an hour": an article says a length where no number does.
    return shortest ? shortest : of_article;
}

}  // namespace tristrata::readiness
