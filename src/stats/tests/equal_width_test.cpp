#include "tristrata/stats/equal_width.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace tristrata::stats;

namespace {
std::vector<double> upto(std::size_t n) {
    std::vector<double> values(n);
    std::iota(values.begin(), values.end(), 0.0);
    return values;
}
}  // namespace

TEST(EqualWidth, worked_examples) {
    const auto sturges = sturges_edges(0.0, 99.0, 100);
    ASSERT_EQ(sturges.size(), 9u);
    EXPECT_EQ(sturges[1], 12.375);
    EXPECT_EQ(sturges.back(), 99.0);
    const double values[]{0, 0, 0, 0, 10};
    const auto doane = doane_edges(values);
    ASSERT_EQ(doane.size(), 7u);
    EXPECT_NEAR(doane[1], 10.0 / 6.0, 1e-15);
}

TEST(EqualWidth, a_constant_gets_one_bin_around_it) {
    const double constant[]{3, 3, 3, 3};
    EXPECT_EQ(doane_edges(constant), (std::vector<double>{2.5, 3.5}));
    EXPECT_EQ(sturges_edges(3, 3, 4), (std::vector<double>{2.5, 3.5}));
    const double two[]{1, 2};
    EXPECT_EQ(doane_edges(two), (std::vector<double>{1, 2})) << "two values say nothing of skewness";
}

TEST(EqualWidth, doane_counts_the_bins_that_numpy_counts) {
    // numpy 1.24.2: len(numpy.histogram_bin_edges(x, "doane")) - 1, whole numbers, so exact.
    std::vector<double> squares = upto(1000), far = upto(1000);
    for (double& x : squares) x *= x;
    for (double& x : far) x += 1e9;
    EXPECT_EQ(doane_edges(squares).size() - 1, 15u);
    EXPECT_EQ(doane_edges(upto(1000)).size() - 1, 11u);
    EXPECT_EQ(doane_edges(far).size() - 1, 11u);
}

TEST(EqualWidth, a_value_on_an_edge_belongs_to_the_bin_above_and_on_the_last_to_the_last) {
    const double edges[]{0, 1, 2}, sorted[]{-1, 0, 1, 1, 2, 3};
    EXPECT_EQ(counts_between(edges, sorted), (std::vector<std::uint64_t>{1, 3}));
    EXPECT_TRUE(counts_between({}, sorted).empty());
}

RC_GTEST_PROP(EqualWidth, counts_are_those_of_looking_at_every_value, (std::vector<int> raw)) {
    RC_PRE(!raw.empty());
    std::vector<double> sorted;
    for (const int x : raw) sorted.push_back(static_cast<double>(x % 50) * 0.25);
    std::ranges::sort(sorted);
    const auto edges = even_edges(-3.0, 4.0, 7);
    std::vector<std::uint64_t> naive(7, 0);
    for (const double x : sorted)
        for (std::size_t i = 0; i < 7; ++i)
            naive[i] += x >= edges[i] && (i == 6 ? x <= edges[i + 1] : x < edges[i + 1]);
    RC_ASSERT(counts_between(edges, sorted) == naive);
}

RC_GTEST_PROP(EqualWidth, even_bins_are_counted_from_values_in_any_order, ()) {
    const auto low = *rc::gen::inRange(-50, 50) * 0.1;
    const auto bins = *rc::gen::inRange<std::size_t>(1, 40);
    const auto edges = even_edges(low, low + *rc::gen::inRange(0, 30) * 0.1, bins);
    std::vector<double> values = *rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-90, 90), [](int x) { return x * 0.1; }));
    // On the edges themselves, where rounding could put a value next to its bin, and outside.
    values.insert(values.end(), edges.begin(), edges.end());
    for (const double sign : {-1.0, 1.0}) values.push_back(sign * std::numeric_limits<double>::infinity());
    auto sorted = values;
    std::ranges::sort(sorted);
    RC_ASSERT(counts_in_even_bins(edges, values) == counts_between(edges, sorted));
}
