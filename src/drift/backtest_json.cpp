#include "peer_json.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/drift/backtest.hpp"

namespace tristrata::drift {
namespace {

using core::JsonWriter;

void time(JsonWriter& json, std::string_view key, const std::optional<core::Timestamp>& value) {
    json.key(key);
    if (value) json.value(core::to_string(*value));
    else json.null();
}

void seconds(JsonWriter& json, std::string_view key, const std::optional<core::Duration>& value) {
    json.key(key);
    if (value) json.value(static_cast<double>(value->microseconds) * 1e-6);
    else json.null();
}

void summary(JsonWriter& json, const BacktestSummary& value) {
    json.key("summary");
    json.begin_object();
    json.member("chunks", value.chunks);
    json.member("tested", value.tested);
    json.member("unused", value.unused);
    json.member("reused", value.reused);
    json.member("empty_periods", value.empty_periods);
    json.member("drifted", value.drifted);
    json.member("signalled", value.signalled);
    json.member("without_verdict", value.without_verdict);
    json.member("insufficient_data", value.insufficient_data);
    json.member("not_tested", value.not_tested);
    json.member("alarms", value.alarms);
    json.member("drifted_a_week", value.drifted_a_week);
    json.member("signalled_a_week", value.signalled_a_week);
    json.key("severity");
    if (value.severity) json.value(name(*value.severity));
    else json.null();
    json.end_object();
}

void event(JsonWriter& json, const BacktestEvent& value) {
    json.begin_object();
    json.member("name", value.name);
    json.member("time", core::to_string(value.time));
    json.member("first_drift", value.first_drift);
    seconds(json, "time_to_drift_s", value.time_to_drift);
    json.member("first_signal", value.first_signal);
    seconds(json, "time_to_signal_s", value.time_to_signal);
    json.member("first_alarm", value.first_alarm);
    seconds(json, "time_to_alarm_s", value.time_to_alarm);
    json.end_object();
}

void chunk(JsonWriter& json, const BacktestChunk& value) {
    json.begin_object();
    json.member("key", value.key);
    time(json, "from", value.from);
    time(json, "to", value.to);
    json.member("rows", value.rows);
    json.member("use", name(value.use));
    json.member("reason", value.reason);
    json.member("inputs", value.inputs);
    json.member("columns_tested", value.columns_tested);
    json.member("insufficient_data", value.insufficient_data);
    json.member("not_tested", value.not_tested);
    json.key("findings");
    json.begin_array();
    for (const auto& finding : value.findings) {
        json.begin_object();
        json.member("column", finding.column);
        json.key("signal");
        if (finding.signal) json.value(name(*finding.signal));
        else json.null();
        json.member("severity", name(finding.severity));
        json.member("p_adjusted", finding.p_adjusted);
        json.member("reason", finding.reason);
        json.end_object();
    }
    json.end_array();
    json.key("yearly");
    if (value.yearly) {
        json.begin_object();
        json.member("p", value.yearly->p);
        json.member("log_evidence", value.yearly->log_evidence);
        json.member("alarm", value.yearly->alarm);
        json.member("column", value.yearly->column);
        json.member("inputs", value.yearly->inputs);
        json.end_object();
    } else {
        json.null();
    }
    json.end_object();
}

}  // namespace

std::string to_json(const Backtest& backtest) {
    JsonWriter json(JsonWriter::Style::indented);
    json.begin_object();
    json.member("schema", backtest_schema);
    json.member("created_at", core::to_string(backtest.created_at));
    json.key("source");
    json.begin_object();
    json.member("source", backtest.source.source);
    json.member("version", backtest.source.version);
    json.member("rows", backtest.source.rows);
    time(json, "from", backtest.source.from);
    time(json, "to", backtest.source.to);
    json.end_object();
    json.key("plan");
    json.begin_object();
    json.member("method", backtest.plan.method);
    json.member("null", backtest.plan.null);
    json.member("null_reason", backtest.plan.null_reason);
    json.member("season", backtest.plan.season);
    json.member("alpha", backtest.plan.alpha);
    json.member("digest", backtest.plan.digest);
    json.member("expected_false_days_a_year", backtest.plan.expected_false_days_a_year);
    json.member("expected_false_days_low", backtest.plan.expected_false_days_low);
    json.member("expected_false_days_high", backtest.plan.expected_false_days_high);
    json.end_object();
    json.member("chunking", backtest.chunking);
    json.member("reference", backtest.reference);
    json.member("reference_chunks", backtest.reference_chunks);
    json.member("yearly", backtest.yearly);
    summary(json, backtest.summary);
    json.key("events");
    json.begin_array();
    for (const auto& one : backtest.events) event(json, one);
    json.end_array();
    json.key("chunks");
    json.begin_array();
    for (const auto& one : backtest.chunks) chunk(json, one);
    json.end_array();
    if (!backtest.columns.empty()) {
        json.key("columns");
        json.begin_array();
        for (const auto& column : backtest.columns) {
            json.begin_object();
            json.member("column", column.column);
            json.member("reason", column.reason);
            peer_tests(json, column.tests);
            json.end_object();
        }
        json.end_array();
    }
    json.key("notes");
    json.begin_array();
    for (const auto& note : backtest.notes) json.value(note);
    json.end_array();
    if (json.not_finite() > 0) json.member("not_finite", std::uint64_t{json.not_finite()});
    json.end_object();
    return json.take();
}

}  // namespace tristrata::drift
