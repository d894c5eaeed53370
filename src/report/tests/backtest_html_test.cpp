#include "tristrata/report/backtest_html.hpp"

#include "markup.hpp"
#include "sample_backtest.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

namespace {

bool holds(const std::string& page, std::string_view part) { return page.find(part) != std::string::npos; }

std::size_t count(const std::string& page, std::string_view part) {
    std::size_t found = 0;
    for (auto at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST(BacktestPage, says_what_fired_where_and_how_long_after_an_event) {
    const std::string page = report::to_html(report::sample_backtest());
    for (const char* part :
         {"1 of 2 tested chunks drifted; 1 had a signal.", "the 1 chunk before each",
          "aria-label=\"Signals: fired in 1 chunk, from day 1 to day 1; the worst is warn.\"",
          "1 d later (end of day 1)", "the data begin in the middle of it", "<strong>gap</strong>: 5 rows",
          "raises about 6 false alarms (0 to 19)", "data-noun=\"chunks\""})
        EXPECT_TRUE(holds(page, part)) << part;
    EXPECT_FALSE(holds(page, "lasting change")) << "not asked for";
    EXPECT_FALSE(holds(page, "data-name=\"day 2\"")) << "a quiet chunk is no row";
}

TEST(BacktestPage, shows_the_evidence_of_lasting_change_up_to_an_alarm) {
    auto backtest = report::sample_backtest();
    backtest.yearly = true;
    backtest.chunks[2].yearly = drift::YearlyStep{0.01, 4.0, true, "trades", ""};
    drift::summarise(backtest);
    const std::string page = report::to_html(backtest);
    EXPECT_TRUE(holds(page, "up to an alarm: 1 alarm fired in 1 chunk, from day 2 to day 2"));
    EXPECT_TRUE(holds(page, "Alarm of lasting change: trades stands out most."));
}

TEST(BacktestPage, every_tag_is_closed_and_nothing_from_outside_acts) {
    for (const bool hostile : {false, true}) {
        auto backtest = report::varied_backtest(60);
        if (hostile) {
            backtest.chunks[40].findings[0].column = report::hostile_name;
            backtest.events[0].name = report::hostile_name;
            backtest.source.source = report::hostile_name;
        }
        const std::string page = report::to_html(backtest);
        EXPECT_EQ(report::unbalanced(page, {"meta", "input", "wbr", "br"}), "");
        EXPECT_FALSE(report::has_control_characters(page));
        EXPECT_EQ(count(page, "<script>"), 1u);
        for (const char* part : {"http:", "https:", "src=", "@import", "url("})
            EXPECT_FALSE(holds(page, part)) << part << " would be fetched";
    }
    EXPECT_EQ(report::to_html(report::varied_backtest(60)), report::to_html(report::varied_backtest(60)));
}

TEST(BacktestPage, three_years_of_days_stay_below_400_kilobytes_and_what_is_left_out_is_said) {
    auto backtest = report::varied_backtest(1154);
    EXPECT_LE(report::to_html(backtest).size(), 400u * 1000u);
    for (int i = 0; i < 50; ++i)
        backtest.chunks[900].findings.push_back(
            {"column_" + std::to_string(i), std::nullopt, drift::Severity::info, 0.01, "it moved"});
    const std::string page = report::to_html(backtest);
    EXPECT_LE(page.size(), 400u * 1000u);
    EXPECT_TRUE(holds(page, "more, none worse; they stand in the JSON"));
    EXPECT_TRUE(holds(page, "columns drifted in fewer chunks; they stand in the JSON"));
}

TEST(BacktestPage, where_nothing_could_be_tested_it_does_not_reassure) {
    auto backtest = report::sample_backtest();
    backtest.chunks[1].findings.clear();
    for (auto& chunk : backtest.chunks) {
        chunk.columns_tested = 0;
        chunk.insufficient_data = 1;
    }
    drift::summarise(backtest);
    const std::string page = report::to_html(backtest);
    EXPECT_TRUE(holds(page, "<h1><span class=\"badge none\">○ insufficient data</span>"));
    EXPECT_TRUE(holds(page, "1 column had too little data, 0 could not be tested"));
}

TEST(BacktestPage, draws_what_a_peer_measured_and_says_why_it_measured_nothing) {
    auto backtest = report::sample_backtest();
    backtest.plan.method = "nannyml";
    backtest.columns = report::peer_columns();
    const std::string page = report::to_html(backtest);
    for (const char* part : {"aria-label=\"x, Wasserstein distance: 1 of 2 chunks alert, the largest value "
                             "0.4, upper bound 0.25.\"",
                             "<bdi>t</bdi></strong>: It orders the rows.", "for our own verdicts only"})
        EXPECT_TRUE(holds(page, part)) << part;
    EXPECT_EQ(report::unbalanced(page, {"meta", "input", "wbr", "br"}), "");
}
