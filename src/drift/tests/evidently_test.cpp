#include "tristrata/drift/evidently.hpp"

#include "evidently_methods.hpp"
#include "row_identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

using namespace tristrata;
using namespace tristrata::drift;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const core::Timestamp now{1'700'000'000'000'000};

std::string file(const std::string& name) {
    std::ifstream in(std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden/evidently_reports" / name);
    EXPECT_TRUE(in.good()) << name;
    return {std::istreambuf_iterator<char>(in), {}};
}

EvidentlyReport read(std::string_view text) {
    auto report = parse_evidently(text);
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report.value_or(EvidentlyReport{});
}

const EvidentlyColumn& column(const EvidentlyReport& report, std::string_view name) {
    const auto found = std::ranges::find(report.columns, name, &EvidentlyColumn::name);
    EXPECT_NE(found, report.columns.end()) << name;
    return *found;
}

std::vector<std::string> metrics_of(const Push& push) {
    std::vector<std::string> metrics;
    for (const auto& event : push.events) metrics.push_back(event.metric);
    return metrics;
}

}  // namespace

TEST(Evidently, a_report_of_0_7_16_keeps_score_method_threshold_and_the_tests_verdict) {
    const auto report = read(file("v07_datadrift_large_with_tests.json"));
    EXPECT_EQ(report.shape, EvidentlyShape::metric_name);
    ASSERT_EQ(report.columns.size(), 4u);
    const auto& age = column(report, "age");
    EXPECT_EQ(age.method, "wasserstein");
    EXPECT_DOUBLE_EQ(*age.score, 0.5075927370644631);
    EXPECT_DOUBLE_EQ(*age.threshold, 0.1);
    EXPECT_EQ(age.drifted, true);
    EXPECT_EQ(column(report, "flag").drifted, false);
    EXPECT_DOUBLE_EQ(*report.share_drifted, 0.5);
    EXPECT_DOUBLE_EQ(*report.share_allowed, 0.5);
    EXPECT_FALSE(report.created_at.has_value());
    const Push push = push_of(report, "m", std::nullopt, now);
    EXPECT_THAT(metrics_of(push), ElementsAre("wasserstein_age", "jensenshannon_city", "share_drifted"));
    EXPECT_EQ(push.events[0].severity, Severity::warn);  // Half of the columns: the tool's own rule is met.
    EXPECT_FALSE(push.events[0].significance.has_value());
    EXPECT_EQ(push.events[0].detected_at, now);
    const auto payload = nlohmann::json::parse(push.events[0].payload);
    EXPECT_EQ(payload["method_as_shown"], "Wasserstein distance (normed)");
    EXPECT_EQ(payload["element"]["id"], "1cf7e5c2a8eb2a62a2667e70ee06d259");
}

TEST(Evidently, p_values_become_the_significance) {
    const auto report = read(file("v07_datadrift_small_pvalues.json"));
    const Push push = push_of(report, "m", "r", now);
    EXPECT_THAT(metrics_of(push), ElementsAre("ks_age", "chisquare_city", "share_drifted"));
    EXPECT_DOUBLE_EQ(*push.events[0].significance, 8.101337641172384e-11);
}

TEST(Evidently, a_report_of_0_7_15_names_its_method_in_a_sentence) {
    const auto report = read(file("v0715_datadrift_with_tests.json"));
    EXPECT_EQ(report.shape, EvidentlyShape::metric_id);
    ASSERT_EQ(report.columns.size(), 4u);
    const auto& age = column(report, "age");
    EXPECT_EQ(age.method, "wasserstein");
    EXPECT_DOUBLE_EQ(*age.threshold, 0.1);
    EXPECT_EQ(age.drifted, true);
    EXPECT_DOUBLE_EQ(*report.share_drifted, 0.5);
}

TEST(Evidently, without_its_tests_such_a_report_hides_the_verdict_and_is_stored_as_info) {
    auto document = nlohmann::ordered_json::parse(file("v0715_datadrift_with_tests.json"));
    document["tests"] = nlohmann::ordered_json::array();
    const auto report = read(document.dump());
    ASSERT_EQ(report.columns.size(), 4u);
    EXPECT_EQ(report.columns[0].name, "age");
    EXPECT_TRUE(report.columns[0].method.empty());
    EXPECT_FALSE(report.columns[0].drifted.has_value());
    const Push push = push_of(report, "m", std::nullopt, now);
    ASSERT_EQ(push.events.size(), 5u);
    EXPECT_EQ(push.events[0].metric, "drift_score_age");
    EXPECT_EQ(push.events[0].severity, Severity::info);
    EXPECT_DOUBLE_EQ(*push.events[0].current_value, 0.5075927370644631);
}

TEST(Evidently, another_result_of_ours_is_refused_and_one_that_speaks_of_it_is_kept) {
    const auto ours = parse_evidently(R"({"schema": "tristrata.backtest/1", "chunks": []})");
    ASSERT_FALSE(ours);
    EXPECT_EQ(ours.error().kind, core::ErrorKind::invalid_input);
    EXPECT_TRUE(ours.error().message.starts_with(
        R"(it is of the schema "tristrata.backtest/1"; expected a report of drift check or of Evidently)"))
        << ours.error().message;
    EXPECT_TRUE(parse_evidently(R"({"about": "tristrata.backtest/1", "schema": 1})"));
}

TEST(Evidently, what_the_user_set_is_read_from_the_metrics_own_name) {
    // As 0.7.15 writes it, without tests; a threshold that was not set is the method's.
    const auto report = read(R"json({"metrics":[
        {"id":"1","metric_id":"ValueDrift(column=x,method=psi,threshold=0.3)","value":1.12},
        {"id":"2","metric_id":"ValueDrift(column=y,method=wasserstein,threshold=0.2)","value":0.0997},
        {"id":"3","metric_id":"ValueDrift(column=z,method=psi)","value":0.09},
        {"id":"4","metric_id":"ValueDrift(column=a,threshold=0.3)","value":0.5},
        {"id":"5","metric_id":"ValueDrift(column=b,threshold=0.01,method=ks)","value":0.02},
        {"id":"6","metric_id":"ValueDrift(column=c,method=d,e,method=ks,threshold=0.05)","value":0.05},
        {"id":"7","metric_id":"ValueDrift(column=,method=ks)","value":0.06}],
        "tests":[]})json");
    ASSERT_EQ(report.columns.size(), 7u);
    const auto says = [&](std::string_view name, std::string_view method, std::optional<double> threshold,
                          std::optional<bool> drifted) {
        EXPECT_EQ(column(report, name).method, method) << name;
        EXPECT_EQ(column(report, name).threshold, threshold) << name;
        EXPECT_EQ(column(report, name).drifted, drifted) << name;
    };
    says("x", "psi", 0.3, true);
    says("y", "wasserstein", 0.2, false);
    says("z", "psi", 0.1, false);
    says("a", "", 0.3, std::nullopt);
    says("b", "ks", 0.01, false);
    says("c,method=d,e", "ks", 0.05, true);
    says("", "ks", 0.05, false);
    EXPECT_THAT(metrics_of(push_of(report, "m", std::nullopt, now)),
                ElementsAre("psi_x", "drift_score_a", "ks_c,method=d,e", "share_drifted"));
}

