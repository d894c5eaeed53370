#include "tristrata/stats/distances.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <numeric>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

TEST(TotalVariation, worked_example_ends_and_scale) {
    EXPECT_NEAR(*value_of(total_variation(Counts{1, 1}, Counts{1, 3})), 0.25, 1e-15);
    EXPECT_EQ(*value_of(total_variation(Counts{4, 0}, Counts{0, 9})), 1.0);
    EXPECT_NEAR(*value_of(total_variation(Counts{1, 2, 3}, Counts{10, 20, 30})), 0.0, 1e-15);
    EXPECT_NEAR(*value_of(total_variation(Counts{1, 3}, Counts{1, 1})), 0.25, 1e-15) << "symmetric";
}

TEST(JensenShannon, agrees_with_scipy) {
    // scipy 1.17.1, spatial.distance.jensenshannon(p, q, base=2)
    EXPECT_NEAR(*value_of(jensen_shannon(Counts{1, 0}, Counts{0, 1})), 1.0, 1e-15);
    EXPECT_NEAR(*value_of(jensen_shannon(Counts{10, 20, 30}, Counts{30, 20, 10})), 0.3547035151981319, 1e-14);
    EXPECT_NEAR(*value_of(jensen_shannon(Counts{5, 0, 95}, Counts{1, 4, 45})), 0.21278683330538326, 1e-14);
    EXPECT_NEAR(*value_of(jensen_shannon(Counts{1, 4, 45}, Counts{5, 0, 95})), 0.21278683330538326, 1e-14);
}

TEST(JensenShannon, equal_shares_are_no_distance_whatever_rounding_does) {
    for (std::uint64_t k = 1; k < 50; ++k)
        EXPECT_NEAR(*value_of(jensen_shannon(Counts{k, 3, 7}, Counts{7 * k, 21, 49})), 0.0, 2e-8);
}

