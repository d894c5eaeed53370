#include "tristrata/stats/extremes.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace tristrata::stats;

TEST(ExceedanceP, worked_example_and_edges) {
    EXPECT_DOUBLE_EQ(exceedance_p(3, 2, 1), 0.4);
    EXPECT_DOUBLE_EQ(exceedance_p(3, 2, 2), 0.1);
    EXPECT_DOUBLE_EQ(exceedance_p(3, 2, 0), 1.0);
    EXPECT_DOUBLE_EQ(exceedance_p(3, 2, 3), 0.0);
    EXPECT_DOUBLE_EQ(exceedance_p(0, 2, 2), 1.0);
}

TEST(ExceedanceP, equals_the_share_of_orderings) {
    // Of the places of n reference and m current values, those in which the top k are current's.
    for (int n = 1; n <= 4; ++n)
        for (int m = 1; m <= 4; ++m) {
            std::vector<int> places(static_cast<std::size_t>(n), 0);
            places.resize(static_cast<std::size_t>(n + m), 1);
            std::vector<double> at_least(static_cast<std::size_t>(m + 1), 0.0);
            double orderings = 0.0;
            do {
                std::size_t top = 0;
                while (top < places.size() && places[places.size() - 1 - top] == 1) ++top;
                for (std::size_t k = 0; k <= std::min<std::size_t>(top, static_cast<std::size_t>(m)); ++k)
                    at_least[k] += 1.0;
                orderings += 1.0;
            } while (std::ranges::next_permutation(places).found);
            for (int k = 0; k <= m; ++k)
                EXPECT_NEAR(exceedance_p(n, m, k), at_least[static_cast<std::size_t>(k)] / orderings, 1e-12)
                    << n << " " << m << " " << k;
        }
}

TEST(LargestShareWithin, worked_example_and_edges) {
    EXPECT_DOUBLE_EQ(largest_share_within(SortedSample(std::vector<double>{0, 1, 2, 10}), 2), 0.75);
    EXPECT_DOUBLE_EQ(largest_share_within(SortedSample(std::vector<double>{0, 1, 2, 10}), 1.999), 0.5);
    EXPECT_DOUBLE_EQ(largest_share_within(SortedSample(std::vector<double>{5, 5, 5}), 0), 1.0);
    EXPECT_DOUBLE_EQ(largest_share_within(SortedSample(), 1), 0.0);
}

TEST(RankCorrelation, worked_example_ties_and_what_does_not_vary) {
    const std::vector<double> x{1, 2, 3}, y{2, 4, 9}, constant{7, 7, 7};
    EXPECT_DOUBLE_EQ(*value_of(rank_correlation(x, y)), 1.0);
    EXPECT_DOUBLE_EQ(*value_of(rank_correlation(x, std::vector<double>{9, 4, 2})), -1.0);
    // Mid-ranks 1, 2.5, 2.5, 4 and 1, 4, 2.5, 2.5: 2.25 / 4.5.
    EXPECT_NEAR(*value_of(rank_correlation(std::vector<double>{1, 2, 2, 4}, std::vector<double>{1, 3, 2, 2})),
                0.5, 1e-12);
    EXPECT_FALSE(has_value(rank_correlation(x, constant)));
    EXPECT_FALSE(has_value(rank_correlation(std::vector<double>{1, 2}, std::vector<double>{1, 2})));
}

TEST(RankCorrelation, leaves_out_pairs_without_both_values_and_knows_no_unit) {
    Random random(3, 0);
    std::vector<double> x(200), y(200);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = random.normal();
        y[i] = x[i] + random.normal();
    }
    const double plain = *value_of(rank_correlation(x, y));
    std::vector<double> stretched(x);
    for (double& v : stretched) v = std::exp(v) * 1e6;
    EXPECT_DOUBLE_EQ(*value_of(rank_correlation(stretched, y)), plain);
    x.push_back(std::numeric_limits<double>::quiet_NaN());
    y.push_back(100.0);
    x.push_back(100.0);
    y.push_back(-std::numeric_limits<double>::infinity());
    EXPECT_DOUBLE_EQ(*value_of(rank_correlation(x, y)), plain);
}