TEST(Evidently, several_scores_of_one_column_are_a_row_each) {
    const auto report = read(R"json({"metrics":[
        {"id":"1","metric_id":"ValueDrift(column=x,method=psi,threshold=0.3)","value":1.12},
        {"id":"2","metric_id":"ValueDrift(column=x,method=psi,threshold=0.5)","value":1.12},
        {"id":"3","metric_id":"ValueDrift(column=x,method=psi,threshold=0.5)","value":1.13},
        {"id":"4","metric_id":"ValueDrift(column=x,method=wasserstein,threshold=0.2)","value":1.06},
        {"id":"5","metric_id":"ValueDrift(column=x)","value":0.7},
        {"id":"6","metric_id":"ValueDrift(column=x)","value":0.8}]})json");
    const Push push = push_of(report, "m", std::nullopt, now),
               again = push_of(report, "m", std::nullopt, now);
    ASSERT_EQ(push.events.size(), 7u);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < push.events.size(); ++i) {
        ids.insert(core::to_string(push.events[i].event_id));
        EXPECT_EQ(push.events[i].event_id, again.events[i].event_id);
    }
    EXPECT_EQ(ids.size(), 7u);
    // What stood alone before others were told apart keeps its identity.
    EXPECT_EQ(push.events[0].event_id, row_identity(report.content_id, "m", std::nullopt, "x", "psi"));
    EXPECT_EQ(push.events[4].event_id,
              row_identity(report.content_id, "m", std::nullopt, "x", "drift_score"));
}

