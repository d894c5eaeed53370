#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/technical/event.hpp"

#include <nanobind/nanobind.h>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::python {

// What a caller gives, as the C++ faces take it. `what` names it in the TypeError or ValueError that says
// what was expected and what was found. None is absent where a type is optional.

[[nodiscard]] std::string text_of(nanobind::handle value, std::string_view what);
[[nodiscard]] std::optional<std::string> optional_text_of(nanobind::handle value, std::string_view what);
/// A float, an int, a bool, or whatever has __float__ or __index__ and is one number: Decimal, numpy's
/// scalars. No text, no array that has a length, and no scalar of numpy that is a moment, a duration or
/// complex.
[[nodiscard]] double number_of(nanobind::handle value, std::string_view what);
[[nodiscard]] std::optional<double> optional_number_of(nanobind::handle value, std::string_view what);
/// A whole number of at least `least`; no bool.
[[nodiscard]] std::optional<std::uint64_t> optional_count_of(nanobind::handle value, std::string_view what,
                                                             std::uint64_t least = 0);
/// Whatever gives texts one after another, and is no text itself.
[[nodiscard]] std::vector<std::string> texts_of(nanobind::handle value, std::string_view what);
/// A whole number of milliseconds; a fraction is rounded to the nearest.
[[nodiscard]] std::optional<std::int64_t> milliseconds_of(nanobind::handle value, std::string_view what);
/// A bool, Python's or numpy's.
[[nodiscard]] std::optional<bool> flag_of(nanobind::handle value, std::string_view what);
/// A mapping of str to str; an int, a bool ("true", "false") or a float as its text.
[[nodiscard]] std::map<std::string, std::string> tags_of(nanobind::handle value);
/// A bool, a whole number that 64 bits hold, a float, or their numpy scalars, as what they are; anything else
/// as the text that str() gives. What str() raises is not thrown, then it is the name of the type; but for
/// what ends the program.
[[nodiscard]] technical::FieldValue field_of(nanobind::handle value);
/// A datetime that knows its zone, or ISO 8601 text: with its zone. Or a date alone, as one or as text, which
/// is where that day begins in UTC.
[[nodiscard]] std::optional<core::Timestamp> time_of(nanobind::handle value, std::string_view what);
/// A uuid.UUID, or its text.
[[nodiscard]] std::optional<core::Uuid> uuid_of(nanobind::handle value, std::string_view what);

/// A datetime in UTC.
[[nodiscard]] nanobind::object datetime_of(core::Timestamp time);

}  // namespace tristrata::python
