#include "tristrata/drift/event.hpp"

#include "row_identity.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/missing.hpp"
#include "tristrata/drift/severity.hpp"
#include "tristrata/drift/zero_character.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tristrata::drift {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::ordered_json;  // A payload keeps the order in which it was written.

constexpr int record_format = 1;
core::Status check_number(std::string_view what, const std::optional<double>& value) {
    if (value && !std::isfinite(*value))
        return fail(ErrorKind::refused,
                    fmt::format("{} is {}; expected a finite number, or none at all", what, *value));
    return {};
}

core::Status check_significance(const std::optional<double>& value) {
    if (auto finite = check_number("significance", value); !finite) return finite;
    if (value && (*value < 0.0 || *value > 1.0))
        return fail(
            ErrorKind::refused,
            fmt::format("significance is {}; expected a p-value, from 0 to 1, or none at all", *value));
    return {};
}

/// The two numbers a row shows: medians, or the shares of the reference's most frequent label.
std::pair<std::optional<double>, std::optional<double>> values_of(const ColumnReport& column) {
    if (column.reference.median || column.current.median)
        return {column.reference.median, column.current.median};
    return {column.reference.mode_share, column.current.mode_share};
}

std::string payload_of(const Signal& signal, std::string_view column, const std::optional<GroupName>& group) {
    core::JsonWriter payload;
    payload.begin_object();
    if (group) {
        payload.key("group");
        payload.begin_object();
        payload.member("by", group->by);
        payload.member("label", group->label);
        payload.end_object();
    }
    if (!column.empty()) payload.member("column", column);
    payload.member("signal", name(signal.kind));
    payload.member("reference", signal.reference);
    payload.member("current", signal.current);
    payload.member("reason", signal.reason);
    payload.end_object();
    return payload.take();
}

/// What a signal's two numbers are.
std::string measured_by(SignalKind kind) {
    switch (kind) {
        case SignalKind::missing_share:
        case SignalKind::infinite_share:
        case SignalKind::new_category:
        case SignalKind::vanished_category:
        case SignalKind::gap:
        case SignalKind::duplicate_times:
        case SignalKind::dataset_drift:
        case SignalKind::range:
        case SignalKind::duplicate_keys:
            return "share";
        case SignalKind::dispersion:
            return "spread";
        case SignalKind::leak:
            return "rank correlation";
        case SignalKind::freshness:
            return "seconds";
        case SignalKind::row_count:
            return "rows";
        case SignalKind::constant:
            return "distinct";
        case SignalKind::rows:
            return "rows a day";
        case SignalKind::column_added:
        case SignalKind::column_removed:
            return "columns";
        case SignalKind::type_changed:
        case SignalKind::unreadable:
        case SignalKind::unsorted_times:
            return "";
    }
    return "";
}

/// The object with the members of another one more, at its end. Both have members of their own.
std::string joined(const std::string& payload, const std::string& more) {
    return payload.substr(0, payload.find_last_of('}')) + "," + more.substr(1);
}

std::string with_member(const std::string& payload, std::string_view key, std::string_view value) {
    core::JsonWriter out;
    out.begin_object();
    out.member(key, value);
    out.end_object();
    return joined(payload, out.take());
}

/// The object with what a reader of one event needs who has no report at hand: the rows that were looked at,
/// what they were compared with, and what of them was missing.
std::string within_report(const Report& report, const std::string& payload, std::uint64_t rows,
                          const std::vector<std::string>& missing) {
    core::JsonWriter out;
    out.begin_object();
    out.key("window");
    out.begin_object();
    if (report.current.from) out.member("from", core::to_string(*report.current.from));
    if (report.current.to) out.member("to", core::to_string(*report.current.to));
    out.member("rows", rows);
    out.end_object();
    if (!missing.empty()) out.member("missing", one_text(missing));
    out.member("reference_version", report.reference.version);
    out.end_object();
    return joined(payload, out.take());
}

}  // namespace

