#include "tristrata/drift/event.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <set>

using namespace tristrata;
using namespace tristrata::drift;

namespace {

class MemorySink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        for (const auto& record : records) kept.push_back(record);
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0};
    }
    core::Status flush() override { return {}; }
    std::vector<sink::Record> kept;
};

/// Never knows how an append ended.
class HangingSink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record>) override {
        return core::fail(core::ErrorKind::possibly_persisted, "the disk hung");
    }
    core::Status flush() override { return {}; }
};

Report drifted_report() {
    Report report;
    report.created_at = core::Timestamp{77};
    ColumnReport column;
    column.name = "trades";
    column.verdict = Verdict::drift;
    column.severity = Severity::crit;
    column.reference.median = 10;
    column.current.median = 2;
    column.signals = {{SignalKind::missing_share, 0.0, 0.3, Verdict::drift, Severity::warn, "missing"},
                      {SignalKind::infinite_share, 0.0, 0.0, Verdict::no_drift, std::nullopt, "quiet"}};
    ColumnReport still;
    still.name = "still";
    still.verdict = Verdict::no_drift;
    report.columns = {column, still};
    report.summary = summarise(report);
    report.report_id = report_identity(report);
    return report;
}

EventRequest latency() {
    EventRequest request;
    request.drift_type = DriftType::latency_drift;
    request.module = "api.predictions";
    request.metric = "p99_latency_ms";
    request.reference_value = 120;
    request.current_value = 540;
    request.significance = 0.001;
    return request;
}

}  // namespace

TEST(PushOf, what_moved_in_a_column_that_one_value_has_filled_is_told_beside_that_it_is) {
    Report report = drifted_report();
    ColumnReport& column = report.columns[0];
    column.signals.clear();
    column.reference.n = 20'000;
    column.reference.distinct = 416;
    column.reference.mode_share = 0.01;
    column.current.n = 500;
    column.current.distinct = 110;
    column.current.mode_share = 0.012;
    const auto payload = [&] { return push_of(report, "m", "r1").events.at(0).payload; };
    EXPECT_EQ(payload().find("stuck, copied or filled in"), std::string::npos);
    column.current.mode_share = 0.7;
    EXPECT_NE(payload().find("70 % of \\\"trades\\\" are one value"), std::string::npos) << payload();
}

TEST(PushOf, values_held_in_turns_and_a_label_that_fills_in_are_told_beside_what_moved) {
    Report report = drifted_report();
    ColumnReport& column = report.columns[0];
    column.signals.clear();
    column.reference.n = 20'000;
    column.reference.distinct = 416;
    column.reference.mode_share = 0.01;
    column.current.n = 500;
    column.current.distinct = 110;
    column.current.mode_share = 0.012;
    column.reference.standard_deviation = column.current.standard_deviation = 0.6;
    const auto payload = [&] { return push_of(report, "m", "r1").events.at(0).payload; };
    const auto has = [&](std::string_view text) { return payload().find(text) != std::string::npos; };
    EXPECT_FALSE(has(R"("missing":)"));
    column.current.distinct = 10;
    EXPECT_TRUE(has(R"(500 values of \"trades\" are 10 different values, where so many could be 291)"))
        << payload();
    column.reference.mode_share = 0.05;
    EXPECT_FALSE(has(R"("missing":)")) << "counts and flags";
    column.kind = Kind::categorical;
    column.distribution = {{}, {"okx", "unknown", "kraken"}, {0.6, 0.0, 0.4}, {0.4, 0.3, 0.3}};
    EXPECT_TRUE(has(R"(30 % of \"trades\" are \"unknown\", which the reference never held)")) << payload();
    column.distribution.reference[1] = 1e-4;
    EXPECT_FALSE(has(R"("missing":)")) << "it held it";
}

TEST(PushOf, a_row_for_each_drifted_column_and_fired_signal_and_one_for_the_report) {
    const Push push = push_of(drifted_report(), "m", "r1");
    ASSERT_EQ(push.events.size(), 3u);
    EXPECT_EQ(push.events[0].metric, "psi_trades");
    EXPECT_EQ(*push.events[0].reference_value, 10);
    EXPECT_EQ(push.events[0].severity, Severity::crit);
    EXPECT_EQ(push.events[1].metric, "missing_share_trades");
    EXPECT_EQ(push.events[1].drift_type, DriftType::data_quality);
    EXPECT_EQ(push.events[2].metric, "share_drifted");
    EXPECT_EQ(push.events[2].severity, Severity::info);
    for (const auto& event : push.events) EXPECT_EQ(event.detected_at.microseconds, 77);
    EXPECT_EQ(push.events[2].current_value, 0.5) << "of two tested columns one drifted";
}

