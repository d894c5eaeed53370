#include "evidence.hpp"

#include "tristrata/incident/wording.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace tristrata::service {
namespace {

/// The one that engages, where one does: crit, and evidence. Else the worst.
const incident::Finding* deciding(const incident::Incident& incident) {
    const auto rank = [](const incident::Finding& one) {
        const bool decides = one.severity == drift::Severity::crit &&
                             incident::evidence_verdict(one.payload) == drift::Verdict::drift;
        return std::tuple(decides, one.severity, one.occurrences);
    };
    const incident::Finding* found = nullptr;
    for (const auto& one : incident.findings)
        if (found == nullptr || rank(*found) < rank(one)) found = &one;
    return found;
}

std::string text_at(const nlohmann::json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t rows_at(const nlohmann::json& node, const char* side, const char* key) {
    const auto found = node.find(side);
    if (found == node.end() || !found->is_object()) return 0;
    const auto count = found->find(key);
    return count != found->end() && count->is_number_unsigned() ? count->get<std::uint64_t>() : 0;
}

}  // namespace

bool is_escalated(const incident::Incident& incident) {
    return incident.severity == drift::Severity::crit && incident.phase == incident::Phase::open &&
           !incident.dismissed_at && incident.module != kill_switch::event_module;
}

kill_switch::CritIncident crit_incident_of(const incident::Incident& incident,
                                           const std::vector<incident::Signal>& signals) {
    kill_switch::CritIncident crit;
    crit.incident = core::to_string(incident.incident_id);
    crit.episode = static_cast<std::int64_t>(incident.reopened) + 1;
    crit.module = incident.module;
    crit.why = incident::summary_of(incident);
    const incident::Finding* finding = deciding(incident);
    if (finding == nullptr) return crit;
    kill_switch::Evidence& evidence = crit.evidence;
    evidence.severity = finding->severity;
    evidence.newest = finding->last_seen;
    evidence.reference_value = finding->reference_value;
    evidence.current_value = finding->current_value;
    for (const auto& signal : signals) {
        if (signal.metric != finding->metric) continue;
        // From the first that is part of this incident; what was part of another proves nothing of this one.
        const auto is_of = [&](const incident::Evaluation& one) {
            return one.incident_id == std::optional(incident.incident_id);
        };
        for (auto one = std::ranges::find_if(signal.recent, is_of); one != signal.recent.end(); ++one) {
            if (one->incident_id && !is_of(*one)) continue;
            ++evidence.evaluations;
            evidence.fired += is_of(*one) && one->is_evidence && one->level == drift::Severity::crit ? 1 : 0;
        }
    }
    const auto payload = nlohmann::json::parse(finding->payload, nullptr, false);
    if (!payload.is_object()) return crit;
    evidence.analyzer = text_at(payload, "analyzer");
    if (!evidence.analyzer.empty()) {
        evidence.analyzer_version = text_at(payload, "query_sha256").substr(0, 12);
        evidence.rows = rows_at(payload, "window", "rows");
        evidence.verdict = incident::evidence_verdict(finding->payload);
        return crit;
    }
    // A row of a report: its payload is the column's element.
    if (finding->reference_version.empty()) return crit;
    evidence.analyzer = "drift_check";
    evidence.analyzer_version = finding->reference_version.substr(0, 12);
    evidence.rows = rows_at(payload, "current", "n");
    evidence.verdict = incident::evidence_verdict(finding->payload);
    return crit;
}

}  // namespace tristrata::service
