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
std::optional<std::pair<long, std::size_t>> iso_date_at(std::string_view text, std::size_t at) {
    constexpr std::size_t bytes = 10;
    const std::string_view date = text.substr(at, bytes);
    if (date.size() < bytes || (date[4] != '-' && date[4] != '/') || date[7] != date[4]) return std::nullopt;
    if (at + bytes < text.size() && is_digit(text[at + bytes])) return std::nullopt;
    const auto year = whole_at(date.substr(0, 4), 0), month = whole_at(date.substr(0, 7), 5),
               day = whole_at(date, 8);
    if (!year || !month || !day || year->second != 4 || month->second != 7 || day->second != bytes)
        return std::nullopt;
    const auto found =
        day_of(year->first, static_cast<unsigned>(month->first), static_cast<unsigned>(day->first));
    return found ? std::optional(std::pair(*found, at + bytes)) : std::nullopt;
}

/// 25.05.2026: with points the day is first.
std::optional<std::pair<long, std::size_t>> dotted_date_at(std::string_view text, std::size_t at) {
    const auto day = whole_at(text, at);
    if (!day || day->second >= text.size() || text[day->second] != '.') return std::nullopt;
    const auto month = whole_at(text, day->second + 1);
    if (!month || month->second >= text.size() || text[month->second] != '.') return std::nullopt;
    const auto year = whole_at(text, month->second + 1);
    if (!year || year->second - month->second != 5) return std::nullopt;
    const auto found =
        day_of(year->first, static_cast<unsigned>(month->first), static_cast<unsigned>(day->first));
    return found ? std::optional(std::pair(*found, year->second)) : std::nullopt;
}

/// The month that a word at a place names, from its first three letters on, and where the word ends.
std::optional<std::pair<unsigned, std::size_t>> month_at(std::string_view small, std::size_t at) {
    std::size_t end = at;
    while (end < small.size() && is_letter(small[end])) ++end;
    static constexpr std::size_t short_form = 3;
    static constexpr auto short_keys = [] {
        std::array<std::uint64_t, vocabulary::months.size()> keys{};
        std::ranges::transform(vocabulary::months, keys.begin(), [](std::string_view month) {
            return vocabulary::key_of(month.substr(0, short_form));
        });
        return keys;
    }();
    const auto word = small.substr(at, end - at);
    if (word.size() < short_form) return std::nullopt;
    const auto found = std::ranges::find(short_keys, vocabulary::key_of(word.substr(0, short_form)));
    if (found == short_keys.end()) return std::nullopt;
    const auto index = static_cast<std::size_t>(found - short_keys.begin());
    if (word.size() != short_form && word != vocabulary::months[index]) return std::nullopt;
    return std::pair(static_cast<unsigned>(index + 1), end);
}

/// "22 May 2026" or "May 22, 2026", in small letters. Which of 05/06 is the month nobody can tell.
std::optional<std::pair<long, std::size_t>> named_date_at(std::string_view small, std::size_t at) {
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
    const auto found = day_of(year->first, month->first, static_cast<unsigned>(day->first));
    return found ? std::optional(std::pair(*found, year->second)) : std::nullopt;
}

}  // namespace

std::optional<std::pair<long, std::size_t>> day_at(std::string_view small, std::size_t at) {
    if (!is_word(small[at]) || (at > 0 && is_word(small[at - 1]))) return std::nullopt;
    auto day = is_digit(small[at]) ? iso_date_at(small, at) : std::nullopt;
    if (!day && is_digit(small[at])) day = dotted_date_at(small, at);
    if (!day) day = named_date_at(small, at);
    return day;
}

std::vector<long> dates_of(std::string_view text) {
    std::vector<long> days;
    if (std::ranges::none_of(text, is_digit)) return days;
    const std::string small = core::lowered(text);
    for (std::size_t at = 0; at < small.size(); ++at)
        if (const auto day = day_at(small, at)) days.push_back(day->first);
    return days;
}

std::string date_text(long day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace tristrata::readiness
