#include "tristrata/report/backtest_table.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

namespace {

drift::Backtest sample() {
    drift::Backtest backtest;
    backtest.source = {"candles.csv", "ab", 96, core::Timestamp{0}, core::Timestamp{259'200'000'000}};
    backtest.chunking = "day in UTC";
    backtest.reference = "the 1 chunk before each";
    backtest.plan.expected_false_days_a_year = 6.0;
    backtest.plan.expected_false_days_low = 0.0;
    backtest.plan.expected_false_days_high = 19.0;
    for (std::int64_t day = 0; day < 3; ++day) {
        auto& chunk = backtest.chunks.emplace_back();
        chunk.key = "day " + std::to_string(day);
        chunk.from = core::Timestamp{day * 86'400'000'000};
        chunk.to = core::Timestamp{(day + 1) * 86'400'000'000};
        chunk.use = day == 0 ? drift::ChunkUse::unused : drift::ChunkUse::tested;
        chunk.reason = day == 0 ? "the data begin in the middle of it" : "";
        chunk.columns_tested = 1;
    }
    backtest.chunks[1].findings = {
        {"log\x1b[31m", std::nullopt, drift::Severity::crit, 0.02, "moved"},
        {"", drift::SignalKind::gap, drift::Severity::warn, std::nullopt, "5 rows"}};
    backtest.events = {{"fee", core::Timestamp{86'400'000'000}, {}, {}, {}, {}, {}, {}},
                       {"late", core::Timestamp{259'200'000'000}, {}, {}, {}, {}, {}, {}}};
    drift::summarise(backtest);
    return backtest;
}

}  // namespace

TEST(BacktestTable, says_what_fired_when_and_what_chance_would_do) {
    const std::string text = report::to_table(sample(), {});
    for (const char* part :
         {"1 of 2 tested chunks drifted; 1 had a signal. That is 3.5 and 3.5 a week.", "gap (warn)",
          "1 d later (day 1)", "never", "not tested: day 0: the data begin in the middle of it",
          "raises about 6 false alarms (0 to 19)."})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_EQ(text.find("lasting change"), std::string::npos) << "not asked for";
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "names cannot colour the terminal";
    EXPECT_EQ(text.find("day 2"), std::string::npos) << "a quiet day is no line";
}

TEST(BacktestTable, shows_alarms_of_lasting_change_and_what_was_taken_over) {
    auto backtest = sample();
    backtest.yearly = true;
    backtest.chunks[2].yearly = drift::YearlyStep{0.01, 4.0, true, "trades", ""};
    backtest.summary.reused = 1;
    drift::summarise(backtest);
    const std::string text = report::to_table(backtest, {});
    EXPECT_NE(text.find("alarm (trades)"), std::string::npos) << text;
    EXPECT_NE(text.find("1 alarm of lasting change"), std::string::npos) << text;
    EXPECT_NE(text.find("1 verdicts were taken over from the state; 1 chunk was tested now."),
              std::string::npos)
        << text;
}
