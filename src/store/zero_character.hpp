#pragma once

#include "tristrata/core/result.hpp"

#include <span>
#include <string_view>

namespace tristrata::store {

/// A column of a row that was refused.
struct RefusedText {
    std::string_view column, text;
    bool is_json = false;
};

/// An error of PostgreSQL about the character U+0000, with the place of the first one and what to do; any
/// other error as it is.
[[nodiscard]] core::Error with_place_of_zero(core::Error error, std::span<const RefusedText> texts);

}  // namespace tristrata::store
