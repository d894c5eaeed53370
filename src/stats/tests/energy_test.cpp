#include "tristrata/stats/energy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

double mean_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (const double x : a)
        for (const double y : b) sum += std::abs(x - y);
    return sum / static_cast<double>(a.size() * b.size());
}

std::vector<double> ladder(int count, double step) {
    std::vector<double> values;
    for (int i = 1; i <= count; ++i) values.push_back(step * i);
    return values;
}

}  // namespace

TEST(EnergyCoefficient, worked_example) {
    EXPECT_NEAR(*value_of(energy_coefficient(sample({0, 1, 2, 3, 4}), sample({1, 2, 3, 4, 5}))), 3.0 / 11.0,
                1e-15);
}

TEST(EnergyCoefficient, constants_little_and_nothing) {
    EXPECT_EQ(*value_of(energy_coefficient(sample({5, 5, 5, 5}), sample({5, 5, 5, 5}))), 0.0);
    EXPECT_EQ(*value_of(energy_coefficient(sample({5, 5, 5, 5}), sample({6, 6, 6, 6}))), 1.0);
    EXPECT_EQ(std::get<Undefined>(energy_coefficient(sample({}), sample({1}))), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(energy_coefficient(sample({1, 2, 3}), sample({1, 2, 3, 4}))),
              Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(energy_distance(sample({1}), sample({}))), Undefined::empty_sample);
}

TEST(EnergyCoefficient, one_wild_value_a_side_neither_flags_nor_hides) {
    auto a = ladder(200, 1.0), b = ladder(200, 1.0), shifted = ladder(200, 1.0);
    for (double& x : shifted) x += 60.0;
    const double same = *value_of(energy_coefficient(sample(a), sample(b)));
    const double moved = *value_of(energy_coefficient(sample(a), sample(shifted)));
    a[5] = -1e6;
    b[0] = 1e6;
    shifted[7] = 1e6;
    EXPECT_NEAR(*value_of(energy_coefficient(sample(a), sample(b))), same, 0.01);
    EXPECT_NEAR(*value_of(energy_coefficient(sample(a), sample(shifted))), moved, 0.02);
}

TEST(EnergyDistance, worked_example_and_golden) {
    EXPECT_EQ(*value_of(energy_distance(sample({0}), sample({2}))), 2.0);
    // scipy 1.14.1, stats.energy_distance(1..40, 1.5 * 1..35)
    EXPECT_NEAR(*value_of(energy_distance(sample(ladder(40, 1.0)), sample(ladder(35, 1.5)))),
                1.4547950272902956, 1e-13);
}

RC_GTEST_PROP(EnergyProperty, both_are_their_definition_by_mean_distances, ()) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            *rc::gen::inRange<std::size_t>(4, 20),
            rc::gen::map(rc::gen::inRange(-9, 9), [](int x) { return static_cast<double>(x); }));
    };
    auto a = draw(), b = draw();
    const auto energy = [](const auto& x, const auto& y) {
        return 2.0 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y);
    };
    const double distance = *value_of(energy_distance(sample(a), sample(b)));
    RC_ASSERT(std::abs(distance * distance - energy(a, b)) < 1e-10);
    const auto coefficient = [&] { return *value_of(energy_coefficient(sample(a), sample(b))); };
    const double h = coefficient();
    RC_ASSERT(std::abs(*value_of(energy_coefficient(sample(b), sample(a))) - h) < 1e-12);
    auto inner = [](std::vector<double> v) {
        std::ranges::sort(v);
        return std::vector<double>(v.begin() + 1, v.end() - 1);
    };
    const double between = mean_distance(inner(a), inner(b));
    RC_ASSERT(std::abs(h - (between > 0.0 ? energy(inner(a), inner(b)) / (2.0 * between) : 0.0)) < 1e-10);
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = 1000.0 * x + 1e6;
    RC_ASSERT(std::abs(coefficient() - h) < 1e-9);
}
