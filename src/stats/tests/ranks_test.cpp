#include "tristrata/stats/ranks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

TEST(MidRanks, worked_example_and_edges) {
    EXPECT_EQ(mid_ranks(std::vector<double>{3, 1, 3}), (std::vector<double>{2.5, 1, 2.5}));
    EXPECT_EQ(mid_ranks(std::vector<double>{7, 7, 7}), (std::vector<double>{2, 2, 2}));
    EXPECT_EQ(mid_ranks(std::vector<double>{INFINITY, 0, -INFINITY}), (std::vector<double>{3, 2, 1}));
    EXPECT_EQ(mid_ranks(std::vector<double>{5}), std::vector<double>{1});
    EXPECT_TRUE(mid_ranks({}).empty());
}

RC_GTEST_PROP(MidRanksProperty, is_one_more_than_the_values_below_and_half_the_other_equal_ones,
              (const std::vector<int>& whole)) {
    std::vector<double> values;
    for (const int x : whole) values.push_back(x % 7);
    const auto ranks = mid_ranks(values);
    RC_ASSERT(ranks.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        double rank = 0.5;
        for (const double other : values) rank += other < values[i] ? 1.0 : other == values[i] ? 0.5 : 0.0;
        RC_ASSERT(ranks[i] == rank);
    }
}
