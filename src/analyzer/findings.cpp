#include "findings.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/source_finding.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace tristrata::analyzer {
namespace {

/// Whose data a source holds: what Prometheus scrapes is technical, the drift store's own rows are drift, and
/// every other query asks what runs have reported.
std::string_view layer_of(const Place& place) {
    if (place.kind == SourceKind::promql) return "technical";
    return place.store == "drift" ? "drift" : "execution";
}

}  // namespace

bool Findings::wants(drift::DriftType type) {
    auto& known = wanted_[static_cast<std::size_t>(type)];
    if (!known) known = wants_good_ && wants_good_(definition_.module, type);
    return *known;
}

void Findings::keep_good(Finding finding) {
    const auto is_it = [&](const auto& event) {
        return event.drift_type == finding.type && event.metric == finding.metric;
    };
    if (std::ranges::any_of(judgement_.events, is_it)) return;
    finding.severity = drift::Severity::info;
    judgement_.good.push_back(event_of(std::move(finding)));
}

drift::EventRequest Findings::event_of(Finding finding) const {
    core::JsonWriter json;
    json.begin_object();
    json.member("analyzer", definition_.name);
    drift::write_members(json, {finding.what, finding.reason, finding.measured, shown(definition_.place),
                                judgement_.from, judgement_.to, judgement_.rows});
    if (!missing_.empty()) json.member("missing", missing_);
    json.member("layer", layer_of(definition_.place));
    json.member("query_sha256", definition_.query_sha256);
    json.key("reference");
    json.begin_object();
    json.member(
        "from",
        core::to_string(judgement_.reference_from.value_or(reference_of(definition_, judgement_.to).from)));
    json.member("windows", judgement_.reference_windows);
    json.member("rows", judgement_.reference_rows);
    json.end_object();
    if (!judgement_.notes.empty()) {
        json.key("notes");
        json.begin_array();
        for (const auto& note : judgement_.notes) json.value(note);
        json.end_array();
    }
    if (!finding.column.empty()) {
        json.key("column");
        json.raw(finding.column);
    }
    json.end_object();
    drift::EventRequest event;
    event.drift_type = finding.type;
    event.module = definition_.module;
    event.metric = std::move(finding.metric);
    event.reference_value = finding.reference;
    event.current_value = finding.current;
    event.significance = finding.significance;
    event.severity = finding.severity;
    event.payload = json.take();
    event.time = judgement_.to;
    event.event_id =
        core::uuid_v5(core::tristrata_namespace(), fmt::format("analyzer\n{}\n{}..{}\n{}", definition_.name,
                                                               core::to_string(judgement_.from),
                                                               core::to_string(judgement_.to), event.metric));
    return event;
}

}  // namespace tristrata::analyzer
