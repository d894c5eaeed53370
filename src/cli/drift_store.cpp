#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/drift/evidently.hpp"
#include "tristrata/drift/report_document.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<std::string> read_text(const std::string& path) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} is a folder; expected a report's JSON file", path));
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

/// A p that is not told apart from 0 is not said to be 0.
std::string p_of(const drift::Event& event) {
    return event.significance && *event.significance < 1e-4 ? "<0.0001" : number(event.significance);
}

/// The event's second; a clock may know more than a table shows.
std::string second_of(core::Timestamp time) {
    const auto text = core::to_string(time);
    return text.substr(0, text.find_first_of(".Z")) + "Z";
}

/// A payload that is longer is not shown between lines of text.
constexpr std::size_t payload_bytes_shown = 400;
constexpr std::size_t unlimited_width = 1000;

/// How much of an event is shown where a line is short.
struct EventLayout {
    bool type;
    std::size_t id, time, name;  ///< Characters of the id and of the time; cells of module and metric.
};
constexpr std::array event_layouts{
    EventLayout{true, 36, 20, unlimited_width}, EventLayout{true, 8, 20, unlimited_width},
    EventLayout{false, 8, 20, unlimited_width}, EventLayout{false, 8, 16, 24}, EventLayout{false, 8, 10, 12}};

/// The events in the fullest layout that fits; the beginning of an id is enough for drift show.
std::string event_table(const std::vector<drift::Event>& events, std::size_t width) {
    std::string text;
    for (const auto& layout : event_layouts) {
        std::vector<std::string> headings{"detected_at", "severity",  "module",  "drift_type", "metric",
                                          "of",          "reference", "current", "p",          "event_id"};
        std::vector<std::vector<std::string>> rows;
        for (const auto& event : events)
            rows.push_back({second_of(event.detected_at).substr(0, layout.time),
                            std::string(drift::name(event.severity)),
                            report::shortened(report::printable(event.module), layout.name),
                            std::string(drift::name(event.drift_type)),
                            report::shortened(report::printable(event.metric), layout.name),
                            drift::words_of(event).measured, number(event.reference_value),
                            number(event.current_value), p_of(event),
                            core::to_string(event.event_id).substr(0, layout.id)});
        if (!layout.type) {
            headings.erase(headings.begin() + 3);
            for (auto& row : rows) row.erase(row.begin() + 3);
        }
        text = report::aligned(headings, rows);
        std::size_t widest = 0;
        for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
            widest = std::max(widest, report::display_width(text.substr(at, text.find('\n', at) - at)));
        if (widest <= width) break;
    }
    return text;
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
    const auto given = time_or_now("--at", options.at);
    if (!given) return propagate(given);
    const core::Timestamp at = *given;
    const auto of_this_file = [&](const core::Error& error) {
        return fail(error.kind, fmt::format("{}: {}", options.report, error.message));
    };
    core::Result<sink::Acknowledgement> pushed;
    if (drift::is_report(*text)) {
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
            fmt::print(stderr, "{}: a report of {}, {}\n", options.report,
                       report->shape == drift::EvidentlyShape::unknown
                           ? std::string("unknown shape")
                           : fmt::format("Evidently {}", drift::name(report->shape)),
                       core::plural(report->columns.size(), "column"));
            for (const auto& note : report->notes) fmt::print(stderr, "note: {}\n", note);
        }
    }
    if (!pushed) return propagate(pushed);
    if (pushed->durability == sink::Durability::committed)
        fmt::print("stored {}, {} there already\n", core::plural(pushed->stored, "event"),
                   core::plural(pushed->duplicate, "was", "were"));
    else fmt::print("pushed {} {}\n", core::plural(pushed->stored, "event"), how_taken(*pushed));
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
        text = event_table(page->rows, options.output.out.empty() ? terminal_width() : unlimited_width);
        if (page->rows.empty())
            text += "no events; widen --from and --to, or push a report with drift check --push\n";
        if (page->truncated)
            text += fmt::format("only the newest {} are shown; --limit shows more\n", options.limit);
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

core::Result<int> show(const DriftShowOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto store = (*session)->open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto id = core::parse_uuid(options.id);
    if (!id) id = (*store)->find_event_id(options.id);
    if (!id) return propagate(id);
    auto events = (*store)->find_event(*id);
    if (!events) return propagate(events);
    std::string text;
    int code = 0;
    const bool several = events->size() > 1;
    if (several)
        fmt::print(stderr,
                   "note: {} have the id {}, each with a time or a severity of its own: whoever pushes an "
                   "event_id again gives its time again too, or it is another event\n",
                   core::plural(events->size(), "event"), core::to_string(*id));
    for (auto& event : *events) {
        auto payload = (*session)->payload_of(event);
        // What is known of the event is shown all the same.
        if (payload) event.payload = std::move(*payload);
        else code = report_error(payload.error());
        if (options.output.format == "json") {
            core::JsonWriter json(core::JsonWriter::Style::indented);
            write_event(json, event);
            text += (text.empty() ? "" : ",\n") + json.take();
            continue;
        }
        const auto words = drift::words_of(event);
        const std::string what = words.measured.empty() ? "" : " " + words.measured;
        text += report::aligned({"event_id", core::to_string(event.event_id)},
                                {{"module", event.module},
                                 {"run_id", event.run_id.value_or("-")},
                                 {"drift_type", std::string(drift::name(event.drift_type))},
                                 {"metric", event.metric},
                                 {"severity", std::string(drift::name(event.severity))},
                                 {"reference" + what, number(event.reference_value)},
                                 {"current" + what, number(event.current_value)},
                                 {"p", p_of(event)},
                                 {"detected_at", core::to_string(event.detected_at)},
                                 {"report_id", event.report_id ? core::to_string(*event.report_id) : "-"}});
        if (!words.sentence.empty())
            text += report::wrapped(report::printable(words.sentence), terminal_width());
        text +=
            event.payload.size() > payload_bytes_shown
                ? fmt::format("payload: {} bytes of JSON; --format json shows them\n", event.payload.size())
                : fmt::format("payload: {}\n", report::printable(event.payload));
    }
    if (options.output.format == "json") text = several ? "[" + text + "]\n" : text + "\n";
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return code;
}

}  // namespace

int drift_push(const DriftPushOptions& options) { return code_of(push(options)); }
int drift_list(const DriftListOptions& options) { return code_of(list(options)); }
int drift_show(const DriftShowOptions& options) { return code_of(show(options)); }

}  // namespace tristrata::cli
