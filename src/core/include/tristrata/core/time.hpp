#pragma once

#include "tristrata/core/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::core {

/// A moment: whole microseconds since 1970-01-01T00:00:00Z. The precision of every store and wire.
struct Timestamp {
    std::int64_t microseconds = 0;
    auto operator<=>(const Timestamp&) const = default;
};

/// A span of time in microseconds.
struct Duration {
    std::int64_t microseconds = 0;
    auto operator<=>(const Duration&) const = default;
};

[[nodiscard]] constexpr Timestamp operator+(Timestamp t, Duration d) noexcept {
    return {t.microseconds + d.microseconds};
}
[[nodiscard]] constexpr Duration operator-(Timestamp a, Timestamp b) noexcept {
    return {a.microseconds - b.microseconds};
}

/// Half open: from <= t < to. An absent end is unbounded.
struct TimeRange {
    std::optional<Timestamp> from;
    std::optional<Timestamp> to;
    [[nodiscard]] bool contains(Timestamp t) const noexcept {
        return (!from || *from <= t) && (!to || t < *to);
    }
    bool operator==(const TimeRange&) const = default;
};

/// ISO 8601: "2023-03-22", "2023-03-22T00:00", "2023-03-22T00:00:00.123456Z", "...+02:00"; a space may
/// stand for the T. Without a zone it is UTC. A seventh fractional digit is refused, not rounded.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

/// "FROM..TO", either end may be empty: "2023-03-22..2023-04-05", "..2023-03-22". FROM >= TO is an error.
[[nodiscard]] Result<TimeRange> parse_time_range(std::string_view text);

/// "2023-03-22T00:00:00Z"; a fraction is written with 3 or 6 digits, only where there is one.
[[nodiscard]] std::string to_string(Timestamp time);

/// "14 d", "15 min", "1.5 s": for people, never for a machine.
[[nodiscard]] std::string to_string(Duration duration);
/// A whole number with its unit: "90s", "15m", "6h", "2d". usage: anything else, and 0.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

}  // namespace tristrata::core
