#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tristrata::drift {

/// Where the first text of a JSON value holds the character U+0000, which PostgreSQL cannot keep, as a JSON
/// pointer (RFC 6901) whose names stand as they are written in the JSON; nothing where none does.
///
/// Example   {"a":[1,{"b/c":"x\u0000"}]} gives /a/1/b~1c.
[[nodiscard]] std::optional<std::string> pointer_to_zero(std::string_view json);

}  // namespace tristrata::drift
