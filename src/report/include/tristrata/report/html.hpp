#pragma once

#include "tristrata/drift/report.hpp"

#include <string>

namespace tristrata::report {

/// The report as one self-contained HTML page (docs/reports.md): nothing is fetched, scripts only sort,
/// search and filter. The same report gives the same bytes. Everything that came from outside is escaped.
[[nodiscard]] std::string to_html(const drift::Report& report);

}  // namespace tristrata::report
