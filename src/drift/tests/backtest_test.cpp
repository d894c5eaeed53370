#include "tristrata/drift/backtest.hpp"
#include "tristrata/drift/backtest_push.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::drift;

namespace {

constexpr std::int64_t day_us = 86'400'000'000;

/// Four days: one of reference, then one quiet, one with a signal of `info`, one that drifted with a signal.
Backtest sample() {
    Backtest backtest;
    backtest.source = {"candles.csv", "ab", 96, core::Timestamp{0}, core::Timestamp{4 * day_us}};
    backtest.chunking = "day in UTC";
    backtest.reference = "the 1 chunk before each";
    backtest.reference_chunks = 1;
    for (std::int64_t day = 0; day < 4; ++day) {
        auto& chunk = backtest.chunks.emplace_back();
        chunk.key = "1970-01-0" + std::to_string(day + 1);
        chunk.from = core::Timestamp{day * day_us};
        chunk.to = core::Timestamp{(day + 1) * day_us};
        chunk.rows = 24;
        chunk.use = day == 0 ? ChunkUse::reference : ChunkUse::tested;
        chunk.inputs = "inputs";
        chunk.columns_tested = day == 1 ? 0 : 2;
        chunk.insufficient_data = day == 1 ? 2 : 0;
    }
    backtest.chunks[2].findings = {{"", SignalKind::gap, Severity::info, std::nullopt, "one row"}};
    backtest.chunks[3].findings = {{"x", std::nullopt, Severity::crit, 0.0125, "moved, \"far\""},
                                   {"x", SignalKind::missing_share, Severity::warn, std::nullopt, "gone"}};
    backtest.chunks[3].yearly = YearlyStep{0.1 + 0.2, 3.25, true, "x", "chain"};
    backtest.events = {{"first", core::Timestamp{day_us}, {}, {}, {}, {}, {}, {}},
                       {"last", core::Timestamp{4 * day_us}, {}, {}, {}, {}, {}, {}}};
    summarise(backtest);
    return backtest;
}

}  // namespace

TEST(BacktestSummary, counts_chunks_that_drifted_apart_from_those_with_a_signal) {
    const auto backtest = sample();
    EXPECT_EQ(backtest.summary.chunks, 4u);
    EXPECT_EQ(backtest.summary.tested, 3u);
    EXPECT_EQ(backtest.summary.drifted, 1u);
    EXPECT_EQ(backtest.summary.signalled, 1u) << "a signal of info is no alert";
    EXPECT_EQ(backtest.summary.without_verdict, 1u);
    EXPECT_EQ(backtest.summary.insufficient_data, 2u);
    EXPECT_EQ(backtest.summary.alarms, 1u);
    EXPECT_DOUBLE_EQ(*backtest.summary.drifted_a_week, 7.0 / 3.0);
}

TEST(BacktestSummary, an_event_is_seen_by_the_first_chunk_that_ends_after_it_and_fired) {
    const auto backtest = sample();
    EXPECT_EQ(backtest.events[0].first_drift, "1970-01-04");
    EXPECT_EQ(backtest.events[0].time_to_drift, core::Duration{3 * day_us});
    EXPECT_EQ(backtest.events[0].first_signal, "1970-01-04");
    EXPECT_EQ(backtest.events[0].time_to_alarm, core::Duration{3 * day_us});
    EXPECT_FALSE(backtest.events[1].first_drift) << "a chunk that ends as it happens does not see it";
}

TEST(BacktestJson, reads_back_the_chunks_that_it_wrote) {
    const auto backtest = sample();
    const auto chunks = parse_backtest_chunks(to_json(backtest));
    ASSERT_TRUE(chunks) << chunks.error().message;
    EXPECT_EQ(*chunks, backtest.chunks);
}

