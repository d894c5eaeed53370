#include "tristrata/core/text.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/junit.hpp"
#include "tristrata/report/table.hpp"

#include "markup.hpp"
#include "sample_report.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

using namespace tristrata;

namespace {

/// Sixty labels of ninety-five letters in each column, as many as a distribution has.
drift::Report of_labels(std::size_t columns) {
    auto report = report::sample_report(columns);
    for (auto& column : report.columns) {
        column.kind = drift::Kind::categorical;
        auto& distribution = column.distribution;
        distribution.edges.clear();
        distribution.reference.assign(60, 0.01);
        distribution.current.assign(60, 0.01);
        for (std::size_t i = 0; i < 60; ++i) {
            distribution.labels.push_back(std::to_string(i) + "_" + std::string(95, 'w'));
            distribution.current[i] += static_cast<double>(i * 7 % 60) / 1e4;
        }
    }
    return report;
}

/// Names of ninety-five letters.
drift::Report of_long_names(std::size_t columns) {
    auto report = report::sample_report(columns);
    for (auto& column : report.columns) column.name += "_" + std::string(95 - column.name.size(), 'n');
    return report;
}

}  // namespace

TEST(Html, fifty_columns_stay_below_400_kilobytes_and_a_thousand_below_4_megabytes) {
    for (const auto& make : {of_labels, of_long_names}) {
        EXPECT_LE(report::to_html(make(50)).size(), 400u * 1000u);
        EXPECT_LE(report::to_html(make(1000)).size(), 4000u * 1000u);
    }
}

TEST(Html, of_many_labels_those_that_moved_most_are_shown_and_the_rest_is_counted) {
    EXPECT_EQ(report::to_html(of_labels(20)).find("moved less"), std::string::npos);
    const auto page = report::to_html(of_labels(21));
    EXPECT_NE(page.find("35 more moved less; the JSON has them"), std::string::npos);
    // The last label of all, 59 * 7 % 60 = 53, is among the 25; the first one did not move.
    EXPECT_NE(page.find("<bdi>59_"), std::string::npos);
    EXPECT_EQ(page.find("<bdi>0_"), std::string::npos);
}

TEST(Html, the_same_report_gives_the_same_bytes) {
    EXPECT_EQ(report::to_html(report::sample_report(5)), report::to_html(report::sample_report(5)));
}

TEST(Html, names_from_outside_cannot_leave_their_place) {
    const std::string page = report::to_html(report::sample_report(1, "<script>alert('x')</script>\"\n"));
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(&#39;x&#39;)"), std::string::npos);
}

TEST(Html, every_tag_is_closed_where_it_was_opened) {
    const std::vector<std::string_view> empty{"meta", "input", "wbr", "br"};
    EXPECT_EQ(report::unbalanced(report::to_html(report::varied_report()), empty), "");
    EXPECT_EQ(report::unbalanced("<p><b></p></b>", empty), "</p> closes nothing");
    EXPECT_EQ(report::unbalanced("<p><b></b>", empty), "<p> is never closed");
}

TEST(Html, a_report_in_which_nothing_was_tested_does_not_reassure) {
    auto report = report::sample_report(1);
    report.columns[0].verdict = drift::Verdict::not_tested;
    report.columns[0].severity.reset();
    report.summary = drift::summarise(report);
    std::string page = report::to_html(report);
    EXPECT_NE(page.find("<h1><span class=\"badge none\">○ not tested"), std::string::npos);
    report.columns[0].verdict = drift::Verdict::insufficient_data;
    report.summary = drift::summarise(report);
    page = report::to_html(report);
    EXPECT_NE(page.find("<h1><span class=\"badge none\">○ insufficient data"), std::string::npos);
    report.columns[0].verdict = drift::Verdict::no_drift;
    report.summary = drift::summarise(report);
    EXPECT_NE(report::to_html(report).find("<h1><span class=\"badge ok\">✓ no drift"), std::string::npos);
}

TEST(Html, nothing_is_fetched) {
    const std::string page = report::to_html(report::sample_report(3));
    for (const char* sign : {"http://", "https://", "src=", "@import", "url("})
        EXPECT_EQ(page.find(sign), std::string::npos) << sign;
}

TEST(Html, the_worst_column_stands_first) {
    const std::string page = report::to_html(report::sample_report(6));
    EXPECT_LT(page.find("data-name=\"column_3\""), page.find("data-name=\"trades\""));
    EXPECT_LT(page.find("data-name=\"trades\""), page.find("data-name=\"column_1\""));
}

TEST(Table, says_verdict_values_effect_and_reason) {
    const std::string text = report::to_table(report::sample_report(4), {});
    for (const char* piece : {"2 of 4 tested columns drifted; the worst is crit.", "105,382", "12,178",
                              "0.70 [0.50, 0.90]", "0.002", "The median fell"})
        EXPECT_NE(text.find(piece), std::string::npos) << piece << "\n" << text;
    EXPECT_EQ(text.find('\033'), std::string::npos) << "no colour unless asked for";
}

TEST(Table, a_name_with_control_characters_cannot_forge_a_line) {
    EXPECT_EQ(report::to_table(report::sample_report(1, "a\n\033[31mb"), {}).find("\033"), std::string::npos);
}

TEST(Table, nothing_from_outside_can_steer_the_terminal) {
    const std::string steer =
        "a\033[2J\xC2\x9B"
        "2J\r\xE2\x80\xAE"
        "b";
    auto report = report::varied_report();
    report.reference.source = report.plan.null_reason = steer;
    report.columns[1].reference.mode = steer;
    for (auto& column : report.columns) {
        column.unit = column.reason = steer;
        for (auto& signal : column.signals) signal.reason = steer;
    }
    report.signals.front().reason = steer;
    report.notes = {steer};
    const std::string text = report::to_table(report, {});
    EXPECT_FALSE(report::has_control_characters(text));
    EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos) << "a C1 control sequence introducer";
    EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos) << "a right-to-left override";
}

