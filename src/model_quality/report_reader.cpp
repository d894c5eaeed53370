#include "tristrata/drift/json_node.hpp"
#include "tristrata/drift/report_nodes.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <algorithm>

namespace tristrata::model_quality {
namespace {

using drift::Node;

Metric metric_of(const Node& node) {
    const std::string text = node.text();
    const auto found = std::ranges::find(metrics(), text, &MetricTraits::name);
    if (found == metrics().end()) throw drift::Wrong{node.path(), "expected the name of a metric"};
    return found->metric;
}

drift::Verdict verdict_of(const Node& node) {
    const Node verdict = node.at("verdict");
    return verdict.taken(drift::parse_verdict(verdict.text()));
}

std::optional<Estimate> estimate_of(const Node& node, Metric metric) {
    if (node.null()) return std::nullopt;
    Estimate estimate;
    estimate.metric = metric;
    estimate.estimated.value = node.at("value").maybe_number();
    estimate.low = node.at("low").maybe_number();
    estimate.high = node.at("high").maybe_number();
    estimate.simpler = node.at("simpler").maybe_number();
    estimate.sampling_error = node.at("sampling_error").maybe_number();
    estimate.floor = node.at("floor").maybe_number();
    return estimate;
}

MetricRow row_of(const Node& node) {
    MetricRow row;
    row.metric = metric_of(node.at("metric"));
    row.realised.value = node.at("realised").maybe_number();
    row.low = node.at("low").maybe_number();
    row.high = node.at("high").maybe_number();
    row.estimate = estimate_of(node.at("estimate"), row.metric);
    row.gap = node.at("gap").maybe_number();
    row.p = node.at("p").maybe_share();
    row.p_adjusted = node.at("p_adjusted").maybe_share();
    row.verdict = verdict_of(node);
    row.severity = drift::severity_of(node);
    row.reason = node.at("reason").text();
    return row;
}

CalibrationRow calibration_of(const Node& node) {
    CalibrationRow row;
    row.error = node.at("error").maybe_number();
    row.by_chance = node.at("error_by_chance").maybe_number();
    row.p = node.at("p").maybe_share();
    row.drift = node.at("drift").maybe_number();
    row.drift_p = node.at("drift_p").maybe_share();
    row.drift_p_adjusted = node.at("drift_p_adjusted").maybe_share();
    row.verdict = verdict_of(node);
    row.severity = drift::severity_of(node);
    row.reason = node.at("reason").text();
    return row;
}

QualityChunk chunk_of(const Node& node) {
    QualityChunk chunk;
    chunk.key = node.at("key").text();
    chunk.rows = node.at("rows").count();
    chunk.labelled = node.at("labelled").count();
    chunk.from = node.at("from").maybe_time();
    chunk.to = node.at("to").maybe_time();
    for (const Node& row : node.at("metrics").items()) chunk.metrics.push_back(row_of(row));
    for (const Node& cell : node.at("confusion").items()) chunk.confusion.push_back(cell.number());
    if (const Node row = node.at("calibration"); !row.null()) chunk.calibration = calibration_of(row);
    return chunk;
}

ReferenceMetric reference_metric_of(const Node& node) {
    return {metric_of(node.at("metric")),
            {node.at("value").maybe_number(), node.at("reason").text()},
            node.at("sampling_error").maybe_number()};
}

QualityReport quality_of(const Node& root) {
    QualityReport report;
    report.report_id = root.at("report_id").uuid();
    report.created_at = root.at("created_at").time();
    const Node kind = root.at("kind");
    report.estimated = kind.text() == "estimate";
    if (!report.estimated && kind.text() != "check")
        throw drift::Wrong{kind.path(), "expected \"check\" or \"estimate\""};
    report.problem = root.at("problem").taken(parse_problem(root.at("problem").text()));
    report.classes = drift::texts_of(root.at("classes"));
    report.reference = drift::side_of(root.at("reference"));
    report.current = drift::side_of(root.at("current"));
    report.alpha = root.at("alpha").number();
    const Node summary = root.at("summary");
    report.tested = summary.at("tested").count();
    report.drifted = summary.at("drifted").count();
    report.severity = drift::severity_of(summary);
    for (const Node& one : root.at("reference_metrics").items())
        report.reference_metrics.push_back(reference_metric_of(one));
    report.reference_calibration_error = root.at("reference_calibration_error").maybe_number();
    report.estimator = root.at("estimator").text();
    for (const Node& chunk : root.at("chunks").items()) report.chunks.push_back(chunk_of(chunk));
    if (const Node columns = root.at("columns"); !columns.null()) report.columns = drift::report_of(columns);
    report.notes = drift::texts_of(root.at("notes"));
    return report;
}

}  // namespace

core::Result<QualityReport> parse_quality(std::string_view text) {
    QualityReport report;
    if (auto status = drift::read_document(
            text, {quality_schema, "quality report", "report", "quality check --format json"},
            [&](const Node& root) { report = quality_of(root); });
        !status)
        return propagate(status);
    return report;
}

}  // namespace tristrata::model_quality
