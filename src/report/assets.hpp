#pragma once

#include <string_view>

namespace tristrata::report {

/// assets/report.css and assets/report.js, put into the program when it was built.
extern const std::string_view style_sheet;
extern const std::string_view script;

}  // namespace tristrata::report