TEST(Readable, groups_thousands_and_keeps_four_digits) {
    EXPECT_EQ(core::readable(105382), "105,382");
    EXPECT_EQ(core::readable(-1234567), "-1,234,567");
    EXPECT_EQ(core::readable(0.0012345), "0.001234");
    EXPECT_EQ(core::readable(0), "0");
    EXPECT_EQ(core::readable(999.94), "999.9");
}

TEST(Spark, is_as_wide_as_asked_and_empty_where_there_is_nothing) {
    EXPECT_EQ(report::spark({0, 0.5, 1}, 10), " ▅█");
    EXPECT_EQ(report::spark({}, 10), "");
}

TEST(Groups, the_worst_stands_first_and_what_was_not_tested_is_said) {
    const auto report = report::varied_report();
    report::TableStyle wide;
    wide.width = 400;
    const std::string table = report::to_table(report, wide), page = report::to_html(report);
    EXPECT_NE(
        table.find("By symbol: 1 of 3 groups drifted, 7 tests corrected together; beyond the limit of 3, "
                   "2 groups with 11 rows of the reference and 0 rows of current were not looked at; 0 "
                   "rows of the reference and 4 rows of current name no group."),
        std::string::npos)
        << table;
    EXPECT_LT(table.find("\nETH "), table.find("\nnew "));
    EXPECT_NE(table.find("Worst: column_3 (crit)"), std::string::npos);
    const auto at = page.find("id=\"groups\"");
    ASSERT_NE(at, std::string::npos);
    EXPECT_LT(page.find("<bdi>ETH</bdi>", at), page.find("<bdi>new</bdi>", at));
    EXPECT_NE(report::to_junit(report, drift::Severity::crit).find("group: symbol=ETH\"><failure"),
              std::string::npos);
}

TEST(Together, a_joint_test_says_what_it_looked_at_and_what_moved) {
    const auto report = report::varied_report();
    report::TableStyle wide;
    wide.width = 400;
    const std::string table = report::to_table(report, wide), page = report::to_html(report);
    EXPECT_NE(table.find("correlation: drift (warn)"), std::string::npos) << table;
    EXPECT_NE(table.find("(1,344 rows of the reference, 1,339 of current, 5 columns; 2 were left out)"),
              std::string::npos);
    EXPECT_NE(table.find("and \"b\": correlation 0.71 to -0.66 (p = 0.0025)"), std::string::npos);
    EXPECT_NE(table.find("\"c\": 25 % of what tells them apart"), std::string::npos);
    EXPECT_NE(page.find("<h2>All columns together</h2>"), std::string::npos);
    EXPECT_NE(report::to_junit(report, drift::Severity::warn).find("together: correlation\"><failure"),
              std::string::npos);
}

