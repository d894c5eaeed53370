#include "pooled_walk.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <tuple>
#include <vector>

using namespace tristrata::stats;

namespace {

using Step = std::tuple<double, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

struct Recorder {
    std::vector<Step> steps;
    void operator()(double x, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
        steps.emplace_back(x, i0, j0, i, j);
    }
};

std::vector<Step> walked(const std::vector<double>& a, const std::vector<double>& b) {
    std::array<Recorder, 2> recorders;
    walk_pooled(a, b, recorders);
    auto steps = recorders[0].steps;
    steps.insert(steps.end(), recorders[1].steps.begin(), recorders[1].steps.end());
    return steps;
}

/// Each distinct value, counted by comparing it with every other one.
std::vector<Step> by_definition(const std::vector<double>& a, const std::vector<double>& b) {
    std::map<double, std::array<std::int64_t, 4>> counts;
    for (const auto* side : {&a, &b})
        for (const double x : *side) counts[x] = {};
    std::vector<Step> steps;
    for (const auto& [x, unused] : counts) {
        std::int64_t a_below = 0, a_up_to = 0, b_below = 0, b_up_to = 0;
        for (const double v : a) {
            a_below += v < x;
            a_up_to += v <= x;
        }
        for (const double v : b) {
            b_below += v < x;
            b_up_to += v <= x;
        }
        steps.emplace_back(x, a_below, b_below, a_up_to, b_up_to);
    }
    return steps;
}

}  // namespace

TEST(PooledWalk, every_distinct_value_once_and_in_order_whatever_the_sizes_and_ties) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto size = [&] { return std::uniform_int_distribution<std::size_t>(0, 40)(random); };
        std::uniform_int_distribution<int> value(0, seed % 2 == 0 ? 6 : 1000);
        std::vector<double> a(size()), b(size());
        for (double& x : a) x = value(random);
        for (double& x : b) x = value(random) + (seed % 3 == 0 ? 30 : 0);
        std::ranges::sort(a);
        std::ranges::sort(b);
        EXPECT_EQ(walked(a, b), by_definition(a, b));
    }
}
