#include "tristrata/report/junit.hpp"

#include "markup.hpp"
#include "sample_backtest.hpp"
#include "sample_quality.hpp"
#include "sample_report.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

using namespace tristrata;

namespace {

bool holds(const std::string& xml, std::string_view part) { return xml.find(part) != std::string::npos; }

}  // namespace

TEST(JUnit, counts_failures_from_the_severity_asked_for) {
    const auto report = report::sample_report(6);
    EXPECT_TRUE(holds(report::to_junit(report, drift::Severity::crit), "failures=\"1\""));
    EXPECT_TRUE(holds(report::to_junit(report, drift::Severity::warn), "failures=\"2\""));
    EXPECT_TRUE(holds(report::to_junit(report, std::nullopt), "failures=\"0\""));
}

TEST(JUnit, is_well_formed_whatever_the_names_are) {
    auto report = report::varied_report();
    report.columns[3].name = "a\xEF\xBF\xBE\xEF\xBF\xBF\x01]]>\xFF";
    auto backtest = report::sample_backtest();
    backtest.chunks[1].findings[0].column = report.columns[3].name;
    auto quality = report::sample_quality(4, false);
    quality.columns->columns[1].name = report.columns[3].name;
    for (const std::string& xml :
         {report::to_junit(report, drift::Severity::warn), report::to_junit(backtest, drift::Severity::warn),
          report::to_junit(quality, drift::Severity::warn)}) {
        EXPECT_EQ(report::unbalanced(xml, {}), "");
        EXPECT_FALSE(report::has_control_characters(xml));
        for (const char* character : {"\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xFF"})
            EXPECT_FALSE(holds(xml, character)) << "not a character of XML";
    }
}

TEST(JUnit, every_case_has_a_name_of_its_own) {
    auto report = report::sample_report(2);
    for (const char* name : {"z1", "z2", "z3"})
        report.signals.push_back({drift::SignalKind::column_added, 0.0, 1.0, drift::Verdict::drift,
                                  drift::Severity::info, std::string("current has a column ") + name});
    report.signals.push_back(report.signals.front());
    report.columns.push_back(report.columns.front());
    const std::string xml = report::to_junit(report, std::nullopt);
    std::set<std::string> names;
    std::size_t cases = 0;
    for (auto at = xml.find(" name=\"", xml.find("<testcase")); at != std::string::npos;
         at = xml.find(" name=\"", at + 1), ++cases)
        names.insert(xml.substr(at + 7, xml.find('"', at + 7) - at - 7));
    EXPECT_EQ(cases, 7u);
    EXPECT_EQ(names.size(), cases) << xml;
    EXPECT_TRUE(holds(xml, "name=\"table: column_added: current has a column z2\""));
}

TEST(JUnit, the_importance_of_what_drifted_fails_a_check_that_no_column_fails) {
    auto report = report::sample_report(2);
    report.columns[0].severity = drift::Severity::info;
    report.columns[0].importance = 5.0;
    ASSERT_EQ(drift::summarise(report).severity, drift::Severity::warn);
    EXPECT_TRUE(holds(report::to_junit(report, drift::Severity::warn),
                      "name=\"table: importance of drifted columns\"><failure type=\"warn\" "
                      "message=\"columns with 83.3 % of the tested importance drifted\"/>"));
}

TEST(JUnit, a_chunk_fails_by_the_worst_that_fired_and_a_short_one_is_skipped) {
    const auto backtest = report::sample_backtest();
    const std::string xml = report::to_junit(backtest, drift::Severity::crit);
    EXPECT_TRUE(holds(xml, "name=\"tristrata drift backtest\" tests=\"3\" failures=\"1\""));
    EXPECT_TRUE(holds(xml, "name=\"day 0\"><skipped message=\"the data begin in the middle of it\"/>"));
    EXPECT_TRUE(holds(xml, "name=\"day 1\"><failure type=\"crit\""));
    EXPECT_TRUE(holds(xml, "gap (warn): 5 rows"));
    EXPECT_TRUE(holds(xml, "name=\"day 2\"/>"));
    EXPECT_TRUE(holds(report::to_junit(backtest, std::nullopt), "failures=\"0\""));
}

TEST(JUnit, what_a_state_answered_for_fails_no_second_time) {
    auto backtest = report::sample_backtest();
    backtest.chunks[1].yearly = drift::YearlyStep{0.01, 4.0, true, "trades", ""};
    backtest.reused = {1};
    const std::string fresh = report::to_junit(backtest, drift::Severity::warn);
    EXPECT_TRUE(holds(fresh, "name=\"day 1\"><skipped message=\"taken over from the state: "));
    EXPECT_TRUE(holds(fresh, "name=\"lasting change day 1\"><failure type=\"warn\"")) << "asked for anew";
    backtest.yearly_reused = {1};
    EXPECT_TRUE(holds(report::to_junit(backtest, drift::Severity::warn), "tests=\"4\" failures=\"0\""));
}

TEST(JUnit, a_chunk_of_which_nothing_could_be_tested_is_skipped) {
    auto backtest = report::sample_backtest();
    backtest.chunks[2].columns_tested = 0;
    EXPECT_TRUE(holds(report::to_junit(backtest, drift::Severity::warn),
                      "name=\"day 2\"><skipped message=\"no column could be tested\"/>"));
}

TEST(JUnit, a_metric_of_a_chunk_is_a_case) {
    const std::string xml = report::to_junit(report::sample_quality(4, false), drift::Severity::crit);
    EXPECT_TRUE(holds(xml,
                      "name=\"tristrata quality check\" tests=\"14\" failures=\"1\" errors=\"0\" "
                      "skipped=\"2\""))
        << xml;
    EXPECT_TRUE(holds(xml, "name=\"log_loss [2000:2999]\"><failure type=\"crit\""));
    EXPECT_TRUE(holds(xml, "name=\"roc_auc [3000:3999]\"><skipped message=\"0 labelled rows"));
    EXPECT_TRUE(holds(xml, "name=\"calibration_error [0:999]\"/>"));
    EXPECT_TRUE(holds(report::to_junit(report::sample_quality(4, true), std::nullopt),
                      "name=\"tristrata quality estimate\" tests=\"14\" failures=\"0\""));
}
