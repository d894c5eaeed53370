#include "tristrata/drift/evidently.hpp"

#include "evidently_methods.hpp"
#include "row_identity.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/severity.hpp"

#include <fmt/format.h>
#include <cmath>
#include <set>
#include <string>
#include <utility>

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
    payload.key("score");
    if (column.score && std::isinf(*column.score))
        payload.value(*column.score > 0 ? "Infinity" : "-Infinity");
    else payload.value(column.score);
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

/// Tells a report's scores of one column apart. The first by a method goes by the method alone, so that rows
/// pushed before there were others keep their identity; one more by its threshold too, and among equals by
/// its place.
class ScoreKinds {
public:
    std::string kind_of(const EvidentlyColumn& column, const std::string& method) {
        const std::string title = title_of(column);
        std::string kind = method;
        if (!taken_.emplace(title, kind).second) {
            const std::string with_threshold =
                column.threshold ? fmt::format("{}, threshold {}", method, *column.threshold) : method;
            kind = with_threshold;
            for (std::size_t place = 2; !taken_.emplace(title, kind).second; ++place)
                kind = fmt::format("{}, place {}", with_threshold, place);
        }
        return kind;
    }

private:
    std::set<std::pair<std::string, std::string>> taken_;  ///< Titles and kinds.
};

}  // namespace

Push push_of(const EvidentlyReport& report, std::string_view module, const std::optional<std::string>& run_id,
             core::Timestamp created_at, std::optional<DriftType> drift_type) {
    Push push;
    push.push_id = push_identity(report.content_id, module, run_id);
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
    ScoreKinds kinds;
    for (const EvidentlyColumn& column : report.columns) {
        if (column.drifted && !*column.drifted) continue;
        const auto* method = find_evidently_method(column.method);
        const std::string shown = column.method.empty() ? "drift_score" : column.method;
        Event event = row(title_of(column), kinds.kind_of(column, shown));
        event.metric = fmt::format("{}_{}", shown, title_of(column));
        if (column.score && std::isfinite(*column.score)) event.current_value = column.score;
        if (method != nullptr && method->gives_p()) event.significance = event.current_value;
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
                                                      std::optional<DriftType> drift_type,
                                                      std::string_view caller_module) {
    for (const auto& status : {check_name("module", module), check_run(run_id)})
        if (!status) return propagate(status);
    Push push = push_of(report, module, run_id, created_at, drift_type);
    if (auto status = check_time(push.events.front().detected_at); !status) return propagate(status);
    for (Event& event : push.events) event.payload = with_caller(event.payload, caller_module);
    const sink::Record record = encode(push);
    auto acknowledged = sink.append({&record, 1});
    if (!acknowledged)
        return tl::unexpected(
            sink::repeatable(acknowledged.error(), *push.push_id, push.events.front().detected_at));
    return acknowledged;
}

}  // namespace tristrata::drift