core::Uuid push_identity(const core::Uuid& report_id, std::string_view module,
                         const std::optional<std::string>& run_id) {
    return row_identity(report_id, module, run_id, "", "push");
}

Push push_of(const Report& report, std::string_view module, std::optional<std::string> run_id,
             std::optional<DriftType> drift_type) {
    Push push;
    push.push_id = push_identity(report.report_id, module, run_id);
    const auto row = [&](std::string_view column, std::string_view kind,
                         const std::optional<GroupName>& group = std::nullopt) {
        Event event;
        event.event_id = row_identity(report.report_id, module, run_id, column, kind, group);
        event.report_id = report.report_id;
        event.run_id = run_id;
        event.module = module;
        event.detected_at = report.created_at;
        return event;
    };
    const auto within = [](const std::optional<GroupName>& group) {
        return group ? fmt::format("[{}={}]", group->by, group->label) : std::string();
    };
    static const SeverityPolicy policy = SeverityPolicy::defaults();
    const std::vector<std::string> missing = missing_of(report, policy);
    const auto add_signal = [&](const Signal& signal, std::string_view column, std::uint64_t rows,
                                const std::vector<std::string>& missing_there,
                                const std::optional<GroupName>& group = std::nullopt) {
        if (signal.verdict != Verdict::drift) return;
        Event event = row(column, name(signal.kind), group);
        event.drift_type = drift_type_of(signal.kind);
        event.metric = std::string(name(signal.kind)) + (column.empty() ? "" : fmt::format("_{}", column)) +
                       within(group);
        event.reference_value = signal.reference;
        event.current_value = signal.current;
        event.severity = signal.severity.value_or(Severity::info);
        event.payload = within_report(report, payload_of(signal, column, group), rows, missing_there);
        push.events.push_back(std::move(event));
    };
    const auto add_column = [&](const ColumnReport& column,
                                const std::optional<GroupName>& group = std::nullopt) {
        std::vector<std::string> missing_there = missing_of(column, policy);
        if (auto found = missing_there.empty() ? replaced(column, policy) : std::nullopt)
            missing_there.push_back(std::move(*found));
        for (const auto& one : missing)
            if (std::ranges::find(missing_there, one) == missing_there.end()) missing_there.push_back(one);
        if (column.verdict == Verdict::drift) {
            Event event = row(column.name, "distribution", group);
            event.drift_type = drift_type.value_or(column.drift_type);
            event.metric = "psi_" + column.name + within(group);
            std::tie(event.reference_value, event.current_value) = values_of(column);
            if (column.test) event.significance = column.test->p_adjusted;
            event.severity = column.severity.value_or(Severity::info);
            event.payload =
                within_report(report, group ? to_json(column, group->by, group->label) : to_json(column),
                              column.current.n, missing_there);
            push.events.push_back(std::move(event));
        }
        for (const Signal& signal : column.signals)
            add_signal(signal, column.name, column.current.n, missing_there, group);
    };
    for (const ColumnReport& column : report.columns) add_column(column);
    for (const Signal& signal : report.signals) add_signal(signal, "", report.current.rows, missing);
    for (const JointTest& test : report.multivariate) {
        if (test.verdict != Verdict::drift) continue;
        Event event = row("", test.method);
        event.drift_type = drift_type.value_or(DriftType::data_drift);
        event.metric = test.method;
        if (test.effect) event.current_value = test.effect->value;
        if (test.test) event.significance = test.test->p_adjusted;
        event.severity = test.severity.value_or(Severity::info);
        event.payload = within_report(report, to_json(test), report.current.rows, missing);
        push.events.push_back(std::move(event));
    }
    if (report.groups)
        for (const Group& group : report.groups->groups)
            for (const ColumnReport& column : group.columns)
                add_column(column, GroupName{report.groups->by, group.label});
    Event whole = row("", "share_drifted");
    whole.drift_type = drift_type.value_or(DriftType::data_drift);
    whole.metric = "share_drifted";
    if (report.summary.tested > 0) whole.current_value = report.summary.share_drifted;
    whole.severity = Severity::info;
    whole.payload = to_json(report);
    push.events.push_back(std::move(whole));
    return push;
}

