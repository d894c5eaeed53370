#pragma once

#include "tristrata/drift/report.hpp"

#include <optional>
#include <string>

namespace tristrata::report {

/// The report as JUnit XML: a test case a column and one for the table's signals; a failure where its
/// severity is at least `fail_on`, skipped where there was no verdict.
[[nodiscard]] std::string to_junit(const drift::Report& report, std::optional<drift::Severity> fail_on);

}  // namespace tristrata::report
