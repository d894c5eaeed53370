#pragma once

#include <string_view>

namespace tristrata::dataset {

/// The foreign code of an error which says that a table holds no row, or none in the window that is current:
/// SQLSTATE's "no data".
inline constexpr std::string_view no_row_code = "02000";

}  // namespace tristrata::dataset
