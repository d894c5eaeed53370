#include "tristrata/stats/hypergeometric.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

using namespace tristrata::stats;

TEST(Hypergeometric, shares_of_draws_agree_with_the_probabilities) {
    // scipy 1.17.1, stats.hypergeom(50, 20, 15).pmf(3 ... 9)
    constexpr std::array pmf{0.043807082326409896, 0.11758743150773181, 0.20695387945360802, 0.2463736660162,
                             0.20157845401325455,  0.11393564792053519, 0.04430830752465257};
    constexpr std::uint64_t seed = 20240607;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    constexpr int draws = 200000;
    std::array<int, 16> seen{};
    for (int i = 0; i < draws; ++i) ++seen.at(hypergeometric(20, 30, 15, random));
    for (std::size_t i = 0; i < pmf.size(); ++i)
        EXPECT_NEAR(seen[i + 3] / static_cast<double>(draws), pmf[i],
                    5.0 * std::sqrt(pmf[i] * (1.0 - pmf[i]) / draws));
}

TEST(Hypergeometric, what_is_forced_is_returned) {
    Random random(1, 1);
    EXPECT_EQ(hypergeometric(0, 9, 4, random), 0u);
    EXPECT_EQ(hypergeometric(9, 0, 4, random), 4u);
    EXPECT_EQ(hypergeometric(5, 5, 10, random), 5u);
    EXPECT_EQ(hypergeometric(5, 5, 0, random), 0u);
    for (int i = 0; i < 1000; ++i) EXPECT_GE(hypergeometric(8, 2, 9, random), 7u) << "two unmarked at most";
}

TEST(Hypergeometric, large_counts_keep_mean_and_variance) {
    constexpr std::uint64_t seed = 7;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    const double a = 3e6, b = 7e6, k = 2e6, share = a / (a + b);
    const double variance = k * share * (1.0 - share) * (a + b - k) / (a + b - 1.0);
    constexpr int draws = 4000;
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < draws; ++i) {
        const double gap = static_cast<double>(hypergeometric(3000000, 7000000, 2000000, random)) - k * share;
        sum += gap;
        squares += gap * gap;
    }
    EXPECT_NEAR(sum / draws, 0.0, 5.0 * std::sqrt(variance / draws));
    EXPECT_NEAR(squares / draws / variance, 1.0, 5.0 * std::sqrt(2.0 / draws));
}

TEST(Hypergeometric, many_colours_add_up_and_none_is_overdrawn) {
    Random random(3, 1);
    const std::vector<std::uint64_t> counts{0, 5, 100, 1, 0, 40};
    for (std::uint64_t draws = 0; draws <= 146; ++draws) {
        std::vector<std::uint64_t> out(counts.size());
        draw_hypergeometric(counts, draws, out, random);
        EXPECT_EQ(std::accumulate(out.begin(), out.end(), std::uint64_t{0}), draws);
        for (std::size_t i = 0; i < out.size(); ++i) EXPECT_LE(out[i], counts[i]);
    }
}
