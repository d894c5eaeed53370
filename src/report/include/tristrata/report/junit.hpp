#pragma once

#include "tristrata/drift/backtest.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <optional>
#include <string>

namespace tristrata::report {

/// The report as JUnit XML: a test case a column, a group, a signal of the table, and the importance of what
/// drifted where columns have one; a failure where its severity is at least `fail_on`, skipped where there
/// was no verdict. So of every form: with `fail_on` there is a failure where, and only where, the command
/// ends with 1.
[[nodiscard]] std::string to_junit(const drift::Report& report, std::optional<drift::Severity> fail_on);

/// The same of a backtest: a case a chunk that is no mere reference, and one an alarm of lasting change; a
/// failure where a finding reaches `fail_on`; skipped where the chunk is cut short, no column of it could be
/// tested, or its verdict was taken over from the state, which an earlier run has answered for.
[[nodiscard]] std::string to_junit(const drift::Backtest& backtest, std::optional<drift::Severity> fail_on);

/// The same of a model's quality: a case a metric of a chunk, a calibration of a chunk, and a column of
/// prediction, target and confidence; skipped where there was no verdict.
[[nodiscard]] std::string to_junit(const model_quality::QualityReport& report,
                                   std::optional<drift::Severity> fail_on);

}  // namespace tristrata::report
