// What breaks a formula that is right on paper, on every test of two samples: a million values, a mean that
// dwarfs the spread, three values in all, one wild value.
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/cramer_von_mises.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/epps_singleton.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/kuiper.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/t_test.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <vector>

using namespace tristrata::stats;

namespace {

using Numbers = std::vector<double>;

struct Test {
    const char* name;
    TestOutcome (*run)(const SortedSample&, const SortedSample&);
    bool by_rank;  ///< A value counts by its place, not by its size.
};

const std::vector<Test> tests{
    {"ks", ks_test, true},
    {"kuiper", kuiper_test, true},
    {"cramer_von_mises", cramer_von_mises_test, true},
    {"anderson_darling", anderson_darling_test, true},
    {"mann_whitney", [](const SortedSample& a, const SortedSample& b) { return mann_whitney_test(a, b); },
     true},
    {"epps_singleton", epps_singleton_test, true},
    {"welch", welch_t_test, false},
    {"student", student_t_test, false},
};

Numbers normals(std::size_t count, double mean, std::uint64_t stream) {
    Random random(3, stream);
    Numbers values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(mean + random.normal());
    return values;
}
Numbers integers(std::size_t count, double share_of_zero, std::uint64_t stream) {
    Random random(3, stream);
    Numbers values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(random.uniform() < share_of_zero ? 0.0 : 1.0 + static_cast<double>(random.below(2)));
    return values;
}

}  // namespace

TEST(Traps, a_million_values_whose_mean_is_a_million_sd) {
    const SortedSample a(normals(1000000, 0.0, 1)), b(normals(1000000, 0.002, 2));
    const SortedSample a_far(normals(1000000, 1e6, 1)), b_far(normals(1000000, 1e6 + 0.002, 2));
    for (const auto& test : tests) {
        SCOPED_TRACE(test.name);
        const auto near = std::get<TestResult>(test.run(a, b)),
                   far = std::get<TestResult>(test.run(a_far, b_far));
        EXPECT_NEAR(far.statistic, near.statistic, 1e-5 * (1.0 + std::abs(near.statistic)));
        EXPECT_NEAR(far.p, near.p, 1e-5);
        EXPECT_GT(near.p, 0.0);
    }
    EXPECT_NEAR(*value_of(energy_coefficient(a_far, b_far)), *value_of(energy_coefficient(a, b)), 1e-9);
}

TEST(Traps, a_million_values_of_which_three_differ) {
    const SortedSample a(integers(1000000, 0.9, 3)), same(integers(500000, 0.9, 4)),
        moved(integers(500000, 0.89, 5));
    for (const auto& test : tests) {
        SCOPED_TRACE(test.name);
        const auto undrifted = test.run(a, same);
        if (std::holds_alternative<Undefined>(undrifted)) {
            EXPECT_STREQ(test.name, "epps_singleton") << "nine in ten are equal: its unit is 0";
            continue;
        }
        EXPECT_GT(std::get<TestResult>(undrifted).p, 0.001);
        EXPECT_LT(std::get<TestResult>(test.run(a, moved)).p, 0.0011)
            << "Anderson-Darling's table ends at .001";
    }
}

TEST(Traps, one_value_of_a_million_moves_what_goes_by_rank_by_one_rank) {
    const Numbers x = normals(2000, 0.0, 6);
    Numbers y = normals(1000, 0.0, 7);
    const SortedSample a(x), b(y);
    y[0] = 1e6;
    const SortedSample wild(y);
    for (const auto& test : tests) {
        if (!test.by_rank) continue;
        SCOPED_TRACE(test.name);
        EXPECT_NEAR(std::get<TestResult>(test.run(a, wild)).p, std::get<TestResult>(test.run(a, b)).p, 0.05);
    }
}

TEST(Traps, what_is_not_finite_is_left_out_and_nothing_is_left_of_some_columns) {
    constexpr double infinity = std::numeric_limits<double>::infinity(),
                     nan = std::numeric_limits<double>::quiet_NaN();
    const SortedSample none(Numbers{nan, infinity, -infinity}), some(normals(50, 0.0, 8));
    for (const auto& test : tests) {
        SCOPED_TRACE(test.name);
        EXPECT_EQ(std::get<Undefined>(test.run(none, some)), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(test.run(some, none)), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(test.run(none, none)), Undefined::empty_sample);
    }
    EXPECT_EQ(std::get<Undefined>(energy_coefficient(none, some)), Undefined::empty_sample);
}
