#include "tristrata/drift_check/own_kpis.hpp"

namespace tristrata::drift_check {

execution::KpiRequest own_kpis(const drift::Report& report, const std::string& module,
                               const std::optional<std::string>& run_id, std::int64_t duration_ms) {
    execution::KpiRequest request;
    request.module = module;
    request.run_id = run_id;
    request.dag_node = "drift_check";
    request.duration_ms = duration_ms;
    request.success = true;
    request.metrics = {
        {"drift_check_columns", static_cast<double>(report.summary.columns)},
        {"drift_check_columns_tested", static_cast<double>(report.summary.tested)},
        {"drift_check_columns_drifted", static_cast<double>(report.summary.drifted)},
        {"drift_check_columns_insufficient_data", static_cast<double>(report.summary.insufficient_data)},
        {"drift_check_columns_not_tested", static_cast<double>(report.summary.not_tested)},
        {"drift_check_rows_reference", static_cast<double>(report.reference.rows)},
        {"drift_check_rows_current", static_cast<double>(report.current.rows)}};
    if (report.summary.tested > 0)
        request.metrics.emplace_back("drift_check_share_drifted", report.summary.share_drifted);
    return request;
}

}  // namespace tristrata::drift_check
