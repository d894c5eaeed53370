#pragma once

#include "tristrata/drift/report.hpp"

#include <optional>
#include <string>

namespace tristrata::report {

/// The report as JUnit XML: a test case a column, a group and a signal of the table; a failure where its
/// severity is at least `fail_on`, skipped where there was no verdict.
[[nodiscard]] std::string to_junit(const drift::Report& report, std::optional<drift::Severity> fail_on);

}  // namespace tristrata::report
