#include "tristrata/stats/correction.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>

using namespace tristrata::stats;
using Values = std::vector<std::optional<double>>;

namespace {

/// The definition: min over hypotheses at least as large of p_j * family / #{p <= p_j}.
std::optional<double> naive(const Values& p, std::size_t index) {
    if (!p[index]) return std::nullopt;
    double family = 0.0, best = 1.0;
    for (const auto& value : p) family += value.has_value();
    for (const auto& value : p) {
        if (!value || *value < *p[index]) continue;
        const auto rank =
            std::ranges::count_if(p, [&](const auto& other) { return other && *other <= *value; });
        best = std::min(best, *value * family / static_cast<double>(rank));
    }
    return best;
}

}  // namespace

TEST(BenjaminiHochberg, worked_example) {
    const auto found = benjamini_hochberg({0.01, 0.04, std::nullopt, 0.03});
    EXPECT_NEAR(*found[0], 0.03, 1e-15);
    EXPECT_NEAR(*found[1], 0.04, 1e-15);
    EXPECT_FALSE(found[2]);
    EXPECT_NEAR(*found[3], 0.04, 1e-15);
}

TEST(BenjaminiHochberg, agrees_with_scipy) {
    // scipy 1.17.1, stats.false_discovery_control([.01, .04, .03, .2, .8, .04])
    const auto found = benjamini_hochberg({.01, .04, .03, .2, .8, .04});
    const std::vector<double> golden{0.06, 0.06, 0.06, 0.24, 0.8, 0.06};
    for (std::size_t i = 0; i < golden.size(); ++i) EXPECT_NEAR(*found[i], golden[i], 1e-15);
}

TEST(BenjaminiHochberg, nothing_absent_ones_and_one) {
    EXPECT_TRUE(benjamini_hochberg({}).empty());
    EXPECT_FALSE(benjamini_hochberg({std::nullopt})[0]);
    EXPECT_EQ(*benjamini_hochberg({std::nullopt, 0.2})[1], 0.2) << "a family of one";
    EXPECT_EQ(*benjamini_hochberg({1.0, 1.0})[0], 1.0);
}

RC_GTEST_PROP(BenjaminiHochbergProperty, is_its_definition_with_ties_and_absent_ones, ()) {
    const auto p = *rc::gen::container<Values>(rc::gen::map(rc::gen::inRange(0, 25), [](int twentieths) {
        return twentieths > 20 ? std::optional<double>() : std::optional(std::max(1, twentieths) / 20.0);
    }));
    const auto found = benjamini_hochberg(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
        const auto expected = naive(p, i);
        RC_ASSERT(found[i].has_value() == expected.has_value());
        if (expected) RC_ASSERT(std::abs(*found[i] - *expected) < 1e-14);
    }
}
