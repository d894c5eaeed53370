#include "found_by.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tristrata::incident {
namespace {

using json = nlohmann::json;

FoundBy found_by(const Incident& incident, const Finding& finding) {
    if (incident.module == kill_switch_module || incident.module == readiness_module) return FoundBy::watcher;
    if (finding.report_id) return FoundBy::data;
    const json payload = json::parse(finding.payload, nullptr, false);
    if (!payload.is_object()) return FoundBy::hand;
    if (payload.contains("analyzer") || payload.contains("check")) {
        const json what = payload.value("finding", json());
        return what == "source" || what == "clock_skew" ? FoundBy::watcher : FoundBy::data;
    }
    if (payload.contains("report_id")) return FoundBy::data;
    return payload.contains("received") ? FoundBy::tool : FoundBy::hand;
}

}  // namespace

FoundBy found_by(const Incident& incident) {
    std::optional<FoundBy> first;
    for (const Finding& finding : incident.findings) {
        if (finding.first_seen > incident.first_seen) continue;
        const FoundBy one = found_by(incident, finding);
        first = std::min(first.value_or(one), one);
    }
    return first.value_or(FoundBy::data);
}

}  // namespace tristrata::incident