TEST(BacktestJson, reads_back_all_that_it_wrote) {
    auto backtest = sample();
    backtest.created_at = core::Timestamp{5 * day_us + 1};
    backtest.yearly = true;
    backtest.summary.empty_periods = 2;
    backtest.summary.severity = Severity::crit;
    backtest.events[0].time_to_drift = core::Duration{1'000'003};
    backtest.plan.expected_false_days_a_year = 0.1 + 0.2;
    backtest.notes = {"a note"};
    backtest.columns = {{"x", "", {}}, {"y", "of no kind that is known", {}}};
    auto& test = backtest.columns[0].tests.emplace_back();
    test.method = "psi";
    test.title = "PSI";
    test.score = 0.25;
    test.rule = "above 0.1";
    test.upper = 0.1;
    test.drifted = true;
    test.alerts = 1;
    test.chunks = {{"1970-01-02", 24, 0.25, true}, {"1970-01-03", 24, std::nullopt, false}};
    const std::string json = to_json(backtest);
    const auto back = parse_backtest(json);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back), json);
    EXPECT_EQ(back->events[0].time_to_drift, core::Duration{1'000'003});
    EXPECT_EQ(parse_backtest("{").error().kind, core::ErrorKind::invalid_input);
    auto text = json;
    text.replace(text.find("\"empty_periods\": 2"), 18, "\"empty_periods\": -");
    EXPECT_FALSE(parse_backtest(text));
    text = json;
    text.replace(text.find("\"chunking\""), 10, "\"chunk_ing\"");
    const auto missing = parse_backtest(text);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("not a backtest: at /: the member \"chunking\""),
              std::string::npos)
        << missing.error().message;
}

TEST(BacktestJson, what_is_not_a_backtest_is_refused_with_the_place) {
    EXPECT_EQ(parse_backtest_chunks("no").error().kind, core::ErrorKind::invalid_input);
    EXPECT_EQ(parse_backtest_chunks(R"({"schema":"tristrata.backtest/9"})").error().kind,
              core::ErrorKind::conflict);
    auto text = to_json(sample());
    text.replace(text.find("\"tested\",\n"), 8, "\"tasted\"");
    const auto wrong = parse_backtest_chunks(text);
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("/chunks/1/use"), std::string::npos) << wrong.error().message;
    EXPECT_FALSE(parse_backtest_chunks(R"({"schema":"tristrata.backtest/1","chunks":[{}]})"));
}

TEST(BacktestPush, findings_are_history_with_their_chunk_s_time_and_page_nobody) {
    const auto backtest = sample();
    const auto requests = findings_of(backtest, "m", "r", "train.py");
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(requests[0].metric, "gap");
    EXPECT_EQ(requests[1].metric, "psi_x");
    EXPECT_EQ(requests[1].significance, 0.0125);
    EXPECT_EQ(requests[2].metric, "missing_share_x");
    EXPECT_EQ(requests[2].drift_type, drift_type_of(SignalKind::missing_share));
    for (const auto& request : requests) EXPECT_EQ(request.severity, Severity::info);
    EXPECT_EQ(requests[1].time, core::Timestamp{4 * day_us});
    EXPECT_EQ(requests[1].payload,
              "{\"chunk\":\"1970-01-04\",\"from\":\"1970-01-04T00:00:00Z\",\"to\":\"1970-01-05T00:00:00Z\","
              "\"rows\":24,\"column\":\"x\",\"severity\":\"crit\",\"reason\":\"moved, \\\"far\\\"\","
              "\"caller_module\":\"train.py\"}");
}

TEST(BacktestPush, the_same_finding_of_the_same_chunk_is_one_event_whatever_else_the_backtest_holds) {
    auto backtest = sample();
    const auto whole = findings_of(backtest, "m", std::nullopt);
    backtest.chunks.erase(backtest.chunks.begin() + 1, backtest.chunks.begin() + 3);
    const auto last = findings_of(backtest, "m", std::nullopt);
    ASSERT_EQ(last.size(), 2u);
    EXPECT_EQ(last[0].event_id, whole[1].event_id);
    EXPECT_NE(last[0].event_id, last[1].event_id);
    EXPECT_NE(findings_of(backtest, "other", std::nullopt)[0].event_id, last[0].event_id);
    EXPECT_NE(findings_of(backtest, "m", "run")[0].event_id, last[0].event_id);
    backtest.chunks.back().inputs = "other data";
    EXPECT_NE(findings_of(backtest, "m", std::nullopt)[0].event_id, last[0].event_id);
}
