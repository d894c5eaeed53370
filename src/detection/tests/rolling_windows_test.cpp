#include "rolling_windows.hpp"
#include "numeric_evidence.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <limits>
#include <numeric>

using namespace tristrata;
using namespace tristrata::detection;

namespace {

/// What window_measures() says of the same reference and current, which stand one after another.
std::vector<WindowMeasure> measured_anew(const std::vector<double>& values,
                                         const std::vector<std::size_t>& first,
                                         const std::vector<int>& classes, std::size_t from,
                                         std::size_t current) {
    Setting setting;
    const auto at = [&](std::size_t chunk) {
        return values.begin() + static_cast<std::ptrdiff_t>(first[chunk]);
    };
    for (std::size_t i = from; i < current; ++i)
        setting.windows.push_back({first[i] - first[from], first[i + 1] - first[from], classes[i]});
    setting.current_class = classes[current];
    return window_measures(std::vector<double>(at(from), at(current)),
                           std::vector<double>(at(current), at(current + 1)), setting);
}

}  // namespace

RC_GTEST_PROP(RollingWindows, measure_what_windows_measured_anew_do, ()) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    const auto chunks = *rc::gen::inRange<std::size_t>(2, 12);
    const auto distinct = *rc::gen::element(2, 5, 1000);
    std::vector<double> values;
    std::vector<std::size_t> first{0};
    std::vector<int> classes;
    for (std::size_t i = 0; i < chunks; ++i) {
        const auto size = *rc::gen::inRange(0, 9);
        for (int k = 0; k < size; ++k) {
            const int value = *rc::gen::inRange(-2, distinct);
            values.push_back(value == -2 ? inf : value == -1 ? std::nan("") : value / 8.0);
        }
        first.push_back(values.size());
        classes.push_back(*rc::gen::inRange(0, 2));
    }
    const SortedChunks sorted_chunks(values, first, classes);
    RollingWindows rolling(sorted_chunks);
    const auto window = *rc::gen::inRange<std::size_t>(1, chunks);
    std::vector<std::size_t> reference;
    for (std::size_t current = window; current < chunks; ++current) {
        reference.resize(window);
        std::iota(reference.begin(), reference.end(), current - window);
        const auto prepared = rolling.move_to(reference, current);
        const auto anew = measured_anew(values, first, classes, current - window, current);
        RC_ASSERT(prepared.measures.size() == anew.size());
        for (std::size_t i = 0; i < anew.size(); ++i) {
            RC_ASSERT(prepared.measures[i].log_distance == anew[i].log_distance);
            RC_ASSERT(prepared.measures[i].log_third_largest == anew[i].log_third_largest);
        }
        std::vector<double> plain(values.begin() + static_cast<std::ptrdiff_t>(first[current - window]),
                                  values.begin() + static_cast<std::ptrdiff_t>(first[current]));
        const stats::SortedSample sorted{std::move(plain)};
        RC_ASSERT(std::ranges::equal(prepared.reference.values(), sorted.values()));
    }
}

TEST(RollingWindows, move_back_and_jump_as_well_as_forward) {
    std::vector<double> values(60);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((i * 7919) % 61);
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i <= 10; ++i) first.push_back(6 * i);
    const std::vector<int> classes(10, 0);
    const SortedChunks sorted_chunks(values, first, classes);
    RollingWindows rolling(sorted_chunks);
    for (const std::size_t current : {9u, 4u, 7u, 4u}) {
        const std::size_t reference[]{current - 3, current - 2, current - 1};
        const auto moved = rolling.measures_of(reference, current);
        const auto anew = measured_anew(values, first, classes, current - 3, current);
        for (std::size_t i = 0; i < anew.size(); ++i)
            EXPECT_EQ(moved[i].log_distance, anew[i].log_distance) << current;
    }
}
