#include "tristrata/stats/psi.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

TEST(Psi, worked_example_by_its_definition) {
    // Shares after the half: .5 and .5 against 4.5/19 and 14.5/19.
    const double p = 4.5 / 19.0, q = 14.5 / 19.0;
    EXPECT_NEAR(*value_of(psi(Counts{9, 9}, Counts{4, 14})),
                (p - 0.5) * std::log(p / 0.5) + (q - 0.5) * std::log(q / 0.5), 1e-14);
    EXPECT_NEAR(*value_of(psi(Counts{9, 9}, Counts{4, 14})), 0.308, 5e-4);
}

TEST(Psi, is_symmetric_has_no_order_and_answers_for_empty_bins) {
    const double one = *value_of(psi(Counts{5, 0, 95}, Counts{1, 4, 45}));
    EXPECT_NEAR(*value_of(psi(Counts{1, 4, 45}, Counts{5, 0, 95})), one, 1e-14);
    EXPECT_NEAR(*value_of(psi(Counts{95, 5, 0}, Counts{45, 1, 4})), one, 1e-14);
    EXPECT_TRUE(std::isfinite(one));
    EXPECT_EQ(*value_of(psi(Counts{7, 7}, Counts{7, 7})), 0.0);
    EXPECT_EQ(std::get<Undefined>(psi(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(psi(Counts{}, Counts{})), Undefined::empty_sample);
}

TEST(PsiInterval, agrees_with_scipy) {
    // scipy 1.17.1: optimize.brentq over λ of stats.ncx2.cdf(psi / s, bins - 1, λ) - 0.975 (low), - 0.025
    // (high), λ = 0 where chi2.cdf is no larger; times s = 1/n + 1/m. Far out ours is Sankaran's normal:
    // 2e-5.
    struct Golden {
        double psi, n, m, alpha, low, high;
        std::size_t bins;
        double tolerance;
    };
    for (const Golden& golden :
         std::vector<Golden>{{0.3, 1000, 100, .05, 0.04850018351510404, 0.4637460470524905, 10, 1e-9},
                             {0.05, 500, 400, .05, 0.0, 0.08000911743320205, 10, 1e-9},
                             {1.2, 120, 96, .05, 0.5540679101972702, 1.6923937907793147, 10, 1e-9},
                             {0.6, 8640, 960, .05, 0.49229591410508083, 0.6980949134395676, 10, 1e-9},
                             {3.0, 400, 30, .1, 1.435670736036674, 3.473161317707014, 20, 1e-9},
                             {2.0, 50000, 9000, .05, 1.9359866452027545, 2.0629229580358155, 10, 2e-5},
                             {0.9, 1e6, 1e6, .05, 0.8947325710650325, 0.9052507948039284, 10, 2e-5},
                             {0.5, 1e4, 8e3, .05, 0.4575250422171213, 0.5406043831561812, 10, 2e-5}}) {
        const auto found = psi_interval(golden.psi, golden.bins, golden.n, golden.m, golden.alpha);
        ASSERT_TRUE(found);
        EXPECT_NEAR(found->low, golden.low, golden.tolerance) << golden.psi;
        EXPECT_NEAR(found->high, golden.high, golden.tolerance) << golden.psi;
    }
}

TEST(PsiInterval, is_finite_and_ordered_from_two_bins_to_a_million_and_never_throws) {
    for (const double n : {5.0, 1e3, 1e6, 1e9})
        for (const double value : {0.0, 1e-12, 1e-3, 0.3, 3.0, 30.0})
            for (const std::size_t bins : {2uL, 10uL, 300uL, 3000uL, 5000uL, 100000uL, 1000000uL}) {
                const auto found = psi_interval(value, bins, n, n / 3.0, 0.05);
                ASSERT_TRUE(found);
                EXPECT_TRUE(std::isfinite(found->high)) << n << ' ' << value << ' ' << bins;
                EXPECT_LE(0.0, found->low) << n << ' ' << value << ' ' << bins;
                EXPECT_LE(found->low, found->high) << n << ' ' << value << ' ' << bins;
            }
    EXPECT_FALSE(psi_interval(0.1, 1, 10.0, 10.0, 0.05));
}

TEST(PsiNullMean, worked_example_and_one_bin) {
    EXPECT_NEAR(psi_null_mean(10, 1000.0, 100.0), 9.0 * 0.011, 1e-15);
    EXPECT_EQ(psi_null_mean(1, 1000.0, 100.0), 0.0);
}

TEST(PsiDrawnNull, is_the_first_order_mean_on_a_dense_table_and_far_below_it_on_a_sparse_one) {
    Random random(11, 1);
    const auto counted = [&](std::size_t labels, std::size_t rows) {
        std::vector<std::uint64_t> counts(labels, 0);
        for (std::size_t i = 0; i < rows; ++i) ++counts[random.below(labels)];
        return counts;
    };
    const auto dense_a = counted(10, 4000), dense_b = counted(10, 1000);
    const auto dense = psi_drawn_null(dense_a, dense_b, 4000.0, 1000.0, 0.05, 400, Random(3, 1));
    ASSERT_TRUE(dense);
    EXPECT_NEAR(dense->mean, psi_null_mean(10, 4000.0, 1000.0), 0.001);
    const auto quarter = psi_drawn_null(dense_a, dense_b, 1000.0, 250.0, 0.05, 400, Random(3, 1));
    EXPECT_NEAR(quarter->mean, psi_null_mean(10, 1000.0, 250.0), 0.005) << "effective numbers";

    const auto a = counted(5000, 8000), b = counted(5000, 2000);
    const double found = *value_of(psi(a, b));
    const auto sparse = psi_drawn_null(a, b, 8000.0, 2000.0, 0.05, 100, Random(3, 1));
    ASSERT_TRUE(sparse);
    EXPECT_NEAR(found, sparse->mean, 0.1) << "undrifted: no excess to speak of";
    EXPECT_LT(sparse->low, sparse->mean);
    EXPECT_GT(sparse->high, sparse->mean);
    EXPECT_GT(psi_null_mean(5000, 8000.0, 2000.0), sparse->mean + 1.0);
    EXPECT_FALSE(psi_drawn_null(a, b, 0.2, 2000.0, 0.05, 100, Random(3, 1)));
}
