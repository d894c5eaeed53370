#pragma once

#include "tristrata/model_quality/quality.hpp"
#include "tristrata/report/table.hpp"

#include <string>

namespace tristrata::report {

/// A quality report for a terminal: how many figures became worse; a line a metric of a chunk with the
/// reference's value, what was estimated or came true, the band, verdict and severity; then a sentence for
/// each figure that became worse or has no verdict, each column, and each note.
[[nodiscard]] std::string to_table(const model_quality::QualityReport& report, const TableStyle& style);

}  // namespace tristrata::report