TEST(Evidently, a_suites_score_that_stands_twice_is_one_and_two_by_other_thresholds_are_two) {
    const auto report = read(R"({"summary":{},"tests":[
        {"parameters":{"features":{"x":{"stattest":"PSI","score":0.3,"threshold":0.1,"detected":true}}}},
        {"parameters":{"column_name":"x","stattest":"PSI","score":0.3,"threshold":0.1,"detected":true}},
        {"parameters":{"column_name":"x","stattest":"PSI","score":0.3,"threshold":0.2,"detected":true}},
        {"parameters":{"column_name":"x","stattest":"K-S p_value","score":0.0,"threshold":0.05,
        "detected":true}}
        ]})");
    EXPECT_EQ(report.columns.size(), 3u);
}

TEST(Evidently, an_infinite_score_is_decided_by_the_rule_and_kept_as_a_word) {
    const auto report = read(R"json({"metrics":[
        {"id":"1","metric_name":"ValueDrift(column=a,method=wasserstein,threshold=0.1)","config":{
        "type":"evidently:metric_v2:ValueDrift","column":"a","method":"wasserstein","threshold":0.1},
        "value":Infinity},
        {"id":"2","metric_name":"ValueDrift(column=b,method=psi,threshold=0.1)","config":{
        "type":"evidently:metric_v2:ValueDrift","column":"b","method":"psi","threshold":0.1},
        "value":-Infinity}]})json");
    EXPECT_EQ(column(report, "a").drifted, true);
    EXPECT_EQ(column(report, "b").drifted, false);
    EXPECT_THAT(report.notes, ElementsAre(HasSubstr("2 of its numbers are infinite")));
    const Push push = push_of(report, "m", std::nullopt, now);
    ASSERT_EQ(push.events.size(), 2u);
    EXPECT_FALSE(push.events[0].current_value.has_value());
    const auto payload = nlohmann::json::parse(push.events[0].payload);
    EXPECT_EQ(payload["score"], "Infinity");
    EXPECT_EQ(payload["drifted"], true);
    EXPECT_EQ(payload["element"]["value"], "Infinity");
    EXPECT_EQ(nlohmann::json::parse(report.document)["metrics"][1]["value"], "-Infinity");
}

TEST(Evidently, a_snapshot_brings_its_time_and_says_that_it_has_no_zone) {
    const auto report = read(file("v07_snapshot_dumps_widgets_stripped.json"));
    EXPECT_EQ(report.shape, EvidentlyShape::snapshot);
    ASSERT_FALSE(report.columns.empty());
    EXPECT_EQ(column(report, "age").method, "wasserstein");
    EXPECT_EQ(column(report, "age").drifted, true);
    ASSERT_TRUE(report.created_at.has_value());
    EXPECT_EQ(core::to_string(*report.created_at).substr(0, 19), "2026-11-22T02:18:03");
    EXPECT_THAT(report.notes, Contains(HasSubstr("read as UTC")));
    EXPECT_DOUBLE_EQ(*report.share_drifted, 0.5);
}

