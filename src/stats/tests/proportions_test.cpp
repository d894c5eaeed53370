#include "tristrata/stats/proportions.hpp"

#include "tristrata/stats/chi_square.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <array>
#include <cmath>

using namespace tristrata::stats;

TEST(TwoProportionsZ, worked_example) {
    const auto test = std::get<TestResult>(two_proportions_z_test(60, 40, 15, 35));
    EXPECT_NEAR(test.statistic, 3.4641016151377544, 1e-14);
    EXPECT_NEAR(test.p, 0.0005320055051392492, 1e-16);  // scipy 1.14.1, 2 * stats.norm.sf(z)
}

TEST(TwoProportionsZ, nothing_and_shares_that_cannot_differ) {
    EXPECT_EQ(std::get<Undefined>(two_proportions_z_test(0, 0, 1, 2)), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(two_proportions_z_test(1, 2, 0, 0)), Undefined::empty_sample);
    EXPECT_EQ(std::get<TestResult>(two_proportions_z_test(0, 9, 0, 5)).p, 1.0);
    EXPECT_EQ(std::get<TestResult>(two_proportions_z_test(9, 0, 5, 0)).p, 1.0);
    EXPECT_LT(std::get<TestResult>(two_proportions_z_test(1000, 0, 0, 1000)).p, 1e-300) << "no digits lost";
}

RC_GTEST_PROP(TwoProportionsZProperty, its_square_is_the_chi_square_of_the_table, ()) {
    const auto count = [] { return *rc::gen::inRange<std::uint64_t>(1, 1000); };
    const std::array a{count(), count()}, b{count(), count()};
    const auto z = std::get<TestResult>(two_proportions_z_test(a[0], a[1], b[0], b[1]));
    const auto chi = std::get<TestResult>(chi_square_test(a, b));
    RC_ASSERT(std::abs(z.statistic * z.statistic - chi.statistic) < 1e-9 * (1.0 + chi.statistic));
    RC_ASSERT(std::abs(z.p - chi.p) < 1e-9);
    RC_ASSERT(std::get<TestResult>(two_proportions_z_test(b[0], b[1], a[0], a[1])).statistic == -z.statistic);
}
