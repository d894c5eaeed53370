#pragma once

#include "evidence.hpp"

#include <vector>

namespace tristrata::detection {

/// Looks at all columns together: adjusts p over them (Benjamini-Hochberg, or over windows for `chunks`), and
/// gives each its verdict, severity and sentence.
[[nodiscard]] std::vector<drift::ColumnReport> judge(std::vector<Evidence> evidence, const Setting& setting);

}  // namespace tristrata::detection
