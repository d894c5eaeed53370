#include "tristrata/stats/mmd.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

std::vector<double> normals(std::size_t count, double shift, std::uint64_t stream) {
    Random random(5, stream);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(random.normal() + shift);
    return values;
}

MmdResult result(const std::vector<double>& a, const std::vector<double>& b, MmdSettings settings = {},
                 std::uint64_t replicate = 0) {
    return std::get<MmdResult>(mmd_test({a}, {b}, settings, Random(11, 1, replicate)));
}

}  // namespace

TEST(Mmd, worked_example) {
    EXPECT_NEAR(*value_of(mmd_squared({std::vector<double>{0, 2}}, {std::vector<double>{1, 3}}, 1.0)),
                2.0 * std::exp(-2.0) - (3.0 * std::exp(-0.5) + std::exp(-4.5)) / 2.0, 1e-15);
}

TEST(Mmd, little_nothing_and_constants) {
    const std::vector<double> none, one{1.0}, two{1.0, 2.0}, same{3.0, 3.0, 3.0};
    EXPECT_EQ(std::get<Undefined>(mmd_squared({none}, {two}, 1.0)), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(mmd_squared({one}, {two}, 1.0)), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(median_distance({same}, {same})), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(mmd_test({same}, {same}, {}, Random(1, 1))), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(mmd_test({none}, {two}, {}, Random(1, 1))), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(mmd_test({two}, {one}, {}, Random(1, 1))), Undefined::too_few_values);
}

TEST(MedianDistance, is_that_of_the_pairs_and_skips_zeros_where_most_are_zero) {
    // |0-1|, |0-3|, |0-7|, |1-3|, |1-7|, |3-7| = 1 2 3 4 6 7: the fourth.
    EXPECT_EQ(*value_of(median_distance({std::vector<double>{0, 1}}, {std::vector<double>{3, 7}})), 4.0);
    EXPECT_EQ(*value_of(median_distance({std::vector<double>(30, 0.0)}, {std::vector<double>{0, 5}})), 5.0);
    EXPECT_EQ(*value_of(median_distance({std::vector<double>{0, 0}, 2}, {std::vector<double>{3, 4}, 2})), 5.0)
        << "in two dimensions";
}

TEST(MmdTest, says_how_many_points_it_compared_and_finds_a_shift) {
    const auto a = normals(3000, 0.0, 1), b = normals(100, 1.0, 2);
    const auto test = result(a, b);
    EXPECT_EQ(test.reference_points, 250u);
    EXPECT_EQ(test.current_points, 100u);
    EXPECT_NEAR(test.p, 0.001, 1e-12) << "1 / (1 + 999)";
    EXPECT_NEAR(test.sigma, 1.1, 0.3);
}

TEST(MmdTest, the_same_seed_gives_the_same_bytes) {
    const auto a = normals(400, 0.0, 3), b = normals(400, 0.1, 4);
    EXPECT_EQ(result(a, b).p, result(a, b).p);
    EXPECT_EQ(result(a, b).statistic, result(a, b).statistic);
    EXPECT_NE(result(a, b).statistic, result(a, b, {}, 1).statistic) << "another sample of the points";
}

TEST(MmdTest, holds_its_size) {
    int flagged = 0;
    constexpr int repeats = 200;
    for (int r = 0; r < repeats; ++r) {
        const auto stream = static_cast<std::uint64_t>(100 + 2 * r);
        const auto a = normals(40, 0.0, stream), b = normals(25, 0.0, stream + 1);
        flagged += result(a, b, {250, 199}, static_cast<std::uint64_t>(r)).p <= 0.05;
    }
    EXPECT_LE(flagged, repeats * (0.05 + 4 * 0.0154));
    EXPECT_GE(flagged, 1);
}

TEST(MmdTest, one_outlier_of_a_million_neither_flags_nor_hides) {
    // Quantiles of a logistic distribution in place of draws: both sides alike but for half a step.
    std::vector<double> a, b, shifted;
    for (int i = 0; i < 200; ++i) {
        const double share = (i + 0.5) / 200.0;
        a.push_back(std::log(share / (1.0 - share)));
        b.push_back(a.back() + 0.01);
        shifted.push_back(a.back() + 1.5);
    }
    b[0] = 1e6;
    shifted[0] = 1e6;
    EXPECT_GT(result(a, b).p, 0.5);
    EXPECT_LT(result(a, shifted).p, 0.01);
}

RC_GTEST_PROP(MmdProperty, does_not_know_the_unit_the_sides_or_the_order_of_the_points, ()) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            *rc::gen::inRange<std::size_t>(2, 12),
            rc::gen::map(rc::gen::inRange(-20, 20), [](int x) { return static_cast<double>(x); }));
    };
    auto a = draw(), b = draw();
    const double mmd = *value_of(mmd_squared({a}, {b}, 4.0));
    RC_ASSERT(mmd <= 2.0);
    RC_ASSERT(std::abs(mmd - *value_of(mmd_squared({b}, {a}, 4.0))) < 1e-12);
    std::rotate(a.begin(), a.begin() + 1, a.end());
    RC_ASSERT(std::abs(mmd - *value_of(mmd_squared({a}, {b}, 4.0))) < 1e-12);
    // The test's statistic, with all points and sums that follow from the rows', is the same number.
    const auto outcome = mmd_test({a}, {b}, {100, 1}, Random(1, 1));
    if (const auto* test = std::get_if<MmdResult>(&outcome)) {
        RC_ASSERT(std::abs(test->statistic - *value_of(mmd_squared({a}, {b}, test->sigma))) < 1e-12);
    }
    for (auto* side : {&a, &b})
        for (double& x : *side) x = 1024.0 * x + 7.0;
    RC_ASSERT(std::abs(mmd - *value_of(mmd_squared({a}, {b}, 4096.0))) < 1e-12);
}
