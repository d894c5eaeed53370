#include "pooled_walk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <map>
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

RC_GTEST_PROP(PooledWalkProperty, every_distinct_value_once_and_in_order_whatever_the_sizes_and_ties, ()) {
    const auto distinct = *rc::gen::element(6, 1000);
    const auto shift = *rc::gen::element(0, 30);
    const auto values = rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, distinct), [](int x) { return static_cast<double>(x); }));
    auto a = *values, b = *values;
    for (double& x : b) x += shift;
    std::ranges::sort(a);
    std::ranges::sort(b);
    RC_ASSERT(walked(a, b) == by_definition(a, b));
}
