#include "tristrata/report/html.hpp"
#include "tristrata/report/junit.hpp"
#include "tristrata/report/table.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

namespace {

drift::Report sample_report(std::size_t columns, std::string name = "trades") {
    drift::Report report;
    report.created_at = core::Timestamp{1'679'443'200'000'000};
    report.reference.source = "reference.csv";
    report.current.source = "current.csv";
    for (std::size_t i = 0; i < columns; ++i) {
        drift::ColumnReport column;
        column.name = i == 0 ? name : "column_" + std::to_string(i);
        column.verdict = i % 3 == 0 ? drift::Verdict::drift : drift::Verdict::no_drift;
        if (i % 3 == 0) column.severity = i == 3 ? drift::Severity::crit : drift::Severity::warn;
        column.reason = "The median fell from 105,382 to 12,178.";
        column.reference.median = 105382;
        column.current.median = 12178;
        column.test = drift::Test{"ks", "exact", "independent", 0.5, 0.001, 0.002};
        column.effect = drift::Effect{"psi_excess", 0.7, 0.5, 0.9};
        column.measures = {{"psi", 0.8}, {"ks", 0.5}};
        for (int bin = 0; bin < 30; ++bin) {
            column.distribution.edges.push_back(bin);
            column.distribution.reference.push_back(0.03 + 0.001 * bin);
            column.distribution.current.push_back(0.06 - 0.001 * bin);
        }
        column.distribution.edges.push_back(30);
        report.columns.push_back(std::move(column));
    }
    report.summary = drift::summarise(report);
    return report;
}

}  // namespace

TEST(Html, fifty_columns_stay_below_400_kilobytes) {
    EXPECT_LE(report::to_html(sample_report(50)).size(), 400u * 1000u);
}

TEST(Html, the_same_report_gives_the_same_bytes) {
    EXPECT_EQ(report::to_html(sample_report(5)), report::to_html(sample_report(5)));
}

TEST(Html, names_from_outside_cannot_leave_their_place) {
    const std::string page = report::to_html(sample_report(1, "<script>alert('x')</script>\"\n"));
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(&#39;x&#39;)"), std::string::npos);
}

TEST(Html, nothing_is_fetched) {
    const std::string page = report::to_html(sample_report(3));
    for (const char* sign : {"http://", "https://", "src=", "@import", "url("})
        EXPECT_EQ(page.find(sign), std::string::npos) << sign;
}

TEST(Html, the_worst_column_stands_first) {
    const std::string page = report::to_html(sample_report(6));
    EXPECT_LT(page.find("data-name=\"column_3\""), page.find("data-name=\"trades\""));
    EXPECT_LT(page.find("data-name=\"trades\""), page.find("data-name=\"column_1\""));
}

TEST(Table, says_verdict_values_effect_and_reason) {
    const std::string text = report::to_table(sample_report(4), {});
    for (const char* piece : {"2 of 4 tested columns drifted; the worst is crit.", "105,382", "12,178",
                              "0.70 [0.50, 0.90]", "0.002", "The median fell"})
        EXPECT_NE(text.find(piece), std::string::npos) << piece << "\n" << text;
    EXPECT_EQ(text.find('\033'), std::string::npos) << "no colour unless asked for";
}

TEST(Table, a_name_with_control_characters_cannot_forge_a_line) {
    EXPECT_EQ(report::to_table(sample_report(1, "a\n\033[31mb"), {}).find("\033"), std::string::npos);
}

TEST(Readable, groups_thousands_and_keeps_four_digits) {
    EXPECT_EQ(report::readable(105382), "105,382");
    EXPECT_EQ(report::readable(-1234567), "-1,234,567");
    EXPECT_EQ(report::readable(0.0012345), "0.001234");
    EXPECT_EQ(report::readable(0), "0");
    EXPECT_EQ(report::readable(999.94), "999.9");
}

TEST(Spark, is_as_wide_as_asked_and_empty_where_there_is_nothing) {
    EXPECT_EQ(report::spark({0, 0.5, 1}, 10), " ▅█");
    EXPECT_EQ(report::spark({}, 10), "");
}

TEST(JUnit, counts_failures_from_the_severity_asked_for) {
    const auto report = sample_report(6);
    EXPECT_NE(report::to_junit(report, drift::Severity::crit).find("failures=\"1\""), std::string::npos);
    EXPECT_NE(report::to_junit(report, drift::Severity::warn).find("failures=\"2\""), std::string::npos);
    EXPECT_NE(report::to_junit(report, std::nullopt).find("failures=\"0\""), std::string::npos);
}
