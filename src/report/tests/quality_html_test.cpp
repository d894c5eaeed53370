#include "tristrata/report/quality_html.hpp"

#include "markup.hpp"
#include "sample_quality.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

namespace {

bool holds(const std::string& page, std::string_view part) { return page.find(part) != std::string::npos; }

}  // namespace

TEST(QualityPage, an_estimate_stands_beside_what_came_true) {
    const std::string page = report::to_html(report::sample_quality(4, true));
    for (const char* part :
         {"<title>Quality estimate: 2 of 8 tested figures became worse beyond chance; the worst is crit.",
          "roc_auc: reference 0.9; estimates 0.805 to 0.9; came true 0.8 to 0.895; worse",
          "CBPE, scores as they are", "class=\"realised\"", "data-label=\"Came true\"",
          "data-name=\"calibration_error [0:999]\"", "Prediction, target and confidence"})
        EXPECT_TRUE(holds(page, part)) << part;
}

TEST(QualityPage, a_check_shows_chance_about_what_came_true) {
    const std::string page = report::to_html(report::sample_quality(4, false));
    for (const char* part : {"Quality check of ", "roc_auc: reference 0.9; current 0.8 to 0.895; worse",
                             "95 % interval", "0 labelled rows; 30 are needed"})
        EXPECT_TRUE(holds(page, part)) << part;
    EXPECT_FALSE(holds(page, "class=\"realised\"")) << "it is the current line";
    EXPECT_FALSE(holds(page, "Estimator"));
}

TEST(QualityPage, every_tag_is_closed_and_nothing_from_outside_acts) {
    for (const bool estimated : {false, true}) {
        auto report = report::sample_quality(5, estimated);
        report.current.source = report.estimator = report.chunks[0].key = report::hostile_name;
        const std::string page = report::to_html(report);
        EXPECT_EQ(report::unbalanced(page, {"meta", "input", "wbr", "br"}), "");
        EXPECT_FALSE(report::has_control_characters(page));
        for (const char* part : {"<script>document", "http:", "https:", "src=", "@import", "url("})
            EXPECT_FALSE(holds(page, part)) << part;
        EXPECT_EQ(page, report::to_html(report));
    }
}

TEST(QualityPage, one_chunk_of_one_value_has_a_picture_and_none_at_all_has_a_word) {
    auto report = report::sample_quality(2, false);
    report.chunks.resize(1);
    report.reference_metrics[0].value = model_quality::Measured::of(0.5);
    auto& row = report.chunks[0].metrics[0];
    row.realised = model_quality::Measured::of(0.5);
    row.low.reset();
    row.high.reset();
    EXPECT_TRUE(holds(report::to_html(report), "<path class=\"current\" d=\"M0 60.0H1\"/>"));
    row.realised = model_quality::Measured::none("one class is absent");
    EXPECT_TRUE(holds(report::to_html(report), "<strong>roc auc</strong>: no value to show"));
}

TEST(QualityPage, ten_thousand_figures_stay_a_page_and_what_is_left_out_is_said) {
    EXPECT_LE(report::to_html(report::sample_quality(300, true)).size(), 700u * 1000u);
    auto report = report::sample_quality(3500, true);
    for (auto& chunk : report.chunks)
        for (auto& row : chunk.metrics) row.verdict = drift::Verdict::no_drift;
    const std::string page = report::to_html(report);
    EXPECT_LE(page.size(), 1000u * 1000u);
    EXPECT_TRUE(holds(page, "Of 10,500 figures those that became worse or have no verdict"));
}
