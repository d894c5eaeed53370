#include "tristrata/model_quality/push.hpp"

namespace tristrata::model_quality {
namespace {

drift::EventRequest request_of(const Finding& finding, const QualityReport& report, const std::string& module,
                               const std::optional<std::string>& run_id) {
    drift::EventRequest request;
    request.drift_type = finding.type;
    request.module = module;
    request.metric = finding.metric;
    request.reference_value = finding.reference;
    request.current_value = finding.current;
    request.significance = finding.significance;
    request.run_id = run_id;
    request.severity = finding.severity;
    request.payload = finding.payload;
    request.time = report.created_at;
    request.event_id = finding.id;
    return request;
}

}  // namespace

core::Result<sink::Acknowledgement> push_findings(const QualityReport& report, const std::string& module,
                                                  const std::optional<std::string>& run_id,
                                                  const PushEvent& push) {
    sink::Acknowledgement all{sink::Durability::committed, 0, 0};
    for (const auto& one : findings(report, module, run_id.value_or(""))) {
        const auto pushed = push(request_of(one, report, module, run_id));
        if (!pushed) return propagate(pushed);
        all.durability = pushed->durability;
        all.stored += pushed->stored;
        all.duplicate += pushed->duplicate;
        all.parked += pushed->parked;
    }
    return all;
}

}  // namespace tristrata::model_quality