TEST(Evidently, a_legacy_report_and_a_legacy_suite_give_the_same_columns) {
    const auto report = read(file("legacy_datadrift_report.json"));
    const auto suite = read(file("legacy_testsuite.json"));
    EXPECT_EQ(report.shape, EvidentlyShape::legacy);
    EXPECT_EQ(suite.shape, EvidentlyShape::legacy);
    ASSERT_EQ(report.columns.size(), 4u);
    ASSERT_EQ(suite.columns.size(), 4u);
    for (const auto& one : report.columns) {
        EXPECT_EQ(column(suite, one.name).method, one.method) << one.name;
        EXPECT_EQ(column(suite, one.name).drifted, one.drifted) << one.name;
    }
    EXPECT_DOUBLE_EQ(*report.share_drifted, 0.5);
    EXPECT_DOUBLE_EQ(*suite.share_drifted, 0.5);
    EXPECT_DOUBLE_EQ(*suite.share_allowed, 0.3);
    EXPECT_TRUE(report.created_at.has_value());
    EXPECT_THAT(suite.notes, Contains(HasSubstr("say nothing of drift")));
}

TEST(Evidently, a_bare_nan_is_no_value_and_no_drift) {
    const auto report = read(file("v07_nan_value.json"));
    ASSERT_EQ(report.columns.size(), 1u);
    EXPECT_FALSE(report.columns[0].score.has_value());
    EXPECT_EQ(report.columns[0].drifted, false);
    EXPECT_THAT(report.notes, Contains(HasSubstr("1 of its numbers are NaN")));
    EXPECT_TRUE(nlohmann::json::accept(report.document));
}

TEST(Evidently, the_word_nan_in_a_name_stays) {
    const auto report = read(R"({"metrics":[{"metric":"DataDriftTable","result":{"drift_by_columns":{
        "NaN \" Infinity":{"stattest_name":"PSI","drift_score":0.3,"stattest_threshold":0.1,
        "drift_detected":true}}}}]})");
    ASSERT_EQ(report.columns.size(), 1u);
    EXPECT_EQ(report.columns[0].name, "NaN \" Infinity");
    EXPECT_EQ(push_of(report, "m", std::nullopt, now).events[0].severity,
              Severity::warn);  // PSI 0.3 by the policy.
}

TEST(Evidently, a_report_without_drift_is_one_row_with_the_whole_of_it) {
    const auto report = read(file("v07_datasummary.json"));
    EXPECT_TRUE(report.columns.empty());
    const Push push = push_of(report, "m", std::nullopt, now);
    ASSERT_EQ(push.events.size(), 1u);
    EXPECT_EQ(nlohmann::json::parse(push.events[0].payload)["report"]["metrics"].size(),
              nlohmann::json::parse(file("v07_datasummary.json"))["metrics"].size());
}

TEST(Evidently, an_object_of_no_known_shape_is_kept_whole_and_said) {
    const auto report = read(R"({"future":{"shape":[1,2,3]}})");
    EXPECT_EQ(report.shape, EvidentlyShape::unknown);
    EXPECT_THAT(report.notes, Contains(HasSubstr("kept whole")));
    const Push push = push_of(report, "m", std::nullopt, now);
    ASSERT_EQ(push.events.size(), 1u);
    EXPECT_EQ(push.events[0].metric, "unknown_report");
    EXPECT_EQ(nlohmann::json::parse(push.events[0].payload)["report"]["future"]["shape"][2], 3);
}

TEST(Evidently, json_that_is_no_object_is_kept_whole_and_said) {
    for (const char* text : {"[]", R"([{"metrics":[]},2])", R"("a word")", "7", "null", "true"}) {
        const auto report = read(text);
        EXPECT_EQ(report.shape, EvidentlyShape::unknown) << text;
        EXPECT_THAT(report.notes, Contains(HasSubstr("kept whole"))) << text;
        const Push push = push_of(report, "m", std::nullopt, now);
        ASSERT_EQ(push.events.size(), 1u) << text;
        EXPECT_EQ(push.events[0].metric, "unknown_report");
        EXPECT_EQ(nlohmann::json::parse(push.events[0].payload)["report"]["report"],
                  nlohmann::json::parse(text));
    }
}