TEST(Table, the_headline_counts_signals_where_nothing_drifted) {
    drift::Report report;
    report.summary.tested = 8;
    EXPECT_EQ(report::headline(report), "None of 8 tested columns drifted.");
    drift::Signal signal;
    signal.verdict = drift::Verdict::drift;
    signal.severity = drift::Severity::warn;
    report.signals = {signal, drift::Signal{}};
    report.summary.severity = drift::Severity::warn;
    EXPECT_EQ(report::headline(report), "None of 8 tested columns drifted; 1 signal is warn.");
    report.columns.emplace_back().signals = {signal};
    EXPECT_EQ(report::headline(report),
              "None of 8 tested columns drifted; 2 signals fired, the worst is warn.");
    report.summary.drifted = 1;
    EXPECT_EQ(report::headline(report), "1 of 8 tested columns drifted; the worst is warn.");
}

TEST(Report, a_peers_alone_shows_its_values_and_thresholds_and_no_null_of_ours) {
    auto report = report::sample_report(2);
    report.plan.method = "evidently";
    report.plan.null_reason = "dependent: rows are in order of time";
    for (auto& column : report.columns) {
        drift::PeerTest quiet, loud;
        quiet.score = 0.01;
        quiet.upper = 0.1;
        loud.score = 3.4641;
        loud.lower = 0.25;
        loud.upper = 0.5;
        loud.drifted = true;
        column.peer = {quiet, loud};
    }
    const auto ours = report::to_table(report, {}), our_page = report::to_html(report);
    EXPECT_NE(ours.find("PSI excess  "), std::string::npos) << "with our own verdicts beside the peer's";
    EXPECT_NE(our_page.find("Null hypothesis"), std::string::npos);
    for (auto& column : report.columns) {
        column.test.reset();
        column.effect.reset();
        column.measures.clear();
    }
    report.columns[1].peer.clear();
    const auto text = report::to_table(report, {}), page = report::to_html(report);
    for (const char* part :
         {"rules      Evidently's: each column by one test", "value  ", "threshold", "3.464", "0.25 to 0.5"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    for (const char* part : {"<dt>Rules</dt>", "data-label=\"Value\" data-sort=\"3.4641\">3.464<",
                             "data-label=\"Threshold\" data-sort=\"0.5\">0.25 to 0.5<", "data-sort=\"\">-<"})
        EXPECT_NE(page.find(part), std::string::npos) << part;
    for (const char* part : {"PSI", "adj", "Adj", "null", "Null", "alpha", "Alpha"}) {
        EXPECT_EQ(text.find(part), std::string::npos) << part << "\n" << text;
        EXPECT_EQ(page.find(part), std::string::npos) << part;
    }
    report.plan.method = "nannyml";
    EXPECT_NE(report::to_table(report, {}).find("rules      NannyML's: each column's chunks"),
              std::string::npos);
}

TEST(Table, one_column_is_not_counted_in_the_plural) {
    drift::Report report;
    report.reference.rows = 1;
    EXPECT_EQ(report::headline(report), "No column could be tested.");
    report.summary.tested = 1;
    report.summary.insufficient_data = 1;
    EXPECT_EQ(report::headline(report), "The one tested column did not drift; 1 has too little data.");
    report.summary.drifted = 1;
    report.summary.insufficient_data = 2;
    EXPECT_EQ(report::headline(report), "The one tested column drifted; 2 have too little data.");
    const std::string text = report::to_table(report, {});
    EXPECT_NE(text.find(", 1 row\n"), std::string::npos) << text;
    EXPECT_NE(text.find(", 0 rows\n"), std::string::npos) << text;
}

TEST(Table, an_interval_that_does_not_hold_its_estimate_is_left_out) {
    drift::Report report;
    auto& column = report.columns.emplace_back();
    column.name = "x";
    column.effect = drift::Effect{"psi_excess", -0.02, 0.0, 0.05};
    EXPECT_EQ(report::to_table(report, {false, 200}).find("[0.00"), std::string::npos);
    column.effect->value = 0.02;
    EXPECT_NE(report::to_table(report, {false, 200}).find("0.02 [0.00, 0.05]"), std::string::npos);
}
