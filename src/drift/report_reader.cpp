#include "tristrata/drift/json_node.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/drift/report_document.hpp"
#include "tristrata/drift/report_nodes.hpp"

#include <nlohmann/json.hpp>

namespace tristrata::drift {

std::optional<Severity> severity_of(const Node& node) {
    const Node value = node.at("severity");
    return value.null() ? std::nullopt : std::optional(value.taken(parse_severity(value.text())));
}

Side side_of(const Node& node) {
    return {node.at("source").text(), node.at("version").text(), node.at("rows").count(),
            node.at("from").maybe_time(), node.at("to").maybe_time()};
}

PlanSummary plan_of(const Node& node) {
    PlanSummary plan;
    plan.method = node.at("method").text();
    plan.null = node.at("null").text();
    plan.null_reason = node.at("null_reason").text();
    plan.season = node.at("season").text();
    plan.alpha = node.at("alpha").number();
    plan.digest = node.at("digest").text();
    plan.expected_false_days_a_year = node.at("expected_false_days_a_year").maybe_number();
    plan.expected_false_days_low = node.at("expected_false_days_low").maybe_number();
    plan.expected_false_days_high = node.at("expected_false_days_high").maybe_number();
    return plan;
}

std::vector<std::string> texts_of(const Node& node) {
    std::vector<std::string> texts;
    for (const Node& one : node.items()) texts.push_back(one.text());
    return texts;
}

PeerTest peer_test_of(const Node& node) {
    PeerTest test;
    test.method = node.at("method").text();
    test.title = node.at("title").text();
    test.score = node.at("score").maybe_number();
    test.rule = node.at("rule").text();
    test.lower = node.at("lower").maybe_number();
    test.upper = node.at("upper").maybe_number();
    if (node.has("reason")) test.reason = node.at("reason").text();
    test.drifted = node.at("drifted").flag();
    test.alerts = node.at("alerts").count();
    for (const Node& chunk : node.at("chunks").items())
        test.chunks.push_back({chunk.at("key").text(), chunk.at("rows").count(),
                               chunk.at("value").maybe_number(), chunk.at("alert").flag()});
    return test;
}

namespace {

using json = nlohmann::ordered_json;

ColumnSide column_side_of(const Node& node) {
    ColumnSide side;
    side.n = node.at("n").count();
    side.missing_share = node.at("missing_share").maybe_share();
    side.infinite_share = node.at("infinite_share").share();
    side.distinct = node.at("distinct").count();
    side.median = node.at("median").maybe_number();
    side.mean = node.at("mean").maybe_number();
    side.standard_deviation = node.at("standard_deviation").maybe_number();
    side.minimum = node.at("minimum").maybe_number();
    side.maximum = node.at("maximum").maybe_number();
    side.mode = node.at("mode").maybe_text();
    side.mode_share = node.at("mode_share").maybe_share();
    return side;
}

std::vector<Signal> signals_of(const Node& node) {
    std::vector<Signal> signals;
    for (const Node& one : node.items()) {
        Signal signal;
        signal.kind = one.at("kind").taken(parse_signal_kind(one.at("kind").text()));
        signal.reference = one.at("reference").maybe_number();
        signal.current = one.at("current").maybe_number();
        signal.verdict = one.at("verdict").taken(parse_verdict(one.at("verdict").text()));
        signal.severity = severity_of(one);
        signal.reason = one.at("reason").text();
        signals.push_back(std::move(signal));
    }
    return signals;
}

std::vector<double> numbers_of(const Node& node) {
    std::vector<double> numbers;
    for (const Node& one : node.items()) numbers.push_back(one.number());
    return numbers;
}

std::optional<Test> test_of(const Node& test) {
    if (test.null()) return std::nullopt;
    return Test{test.at("method").text(),   test.at("how").text(),
                test.at("null").text(),     test.at("statistic").maybe_number(),
                test.at("p").maybe_share(), test.at("p_adjusted").maybe_share()};
}

std::optional<Effect> effect_of(const Node& effect) {
    if (effect.null()) return std::nullopt;
    return Effect{effect.at("measure").text(), effect.at("value").maybe_number(),
                  effect.at("low").maybe_number(), effect.at("high").maybe_number()};
}

Difference difference_of(const Node& node) {
    const Node verdict = node.at("verdict");
    return {verdict.taken(parse_verdict(verdict.text())), severity_of(node), node.at("reason").text(),
            node.at("explanation").text()};
}

ColumnReport column_of(const Node& node) {
    ColumnReport column;
    column.name = node.at("name").text();
    column.kind = node.at("kind").taken(parse_kind(node.at("kind").text()));
    column.role = node.at("role").taken(parse_role(node.at("role").text()));
    column.drift_type = node.at("drift_type").taken(parse_drift_type(node.at("drift_type").text()));
    column.unit = node.at("unit").text();
    column.verdict = node.at("verdict").taken(parse_verdict(node.at("verdict").text()));
    column.severity = severity_of(node);
    column.reason = node.at("reason").text();
    column.sensitive = node.at("sensitive").flag();
    column.reference = column_side_of(node.at("reference"));
    column.current = column_side_of(node.at("current"));
    column.effective_n_reference = node.at("effective_n").at("reference").maybe_number();
    column.effective_n_current = node.at("effective_n").at("current").maybe_number();
    column.test = test_of(node.at("test"));
    column.effect = effect_of(node.at("effect"));
    for (const auto& [measure, value] : node.at("measures").members())
        column.measures.emplace_back(measure, value.maybe_number());
    const Node distribution = node.at("distribution");
    if (distribution.has("labels")) column.distribution.labels = texts_of(distribution.at("labels"));
    else column.distribution.edges = numbers_of(distribution.at("edges"));
    column.distribution.reference = numbers_of(distribution.at("reference"));
    column.distribution.current = numbers_of(distribution.at("current"));
    column.signals = signals_of(node.at("signals"));
    // Younger than the format: a report made before it has no such member.
    if (node.has("importance")) column.importance = node.at("importance").number();
    if (node.has("impact")) column.impact = node.at("impact").maybe_number();
    if (node.has("peer"))
        for (const Node& test : node.at("peer").items()) column.peer.push_back(peer_test_of(test));
    if (node.has("difference")) column.difference = difference_of(node.at("difference"));
    return column;
}

JointTest joint_of(const Node& node) {
    JointTest test;
    test.method = node.at("method").text();
    test.verdict = node.at("verdict").taken(parse_verdict(node.at("verdict").text()));
    test.severity = severity_of(node);
    test.reason = node.at("reason").text();
    test.reference_rows = node.at("reference_rows").count();
    test.current_rows = node.at("current_rows").count();
    test.columns = node.at("columns").count();
    test.columns_left_out = node.at("columns_left_out").count();
    test.test = test_of(node.at("test"));
    test.effect = effect_of(node.at("effect"));
    for (const auto& [measure, value] : node.at("measures").members())
        test.measures.emplace_back(measure, value.maybe_number());
    for (const Node& one : node.at("drivers").items())
        test.drivers.push_back({texts_of(one.at("columns")), one.at("reference").maybe_number(),
                                one.at("current").maybe_number(), one.at("share").maybe_number(),
                                one.at("p_adjusted").maybe_share()});
    return test;
}

Groups groups_of(const Node& node) {
    Groups groups;
    groups.by = node.at("by").text();
    groups.limit = node.at("limit").count();
    groups.tests = node.at("tests").count();
    const Node rest = node.at("not_tested");
    groups.beyond_limit = rest.at("beyond_limit").count();
    groups.beyond_limit_reference_rows = rest.at("beyond_limit_reference_rows").count();
    groups.beyond_limit_current_rows = rest.at("beyond_limit_current_rows").count();
    groups.ungrouped_reference_rows = rest.at("ungrouped_reference_rows").count();
    groups.ungrouped_current_rows = rest.at("ungrouped_current_rows").count();
    for (const Node& one : node.at("groups").items()) {
        Group group;
        group.label = one.at("label").text();
        group.reference_rows = one.at("reference_rows").count();
        group.current_rows = one.at("current_rows").count();
        group.verdict = one.at("verdict").taken(parse_verdict(one.at("verdict").text()));
        group.severity = severity_of(one);
        group.reason = one.at("reason").text();
        for (const Node& column : one.at("columns").items()) group.columns.push_back(column_of(column));
        groups.groups.push_back(std::move(group));
    }
    return groups;
}

constexpr std::string_view schema_family = "tristrata.drift_report/";

/// Reads on until the outermost object says its schema, or something else has come to its end.
class SchemaSearch final : public nlohmann::json_sax<json> {
public:
    [[nodiscard]] bool found() const noexcept { return found_; }

