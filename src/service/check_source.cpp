#include "check_source.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/no_row.hpp"
#include "tristrata/drift/source_finding.hpp"

#include <fmt/format.h>

namespace tristrata::service {
namespace {

using drift::DriftType;
using drift::Severity;
using drift::SignalKind;

struct SourceEvent {
    DriftType type = DriftType::data_quality;
    std::string_view finding;
    std::string_view measured;
    double reference = 0.0;
    double current = 0.0;
    Severity severity = Severity::info;
    std::string reason;
};

std::string shown(const drift_check::TableName& table) {
    return table.sql.empty() ? table.path : "query on " + table.store;
}

drift::EventRequest event_of(const CheckDefinition& definition, core::Timestamp to,
                             const SourceEvent& source) {
    core::JsonWriter json;
    json.begin_object();
    json.member("check", definition.name);
    const auto from = definition.window.microseconds > 0
                          ? std::optional(core::Timestamp{to.microseconds - definition.window.microseconds})
                          : std::nullopt;
    drift::write_members(json, {source.finding, source.reason, source.measured, shown(definition.current),
                                from, to, std::nullopt});
    json.end_object();
    drift::EventRequest event;
    event.drift_type = source.type;
    event.module = definition.module;
    event.metric = fmt::format("{}_{}", source.finding, definition.name);
    event.reference_value = source.reference;
    event.current_value = source.current;
    event.severity = source.severity;
    event.payload = json.take();
    event.time = to;
    event.event_id = core::uuid_v5(core::tristrata_namespace(),
                                   fmt::format("check\n{}\n{}\n{}\n{}", definition.name, core::to_string(to),
                                               event.metric, drift::name(source.severity)));
    return event;
}

}  // namespace

std::vector<drift::EventRequest> source_events(const CheckDefinition& definition, core::Timestamp to,
                                               const CheckSource& source) {
    const bool no_row = source.error ? dataset::says_no_row(source.error->foreign_code) : source.rows == 0;
    SourceEvent rows{DriftType::volume_drift,
                     drift::name(SignalKind::row_count),
                     "rows",
                     1.0,
                     static_cast<double>(source.rows),
                     Severity::info,
                     fmt::format("{} to check", core::plural(source.rows, "row"))};
    SourceEvent read{DriftType::data_quality,  "source", "windows in a row", 0.0, 0.0, Severity::info,
                     "the table could be read"};
    const auto& policy = definition.plan.severity;
    const std::string why =
        source.error ? core::without_credentials(source.error->message) : shown(definition.current);
    if (no_row) {
        rows.severity = policy.of_signal(SignalKind::row_count, 1.0).value_or(Severity::warn);
        rows.reason = "no row to check: " + why;
    } else if (source.error) {
        read.current = static_cast<double>(source.failures);
        read.severity = policy.of_signal(SignalKind::freshness, read.current).value_or(Severity::warn);
        read.reason = "no check: " + why;
        return {event_of(definition, to, read)};
    }
    return {event_of(definition, to, rows), event_of(definition, to, read)};
}

}  // namespace tristrata::service
