#pragma once

#include "tristrata/drift/report.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::report {

/// Columns worst first: crit, warn, info, then those with no answer, then those without drift; else as they
/// stand.
[[nodiscard]] std::vector<const drift::ColumnReport*> by_severity(const drift::Report& report);

/// The worst of a column's distribution and its signals.
[[nodiscard]] std::optional<drift::Severity> worst_of(const drift::ColumnReport& column);

/// "105,382 trades", "BTC 63 %", "-": what a column held on one side.
[[nodiscard]] std::string value_of(const drift::ColumnSide& side, const std::string& unit);

/// printable(), and the five characters of markup replaced: safe in HTML, XML and attributes.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace tristrata::report
