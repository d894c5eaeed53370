#pragma once

#include "tristrata/model_quality/quality.hpp"

#include <string>

namespace tristrata::report {

/// A quality report as one self-contained HTML page (docs/model_quality.md), under the rules of to_html() of
/// a drift report: a picture a metric, chunk by chunk, with the reference's value, the band, and what was
/// estimated or came true; a table of every figure; the columns of prediction, target and confidence. Of more
/// than a thousand figures the table holds those that became worse or have no verdict, and says so.
[[nodiscard]] std::string to_html(const model_quality::QualityReport& report);

/// "4 of 18 tested figures became worse beyond chance; the worst is crit."
[[nodiscard]] std::string headline(const model_quality::QualityReport& report);

}  // namespace tristrata::report