TEST(Evidently, what_is_no_json_is_refused) {
    EXPECT_FALSE(parse_evidently("").has_value());
    EXPECT_FALSE(parse_evidently("metrics").has_value());
    EXPECT_FALSE(parse_evidently("{\"metrics\":").has_value());
}

TEST(Evidently, odd_documents_are_read_without_harm) {
    for (const auto* text :
         {R"({"metrics":[]})", R"({"metrics":[1,null,"x"]})", R"({"metrics":[{"metric_name":7}]})",
          R"({"metrics":[{"metric_id":"ValueDrift(column="}],"tests":[3,{"metric_config":4}]})",
          R"({"tests":[1,{"parameters":2}],"summary":{}})", R"({"metric_results":{"a":1,"b":[]}})",
          R"({"metrics":[{"metric":"DataDriftTable","result":7}]})"}) {
        const auto report = parse_evidently(text);
        ASSERT_TRUE(report.has_value()) << text;
        EXPECT_FALSE(push_of(*report, "m", std::nullopt, now).events.empty());
    }
}

TEST(Evidently, a_document_that_is_nested_without_end_is_refused) {
    const auto nested = [](std::size_t levels) {
        return R"({"a]":)" + std::string(levels, '[') + R"("\"{")" + std::string(levels, ']') + "}";
    };
    EXPECT_TRUE(parse_evidently(nested(499)));
    const auto refused = parse_evidently(nested(100'000));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("100001 levels"));
}

TEST(Evidently, pictures_are_left_out_and_counted) {
    const auto report = read(R"({"metric_results":{"x":{"widget":[{"big":"picture"}],"metric_value_location":
        {"metric":{"params":{"type":"evidently:metric_v2:RowCount"}}},"value":3}},"top_level_metrics":[]})");
    EXPECT_THAT(report.notes, Contains(HasSubstr("figures are left out")));
    EXPECT_THAT(report.document, testing::Not(HasSubstr("picture")));
}

TEST(Evidently, a_grouped_metric_keeps_its_group) {
    const auto report = read(R"json({"metrics":[{"id":"1","metric_name":"GroupBy(...)","config":{
        "type":"evidently:metric_v2:GroupByMetric","column_name":"city","label":"Paris","metric":{
        "type":"evidently:metric_v2:ValueDrift","column":"age","method":"ks","threshold":0.05}},
        "value":0.01}]})json");
    ASSERT_EQ(report.columns.size(), 1u);
    EXPECT_EQ(report.columns[0].group, "Paris of city");
    EXPECT_EQ(report.columns[0].drifted, true);
    EXPECT_EQ(push_of(report, "m", std::nullopt, now).events[0].metric, "ks_age, Paris of city");
}

TEST(Evidently, the_same_bytes_are_the_same_rows_whenever_they_are_pushed) {
    const auto text = file("v07_datadrift_large_with_tests.json");
    const Push a = push_of(read(text), "m", "r", now);
    const Push b = push_of(read(text), "m", "r", {now.microseconds + 5});
    const Push c = push_of(read(text), "m", "other", now);
    EXPECT_EQ(a.push_id, b.push_id);
    EXPECT_NE(a.push_id, c.push_id);
    for (std::size_t i = 0; i < a.events.size(); ++i) EXPECT_EQ(a.events[i].event_id, b.events[i].event_id);
}

TEST(EvidentlyMethods, every_rule_is_tried_on_its_edge) {
    const auto drifts = [](const char* method, double score, double threshold) {
        return find_evidently_method(method)->drifts(score, threshold);
    };
    EXPECT_TRUE(drifts("ks", 0.05, 0.05));
    EXPECT_FALSE(drifts("z", 0.05, 0.05));
    EXPECT_TRUE(drifts("psi", 0.1, 0.1));
    EXPECT_FALSE(drifts("ed", 0.1, 0.1));
    EXPECT_FALSE(find_evidently_method("perc_text_content_drift")->tells());
    EXPECT_EQ(find_evidently_method("K-S p_value"), find_evidently_method("ks"));
    EXPECT_EQ(find_evidently_method("nothing"), nullptr);
}
