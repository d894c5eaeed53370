#include "tristrata/stats/distances.hpp"

#include <gtest/gtest.h>
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
    for (const auto distance : {total_variation, jensen_shannon}) {
        EXPECT_EQ(std::get<Undefined>(distance(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(distance(Counts{1, 2}, Counts{0, 0})), Undefined::empty_sample);
        EXPECT_EQ(std::get<Undefined>(distance(Counts{}, Counts{})), Undefined::empty_sample);
    }
}
