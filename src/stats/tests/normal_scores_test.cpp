#include "tristrata/stats/normal_scores.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

using namespace tristrata::stats;

TEST(NormalScores, worked_example) {
    const std::vector<double> sorted{1, 2, 3}, values{2, 1, 9, std::nan("")};
    const auto scores = normal_scores(sorted, values);
    EXPECT_NEAR(scores[0], 0.0, 1e-15);
    EXPECT_NEAR(scores[1], -0.674490, 1e-6);  // The normal's first quartile.
    EXPECT_NEAR(scores[2], 1.150349, 1e-6);   // Its quantile at 7/8.
    EXPECT_EQ(scores[3], 0.0);
}

TEST(NormalScores, depend_on_order_alone_and_ties_share_their_middle) {
    const std::vector<double> sorted{1, 5, 5, 5, 9}, stretched{1, 25, 25, 25, 1e300};
    const auto a = normal_scores(sorted, sorted), b = normal_scores(stretched, stretched);
    EXPECT_EQ(a, b);
    EXPECT_EQ(a[1], 0.0);
    EXPECT_NEAR(a[0], -a[4], 1e-12);
}

TEST(NormalScores, what_lies_beyond_the_sample_is_finite_and_an_empty_one_says_nothing) {
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<double> sorted{1, 2}, values{-inf, inf, -5};
    const auto scores = normal_scores(sorted, values);
    EXPECT_EQ(scores[0], scores[2]);
    EXPECT_NEAR(scores[0], -scores[1], 1e-12);
    EXPECT_TRUE(std::isfinite(scores[0]));
    EXPECT_EQ(normal_scores({}, values), (std::vector<double>{0, 0, 0}));
}
