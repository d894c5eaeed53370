#pragma once

#include "tristrata/drift/report.hpp"
#include "tristrata/execution/kpi.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tristrata::drift_check {

/// What a check says of itself, on the execution layer: drift_check_columns, …_tested, …_share_drifted and
/// how long it took. share_drifted is left out where no column was tested.
[[nodiscard]] execution::KpiRequest own_kpis(const drift::Report& report, const std::string& module,
                                             const std::optional<std::string>& run_id,
                                             std::int64_t duration_ms);

}  // namespace tristrata::drift_check