TEST(Distances, nothing_on_a_side_has_no_answer) {
    using Distance = Statistic (*)(std::span<const std::uint64_t>, std::span<const std::uint64_t>) noexcept;
    for (const Distance distance :
         {Distance{total_variation}, Distance{jensen_shannon}, Distance{kl_divergence}, Distance{hellinger},
          Distance{bhattacharyya}, Distance{l_infinity}, Distance{histogram_intersection}}) {
        EXPECT_EQ(std::get<Undefined>(distance(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(distance(Counts{1, 2}, Counts{0, 0})), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(distance(Counts{}, Counts{})), Undefined::empty_sample);
    }
}

TEST(KlDivergence, worked_example_and_which_side_weighs) {
    EXPECT_NEAR(*value_of(kl_divergence(Counts{9, 9}, Counts{4, 14})), 0.16217877550509377, 1e-14);
    EXPECT_NEAR(*value_of(kl_divergence(Counts{4, 14}, Counts{9, 9})),
                4.5 / 19 * std::log(9.0 / 19) + 14.5 / 19 * std::log(29.0 / 19), 1e-14);
    EXPECT_NEAR(*value_of(kl_divergence(Counts{5, 0}, Counts{0, 5})), 10.0 / 12 * std::log(11.0), 1e-14)
        << "an empty bin has an answer";
}

TEST(Hellinger, worked_example_and_ends) {
    EXPECT_NEAR(*value_of(hellinger(Counts{1, 1}, Counts{1, 0})), std::sqrt(1.0 - std::sqrt(0.5)), 1e-15);
    EXPECT_EQ(*value_of(hellinger(Counts{7, 0}, Counts{0, 2})), 1.0);
    EXPECT_EQ(*value_of(hellinger(Counts{1, 2}, Counts{10, 20})), 0.0);
}

TEST(Bhattacharyya, worked_example_and_no_overlap) {
    EXPECT_NEAR(*value_of(bhattacharyya(Counts{1, 1}, Counts{1, 0})), 0.5 * std::log(2.0), 1e-15);
    EXPECT_NEAR(*value_of(bhattacharyya(Counts{1, 99}, Counts{100, 0})), std::log(10.0), 1e-14);
    EXPECT_EQ(std::get<Undefined>(bhattacharyya(Counts{7, 0}, Counts{0, 2})), Undefined::no_overlap);
}

TEST(LInfinity, worked_example) { EXPECT_EQ(*value_of(l_infinity(Counts{1, 1, 2}, Counts{1, 3, 0})), 0.5); }

TEST(HistogramIntersection, worked_example) {
    EXPECT_NEAR(*value_of(histogram_intersection(Counts{1, 1}, Counts{1, 3})), 0.25, 1e-15);
}

RC_GTEST_PROP(DistancesProperty, each_is_its_definition_and_does_not_know_the_order_of_the_bins, ()) {
    const auto bins = *rc::gen::inRange<std::size_t>(1, 8);
    const auto counts = rc::gen::container<Counts>(bins, rc::gen::inRange<std::uint64_t>(0, 40));
    Counts a = *counts, b = *counts;
    RC_PRE(std::accumulate(a.begin(), a.end(), 0u) > 0 && std::accumulate(b.begin(), b.end(), 0u) > 0);
    const auto shares = [](const Counts& from, double added) {
        const double total =
            std::accumulate(from.begin(), from.end(), added * static_cast<double>(from.size()));
        std::vector<double> out;
        for (const auto count : from) out.push_back((static_cast<double>(count) + added) / total);
        return out;
    };
    const auto p = shares(a, 0.0), q = shares(b, 0.0), p_half = shares(a, 0.5), q_half = shares(b, 0.5);
    double kl = 0.0, affinity = 0.0, largest = 0.0, shared = 0.0;
    for (std::size_t i = 0; i < bins; ++i) {
        kl += p_half[i] * std::log(p_half[i] / q_half[i]);
        affinity += std::sqrt(p[i] * q[i]);
        largest = std::max(largest, std::abs(p[i] - q[i]));
        shared += std::min(p[i], q[i]);
    }
    const auto near = [](double x, double y) { return std::abs(x - y) < 1e-7; };
    RC_ASSERT(near(*value_of(kl_divergence(a, b)), kl));
    RC_ASSERT(near(*value_of(hellinger(a, b)), std::sqrt(std::max(0.0, 1.0 - affinity))));
    RC_ASSERT(near(*value_of(l_infinity(a, b)), largest));
    RC_ASSERT(near(*value_of(histogram_intersection(a, b)), 1.0 - shared));
    RC_ASSERT(near(*value_of(histogram_intersection(a, b)), *value_of(total_variation(a, b))));
    RC_ASSERT(has_value(bhattacharyya(a, b)) == (affinity > 0.0));
    if (affinity > 0.0) RC_ASSERT(near(*value_of(bhattacharyya(a, b)), -std::log(affinity)));
    const double before = *value_of(hellinger(a, b));
    std::rotate(a.begin(), a.begin() + 1, a.end());
    std::rotate(b.begin(), b.begin() + 1, b.end());
    RC_ASSERT(near(*value_of(hellinger(b, a)), before));
}

TEST(Distances, shares_of_any_sum_are_as_good_as_counts) {
    const Counts a{10, 20, 30}, b{30, 20, 10};
    const std::vector<double> p{0.1, 0.2, 0.3}, q{1.5, 1.0, 0.5};
    EXPECT_NEAR(*value_of(total_variation(p, q)), *value_of(total_variation(a, b)), 1e-15);
    EXPECT_NEAR(*value_of(jensen_shannon(p, q)), *value_of(jensen_shannon(a, b)), 1e-15);
    EXPECT_NEAR(*value_of(hellinger(p, q)), *value_of(hellinger(a, b)), 1e-15);
    EXPECT_NEAR(*value_of(bhattacharyya(p, q)), *value_of(bhattacharyya(a, b)), 1e-15);
    EXPECT_NEAR(*value_of(l_infinity(p, q)), *value_of(l_infinity(a, b)), 1e-15);
    EXPECT_NEAR(*value_of(histogram_intersection(p, q)), *value_of(histogram_intersection(a, b)), 1e-15);
}

TEST(KlDivergence, nothing_is_added_to_shares) {
    EXPECT_NEAR(*value_of(kl_divergence(std::vector<double>{0.5, 0.5}, std::vector<double>{0.25, 0.75})),
                0.5 * std::log(4.0 / 3.0), 1e-15);
    EXPECT_EQ(*value_of(kl_divergence(std::vector<double>{1, 0}, std::vector<double>{1, 0})), 0.0);
    EXPECT_EQ(std::get<Undefined>(kl_divergence(std::vector<double>{0.5, 0.5}, std::vector<double>{1, 0})),
              Undefined::no_overlap);
}
