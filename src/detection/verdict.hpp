#pragma once

#include "evidence.hpp"

#include <vector>

namespace tristrata::detection {

/// Looks at all columns together: adjusts p over them (Benjamini-Hochberg, or over windows for `chunks`), and
/// gives each its verdict, severity and sentence.
[[nodiscard]] std::vector<drift::ColumnReport> judge(std::vector<Evidence> evidence, const Setting& setting);

/// Gives each column the plan's importance, and its impact: how far it moved, times that.
void weigh(std::vector<drift::ColumnReport>& columns, const Plan& plan);

}  // namespace tristrata::detection
