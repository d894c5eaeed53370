#pragma once

#include "tristrata/core/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::store {

/// Where the first text of a JSON value holds the character U+0000, as a JSON pointer (RFC 6901) whose names
/// stand as they are written in the JSON; nothing where none does.
///
/// Example   {"a":[1,{"b/c":"x\u0000"}]} gives /a/1/b~1c.
[[nodiscard]] std::optional<std::string> pointer_to_zero(std::string_view json);

/// A column of a row that was refused.
struct RefusedText {
    std::string_view column, text;
    bool is_json = false;
};

/// An error of PostgreSQL about the character U+0000, with the place of the first one and what to do; any
/// other error as it is.
[[nodiscard]] core::Error with_place_of_zero(core::Error error, std::span<const RefusedText> texts);

}  // namespace tristrata::store
