#include "peer_json.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/drift/dataset_verdict.hpp"
#include "tristrata/drift/report.hpp"

#include <algorithm>

namespace tristrata::drift {

void peer_tests(core::JsonWriter& json, const std::vector<PeerTest>& tests) {
    json.key("peer");
    json.begin_array();
    for (const PeerTest& test : tests) {
        json.begin_object();
        json.member("method", test.method);
        json.member("title", test.title);
        json.member("score", test.score);
        json.member("rule", test.rule);
        json.member("lower", test.lower);
        json.member("upper", test.upper);
        if (!test.reason.empty()) json.member("reason", test.reason);
        json.member("drifted", test.drifted);
        json.member("alerts", test.alerts);
        json.key("chunks");
        json.begin_array();
        for (const PeerChunk& chunk : test.chunks) {
            json.begin_object();
            json.member("key", chunk.key);
            json.member("rows", chunk.rows);
            json.member("value", chunk.value);
            json.member("alert", chunk.alert);
            json.end_object();
        }
        json.end_array();
        json.end_object();
    }
    json.end_array();
}

namespace {

using core::JsonWriter;

/// A label of a sensitive column never leaves as it is.
std::string shown(const std::string& label, bool sensitive) {
    constexpr std::string_view mark = "sha256:";
    if (!sensitive || label.starts_with(mark) || label.ends_with(" further labels")) return label;
    return std::string(mark) + core::sha256(label).substr(0, 12);
}

void severity(JsonWriter& json, const std::optional<Severity>& value) {
    json.key("severity");
    if (value) json.value(name(*value));
    else json.null();
}

void time(JsonWriter& json, std::string_view key, const std::optional<core::Timestamp>& value) {
    json.key(key);
    if (value) json.value(core::to_string(*value));
    else json.null();
}

void side(JsonWriter& json, std::string_view key, const Side& value) {
    json.key(key);
    json.begin_object();
    json.member("source", value.source);
    json.member("version", value.version);
    json.member("rows", value.rows);
    time(json, "from", value.from);
    time(json, "to", value.to);
    json.end_object();
}

void column_side(JsonWriter& json, std::string_view key, const ColumnSide& value, bool sensitive) {
    json.key(key);
    json.begin_object();
    json.member("n", value.n);
    json.member("missing_share", value.missing_share);
    json.member("infinite_share", value.infinite_share);
    json.member("distinct", value.distinct);
    json.member("median", value.median);
    json.member("mean", value.mean);
    json.member("standard_deviation", value.standard_deviation);
    json.member("minimum", value.minimum);
    json.member("maximum", value.maximum);
    json.key("mode");
    if (value.mode) json.value(shown(*value.mode, sensitive));
    else json.null();
    json.member("mode_share", value.mode_share);
    json.end_object();
}

void signals(JsonWriter& json, const std::vector<Signal>& values) {
    json.key("signals");
    json.begin_array();
    for (const Signal& signal : values) {
        json.begin_object();
        json.member("kind", name(signal.kind));
        json.member("reference", signal.reference);
        json.member("current", signal.current);
        json.member("verdict", name(signal.verdict));
        severity(json, signal.severity);
        json.member("reason", signal.reason);
        json.end_object();
    }
    json.end_array();
}

template <class Value>
void list(JsonWriter& json, std::string_view key, const std::vector<Value>& values) {
    json.key(key);
    json.begin_array();
    for (const auto& value : values) json.value(value);
    json.end_array();
}

void test_member(JsonWriter& json, const std::optional<Test>& test) {
    json.key("test");
    if (test) {
        json.begin_object();
        json.member("method", test->method);
        json.member("how", test->how);
        json.member("null", test->null);
        json.member("statistic", test->statistic);
        json.member("p", test->p);
        json.member("p_adjusted", test->p_adjusted);
        json.end_object();
    } else {
        json.null();
    }
}

void effect_member(JsonWriter& json, const std::optional<Effect>& effect) {
    json.key("effect");
    if (effect) {
        json.begin_object();
        json.member("measure", effect->measure);
        json.member("value", effect->value);
        json.member("low", effect->low);
        json.member("high", effect->high);
        json.end_object();
    } else {
        json.null();
    }
}

void measures_member(JsonWriter& json,
                     const std::vector<std::pair<std::string, std::optional<double>>>& measures) {
    json.key("measures");
    json.begin_object();
    for (const auto& [measure, value] : measures) json.member(measure, value);
    json.end_object();
}

void difference_object(JsonWriter& json, const Difference& difference) {
    json.key("difference");
    json.begin_object();
    json.member("verdict", name(difference.verdict));
    severity(json, difference.severity);
    json.member("reason", difference.reason);
    json.member("explanation", difference.explanation);
    json.end_object();
}

void column_members(JsonWriter& json, const ColumnReport& column) {
    json.member("name", column.name);
    json.member("kind", name(column.kind));
    json.member("role", name(column.role));
    json.member("drift_type", name(column.drift_type));
    json.member("unit", column.unit);
    json.member("verdict", name(column.verdict));
    severity(json, column.severity);
    json.member("reason", column.reason);
    json.member("sensitive", column.sensitive);
    column_side(json, "reference", column.reference, column.sensitive);
    column_side(json, "current", column.current, column.sensitive);
    json.key("effective_n");
    json.begin_object();
    json.member("reference", column.effective_n_reference);
    json.member("current", column.effective_n_current);
    json.end_object();
    test_member(json, column.test);
    effect_member(json, column.effect);
    measures_member(json, column.measures);
    json.key("distribution");
    json.begin_object();
    if (!column.distribution.labels.empty()) {
        std::vector<std::string> labels;
        for (const auto& label : column.distribution.labels) labels.push_back(shown(label, column.sensitive));
        list(json, "labels", labels);
    } else {
        list(json, "edges", column.distribution.edges);
    }
    list(json, "reference", column.distribution.reference);
    list(json, "current", column.distribution.current);
    json.end_object();
    signals(json, column.signals);
    json.member("importance", column.importance);
    json.member("impact", column.impact);
    if (!column.peer.empty()) peer_tests(json, column.peer);
    if (column.difference) difference_object(json, *column.difference);
}

void column_object(JsonWriter& json, const ColumnReport& column) {
    json.begin_object();
    column_members(json, column);
    json.end_object();
}

void joint_object(JsonWriter& json, const JointTest& test) {
    json.begin_object();
    json.member("method", test.method);
    json.member("verdict", name(test.verdict));
    severity(json, test.severity);
    json.member("reason", test.reason);
    json.member("reference_rows", test.reference_rows);
    json.member("current_rows", test.current_rows);
    json.member("columns", test.columns);
    json.member("columns_left_out", test.columns_left_out);
    test_member(json, test.test);
    effect_member(json, test.effect);
    measures_member(json, test.measures);
    json.key("drivers");
    json.begin_array();
    for (const Driver& driver : test.drivers) {
        json.begin_object();
        list(json, "columns", driver.columns);
        json.member("reference", driver.reference);
        json.member("current", driver.current);
        json.member("share", driver.share);
        json.member("p_adjusted", driver.p_adjusted);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

void group_object(JsonWriter& json, const Group& group) {
    json.begin_object();
    json.member("label", group.label);
    json.member("reference_rows", group.reference_rows);
    json.member("current_rows", group.current_rows);
    json.member("verdict", name(group.verdict));
    severity(json, group.severity);
    json.member("reason", group.reason);
    json.key("columns");
    json.begin_array();
    for (const auto& column : group.columns) column_object(json, column);
    json.end_array();
    json.end_object();
}

void groups_member(JsonWriter& json, const std::optional<Groups>& groups) {
    json.key("groups");
    if (!groups) return json.null();
    json.begin_object();
    json.member("by", groups->by);
    json.member("limit", groups->limit);
    json.member("tests", groups->tests);
    json.key("not_tested");
    json.begin_object();
    json.member("beyond_limit", groups->beyond_limit);
    json.member("beyond_limit_reference_rows", groups->beyond_limit_reference_rows);
    json.member("beyond_limit_current_rows", groups->beyond_limit_current_rows);
    json.member("ungrouped_reference_rows", groups->ungrouped_reference_rows);
    json.member("ungrouped_current_rows", groups->ungrouped_current_rows);
    json.end_object();
    json.key("groups");
    json.begin_array();
    for (const auto& group : groups->groups) group_object(json, group);
    json.end_array();
    json.end_object();
}

}  // namespace

std::string to_json(const ColumnReport& column) {
    JsonWriter json;
    column_object(json, column);
    return json.take();
}

std::string to_json(const JointTest& test) {
    JsonWriter json;
    joint_object(json, test);
    return json.take();
}

std::string to_json(const ColumnReport& column, std::string_view by, std::string_view label) {
    JsonWriter json;
    json.begin_object();
    json.key("group");
    json.begin_object();
    json.member("by", by);
    json.member("label", label);
    json.end_object();
    column_members(json, column);
    json.end_object();
    return json.take();
}

std::string to_json(const Report& report) {
    JsonWriter json;
    json.begin_object();
    json.member("schema", report_schema);
    json.member("report_id", core::to_string(report.report_id));
    json.member("created_at", core::to_string(report.created_at));
    side(json, "reference", report.reference);
    side(json, "current", report.current);
    json.key("plan");
    json.begin_object();
    json.member("method", report.plan.method);
    json.member("null", report.plan.null);
    json.member("null_reason", report.plan.null_reason);
    json.member("season", report.plan.season);
    json.member("alpha", report.plan.alpha);
    json.member("digest", report.plan.digest);
    json.member("expected_false_days_a_year", report.plan.expected_false_days_a_year);
    json.member("expected_false_days_low", report.plan.expected_false_days_low);
    json.member("expected_false_days_high", report.plan.expected_false_days_high);
    json.end_object();
    json.key("summary");
    json.begin_object();
    json.member("columns", report.summary.columns);
    json.member("tested", report.summary.tested);
    json.member("drifted", report.summary.drifted);
    json.member("insufficient_data", report.summary.insufficient_data);
    json.member("not_tested", report.summary.not_tested);
    const auto share = [&](double value) {
        return report.summary.tested > 0 ? std::optional(value) : std::nullopt;
    };
    json.member("share_drifted", share(report.summary.share_drifted));
    json.member("weighted_share_drifted", share(judge_dataset(report.columns).weighted_share_drifted));
    severity(json, report.summary.severity);
    json.end_object();
    json.key("columns");
    json.begin_array();
    for (const auto& column : report.columns) column_object(json, column);
    json.end_array();
    signals(json, report.signals);
    list(json, "notes", report.notes);
    json.key("multivariate");
    json.begin_array();
    for (const auto& test : report.multivariate) joint_object(json, test);
    json.end_array();
    groups_member(json, report.groups);
    if (json.not_finite() > 0) json.member("not_finite", std::uint64_t{json.not_finite()});
    json.end_object();
    return json.take();
}

}  // namespace tristrata::drift
