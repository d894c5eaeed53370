#pragma once

#include "tristrata/core/result.hpp"

#include <string_view>

namespace tristrata::drift {

/// Whether a drift store takes `value` as the `what` ("module", "metric") of an event. Who declares one in a
/// file holds it against this as well: else what it finds is refused when it is found.
/// refused: an empty name, one over 200 bytes, one that is not UTF-8 or holds the character U+0000.
[[nodiscard]] core::Status check_name(std::string_view what, std::string_view value);

}  // namespace tristrata::drift
