#include "tristrata/core/time.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace tristrata::core {
namespace {

constexpr std::int64_t second_us = 1'000'000;

/// Reads digits from the front of a text; every step says whether it fitted.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}
    [[nodiscard]] bool done() const { return at_ == text_.size(); }
    [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    bool number(int digits, int& value) {
        value = 0;
        for (int i = 0; i < digits; ++i) {
            if (peek() < '0' || peek() > '9') return false;
            value = value * 10 + (text_[at_++] - '0');
        }
        return true;
    }
    /// Up to six digits of a fraction, as microseconds.
    bool fraction(std::int64_t& microseconds) {
        std::int64_t scale = second_us;
        microseconds = 0;
        bool any = false;
        while (peek() >= '0' && peek() <= '9') {
            if (scale == 1) return false;
            scale /= 10;
            microseconds += (text_[at_++] - '0') * scale;
            any = true;
        }
        return any;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

Result<Timestamp> refuse(std::string_view text) {
    return fail(
        ErrorKind::usage,
        fmt::format(
            "{} is not a time; expected ISO 8601 with at most six fractional digits, such as 2023-03-22 or "
            "2023-03-22T08:05:00Z",
            quoted(text)));
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
    Scanner scan(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t microseconds = 0;
    if (!scan.number(4, year) || !scan.take('-') || !scan.number(2, month) || !scan.take('-') ||
        !scan.number(2, day))
        return refuse(text);
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return refuse(text);
    std::int64_t offset_s = 0;
    if (!scan.done()) {
        if (!scan.take('T') && !scan.take(' ')) return refuse(text);
        if (!scan.number(2, hour) || !scan.take(':') || !scan.number(2, minute)) return refuse(text);
        if (scan.take(':')) {
            if (!scan.number(2, second)) return refuse(text);
            if (scan.take('.') && !scan.fraction(microseconds)) return refuse(text);
        }
        if (hour > 23 || minute > 59 || second > 59) return refuse(text);
        if (!scan.done() && !scan.take('Z')) {
            const int sign = scan.take('+') ? 1 : scan.take('-') ? -1 : 0;
            int offset_hour = 0, offset_minute = 0;
            if (sign == 0 || !scan.number(2, offset_hour)) return refuse(text);
            scan.take(':');
            if (!scan.done() && !scan.number(2, offset_minute)) return refuse(text);
            if (offset_hour > 23 || offset_minute > 59) return refuse(text);
            offset_s = sign * (offset_hour * 3600 + offset_minute * 60);
        }
        if (!scan.done()) return refuse(text);
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds =
        static_cast<std::int64_t>(days) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
    return Timestamp{seconds * second_us + microseconds};
}

Result<TimeRange> parse_time_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos)
        return fail(ErrorKind::usage,
                    fmt::format("{} is not a window; expected FROM..TO, such as 2023-03-08..2023-03-22",
                                quoted(text)));
    TimeRange range;
    const auto from = text.substr(0, dots), to = text.substr(dots + 2);
    if (!from.empty()) {
        auto parsed = parse_timestamp(from);
        if (!parsed) return propagate(parsed);
        range.from = *parsed;
    }
    if (!to.empty()) {
        auto parsed = parse_timestamp(to);
        if (!parsed) return propagate(parsed);
        range.to = *parsed;
    }
    if (range.from && range.to && !(*range.from < *range.to))
        return fail(
            ErrorKind::usage,
            fmt::format("the window {} holds no time: its end must come after its beginning", quoted(text)));
    return range;
}

std::string to_string(Timestamp time) {
    const auto floor_div = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); };
    const std::int64_t seconds = floor_div(time.microseconds, second_us);
    const std::int64_t microseconds = time.microseconds - seconds * second_us;
    const std::int64_t days = floor_div(seconds, 86400);
    const std::int64_t rest = seconds - days * 86400;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   rest / 3600, rest / 60 % 60, rest % 60);
    if (microseconds % 1000 != 0) text += fmt::format(".{:06}", microseconds);
    else if (microseconds != 0) text += fmt::format(".{:03}", microseconds / 1000);
    return text + "Z";
}

std::string to_string(Duration duration) {
    struct Unit {
        std::int64_t microseconds;
        std::string_view name;
    };
    constexpr std::array units{Unit{86'400'000'000, "d"}, Unit{3'600'000'000, "h"}, Unit{60'000'000, "min"},
                               Unit{second_us, "s"},      Unit{1000, "ms"},         Unit{1, "µs"}};
    const double size = std::abs(static_cast<double>(duration.microseconds));
    for (const Unit& unit : units)
        if (size >= static_cast<double>(unit.microseconds))
            return fmt::format(
                "{:.3g} {}",
                static_cast<double>(duration.microseconds) / static_cast<double>(unit.microseconds),
                unit.name);
    return "0 s";
}

Result<Duration> parse_duration(std::string_view text) {
    constexpr std::int64_t second = 1'000'000;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::int64_t factor = unit == "s"   ? second
                                : unit == "m" ? 60 * second
                                : unit == "h" ? 3600 * second
                                : unit == "d" ? 86'400 * second
                                              : 0;
    std::int64_t microseconds = 0;
    if (error != std::errc() || factor == 0 || count < 1 ||
        __builtin_mul_overflow(count, factor, &microseconds))
        return fail(
            ErrorKind::usage,
            fmt::format("{} is no length of time; expected a whole number with s, m, h or d, such as 90s, "
                        "15m, 6h or 2d",
                        quoted(text)));
    return Duration{microseconds};
}

}  // namespace tristrata::core