TEST(PushOf, each_row_says_what_was_looked_at_and_what_of_it_was_missing) {
    auto report = drifted_report();
    report.current.from = core::Timestamp{0};
    report.current.to = core::Timestamp{60'000'000};
    report.current.rows = 200;
    report.columns[0].current.n = 150;
    report.columns[1].verdict = Verdict::drift;
    report.columns[1].current.n = 200;
    report.columns[1].signals = {{SignalKind::range, 0.0, 0.2, Verdict::drift, Severity::crit, "beyond"}};
    const auto of = [&](const Report& one) { return push_of(one, "m", "r1").events; };
    const auto has = [](const Event& event, std::string_view text) {
        return event.payload.find(text) != std::string::npos;
    };
    auto rows = of(report);
    ASSERT_EQ(rows.size(), 5u);
    EXPECT_TRUE(
        has(rows[0], R"("window":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:01:00Z","rows":150})"))
        << rows[0].payload;
    EXPECT_TRUE(has(rows[0], R"("missing":"missing_share of \"trades\": missing")")) << rows[0].payload;
    for (const std::size_t other : {2u, 3u}) {
        EXPECT_TRUE(has(rows[other], R"("rows":200})")) << rows[other].payload;
        EXPECT_FALSE(has(rows[other], R"("missing":)")) << "of another column: " << rows[other].payload;
    }
    // By its size, where no signal is fired any more.
    auto worn = report;
    worn.columns[0].signals.clear();
    worn.columns[0].reference.missing_share = 0.1;
    worn.columns[0].current.missing_share = 0.3;
    EXPECT_TRUE(has(of(worn)[0], R"("missing":"30 % of \"trades\"")")) << of(worn)[0].payload;
    worn.columns[0].reference.missing_share = 0.28;
    EXPECT_FALSE(has(of(worn)[0], R"("missing":)"));
    // What is missing of rows, or of a label that a fifth of them had, concerns them all.
    for (const bool label : {true, false}) {
        auto less = report;
        if (label)
            less.columns[0].signals = {{SignalKind::vanished_category, 0.3, 0.0, Verdict::drift,
                                        Severity::crit, "c, which held 30 %"}};
        else less.signals = {{SignalKind::gap, 0.0, 0.3, Verdict::drift, Severity::crit, "60 rows"}};
        auto shown = of(less);
        ASSERT_EQ(shown.back().metric, "share_drifted");
        shown.pop_back();
        for (const auto& row : shown) EXPECT_TRUE(has(row, R"("missing":)")) << row.metric << row.payload;
    }
}

TEST(PushOf, a_column_that_is_frozen_or_repeats_itself_is_as_good_as_missing) {
    auto report = drifted_report();
    auto& column = report.columns[0];
    column.signals = {{SignalKind::constant, 50.0, 1.0, Verdict::drift, Severity::warn, "one value"}};
    const auto has = [&](std::string_view text) {
        const auto rows = push_of(report, "m", "r1").events;
        return rows[0].payload.find(text) != std::string::npos;
    };
    EXPECT_TRUE(has(R"("missing":"constant of \"trades\": one value")"));
    column.signals.clear();
    column.reference = column.current = {};
    column.reference.n = column.reference.distinct = 1000;
    column.current.n = 100;
    column.current.distinct = 60;
    EXPECT_TRUE(has(R"("missing":"40 % of \"trades\" repeat another value, where 0 % did)"));
    column.current.distinct = 76;
    EXPECT_FALSE(has(R"("missing":)")) << "less than a quarter";
    column.current.distinct = 60;
    column.reference.distinct = 900;
    EXPECT_FALSE(has(R"("missing":)")) << "they repeat by nature";
    column.reference.distinct = 1000;
    column.current.distinct = 0;
    EXPECT_FALSE(has(R"("missing":)")) << "nobody counted them";
}

TEST(PushOf, of_a_report_in_which_nothing_was_tested_has_no_share_of_drifted_columns) {
    Report report;
    report.columns.resize(1);
    report.columns[0].verdict = Verdict::insufficient_data;
    report.summary = summarise(report);
    EXPECT_EQ(push_of(report, "m", "r1").events.back().metric, "share_drifted");
    EXPECT_FALSE(push_of(report, "m", "r1").events.back().current_value);
    EXPECT_NE(to_json(report).find("\"share_drifted\":null,\"weighted_share_drifted\":null"),
              std::string::npos);
}

TEST(PushOf, the_same_push_has_the_same_ids_and_another_run_or_module_has_others) {
    const auto report = drifted_report();
    std::set<core::Uuid> ids;
    for (const auto& push :
         {push_of(report, "m", "r1"), push_of(report, "m", "r1"), push_of(report, "m", "r2"),
          push_of(report, "n", "r1"), push_of(report, "m", std::nullopt)})
        ids.insert(push.events[0].event_id);
    EXPECT_EQ(ids.size(), 4u);
    EXPECT_EQ(push_of(report, "m", "r1").push_id, push_of(report, "m", "r1").push_id);
}

TEST(PushOf, a_joint_test_that_drifted_has_a_row_with_its_element) {
    auto report = drifted_report();
    for (const Verdict verdict : {Verdict::no_drift, Verdict::drift}) {
        JointTest test;
        test.method = verdict == Verdict::drift ? "correlation" : "pca_reconstruction";
        test.verdict = verdict;
        if (verdict == Verdict::drift) test.severity = Severity::warn;
        test.effect = Effect{"correlation_difference", 0.5, std::nullopt, std::nullopt};
        test.test = drift::Test{"max_fisher_z", "permutation", "independent", 5.0, 0.001, 0.003};
        report.multivariate.push_back(test);
    }
    const Push push = push_of(report, "m", "r1");
    ASSERT_EQ(push.events.size(), 4u);
    EXPECT_EQ(push.events[2].metric, "correlation");
    EXPECT_EQ(push.events[2].severity, Severity::warn);
    EXPECT_EQ(*push.events[2].significance, 0.003);
    const std::string element = to_json(report.multivariate[1]);
    EXPECT_TRUE(push.events[2].payload.starts_with(element.substr(0, element.size() - 1) + R"(,"window":)"))
        << push.events[2].payload;
}

TEST(PushOf, a_group_has_rows_of_its_own_that_name_it) {
    auto report = drifted_report();
    report.groups.emplace();
    report.groups->by = "symbol";
    for (const char* label : {"BTC", "ETH"}) {
        Group group;
        group.label = label;
        group.columns = report.columns;
        conclude(group);
        EXPECT_EQ(group.verdict, Verdict::drift);
        EXPECT_EQ(group.severity, Severity::crit);
        report.groups->groups.push_back(std::move(group));
    }
    const Push push = push_of(report, "m", "r1");
    ASSERT_EQ(push.events.size(), 7u);
    EXPECT_EQ(push.events[0].event_id, push_of(drifted_report(), "m", "r1").events[0].event_id);
    EXPECT_EQ(push.events[2].metric, "psi_trades[symbol=BTC]");
    EXPECT_EQ(push.events[5].metric, "missing_share_trades[symbol=ETH]");
    for (const std::size_t index : {2u, 3u})
        EXPECT_EQ(push.events[index].payload.rfind(R"({"group":{"by":"symbol","label":"BTC"},)", 0), 0u)
            << push.events[index].payload;
    std::set<core::Uuid> ids;
    for (const auto& event : push.events) ids.insert(event.event_id);
    EXPECT_EQ(ids.size(), 7u);
}

TEST(DriftRecord, survives_its_bytes_and_another_format_is_a_conflict) {
    const Push push = push_of(drifted_report(), "m\"\n", std::nullopt);
    const auto back = decode(encode(push));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode(*back).bytes, encode(push).bytes);
    EXPECT_EQ(decode({sink::RecordClass::drift, R"({"format":2})", 1}).error().kind,
              core::ErrorKind::conflict);
    EXPECT_FALSE(decode({sink::RecordClass::drift, "[", 1}));
    EXPECT_FALSE(decode({sink::RecordClass::kpi, encode(push).bytes, 1}));
}

TEST(PushDriftEvent, the_policy_decides_where_no_severity_is_given) {
    MemorySink sink;
    core::ManualClock clock(core::Timestamp{5});
    ASSERT_TRUE(push_drift_event(sink, clock, latency()));
    const auto push = decode(sink.kept[0]);
    EXPECT_EQ(push->events[0].severity, Severity::crit);
    EXPECT_EQ(push->events[0].detected_at.microseconds, 5);
    EXPECT_FALSE(push->push_id);
}

TEST(PushDriftEvent, what_cannot_be_judged_or_stored_is_refused) {
    MemorySink sink;
    core::ManualClock clock(core::Timestamp{5});
    auto without_row = latency();
    without_row.drift_type = DriftType::data_drift;
    EXPECT_NE(push_drift_event(sink, clock, without_row).error().message.find("no severity"),
              std::string::npos);
    auto infinite = latency();
    infinite.current_value = INFINITY;
    EXPECT_FALSE(push_drift_event(sink, clock, infinite));
    for (const double significance : {-1.0, 2.0, 1.0000001}) {
        auto no_p = latency();
        no_p.significance = significance;
        EXPECT_NE(push_drift_event(sink, clock, no_p).error().message.find("expected a p-value, from 0 to 1"),
                  std::string::npos);
    }
    auto unnamed = latency();
    unnamed.module = "";
    EXPECT_NE(push_drift_event(sink, clock, unnamed).error().message.find("module is empty"),
              std::string::npos);
    auto payload = latency();
    payload.payload = "[1]";
    EXPECT_NE(push_drift_event(sink, clock, payload).error().message.find("JSON object"), std::string::npos);
    for (auto EventRequest::* name : {&EventRequest::module, &EventRequest::metric}) {
        auto zero = latency();
        zero.*name = std::string("a\0b", 3);
        EXPECT_NE(push_drift_event(sink, clock, zero).error().message.find("U+0000"), std::string::npos);
    }
    payload.payload = R"({"a":["x\u0000"]})";
    EXPECT_NE(
        push_drift_event(sink, clock, payload).error().message.find("payload at /a/0 holds the character"),
        std::string::npos);
    auto run = latency();
    run.run_id = std::string("r\0", 2);
    EXPECT_NE(push_drift_event(sink, clock, run).error().message.find("run_id \"r\\x00\" holds"),
              std::string::npos)
        << push_drift_event(sink, clock, run).error().message;
    EXPECT_TRUE(sink.kept.empty());
}

TEST(PushDriftEvent, a_time_that_was_never_filled_in_is_refused_and_named) {
    MemorySink sink;
    core::ManualClock clock(core::Timestamp{5});
    const auto at = [&](const char* time) {
        auto request = latency();
        request.time = core::parse_timestamp(time).value();
        return push_drift_event(sink, clock, request);
    };
    for (const char* time :
         {"0001-01-01", "1970-01-01", "1999-12-31T23:59:59.999999Z", "2100-01-01", "9999-12-31"}) {
        const auto refused = at(time);
        ASSERT_FALSE(refused) << time;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::refused);
        EXPECT_NE(refused.error().message.find(std::string("the time ") + time), std::string::npos)
            << refused.error().message;
        EXPECT_NE(refused.error().message.find("outside 2000-01-01T00:00:00Z to 2100-01-01T00:00:00Z"),
                  std::string::npos);
    }
    EXPECT_TRUE(sink.kept.empty());
    EXPECT_TRUE(at("2000-01-01"));
    EXPECT_TRUE(at("2099-12-31T23:59:59.999999Z"));
    Report report = drifted_report();
    report.created_at = core::parse_timestamp("9999-12-31").value();
    EXPECT_FALSE(push_drift_report(sink, report, "m", std::nullopt));
    EXPECT_EQ(sink.kept.size(), 2u);
}

TEST(Push, a_push_that_may_have_happened_names_what_repeats_it) {
    HangingSink sink;
    core::ManualClock clock(core::Timestamp{5});
    EventRequest request;
    request.drift_type = DriftType::latency_drift;
    request.module = "api";
    request.metric = "p99";
    request.severity = Severity::warn;
    request.event_id = core::uuid_v5(core::tristrata_namespace(), "event");
    const auto event = push_drift_event(sink, clock, request);
    ASSERT_FALSE(event);
    EXPECT_NE(event.error().message.find(core::to_string(*request.event_id)), std::string::npos);
    EXPECT_NE(event.error().message.find("1970-01-01T00:00:00.000005Z"), std::string::npos);

    Report report = drifted_report();
    report.created_at = core::Timestamp{1'679'443'200'000'000};
    const auto pushed = push_drift_report(sink, report, "m", std::nullopt);
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, core::ErrorKind::possibly_persisted);
    EXPECT_NE(pushed.error().message.find(core::to_string(*push_of(report, "m", std::nullopt).push_id)),
              std::string::npos);
}

TEST(Push, a_record_says_whether_something_pages_because_of_it) {
    Report report = drifted_report();
    EXPECT_TRUE(encode(push_of(report, "m", std::nullopt)).crit);
    report.columns[0].severity = Severity::warn;
    EXPECT_FALSE(encode(push_of(report, "m", std::nullopt)).crit);
}
