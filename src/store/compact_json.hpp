#pragma once

#include <string>
#include <string_view>

namespace tristrata::store {

/// A JSON text without the spaces between its parts: jsonb comes back with one behind each colon and comma.
/// Example   {"a": [1, "b: c"]} gives {"a":[1,"b: c"]}.
[[nodiscard]] std::string compact_json(std::string_view json);

}  // namespace tristrata::store
