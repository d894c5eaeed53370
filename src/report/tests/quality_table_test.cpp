#include "tristrata/report/quality_table.hpp"

#include "sample_quality.hpp"
#include "tristrata/report/quality_html.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

namespace {

report::TableStyle wide() {
    report::TableStyle style;
    style.width = 200;
    return style;
}

}  // namespace

TEST(QualityTable, an_estimate_stands_beside_what_came_true) {
    const std::string text = report::to_table(report::sample_quality(4, true), wide());
    for (const char* part : {"2 of 8 tested figures became worse beyond chance; the worst is crit.",
                             "estimator  CBPE, scores as they are", "estimate", "realised", "0.805",
                             "[2000:2999] log_loss: it became worse",
                             "note: current.csv: 3 rows have no prediction or probability and are left out"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(QualityTable, the_headline_is_a_sentence_whatever_was_tested) {
    model_quality::QualityReport report;
    EXPECT_EQ(report::headline(report), "No figure could be tested; each says why below.");
    report.tested = 1;
    EXPECT_EQ(report::headline(report), "The one tested figure did not become worse beyond chance.");
    report.tested = 5;
    EXPECT_EQ(report::headline(report), "None of 5 tested figures became worse beyond chance.");
    report.drifted = 1;
    report.severity = drift::Severity::warn;
    EXPECT_EQ(report::headline(report),
              "1 of 5 tested figures became worse beyond chance; the worst is warn.");
}

TEST(QualityTable, a_check_shows_chance_and_says_why_a_figure_has_no_verdict) {
    auto report = report::sample_quality(4, false);
    report.current.source = report::hostile_name;
    const std::string text = report::to_table(report, wide());
    for (const char* part : {"95 % interval", "[3000:3999] roc_auc: 0 labelled rows; 30 are needed", "0/1000",
                             "calibration error", "by chance 0.015"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_EQ(text.find("estimator"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "names cannot colour the terminal";
}
