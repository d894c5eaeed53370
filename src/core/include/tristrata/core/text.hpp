#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::core {

/// A name as it may stand in a message: quoted, control characters escaped, at most `limit` characters.
[[nodiscard]] std::string quoted(std::string_view name, std::size_t limit = 80);

/// The candidate nearest in edit distance, if it is near enough to be meant (at most a third of the
/// longer name, rounded up); empty otherwise. Ties go to the first.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string> candidates);

/// The text with every byte sequence that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// A value of a log line `key=value`: as it is where nothing in it ends a value (a space, an end of line,
/// '=',
/// '"' or '\\'), else as a JSON string; so is an empty one, and what is not ASCII.
[[nodiscard]] std::string logfmt_value(std::string_view text);

/// A number for people: four digits, or whole with thousands apart: "105,382", "0.00123", "1.2e+09" (from
/// 1e15 on and below 1e-4).
[[nodiscard]] std::string readable(double number);

/// So many of something: "1 chunk", "1,154 chunks". Without `many` it is `one` with an s.
[[nodiscard]] std::string plural(std::uint64_t count, std::string_view one, std::string_view many = {});

}  // namespace tristrata::core
