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
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
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

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(
        ErrorKind::usage,
        fmt::format(
            "{} is not a time: {}; expected ISO 8601 with at most six fractional digits, such as 2023-03-22 "
            "or 2023-03-22T08:05:00Z",
            quoted(text), why));
}

struct Field {
    std::string_view name;
    int value;
    int first;
    int last;
};

/// "there is no month 13", of the first that lies outside; empty where none does.
std::string beyond(std::initializer_list<Field> fields) {
    for (const auto& [name, value, first, last] : fields)
        if (value < first || value > last) return fmt::format("there is no {} {:02}", name, value);
    return {};
}

/// Microseconds that a clock is ahead of UTC: "Z", "+02", "+0200", "-02:00". Nothing is UTC.
std::optional<std::int64_t> read_zone(Scanner& scan) {
    if (scan.done() || (scan.take('Z') && scan.done())) return 0;
    const int sign = scan.take('+') ? 1 : scan.take('-') ? -1 : 0;
    int hour = 0, minute = 0;
    if (sign == 0 || !scan.number(2, hour)) return std::nullopt;
    if (!scan.done() && (scan.take(':'), !scan.number(2, minute))) return std::nullopt;
    if (!scan.done() || hour > 23 || minute > 59) return std::nullopt;
    return sign * (hour * 60 + minute) * 60 * second_us;
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
    Scanner scan(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t microseconds = 0;
    if (!scan.number(4, year) || !scan.take('-') || !scan.number(2, month) || !scan.take('-') ||
        !scan.number(2, day))
        return refuse(text, "it does not begin with a date as YYYY-MM-DD");
    if (const auto why = beyond({{"month", month, 1, 12}, {"day", day, 1, 31}}); !why.empty())
        return refuse(text, why);
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return refuse(text, fmt::format("{:04}-{:02} has no day {:02}", year, month, day));
    std::int64_t zone_us = 0;
    if (!scan.done()) {
        if (!scan.take('T') && !scan.take(' ')) return refuse(text, "behind its date stands no T or space");
        if (!scan.number(2, hour) || !scan.take(':') || !scan.number(2, minute))
            return refuse(text, "behind its date stands no time of day as HH:MM");
        if (scan.take(':')) {
            if (!scan.number(2, second)) return refuse(text, "behind its minute stands no second as SS");
            if (scan.take('.') && !scan.fraction(microseconds))
                return refuse(text, "its fraction of a second has no digit or more than six");
        }
        const auto why =
            beyond({{"hour", hour, 0, 23}, {"minute", minute, 0, 59}, {"second", second, 0, 59}});
        if (!why.empty()) return refuse(text, why);
        const std::string_view zone_text = scan.rest();
        const auto zone = read_zone(scan);
        if (!zone) return refuse(text, fmt::format("{} is no zone, as Z and +02:00 are", quoted(zone_text)));
        zone_us = *zone;
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = static_cast<std::int64_t>(days) * 86400 + hour * 3600 + minute * 60 + second;
    return Timestamp{seconds * second_us - zone_us + microseconds};
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
    for (const Unit& unit : units) {
        if (size < static_cast<double>(unit.microseconds)) continue;
        const double count =
            static_cast<double>(duration.microseconds) / static_cast<double>(unit.microseconds);
        return std::abs(count) < 999.5 ? fmt::format("{:.3g} {}", count, unit.name)
                                       : fmt::format("{} {}", readable(count), unit.name);
    }
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
