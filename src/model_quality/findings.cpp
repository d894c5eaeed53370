#include "tristrata/core/json_writer.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <fmt/format.h>

namespace tristrata::model_quality {

std::vector<Finding> findings(const QualityReport& report, std::string_view module, std::string_view run_id) {
    std::vector<Finding> out;
    const auto add = [&](const QualityChunk& chunk, std::string_view metric, drift::DriftType type,
                         std::optional<double> reference, std::optional<double> current,
                         std::optional<double> p, drift::Severity severity, std::string_view reason) {
        Finding one;
        one.metric = fmt::format("{} {}", metric, chunk.key);
        one.type = type;
        one.reference = reference;
        one.current = current;
        one.significance = p;
        one.severity = severity;
        core::JsonWriter payload;
        payload.begin_object();
        payload.member("report_id", core::to_string(report.report_id));
        payload.member("kind", report.estimated ? "estimate" : "check");
        payload.member("metric", metric);
        payload.member("chunk", chunk.key);
        payload.member("rows", chunk.rows);
        payload.member("labelled", chunk.labelled);
        payload.member("reason", reason);
        payload.end_object();
        one.payload = payload.take();
        core::JsonWriter identity;
        identity.begin_array();
        identity.value(core::to_string(report.report_id));
        identity.value(module);
        identity.value(run_id);
        identity.value(one.metric);
        identity.end_array();
        one.id = core::uuid_v5(core::tristrata_namespace(), identity.take());
        out.push_back(std::move(one));
    };
    for (const auto& chunk : report.chunks) {
        for (std::size_t m = 0; m < chunk.metrics.size(); ++m) {
            const MetricRow& row = chunk.metrics[m];
            if (row.verdict != drift::Verdict::drift) continue;
            const auto type = report.estimated ? drift::DriftType::model_confidence_drift
                                               : drift::DriftType::business_kpi_drift;
            add(chunk, fmt::format("{}{}", report.estimated ? "estimated_" : "", name(row.metric)), type,
                report.reference_metrics[m].value.value,
                row.estimate ? row.estimate->estimated.value : row.realised.value, row.p_adjusted,
                row.severity.value_or(drift::Severity::info), row.reason);
        }
        if (chunk.calibration && chunk.calibration->verdict == drift::Verdict::drift)
            add(chunk, "calibration_error", drift::DriftType::model_confidence_drift,
                report.reference_calibration_error, chunk.calibration->error,
                chunk.calibration->drift_p_adjusted,
                chunk.calibration->severity.value_or(drift::Severity::info), chunk.calibration->reason);
    }
    return out;
}

}  // namespace tristrata::model_quality
