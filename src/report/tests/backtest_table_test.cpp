#include "tristrata/report/backtest_table.hpp"

#include "sample_backtest.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

TEST(BacktestTable, says_what_fired_when_and_what_chance_would_do) {
    const std::string text = report::to_table(report::sample_backtest(), {});
    for (const char* part :
         {"1 of 2 tested chunks drifted; 1 had a signal. That is 3.5 and 3.5 a week.", "gap (warn)",
          "1 d later (end of day 1)", "never", "not tested: day 0: the data begin in the middle of it",
          "raises about 6 false alarms (0 to 19)."})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_EQ(text.find("lasting change"), std::string::npos) << "not asked for";
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "names cannot colour the terminal";
    EXPECT_EQ(text.find("day 2"), std::string::npos) << "a quiet day is no line";
}

TEST(BacktestTable, shows_alarms_of_lasting_change_and_what_was_taken_over) {
    auto backtest = report::sample_backtest();
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

TEST(BacktestTable, shows_what_a_peer_measured_with_its_bounds_and_why_it_measured_nothing) {
    auto backtest = report::sample_backtest();
    backtest.plan.null_reason = "none";
    backtest.columns = report::peer_columns();
    const std::string text = report::to_table(backtest, {});
    for (const char* part :
         {"wasserstein", "0.25", "1 of 2", "▃█", "It orders the rows.", "null       none\n"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}
