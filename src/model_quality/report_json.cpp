#include "tristrata/core/json_writer.hpp"
#include "tristrata/model_quality/quality.hpp"

namespace tristrata::model_quality {
namespace {

using core::JsonWriter;

void write_side(JsonWriter& out, std::string_view name, const drift::Side& side) {
    out.key(name);
    out.begin_object();
    out.member("source", side.source);
    out.member("version", side.version);
    out.member("rows", side.rows);
    for (const auto& [end, time] : {std::pair{"from", &side.from}, std::pair{"to", &side.to}}) {
        out.key(end);
        if (*time) out.value(core::to_string(**time));
        else out.null();
    }
    out.end_object();
}

void write_severity(JsonWriter& out, const std::optional<drift::Severity>& severity) {
    out.key("severity");
    if (severity) out.value(drift::name(*severity));
    else out.null();
}

void write_metric(JsonWriter& out, const MetricRow& row) {
    out.begin_object();
    out.member("metric", name(row.metric));
    out.member("realised", row.realised.value);
    out.member("low", row.low);
    out.member("high", row.high);
    out.key("estimate");
    if (row.estimate) {
        out.begin_object();
        out.member("value", row.estimate->estimated.value);
        out.member("low", row.estimate->low);
        out.member("high", row.estimate->high);
        out.member("simpler", row.estimate->simpler);
        out.member("sampling_error", row.estimate->sampling_error);
        out.member("floor", row.estimate->floor);
        out.end_object();
    } else {
        out.null();
    }
    out.member("gap", row.gap);
    out.member("p", row.p);
    out.member("p_adjusted", row.p_adjusted);
    out.member("verdict", drift::name(row.verdict));
    write_severity(out, row.severity);
    out.member("reason", row.reason);
    out.end_object();
}

void write_calibration(JsonWriter& out, const std::optional<CalibrationRow>& row) {
    out.key("calibration");
    if (!row) return out.null();
    out.begin_object();
    out.member("error", row->error);
    out.member("error_by_chance", row->by_chance);
    out.member("p", row->p);
    out.member("drift", row->drift);
    out.member("drift_p", row->drift_p);
    out.member("drift_p_adjusted", row->drift_p_adjusted);
    out.member("verdict", drift::name(row->verdict));
    write_severity(out, row->severity);
    out.member("reason", row->reason);
    out.end_object();
}

void write_chunk(JsonWriter& out, const QualityChunk& chunk) {
    out.begin_object();
    out.member("key", chunk.key);
    out.member("rows", chunk.rows);
    out.member("labelled", chunk.labelled);
    for (const auto& [end, time] : {std::pair{"from", &chunk.from}, std::pair{"to", &chunk.to}}) {
        out.key(end);
        if (*time) out.value(core::to_string(**time));
        else out.null();
    }
    out.key("metrics");
    out.begin_array();
    for (const auto& row : chunk.metrics) write_metric(out, row);
    out.end_array();
    out.key("confusion");
    out.begin_array();
    for (const double cell : chunk.confusion) out.value(cell);
    out.end_array();
    write_calibration(out, chunk.calibration);
    out.end_object();
}

}  // namespace

std::string to_json(const QualityReport& report) {
    JsonWriter out(JsonWriter::Style::indented);
    out.begin_object();
    out.member("schema", quality_schema);
    out.member("report_id", core::to_string(report.report_id));
    out.member("created_at", core::to_string(report.created_at));
    out.member("kind", report.estimated ? "estimate" : "check");
    out.member("problem", name(report.problem));
    out.key("classes");
    out.begin_array();
    for (const auto& one : report.classes) out.value(one);
    out.end_array();
    write_side(out, "reference", report.reference);
    write_side(out, "current", report.current);
    out.member("alpha", report.alpha);
    out.key("summary");
    out.begin_object();
    out.member("tested", report.tested);
    out.member("drifted", report.drifted);
    write_severity(out, report.severity);
    out.end_object();
    out.key("reference_metrics");
    out.begin_array();
    for (const auto& one : report.reference_metrics) {
        out.begin_object();
        out.member("metric", name(one.metric));
        out.member("value", one.value.value);
        out.member("sampling_error", one.sampling_error);
        out.member("reason", one.value.reason);
        out.end_object();
    }
    out.end_array();
    out.member("reference_calibration_error", report.reference_calibration_error);
    out.member("estimator", report.estimator);
    out.key("chunks");
    out.begin_array();
    for (const auto& chunk : report.chunks) write_chunk(out, chunk);
    out.end_array();
    out.key("columns");
    if (report.columns) out.raw(drift::to_json(*report.columns));
    else out.null();
    out.key("notes");
    out.begin_array();
    for (const auto& note : report.notes) out.value(note);
    out.end_array();
    if (out.not_finite() > 0) out.member("not_finite", std::uint64_t{out.not_finite()});
    out.end_object();
    return out.take();
}

}  // namespace tristrata::model_quality
