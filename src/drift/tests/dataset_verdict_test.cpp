#include "tristrata/drift/dataset_verdict.hpp"

#include <gtest/gtest.h>

using namespace tristrata::drift;

namespace {

ColumnReport column(Verdict verdict, double importance) {
    ColumnReport report;
    report.verdict = verdict;
    report.importance = importance;
    if (verdict == Verdict::drift) report.severity = Severity::info;
    return report;
}

}  // namespace

TEST(DatasetVerdict, worked_example) {
    Report report;
    report.columns = {column(Verdict::drift, 3), column(Verdict::no_drift, 1),
                      column(Verdict::not_tested, 5)};
    const auto dataset = judge_dataset(report.columns);
    EXPECT_TRUE(dataset.weighted);
    EXPECT_DOUBLE_EQ(dataset.weighted_share_drifted, 0.75);
    EXPECT_EQ(dataset.severity, Severity::warn);
    EXPECT_EQ(summarise(report).severity, Severity::warn) << "each column alone is info";
}

TEST(DatasetVerdict, equal_importances_are_share_drifted_and_no_finding_of_their_own) {
    Report report;
    report.columns = {column(Verdict::drift, 1), column(Verdict::no_drift, 1)};
    const auto dataset = judge_dataset(report.columns);
    EXPECT_FALSE(dataset.weighted);
    EXPECT_DOUBLE_EQ(dataset.weighted_share_drifted, summarise(report).share_drifted);
    EXPECT_EQ(dataset.severity, std::nullopt);
    EXPECT_EQ(summarise(report).severity, Severity::info);
}

TEST(DatasetVerdict, a_half_is_reached_and_what_does_not_count_moves_nothing) {
    EXPECT_EQ(judge_dataset({column(Verdict::drift, 2), column(Verdict::no_drift, 2)}).severity,
              Severity::warn);
    EXPECT_EQ(judge_dataset({column(Verdict::drift, 2), column(Verdict::no_drift, 2.1)}).severity,
              std::nullopt);
    EXPECT_EQ(judge_dataset({column(Verdict::drift, 0), column(Verdict::no_drift, 1)}).weighted_share_drifted,
              0.0);
    EXPECT_EQ(judge_dataset({column(Verdict::drift, 0)}).weighted_share_drifted, 0.0);
    EXPECT_EQ(judge_dataset({}).severity, std::nullopt);
}
