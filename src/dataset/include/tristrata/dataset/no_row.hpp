#pragma once

#include <string_view>

namespace tristrata::dataset {

/// The foreign code of an error which says that a table holds no row, or none in the window that is current:
/// SQLSTATE's "no data".
inline constexpr std::string_view no_row_code = "02000";

/// Those of a window, current or reference, without a row in a table that holds later ones: no table that is
/// being written, whose rows are still to come. Of SQLSTATE's class, and our own.
inline constexpr std::string_view no_row_of_window_code = "02C01";
inline constexpr std::string_view no_reference_row_code = "02R01";

/// Whether what is current holds no row.
[[nodiscard]] constexpr bool says_no_row(std::string_view foreign_code) {
    return foreign_code == no_row_code || foreign_code == no_row_of_window_code;
}

}  // namespace tristrata::dataset
