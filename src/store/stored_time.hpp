#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"

#include <string>

namespace tristrata::store {

/// Always six digits of a second, so that text order is time order.
[[nodiscard]] std::string stored_time(core::Timestamp time);
/// storage: a text that stored_time() never wrote.
[[nodiscard]] core::Result<core::Timestamp> read_time(const std::string& text);

}  // namespace tristrata::store
