#include "tristrata/stats/histogram.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

TEST(Histogram, a_value_on_an_edge_belongs_below_and_the_ends_are_open) {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> values{-infinity, -1.0, 1.0, std::nextafter(1.0, 2.0), 2.0, 2.5, infinity};
    Histogram histogram({1.0, 2.0});
    histogram.update(values);
    EXPECT_EQ(histogram.counts, (Counts{3, 2, 2}));
    EXPECT_EQ(histogram.total(), 7u);
}

TEST(Histogram, sorted_and_split_and_merged_counts_are_the_same) {
    constexpr std::uint64_t seed = 20240607;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values(random.below(60));
        for (auto& value : values) value = static_cast<double>(random.below(12));  // Often on an edge.
        const std::vector<double> edges{1.0, 2.5, 4.0, 9.0};
        Histogram whole(edges), first(edges), second(edges), sorted(edges);
        whole.update(values);
        const std::size_t cut = random.below(values.size() + 1);
        first.update(std::span(values).first(cut));
        second.update(std::span(values).subspan(cut));
        first.merge(second);
        std::ranges::sort(values);
        sorted.update_sorted(values);
        EXPECT_EQ(first.counts, whole.counts);
        EXPECT_EQ(sorted.counts, whole.counts);
    }
}

TEST(EqualMassEdges, distinct_values_make_bins_of_equal_mass) {
    std::vector<double> values(100);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i + 1);
    Histogram histogram(equal_mass_edges(values, 10));
    histogram.update_sorted(values);
    EXPECT_EQ(histogram.counts, Counts(10, 10));
}

TEST(EqualMassEdges, ties_leave_fewer_bins_none_of_them_empty) {
    constexpr std::uint64_t seed = 11;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    for (int round = 0; round < 300; ++round) {
        std::vector<double> values(1 + random.below(80));
        for (auto& value : values) value = static_cast<double>(random.below(6));
        std::ranges::sort(values);
        Histogram histogram(equal_mass_edges(values, 10));
        EXPECT_TRUE(std::ranges::adjacent_find(histogram.edges, std::greater_equal<>{}) ==
                    histogram.edges.end());
        histogram.update_sorted(values);
        EXPECT_EQ(std::ranges::count(histogram.counts, 0u), 0);
    }
    EXPECT_TRUE(equal_mass_edges(std::vector<double>{5, 5, 5}, 10).empty()) << "a constant has one bin";
    EXPECT_TRUE(equal_mass_edges({}, 10).empty());
}

TEST(MassPointEdges, a_heavy_value_has_a_bin_of_its_own_at_either_end_too) {
    const auto counts = [](std::vector<double> reference, std::vector<double> current) {
        Histogram histogram(mass_point_edges(reference, 10));
        histogram.update_sorted(current);
        return histogram.counts;
    };
    EXPECT_EQ(counts({5, 5, 5}, {5, 5, 5}), (Counts{0, 3, 0}));
    EXPECT_EQ(counts({5, 5, 5}, {4, 6, 7}), (Counts{1, 0, 2}));
    EXPECT_EQ(counts({.5, 1.5, 2.5}, {0, 1, 2}), (Counts{1, 0, 1, 0, 1, 0, 0})) << "no value stayed";
    EXPECT_TRUE(mass_point_edges({}, 10).empty());
    std::vector<double> distinct(100);
    for (std::size_t i = 0; i < distinct.size(); ++i) distinct[i] = static_cast<double>(i + 1);
    EXPECT_EQ(mass_point_edges(distinct, 10), equal_mass_edges(distinct, 10)) << "where nothing is heavy";
}

TEST(PlotEdges, one_wild_value_does_not_flatten_the_picture) {
    std::vector<double> values(1001);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
    std::vector<double> wild(values);
    wild.back() = 1e6;
    const auto edges = plot_edges(values, wild, 30);
    ASSERT_EQ(edges.size(), 31u);
    EXPECT_EQ(edges.front(), 5.0);
    EXPECT_EQ(edges.back(), 995.0);
}

TEST(PlotEdges, nothing_a_constant_and_the_largest_numbers) {
    EXPECT_TRUE(plot_edges({}, {}, 30).empty());
    const std::vector<double> constant{3, 3, 3};
    EXPECT_EQ(plot_edges(constant, {}, 30), (std::vector<double>{2.5, 3.5}));
    const double huge = std::numeric_limits<double>::max();
    const auto edges = plot_edges(std::vector<double>{-huge, huge}, {}, 4);
    EXPECT_EQ(edges.size(), 5u);
    EXPECT_TRUE(std::ranges::all_of(edges, [](double edge) { return std::isfinite(edge); }));
}
