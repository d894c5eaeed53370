#include "tristrata/drift/backtest.hpp"
#include "tristrata/drift/json_node.hpp"
#include "tristrata/drift/report_nodes.hpp"

#include <cmath>

namespace tristrata::drift {
namespace {

constexpr DocumentKind backtest_kind{backtest_schema, "backtest", "backtest", "drift backtest --format json"};

std::optional<core::Duration> maybe_seconds(const Node& node) {
    const auto seconds = node.maybe_number();
    if (!seconds) return std::nullopt;
    if (!(std::abs(*seconds) < 9e12)) throw Wrong{node.path(), "expected a duration in seconds"};
    return core::Duration{std::llround(*seconds * 1e6)};
}

BacktestChunk read_chunk(const Node& node) {
    BacktestChunk chunk;
    chunk.key = node.at("key").text();
    chunk.from = node.at("from").maybe_time();
    chunk.to = node.at("to").maybe_time();
    chunk.rows = node.at("rows").count();
    chunk.use = node.at("use").taken(parse_chunk_use(node.at("use").text()));
    chunk.reason = node.at("reason").text();
    chunk.inputs = node.at("inputs").text();
    chunk.columns_tested = node.at("columns_tested").count();
    chunk.insufficient_data = node.at("insufficient_data").count();
    chunk.not_tested = node.at("not_tested").count();
    for (const Node& item : node.at("findings").items()) {
        Finding finding;
        finding.column = item.at("column").text();
        if (const Node signal = item.at("signal"); !signal.null())
            finding.signal = signal.taken(parse_signal_kind(signal.text()));
        finding.severity = item.at("severity").taken(parse_severity(item.at("severity").text()));
        finding.p_adjusted = item.at("p_adjusted").maybe_share();
        finding.reason = item.at("reason").text();
        chunk.findings.push_back(std::move(finding));
    }
    if (const Node yearly = node.at("yearly"); !yearly.null())
        chunk.yearly =
            YearlyStep{yearly.at("p").share(), yearly.at("log_evidence").number(), yearly.at("alarm").flag(),
                       yearly.at("column").text(), yearly.at("inputs").text()};
    return chunk;
}

std::vector<BacktestChunk> chunks_of(const Node& root) {
    std::vector<BacktestChunk> chunks;
    for (const Node& item : root.at("chunks").items()) chunks.push_back(read_chunk(item));
    return chunks;
}

BacktestEvent event_of(const Node& node) {
    return {node.at("name").text(),
            node.at("time").time(),
            node.at("first_drift").maybe_text(),
            maybe_seconds(node.at("time_to_drift_s")),
            node.at("first_signal").maybe_text(),
            maybe_seconds(node.at("time_to_signal_s")),
            node.at("first_alarm").maybe_text(),
            maybe_seconds(node.at("time_to_alarm_s"))};
}

BacktestSummary summary_of(const Node& node) {
    BacktestSummary summary;
    summary.chunks = node.at("chunks").count();
    summary.tested = node.at("tested").count();
    summary.unused = node.at("unused").count();
    summary.reused = node.at("reused").count();
    summary.empty_periods = node.at("empty_periods").count();
    summary.drifted = node.at("drifted").count();
    summary.signalled = node.at("signalled").count();
    summary.without_verdict = node.at("without_verdict").count();
    summary.insufficient_data = node.at("insufficient_data").count();
    summary.not_tested = node.at("not_tested").count();
    summary.alarms = node.at("alarms").count();
    summary.drifted_a_week = node.at("drifted_a_week").maybe_number();
    summary.signalled_a_week = node.at("signalled_a_week").maybe_number();
    summary.severity = severity_of(node);
    return summary;
}

BacktestColumn peer_column_of(const Node& node) {
    BacktestColumn column{node.at("column").text(), node.at("reason").text(), {}};
    for (const Node& test : node.at("peer").items()) column.tests.push_back(peer_test_of(test));
    return column;
}

Backtest backtest_of(const Node& root) {
    Backtest backtest;
    backtest.created_at = root.at("created_at").time();
    backtest.source = side_of(root.at("source"));
    backtest.plan = plan_of(root.at("plan"));
    backtest.chunking = root.at("chunking").text();
    backtest.reference = root.at("reference").text();
    backtest.reference_chunks = root.at("reference_chunks").count();
    backtest.yearly = root.at("yearly").flag();
    backtest.summary = summary_of(root.at("summary"));
    for (const Node& item : root.at("events").items()) backtest.events.push_back(event_of(item));
    backtest.chunks = chunks_of(root);
    if (root.has("columns"))
        for (const Node& item : root.at("columns").items()) backtest.columns.push_back(peer_column_of(item));
    backtest.notes = texts_of(root.at("notes"));
    return backtest;
}

}  // namespace

core::Result<Backtest> parse_backtest(std::string_view text) {
    Backtest backtest;
    if (auto status =
            read_document(text, backtest_kind, [&](const Node& root) { backtest = backtest_of(root); });
        !status)
        return propagate(status);
    return backtest;
}

core::Result<std::vector<BacktestChunk>> parse_backtest_chunks(std::string_view text) {
    std::vector<BacktestChunk> chunks;
    if (auto status = read_document(text, backtest_kind, [&](const Node& root) { chunks = chunks_of(root); });
        !status)
        return propagate(status);
    return chunks;
}

}  // namespace tristrata::drift
