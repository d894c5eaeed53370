#pragma once

#include <string_view>

namespace tristrata::sources {

/// What some programs write before the first byte of a text in UTF-8; it belongs to no cell.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace tristrata::sources
