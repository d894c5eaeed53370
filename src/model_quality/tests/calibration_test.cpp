#include "tristrata/model_quality/calibration.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata;
using namespace tristrata::model_quality;

TEST(Isotonic, worked_example) {
    const std::vector<double> scores{1, 2, 3, 4}, truths{0, 1, 0, 1};
    const Isotonic fitted(scores, truths);
    EXPECT_EQ(fitted(1.0), 0.0);
    EXPECT_EQ(fitted(2.0), 0.5);
    EXPECT_EQ(fitted(3.0), 0.5);
    EXPECT_EQ(fitted(4.0), 1.0);
    EXPECT_EQ(fitted(1.5), 0.25);
    EXPECT_EQ(fitted(-9.0), 0.0) << "outside it stays what it is at the end";
    EXPECT_EQ(fitted(9.0), 1.0);
}

TEST(Isotonic, one_point_ties_and_constant_truths) {
    const std::vector<double> one{0.3}, truth{1.0};
    EXPECT_EQ(Isotonic(one, truth)(0.0), 1.0);
    const std::vector<double> tied{2, 2, 2, 5}, mixed{0, 1, 1, 0};
    const Isotonic fitted(tied, mixed);
    EXPECT_EQ(fitted(2.0), 0.5) << "2/3 above 0 is pooled to 2/4";
    EXPECT_EQ(fitted(5.0), 0.5);
}

TEST(Isotonic, is_the_best_of_all_non_decreasing_functions) {
    // min-max formula: the value at i is max over a <= i of min over b >= i of the mean of a..b.
    for (std::uint64_t replicate = 0; replicate < 200; ++replicate) {
        stats::Random random(20240607, 1, replicate);
        const std::size_t n = 1 + random.below(12);
        std::vector<double> scores(n), truths(n);
        for (std::size_t i = 0; i < n; ++i) {
            scores[i] = static_cast<double>(i);
            truths[i] = random.uniform() < 0.5 ? 0.0 : random.uniform();
        }
        const Isotonic fitted(scores, truths);
        for (std::size_t i = 0; i < n; ++i) {
            double best = -1.0;
            for (std::size_t a = 0; a <= i; ++a) {
                double least = 2.0;
                for (std::size_t b = i; b < n; ++b) {
                    double sum = 0.0;
                    for (std::size_t j = a; j <= b; ++j) sum += truths[j];
                    least = std::min(least, sum / static_cast<double>(b - a + 1));
                }
                best = std::max(best, least);
            }
            ASSERT_NEAR(fitted(scores[i]), best, 1e-12) << "replicate " << replicate << ", point " << i;
        }
    }
}

TEST(CalibrationError, bins_are_cut_as_the_peer_states) {
    // nml.calib.edges
    using Bins = std::vector<std::pair<std::size_t, std::size_t>>;
    EXPECT_EQ(equal_count_bins(20, 4), (Bins{{0, 5}, {5, 10}, {10, 15}, {15, 20}}));
    EXPECT_EQ(equal_count_bins(10, 3), (Bins{{0, 3}, {3, 6}, {6, 10}}));
}

TEST(CalibrationError, worked_example_of_the_error) {
    const std::vector<double> scores{.1, .1, .9, .9}, truths{0, 1, 1, 1};
    EXPECT_NEAR(*calibration_error(scores, truths, 2).value, 0.25, 1e-15);
    EXPECT_FALSE(calibration_error(scores, truths, 3).value) << "fewer than two rows a bin";
}

TEST(CalibrationTest, scores_that_hold_are_flagged_as_often_as_alpha_says) {
    int flagged = 0, found = 0;
    constexpr int runs = 300;
    for (int run = 0; run < runs; ++run) {
        stats::Random random(7, 0, static_cast<std::uint64_t>(run));
        std::vector<double> scores(400), truths(400), too_sure(400);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            scores[i] = random.uniform();
            truths[i] = random.uniform() < scores[i] ? 1.0 : 0.0;
            too_sure[i] =
                scores[i] < 0.5 ? scores[i] * scores[i] * 2 : 1 - 2 * (1 - scores[i]) * (1 - scores[i]);
        }
        flagged += calibration_test(scores, truths, 99, 199)->p <= 0.05;
        found += calibration_test(too_sure, truths, 99, 199)->p <= 0.05;
    }
    // .05 with a standard error of .0126.
    EXPECT_LE(flagged, runs * 0.09);
    EXPECT_GE(flagged, runs * 0.012);
    EXPECT_GE(found, runs * 0.95);
}

TEST(CalibrationTest, what_was_learned_from_few_rows_widens_chance) {
    const std::vector<double> scores(100, 0.5);
    std::vector<double> truths(100, 0.0);
    for (std::size_t i = 0; i < 100; i += 2) truths[i] = 1.0;
    const auto narrow = calibration_test(scores, truths, 3, 199),
               wide = calibration_test(scores, truths, 3, 199, 100);
    EXPECT_NEAR(wide->error_by_chance, narrow->error_by_chance * std::sqrt(2.0), 1e-12);
    EXPECT_GE(wide->p, narrow->p);
}
