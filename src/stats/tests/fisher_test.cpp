#include "tristrata/stats/fisher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>

using namespace tristrata::stats;

namespace {

double p_of(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    return std::get<TestResult>(fisher_test(a, b, c, d)).p;
}

double log_choose(double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// Every table with these margins, by its probability.
double naive(int a, int b, int c, int d) {
    const int n = a + b, m = c + d, marked = a + c;
    const auto probability = [&](int x) {
        return std::exp(log_choose(n, x) + log_choose(m, marked - x) - log_choose(n + m, marked));
    };
    double p = 0.0;
    for (int x = std::max(0, marked - m); x <= std::min(n, marked); ++x)
        if (probability(x) <= probability(a) * (1.0 + 1e-7)) p += probability(x);
    return p;
}

using Whole = boost::multiprecision::cpp_int;

/// The same in whole numbers: nothing is rounded before the last division.
double exact(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    const std::uint64_t n = a + b, m = c + d, marked = a + c;
    const std::uint64_t low = marked > m ? marked - m : 0, high = std::min(n, marked);
    std::vector<Whole> ways;
    Whole here = 1;  // C(n, low) C(m, marked - low)
    for (std::uint64_t i = 0; i < low; ++i) here = here * (n - i) / (i + 1);
    for (std::uint64_t i = 0; i < marked - low; ++i) here = here * (m - i) / (i + 1);
    for (std::uint64_t x = low; x <= high; ++x) {
        ways.push_back(here);
        if (x < high) here = here * (n - x) * (marked - x) / ((x + 1) * (m - marked + x + 1));
    }
    const Whole observed = ways[a - low] * 10'000'001;
    Whole all = 0, unlikely = 0;
    for (const Whole& one : ways) {
        all += one;
        if (one * 10'000'000 <= observed) unlikely += one;
    }
    using Wide = boost::multiprecision::cpp_bin_float_50;
    return static_cast<double>(Wide(Wide(unlikely) / Wide(all)));
}

}  // namespace

TEST(Fisher, agrees_with_scipy_from_the_worked_example_to_a_million_rows) {
    // scipy 1.17.1, stats.fisher_exact([[a, b], [c, d]])[1]; scipy's own sums are good to about 1e-8
    // relative.
    EXPECT_NEAR(p_of(8, 2, 1, 5), 0.034965034965034975, 1e-13);
    EXPECT_NEAR(p_of(10, 90, 30, 70), 0.0006504107076034208, 1e-14);
    EXPECT_NEAR(p_of(900, 100, 80, 20), 0.004073602935983999, 1e-13);
    EXPECT_NEAR(p_of(0, 10, 3, 7), 0.21052631578947367, 1e-13);
    EXPECT_NEAR(p_of(3, 997, 9, 991), 0.14478608918460312, 1e-12);
    EXPECT_NEAR(p_of(120000, 880000, 12500, 87500), 4.0088679956210385e-06, 1e-13);
}

RC_GTEST_PROP(FisherProperty, is_the_sum_over_all_tables_whichever_side_and_outcome_comes_first, ()) {
    const auto cell = rc::gen::inRange(0, 40);
    const int a = *cell, b = *cell, c = *cell, d = *cell;
    RC_PRE(a + b > 0 && c + d > 0);
    const auto as = [](int x) { return static_cast<std::uint64_t>(x); };
    const double p = p_of(as(a), as(b), as(c), as(d));
    RC_ASSERT(std::abs(p / std::min(1.0, naive(a, b, c, d)) - 1.0) < 1e-9);
    RC_ASSERT(std::abs(p / p_of(as(c), as(d), as(a), as(b)) - 1.0) < 1e-9);
    RC_ASSERT(std::abs(p / p_of(as(b), as(a), as(d), as(c)) - 1.0) < 1e-9);
}

TEST(Fisher, agrees_with_sums_of_fifty_digits_where_tables_are_large_and_p_is_tiny) {
    // mpmath 1.3, 50 digits, the definition summed over all tables.
    const auto near = [](double found, double expected) { EXPECT_NEAR(found / expected, 1.0, 1e-9); };
    near(p_of(120000, 880000, 12500, 87500), 4.0088679954080586e-06);
    near(p_of(1'000'000, 9'000'000, 1'010'000, 8'990'000), 1.0351978021225156e-13);
    near(p_of(5000, 95'000, 9000, 91'000), 1.4226192140921145e-272);
    near(p_of(30, 1'000'000, 60, 1'000'000), 0.0020597928842368709);
    near(p_of(1'000'000'000, 1'000'000'000, 1'000'060'000, 999'940'000), 0.057783741832558789);
    near(p_of(1, 1'000'000'000, 12, 1'000'000'000), 0.0034179686547851634);
}

RC_GTEST_PROP(FisherProperty, agrees_with_whole_numbers_from_even_tables_to_the_edge_of_what_a_double_holds,
              ()) {
    // Up to 6,000 rows with shares as unlike as they come: p from 1 down to where it underflows.
    const auto cell = rc::gen::resize(
        100, rc::gen::oneOf(rc::gen::inRange(0, 12), rc::gen::inRange(0, 150), rc::gen::inRange(0, 1500)));
    const auto a = static_cast<std::uint64_t>(*cell), b = static_cast<std::uint64_t>(*cell);
    const auto c = static_cast<std::uint64_t>(*cell), d = static_cast<std::uint64_t>(*cell);
    RC_PRE(a + b > 0 && c + d > 0);
    const double expected = exact(a, b, c, d), found = p_of(a, b, c, d);
    if (expected < std::numeric_limits<double>::min()) RC_ASSERT(found == std::numeric_limits<double>::min());
    else RC_ASSERT(std::abs(found / expected - 1.0) < 1e-11);
}

TEST(Fisher, a_p_below_every_double_is_the_smallest_one_and_never_nothing) {
    EXPECT_EQ(p_of(2000, 0, 0, 2000), std::numeric_limits<double>::min());
}

TEST(Fisher, nothing_on_a_side_has_no_answer_and_one_outcome_no_evidence) {
    EXPECT_EQ(std::get<Undefined>(fisher_test(0, 0, 1, 1)), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(fisher_test(1, 1, 0, 0)), Undefined::empty_sample);
    EXPECT_EQ(p_of(5, 0, 9, 0), 1.0);
    EXPECT_EQ(p_of(0, 5, 0, 9), 1.0);
}
