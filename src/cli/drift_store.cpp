#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/drift/evidently.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(ErrorKind::not_found, fmt::format("{}: no such file, or it may not be read", path));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_event(core::JsonWriter& json, const drift::Event& event) {
    json.begin_object();
    json.member("event_id", core::to_string(event.event_id));
    json.key("report_id");
    if (event.report_id) json.value(core::to_string(*event.report_id));
    else json.null();
    json.member("run_id", event.run_id);
    json.member("module", event.module);
    json.member("drift_type", drift::name(event.drift_type));
    json.member("metric", event.metric);
    json.member("reference_value", event.reference_value);
    json.member("current_value", event.current_value);
    json.member("significance", event.significance);
    json.member("severity", drift::name(event.severity));
    json.member("detected_at", core::to_string(event.detected_at));
    json.key("payload");
    json.raw(event.payload);
    json.end_object();
}

std::string number(const std::optional<double>& value) { return value ? core::readable(*value) : "-"; }

/// Our report, by the word it begins with; everything else may be Evidently's.
bool is_our_report(std::string_view text) {
    return text.substr(0, 400).find("tristrata.drift_report/") != text.npos;
}

core::Result<int> push(const DriftPushOptions& options) {
    auto text = read_text(options.report);
    if (!text) return propagate(text);
    std::optional<drift::DriftType> drift_type;
    if (!options.drift_type.empty()) {
        auto parsed = drift::parse_drift_type(options.drift_type);
        if (!parsed) return propagate(parsed);
        drift_type = *parsed;
    }
    core::Timestamp at = core::system_clock().now();
    if (!options.at.empty()) {
        auto parsed = core::parse_timestamp(options.at);
        if (!parsed) return propagate(parsed);
        at = *parsed;
    }
    const auto of_this_file = [&](const core::Error& error) {
        return fail(error.kind, fmt::format("{}: {}", options.report, error.message));
    };
    core::Result<sink::Acknowledgement> pushed;
    if (is_our_report(*text)) {
        auto report = drift::parse_report(*text);
        if (!report) return of_this_file(report.error());
        if (!options.at.empty())
            return fail(ErrorKind::usage,
                        fmt::format("{} says when it was made, {}; --at is for reports that "
                                    "carry no time",
                                    options.report, core::to_string(report->created_at)));
        auto session = open_session(options.settings);
        if (!session) return propagate(session);
        pushed =
            (*session)->push_drift_report(*report, options.module, optional_text(options.run_id), drift_type);
    } else {
        auto report = drift::parse_evidently(*text);
        if (!report) return of_this_file(report.error());
        auto session = open_session(options.settings);
        if (!session) return propagate(session);
        pushed = (*session)->push_drift_report(*report, options.module, optional_text(options.run_id), at,
                                               drift_type);
        if (pushed) {
            fmt::print(stderr, "{}: a report of {}, {} columns\n", options.report,
                       report->shape == drift::EvidentlyShape::unknown
                           ? std::string("unknown shape")
                           : fmt::format("Evidently {}", drift::name(report->shape)),
                       report->columns.size());
            for (const auto& note : report->notes) fmt::print(stderr, "note: {}\n", note);
        }
    }
    if (!pushed) return propagate(pushed);
    fmt::print("stored {} events, {} were there already\n", pushed->stored, pushed->duplicate);
    return 0;
}

core::Result<int> list(const DriftListOptions& options) {
    store::DriftQuery query;
    query.module = optional_text(options.module);
    query.run_id = optional_text(options.run_id);
    query.limit = options.limit;
    if (!options.drift_type.empty()) {
        auto parsed = drift::parse_drift_type(options.drift_type);
        if (!parsed) return propagate(parsed);
        query.drift_type = *parsed;
    }
    if (!options.severity.empty()) {
        auto parsed = drift::parse_severity(options.severity);
        if (!parsed) return propagate(parsed);
        query.severity_at_least = *parsed;
    }
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    query.range = *range;
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto store = (*session)->open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto page = (*store)->query(query);
    if (!page) return propagate(page);
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.key("events");
        json.begin_array();
        for (const auto& event : page->rows) write_event(json, event);
        json.end_array();
        json.member("truncated", page->truncated);
        json.end_object();
        text = json.take() + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const auto& event : page->rows)
            rows.push_back({core::to_string(event.detected_at), std::string(drift::name(event.severity)),
                            event.module, std::string(drift::name(event.drift_type)), event.metric,
                            number(event.reference_value), number(event.current_value),
                            number(event.significance), core::to_string(event.event_id)});
        text = report::aligned({"detected_at", "severity", "module", "drift_type", "metric", "reference",
                                "current", "significance", "event_id"},
                               rows);
        if (page->rows.empty())
            text += "no events; widen --from and --to, or push a report with drift check --push\n";
        if (page->truncated)
            text += fmt::format("only the newest {} are shown; --limit shows more\n", options.limit);
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

core::Result<int> show(const DriftShowOptions& options) {
    auto id = core::parse_uuid(options.id);
    if (!id) return propagate(id);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto store = (*session)->open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto events = (*store)->find_event(*id);
    if (!events) return propagate(events);
    std::string text;
    for (const auto& event : *events) {
        if (options.output.format == "json") {
            core::JsonWriter json(core::JsonWriter::Style::indented);
            write_event(json, event);
            text += json.take() + "\n";
            continue;
        }
        text += report::aligned({"event_id", core::to_string(event.event_id)},
                                {{"module", event.module},
                                 {"run_id", event.run_id.value_or("-")},
                                 {"drift_type", std::string(drift::name(event.drift_type))},
                                 {"metric", event.metric},
                                 {"severity", std::string(drift::name(event.severity))},
                                 {"reference", number(event.reference_value)},
                                 {"current", number(event.current_value)},
                                 {"significance", number(event.significance)},
                                 {"detected_at", core::to_string(event.detected_at)},
                                 {"report_id", event.report_id ? core::to_string(*event.report_id) : "-"},
                                 {"payload", event.payload}});
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

int code_of(const core::Result<int>& code) { return code ? *code : report_error(code.error()); }

}  // namespace

int drift_push(const DriftPushOptions& options) { return code_of(push(options)); }
int drift_list(const DriftListOptions& options) { return code_of(list(options)); }
int drift_show(const DriftShowOptions& options) { return code_of(show(options)); }

}  // namespace tristrata::cli
