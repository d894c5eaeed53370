#include "tristrata/stats/cramers_v.hpp"

#include "tristrata/stats/deepchecks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

TEST(CramersV, worked_examples) {
    EXPECT_NEAR(*value_of(cramers_v(Counts{1000, 0}, Counts{0, 1000})), 1.0, 1e-15);
    EXPECT_NEAR(*value_of(cramers_v(Counts{10, 20}, Counts{20, 10})), 0.30949223029508643, 1e-14);
}

TEST(CramersV, little_and_nothing) {
    EXPECT_EQ(std::get<Undefined>(cramers_v(Counts{0, 0}, Counts{3, 4})), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(cramers_v(Counts{1, 0}, Counts{0, 1})), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(cramers_v(Counts{1, 0, 1, 0}, Counts{0, 1, 0, 1})),
              Undefined::too_few_values)
        << "each row a category of its own";
    EXPECT_EQ(*value_of(cramers_v(Counts{5, 0}, Counts{9, 0})), 0.0) << "one category is left";
    EXPECT_EQ(*value_of(cramers_v(Counts{5, 5}, Counts{9, 9})), 0.0);
}

RC_GTEST_PROP(CramersVProperty, is_in_zero_to_one_symmetric_and_blind_to_empty_categories, ()) {
    const auto bins = *rc::gen::inRange<std::size_t>(2, 7);
    const auto counts = rc::gen::container<Counts>(bins, rc::gen::inRange<std::uint64_t>(1, 50));
    Counts a = *counts, b = *counts;
    const double v = *value_of(cramers_v(a, b));
    RC_ASSERT(v >= 0.0 && v <= 1.0);
    RC_ASSERT(std::abs(v - *value_of(cramers_v(b, a))) < 1e-12);
    a.push_back(0);
    b.push_back(0);
    RC_ASSERT(v == *value_of(cramers_v(a, b)));
}

TEST(DeepchecksCramersV, worked_examples) {
    EXPECT_NEAR(*value_of(deepchecks_cramers_v(Counts{200, 800, 10, 10}, Counts{400, 620, 0, 0})),
                0.22852290516313106, 1e-12);
    EXPECT_NEAR(*value_of(deepchecks_cramers_v(Counts{1000, 0}, Counts{0, 1000})), 0.9989994992488733, 1e-12);
    EXPECT_NEAR(*value_of(deepchecks_balanced_cramers_v(Counts{9900, 100}, Counts{1000, 0})), 0.457, 1e-3);
}

TEST(DeepchecksCramersV, little_and_nothing) {
    for (const auto v : {deepchecks_cramers_v, deepchecks_balanced_cramers_v}) {
        EXPECT_EQ(std::get<Undefined>(v(Counts{0, 0}, Counts{3, 4})), Undefined::empty_sample);
        EXPECT_EQ(*value_of(v(Counts{5, 0}, Counts{9, 0})), 0.0) << "one category is left";
        EXPECT_EQ(*value_of(v(Counts{50, 50}, Counts{90, 90})), 0.0);
    }
}

TEST(DeepchecksCramersV, balanced_classes_see_a_rare_label_double) {
    const Counts a{9990, 10}, b{9980, 20};
    EXPECT_LT(*value_of(deepchecks_cramers_v(a, b)), 0.02);
    EXPECT_GT(*value_of(deepchecks_balanced_cramers_v(a, b)), 0.1);
}
