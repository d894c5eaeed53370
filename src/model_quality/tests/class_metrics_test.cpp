#include "tristrata/model_quality/class_metrics.hpp"

#include "tristrata/stats/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata;
using namespace tristrata::model_quality;
using testing::HasSubstr;

namespace {

std::vector<double> both(const std::vector<double>& of_one) {
    std::vector<double> out;
    for (const double p : of_one) out.insert(out.end(), {1.0 - p, p});
    return out;
}

}  // namespace

TEST(ClassMetrics, worked_example) {
    const std::vector<std::uint32_t> said{1, 1, 0, 0}, label{1, 0, 1, 0};
    const auto scores = both({.9, .6, .4, .1});
    const ClassMetrics metrics({4, 2, said, scores});
    const auto truth = truth_of(label, 2);
    for (const Metric metric :
         {Metric::accuracy, Metric::precision, Metric::recall, Metric::specificity, Metric::f1})
        EXPECT_EQ(*metrics.value(metric, truth).value, 0.5) << name(metric);
    EXPECT_EQ(*metrics.value(Metric::roc_auc, truth).value, 0.75);
    // Steps at .9 (recall .5, precision 1) and .4 (recall 1, precision 2/3).
    EXPECT_NEAR(*metrics.value(Metric::average_precision, truth).value, 0.5 * 1.0 + 0.5 * 2.0 / 3.0, 1e-15);
    EXPECT_NEAR(*metrics.value(Metric::brier, truth).value, (.01 + .36 + .36 + .01) / 4, 1e-15);
    EXPECT_NEAR(*metrics.value(Metric::log_loss, truth).value, -(std::log(.9) + std::log(.4)) / 2, 1e-15);
    EXPECT_EQ(metrics.confusion(truth), (std::vector<double>{1, 1, 1, 1}));
}

TEST(ClassMetrics, a_truth_of_zeros_and_ones_is_the_limit_of_probabilities) {
    const std::vector<std::uint32_t> said{1, 1, 0, 0};
    const auto scores = both({.9, .6, .4, .1});
    const ClassMetrics metrics({4, 2, said, scores});
    const auto expected = both({1, .25, .75, 0});
    EXPECT_EQ(*metrics.value(Metric::accuracy, expected).value, (1 + .25 + .25 + 1) / 4);
    EXPECT_EQ(*metrics.value(Metric::precision, expected).value, 1.25 / 2);
    EXPECT_EQ(*metrics.value(Metric::recall, expected).value, 1.25 / 2.0);
}

TEST(ClassMetrics, roc_auc_is_the_share_of_pairs_in_the_right_order_ties_half) {
    for (std::uint64_t replicate = 0; replicate < 100; ++replicate) {
        stats::Random random(11, 0, replicate);
        const std::size_t n = 2 + random.below(20);
        std::vector<double> p(n);
        std::vector<std::uint32_t> label(n), said(n);
        for (std::size_t i = 0; i < n; ++i) {
            p[i] = static_cast<double>(random.below(5)) / 4;
            label[i] = static_cast<std::uint32_t>(random.below(2));
        }
        const auto scores = both(p);
        double right = 0, pairs = 0;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (label[i] == 1 && label[j] == 0) {
                    pairs += 1;
                    right += p[i] > p[j] ? 1.0 : p[i] == p[j] ? 0.5 : 0.0;
                }
        const auto value = ClassMetrics({n, 2, said, scores}).value(Metric::roc_auc, truth_of(label, 2));
        ASSERT_EQ(value.value.has_value(), pairs > 0) << "replicate " << replicate;
        if (pairs > 0) {
            ASSERT_NEAR(*value.value, right / pairs, 1e-12) << "replicate " << replicate;
        }
    }
}

TEST(ClassMetrics, three_classes_are_the_mean_of_each_against_the_rest) {
    const std::vector<std::uint32_t> said{0, 1, 2, 2}, label{0, 1, 1, 2};
    const std::vector<double> scores{.8, .1, .1, .2, .6, .2, .1, .4, .5, .1, .2, .7};
    const ClassMetrics metrics({4, 3, said, scores});
    const auto truth = truth_of(label, 3);
    EXPECT_EQ(*metrics.value(Metric::accuracy, truth).value, 0.75);
    EXPECT_NEAR(*metrics.value(Metric::precision, truth).value, (1 + 1 + .5) / 3, 1e-15);
    EXPECT_NEAR(*metrics.value(Metric::recall, truth).value, (1 + .5 + 1) / 3, 1e-15);
    EXPECT_EQ(*metrics.value(Metric::roc_auc, truth).value, 1.0);
    EXPECT_NEAR(*metrics.value(Metric::brier, truth).value, (.06 + .24 + .62 + .14) / 4, 1e-12);
}

TEST(ClassMetrics, what_is_divided_by_zero_has_no_value_but_a_reason) {
    const std::vector<std::uint32_t> said{0, 0}, none{0, 0};
    const auto scores = both({.2, .3});
    const ClassMetrics metrics({2, 2, said, scores});
    const auto truth = truth_of(none, 2);
    EXPECT_EQ(*metrics.value(Metric::accuracy, truth).value, 1.0);
    EXPECT_EQ(*metrics.value(Metric::specificity, truth).value, 1.0);
    for (const Metric metric :
         {Metric::precision, Metric::recall, Metric::f1, Metric::roc_auc, Metric::average_precision}) {
        EXPECT_FALSE(metrics.value(metric, truth).value) << name(metric);
        EXPECT_THAT(metrics.value(metric, truth).reason, HasSubstr("(class 1)"));
    }
    EXPECT_EQ(ClassMetrics({0, 2, {}, {}}).value(Metric::accuracy, {}).reason, "no row");
    EXPECT_THAT(ClassMetrics({2, 2, said, {}}).value(Metric::roc_auc, truth).reason,
                HasSubstr("no probabilities"));
}

TEST(ClassMetrics, a_certain_mistake_has_a_finite_log_loss) {
    const std::vector<std::uint32_t> said{1}, label{0};
    const auto scores = both({1.0});
    EXPECT_NEAR(*ClassMetrics({1, 2, said, scores}).value(Metric::log_loss, truth_of(label, 2)).value,
                -std::log(1e-15), 1e-9);
}

TEST(PerformanceGap, is_positive_where_it_became_worse) {
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::roc_auc, .9, .8), .1);
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::brier, .1, .2), .1);
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::brier, .2, .1), -.1);
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::mae, 10, 11), .1);
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::log_loss, .5, .4), -.2);
    EXPECT_DOUBLE_EQ(*performance_gap(Metric::bias, -1, 3, 10), .2);
    EXPECT_FALSE(performance_gap(Metric::mae, 0, 1));
    EXPECT_FALSE(performance_gap(Metric::bias, 0, 1, 0));
}
