#pragma once

#include <string_view>

namespace tristrata::drift {

/// Whether a JSON document is a report of ours, by the word that it begins with; everything else may be
/// another tool's.
[[nodiscard]] bool is_report(std::string_view json) noexcept;

}  // namespace tristrata::drift