std::string with_caller(const std::string& payload, std::string_view caller_module) {
    return caller_module.empty() ? payload : with_member(payload, "caller_module", caller_module);
}

EventWords words_of(const Event& event) {
    EventWords words;
    const json payload = json::parse(event.payload, nullptr, false);
    if (!payload.is_object()) return words;
    if (const auto reason = payload.find("reason"); reason != payload.end() && reason->is_string())
        words.sentence = reason->get<std::string>();
    if (const auto signal = payload.find("signal"); signal != payload.end() && signal->is_string())
        if (const auto kind = parse_signal_kind(signal->get<std::string>()))
            words.measured = measured_by(*kind);
    if (const auto measured = payload.find("measured"); measured != payload.end() && measured->is_string())
        words.measured = measured->get<std::string>();
    if (const auto kind = payload.find("kind"); kind != payload.end() && kind->is_string())
        words.measured = *kind == "categorical" || *kind == "boolean" ? "share of mode" : "median";
    if (const auto summary = payload.find("summary"); summary != payload.end() && summary->is_object()) {
        const auto count = [&](const char* key) { return summary->value(key, std::uint64_t{0}); };
        words.sentence = columns_drifted(count("drifted"), count("tested"));
        if (const auto blind = count("insufficient_data"); blind > 0)
            words.sentence += fmt::format("; {} too little data", core::plural(blind, "has", "have"));
        words.sentence += ".";
        words.measured = "share";
    }
    return words;
}

