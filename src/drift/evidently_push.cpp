#include "tristrata/drift/evidently.hpp"

#include "evidently_methods.hpp"
#include "row_identity.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/severity.hpp"

#include <fmt/format.h>

namespace tristrata::drift {
namespace {

/// The column's own name, and its group where it has one: "age, where city is Paris".
std::string title_of(const EvidentlyColumn& column) {
    return column.group.empty() ? column.name : fmt::format("{}, {}", column.name, column.group);
}

std::string payload_of(const EvidentlyReport& report, const EvidentlyColumn& column) {
    core::JsonWriter payload;
    payload.begin_object();
    payload.member("tool", "evidently");
    payload.member("shape", name(report.shape));
    payload.member("column", column.name);
    if (!column.group.empty()) payload.member("group", column.group);
    payload.key("method");
    if (column.method.empty()) payload.null();
    else payload.value(column.method);
    payload.member("method_as_shown", column.method_as_shown);
    payload.member("score", column.score);
    payload.member("threshold", column.threshold);
    payload.key("drifted");
    if (column.drifted) payload.value(*column.drifted);
    else payload.null();
    payload.key("element");
    payload.raw(column.element);
    payload.end_object();
    return payload.take();
}

std::string payload_of(const EvidentlyReport& report) {
    core::JsonWriter payload;
    payload.begin_object();
    payload.member("tool", report.shape == EvidentlyShape::unknown ? "unknown" : "evidently");
    payload.member("shape", name(report.shape));
    payload.key("notes");
    payload.begin_array();
    for (const auto& note : report.notes) payload.value(note);
    payload.end_array();
    payload.key("report");
    payload.raw(report.document);
    payload.end_object();
    return payload.take();
}

}  // namespace

Push push_of(const EvidentlyReport& report, std::string_view module, const std::optional<std::string>& run_id,
             core::Timestamp created_at, std::optional<DriftType> drift_type) {
    Push push;
    push.push_id = row_identity(report.content_id, module, run_id, "", "push");
    const auto row = [&](std::string_view column, std::string_view kind) {
        Event event;
        event.event_id = row_identity(report.content_id, module, run_id, column, kind);
        event.report_id = report.content_id;
        event.run_id = run_id;
        event.module = module;
        event.drift_type = drift_type.value_or(DriftType::data_drift);
        event.detected_at = report.created_at.value_or(created_at);
        return event;
    };
    const SeverityPolicy policy = SeverityPolicy::defaults();
    const bool table_drifted =
        report.share_drifted && report.share_allowed && *report.share_drifted >= *report.share_allowed;
    for (const EvidentlyColumn& column : report.columns) {
        if (column.drifted && !*column.drifted) continue;
        const auto* method = find_evidently_method(column.method);
        Event event = row(title_of(column), column.method.empty() ? "drift_score" : column.method);
        event.metric =
            fmt::format("{}_{}", column.method.empty() ? "drift_score" : column.method, title_of(column));
        event.current_value = column.score;
        if (method != nullptr && method->gives_p()) event.significance = column.score;
        if (column.drifted && column.method == "psi")
            event.severity = policy.of_distribution(column.score, std::nullopt);
        else event.severity = column.drifted && table_drifted ? Severity::warn : Severity::info;
        event.payload = payload_of(report, column);
        push.events.push_back(std::move(event));
    }
    Event whole = row("", "share_drifted");
    whole.metric = report.shape == EvidentlyShape::unknown ? "unknown_report" : "share_drifted";
    whole.current_value = report.share_drifted;
    whole.severity = Severity::info;
    whole.payload = payload_of(report);
    push.events.push_back(std::move(whole));
    return push;
}

core::Result<sink::Acknowledgement> push_drift_report(sink::Sink& sink, const EvidentlyReport& report,
                                                      std::string_view module,
                                                      const std::optional<std::string>& run_id,
                                                      core::Timestamp created_at,
                                                      std::optional<DriftType> drift_type) {
    if (auto status = check_name("module", module); !status) return propagate(status);
    const sink::Record record = encode(push_of(report, module, run_id, created_at, drift_type));
    return sink.append({&record, 1});
}

}  // namespace tristrata::drift