    bool null() override { return true; }
    bool boolean(bool /*value*/) override { return true; }
    bool number_integer(number_integer_t /*value*/) override { return true; }
    bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
    bool binary(binary_t& /*value*/) override { return true; }
    bool string(string_t& value) override {
        if (depth_ != 1 || !names_schema_) return true;
        found_ = value.starts_with(schema_family);
        return false;
    }
    bool key(string_t& name) override {
        names_schema_ = name == "schema";
        return true;
    }
    bool start_object(std::size_t /*members*/) override {
        ++depth_;
        return true;
    }
    bool end_object() override {
        --depth_;
        return true;
    }
    bool start_array(std::size_t /*items*/) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t /*byte*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        is_broken_ = true;
        return false;
    }
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

private:
    bool is_broken_ = false;
    int depth_ = 0;  ///< Of objects: a list of reports is none, and refused as one.
    bool names_schema_ = false;
    bool found_ = false;
};

}  // namespace

Report report_of(const Node& node) {
    Report report;
    report.report_id = node.at("report_id").uuid();
    report.created_at = node.at("created_at").time();
    report.reference = side_of(node.at("reference"));
    report.current = side_of(node.at("current"));
    report.plan = plan_of(node.at("plan"));
    for (const Node& column : node.at("columns").items()) report.columns.push_back(column_of(column));
    report.signals = signals_of(node.at("signals"));
    report.notes = texts_of(node.at("notes"));
    if (node.has("multivariate"))
        for (const Node& one : node.at("multivariate").items()) report.multivariate.push_back(joint_of(one));
    if (node.has("groups") && !node.at("groups").null()) report.groups = groups_of(node.at("groups"));
    report.summary = summarise(report);
    return report;
}

bool is_report(std::string_view text) noexcept {
    SchemaSearch search;
    json::sax_parse(text, &search);
    // One that is damaged before it says what it is: it is refused by whoever reads it, in our own words.
    return search.found() || (search.is_broken() && text.find(schema_family) != std::string_view::npos);
}

core::Result<Report> parse_report(std::string_view text) {
    Report report;
    auto status = read_document(text, {report_schema, "drift report", "report", "drift check --format json"},
                                [&](const Node& root) { report = report_of(root); });
    if (!status) return propagate(status);
    return report;
}

}  // namespace tristrata::drift