sink::Record encode(const Push& push) {
    core::JsonWriter out;
    out.begin_object();
    out.member("format", record_format);
    out.key("push_id");
    if (push.push_id) out.value(core::to_string(*push.push_id));
    else out.null();
    out.key("events");
    out.begin_array();
    for (const Event& event : push.events) {
        out.begin_object();
        out.member("event_id", core::to_string(event.event_id));
        out.key("report_id");
        if (event.report_id) out.value(core::to_string(*event.report_id));
        else out.null();
        out.member("run_id", event.run_id);
        out.member("module", event.module);
        out.member("drift_type", name(event.drift_type));
        out.member("metric", event.metric);
        out.member("reference_value", event.reference_value);
        out.member("current_value", event.current_value);
        out.member("significance", event.significance);
        out.member("severity", name(event.severity));
        out.member("detected_at_us", event.detected_at.microseconds);
        out.key("payload");
        out.raw(event.payload);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    const bool crit =
        std::ranges::any_of(push.events, [](const Event& event) { return event.severity == Severity::crit; });
    return {sink::RecordClass::drift, out.take(), static_cast<std::uint32_t>(push.events.size()), crit};
}

core::Result<Push> decode(const sink::Record& record) {
    const auto wrong = [](std::string_view what) {
        return fail(ErrorKind::invalid_input, fmt::format("not a drift record: {}", core::valid_utf8(what)));
    };
    if (record.record_class != sink::RecordClass::drift)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    try {
        const json document = json::parse(record.bytes);
        if (const int format = document.at("format").get<int>(); format != record_format)
            return fail(
                ErrorKind::conflict,
                fmt::format("the drift record has format {}; this program reads {}", format, record_format));
        Push push;
        if (!document.at("push_id").is_null()) {
            auto id = core::parse_uuid(document.at("push_id").get<std::string>());
            if (!id) return propagate(id);
            push.push_id = *id;
        }
        const auto number = [](const json& value) {
            return value.is_null() ? std::nullopt : std::optional(value.get<double>());
        };
        for (const json& one : document.at("events")) {
            Event event;
            auto id = core::parse_uuid(one.at("event_id").get<std::string>());
            auto type = parse_drift_type(one.at("drift_type").get<std::string>());
            auto severity = parse_severity(one.at("severity").get<std::string>());
            if (!id) return propagate(id);
            if (!type) return propagate(type);
            if (!severity) return propagate(severity);
            event.event_id = *id;
            event.drift_type = *type;
            event.severity = *severity;
            if (!one.at("report_id").is_null()) {
                auto report_id = core::parse_uuid(one.at("report_id").get<std::string>());
                if (!report_id) return propagate(report_id);
                event.report_id = *report_id;
            }
            if (!one.at("run_id").is_null()) event.run_id = one.at("run_id").get<std::string>();
            event.module = one.at("module").get<std::string>();
            event.metric = one.at("metric").get<std::string>();
            event.reference_value = number(one.at("reference_value"));
            event.current_value = number(one.at("current_value"));
            event.significance = number(one.at("significance"));
            event.detected_at = {one.at("detected_at_us").get<std::int64_t>()};
            event.payload = one.at("payload").dump();
            push.events.push_back(std::move(event));
        }
        return push;
    } catch (const json::exception& error) {
        return wrong(error.what());
    }
}

core::Result<sink::Acknowledgement> push_drift_event(sink::Sink& sink, core::Clock& clock,
                                                     const EventRequest& request) {
    for (const auto& status :
         {check_name("module", request.module), check_name("metric", request.metric),
          check_number("reference_value", request.reference_value),
          check_number("current_value", request.current_value), check_significance(request.significance),
          check_run(request.run_id), request.time ? check_time(*request.time) : core::Status()})
        if (!status) return propagate(status);
    // Looked at, not read: whoever keeps secrets out of it has read it already.
    const auto begin = request.payload.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos || request.payload[begin] != '{' || !json::accept(request.payload))
        return fail(ErrorKind::refused, fmt::format("the payload is {}; expected a JSON object",
                                                    core::quoted(request.payload, 60)));
    if (const auto pointer = pointer_to_zero(request.payload))
        return fail(ErrorKind::refused,
                    fmt::format("the payload at {} holds the character U+0000, which no store of PostgreSQL "
                                "keeps; leave it out",
                                *pointer));
    Event event;
    event.severity = Severity::info;
    if (request.severity) {
        event.severity = *request.severity;
    } else {
        const auto decided = SeverityPolicy::defaults().of_event(request.drift_type, request.reference_value,
                                                                 request.current_value);
        if (!decided)
            return fail(ErrorKind::refused, fmt::format("no severity was given, and the policy has none for "
                                                        "{} with these values; give one of info, warn, crit",
                                                        name(request.drift_type)));
        event.severity = *decided;
    }
    event.event_id = request.event_id ? *request.event_id : core::uuid_v7(clock);
    event.run_id = request.run_id;
    event.module = request.module;
    event.drift_type = request.drift_type;
    event.metric = request.metric;
    event.reference_value = request.reference_value;
    event.current_value = request.current_value;
    event.significance = request.significance;
    event.payload = request.payload;
    event.detected_at = request.time ? *request.time : clock.now();
    const core::Uuid event_id = event.event_id;
    const core::Timestamp time = event.detected_at;
    const sink::Record record = encode(Push{std::nullopt, {std::move(event)}});
    auto acknowledged = sink.append({&record, 1});
    if (!acknowledged) return tl::unexpected(sink::repeatable(acknowledged.error(), event_id, time));
    return acknowledged;
}

core::Result<sink::Acknowledgement> push_drift_report(sink::Sink& sink, const Report& report,
                                                      std::string_view module,
                                                      std::optional<std::string> run_id,
                                                      std::optional<DriftType> drift_type,
                                                      std::string_view caller_module) {
    for (const auto& status :
         {check_name("module", module), check_run(run_id), check_time(report.created_at)})
        if (!status) return propagate(status);
    Push push = push_of(report, module, std::move(run_id), drift_type);
    for (Event& event : push.events) event.payload = with_caller(event.payload, caller_module);
    const sink::Record record = encode(push);
    auto acknowledged = sink.append({&record, 1});
    if (!acknowledged)
        return tl::unexpected(sink::repeatable(acknowledged.error(), *push.push_id, report.created_at));
    return acknowledged;
}

}  // namespace tristrata::drift
