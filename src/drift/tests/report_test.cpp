#include "tristrata/drift/report.hpp"
#include "tristrata/drift/report_document.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata;
using namespace tristrata::drift;

namespace {

Report sample_report() {
    Report report;
    report.created_at = core::Timestamp{1'679'443'200'000'000};
    report.reference = {"a.csv", "aa", 100, core::Timestamp{0}, core::Timestamp{1'000'000}};
    report.current = {"b.csv", "bb", 50, std::nullopt, std::nullopt};
    report.plan.digest = "plan";
    ColumnReport column;
    column.name = "x\"<script>\n";
    column.verdict = Verdict::drift;
    column.severity = Severity::warn;
    column.reason = "It moved.";
    column.reference.median = 1.5;
    column.test = Test{"ks", "exact", "independent", 0.5, 0.001, 0.002};
    column.effect = Effect{"psi_excess", 0.3, 0.1, std::nullopt};
    column.measures = {{"psi", 0.4}, {"ks", std::nullopt}};
    column.distribution.edges = {0, 1, 2};
    column.distribution.reference = {0.5, 0.5};
    column.distribution.current = {0.25, 0.75};
    column.signals = {{SignalKind::missing_share, 0.0, 0.3, Verdict::drift, Severity::crit, "missing"}};
    ColumnReport labels;
    labels.name = "labels";
    labels.kind = Kind::categorical;
    labels.verdict = Verdict::insufficient_data;
    labels.reference.mode = "alice";
    labels.distribution.labels = {"alice", "bob"};
    labels.distribution.reference = {0.5, 0.5};
    labels.distribution.current = {1, 0};
    report.columns = {column, labels};
    report.notes = {"sorted"};
    report.summary = summarise(report);
    report.report_id = report_identity(report);
    return report;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST(Report, a_document_is_ours_by_its_schema_wherever_among_its_members_that_stands) {
    const std::string columns =
        "\"columns\": [{\"schema\": 1, \"x\": null}, " + std::string(500, ' ') + "true]";
    EXPECT_TRUE(is_report("{" + columns + R"(, "schema": "tristrata.drift_report/1"})"));
    EXPECT_TRUE(is_report(R"([{"schema": "tristrata.drift_report/1"}])")) << "to be refused as a list";
    EXPECT_FALSE(is_report(R"({"whole": {"schema": "tristrata.drift_report/1"}, "schema": "other/1"})"));
    EXPECT_FALSE(is_report(R"({"title": "tristrata.drift_report/1", "schema": 1})"));
    EXPECT_FALSE(is_report("{" + columns + ", ")) << "cut short before it says what it is";
    EXPECT_TRUE(is_report(R"({"schema": "tristrata.drift_report/1", "columns": []})"));
    EXPECT_TRUE(is_report(R"({"schema":"tristrata.drift_report/9"})")) << "to be refused by its version";
    EXPECT_FALSE(is_report(R"({"metrics": [], "tests": []})"));
    EXPECT_FALSE(is_report("{\"metrics\": \"" + std::string(500, ' ') + "tristrata.drift_report/1\"}"));
    EXPECT_FALSE(is_report(""));
}

TEST(ReportJson, is_read_back_to_the_same_bytes) {
    const std::string json = to_json(sample_report());
    const auto back = parse_report(json);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back), json);
}

TEST(ReportJson, numbers_that_are_not_finite_are_left_out_and_named) {
    auto report = sample_report();
    const std::string untouched = to_json(report);
    leave_out_not_finite(report);
    EXPECT_EQ(to_json(report), untouched);
    constexpr double infinity = std::numeric_limits<double>::infinity(),
                     nan = std::numeric_limits<double>::quiet_NaN();
    ColumnReport& column = report.columns[0];
    column.reference.mean = infinity;
    column.test->statistic = nan;
    column.effect->value = -infinity;
    column.measures[0].second = infinity;
    column.distribution.edges[2] = infinity;
    column.signals[0].current = nan;
    column.impact = infinity;
    column.peer.push_back(
        {"wasserstein", "W", infinity, "rule", nan, infinity, "", true, 1, {{"[0:9]", 10, nan, true}}});
    report.groups = Groups{"g", 1, 1, 0, 0, 0, 0, 0, {Group{"a", 1, 1, Verdict::drift, {}, "", {column}}}};
    JointTest joint;
    joint.method = "correlation";
    joint.drivers = {{{"x", "y"}, nan, 0.5, {}, {}}};
    report.multivariate = {joint};
    leave_out_not_finite(report);
    ASSERT_EQ(report.notes.size(), 2u);
    for (const char* word :
         {"reference mean", "statistic", "effect", "psi", "distribution", "missing_share of current",
          "impact", "wasserstein's upper bound", "wasserstein of [0:9]", "correlation", "in \"a\""})
        EXPECT_NE(report.notes[1].find(word), std::string::npos) << word << ": " << report.notes[1];
    const std::string json = to_json(report);
    EXPECT_EQ(json.find("not_finite"), std::string::npos) << "the writer had nothing to leave out";
    const auto back = parse_report(json);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back), json);
}

TEST(ReportJson, what_the_writer_had_to_leave_out_is_counted) {
    auto report = sample_report();
    report.plan.alpha = std::numeric_limits<double>::infinity();
    EXPECT_NE(to_json(report).find("\"not_finite\":1"), std::string::npos);
}

TEST(ReportJson, labels_of_a_sensitive_column_are_hashed_once) {
    auto report = sample_report();
    report.columns[1].sensitive = true;
    const std::string json = to_json(report);
    EXPECT_EQ(json.find("alice"), std::string::npos);
    EXPECT_EQ(to_json(*parse_report(json)), json) << "what is hashed stays as it is";
}

TEST(ReportJson, another_version_is_a_conflict_and_what_is_wrong_names_its_place) {
    const std::string json = to_json(sample_report());
    const auto other = parse_report(replaced(json, "drift_report/1", "drift_report/9"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, core::ErrorKind::conflict);
    EXPECT_NE(other.error().message.find("drift_report/9"), std::string::npos);
    const auto verdict =
        parse_report(replaced(json, "\"insufficient_data\",\"severity\"", "\"perhaps\",\"severity\""));
    ASSERT_FALSE(verdict);
    EXPECT_NE(verdict.error().message.find("/columns/1/verdict"), std::string::npos)
        << verdict.error().message;
    const auto missing = parse_report(replaced(json, "\"unit\":\"\",", ""));
    EXPECT_NE(missing.error().message.find("\"unit\""), std::string::npos);
    const auto seven = parse_report(replaced(json, "\"p_adjusted\":0.002", "\"p_adjusted\":7"));
    ASSERT_FALSE(seven);
    EXPECT_NE(seven.error().message.find("/columns/0/test/p_adjusted"), std::string::npos)
        << seven.error().message;
    EXPECT_NE(seven.error().message.find("from 0 to 1, found 7"), std::string::npos) << seven.error().message;
    for (const char* text : {"", "[]", "null", "{\"schema\":1}", "\xff"})
        EXPECT_FALSE(parse_report(text)) << text;
}

TEST(Summary, counts_verdicts_and_takes_the_worst_severity_of_columns_and_signals) {
    const auto summary = sample_report().summary;
    EXPECT_EQ(summary.columns, 2u);
    EXPECT_EQ(summary.tested, 1u);
    EXPECT_EQ(summary.drifted, 1u);
    EXPECT_EQ(summary.insufficient_data, 1u);
    EXPECT_EQ(summary.share_drifted, 1.0);
    EXPECT_EQ(summary.severity, Severity::crit);
}

TEST(ReportIdentity, is_the_same_for_the_same_check_and_another_for_another) {
    auto report = sample_report();
    const auto id = report_identity(report);
    EXPECT_EQ(report_identity(report), id);
    report.created_at.microseconds += 1;
    EXPECT_NE(report_identity(report), id);
    report = sample_report();
    report.current.version = "cc";
    EXPECT_NE(report_identity(report), id);
}

TEST(Names, the_list_of_signals_holds_each_that_has_a_name) {
    for (int i = 0; i < 256; ++i) {
        const auto kind = static_cast<SignalKind>(i);
        // What is no kind has the name of one.
        const bool has_name = kind == SignalKind::rows || name(kind) != name(SignalKind::rows);
        EXPECT_EQ(has_name, std::ranges::find(all_signal_kinds, kind) != all_signal_kinds.end())
            << name(kind);
    }
}

TEST(Names, every_name_is_parsed_to_itself) {
    for (int i = 0; i < static_cast<int>(drift_type_count); ++i)
        EXPECT_EQ(*parse_drift_type(name(static_cast<DriftType>(i))), static_cast<DriftType>(i));
    for (const SignalKind kind : all_signal_kinds) EXPECT_EQ(*parse_signal_kind(name(kind)), kind);
    EXPECT_NE(parse_severity("fatal").error().message.find("info, warn, crit"), std::string::npos);
}
