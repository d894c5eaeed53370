#pragma once

#include "tristrata/detection/season.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tristrata::analyzer {

/// The reference's whole windows of the season class of what begins at `before`. `reference` ascends by time,
/// which `time_of` reads of an element; windows without one are not among them.
template <class T, class TimeOf = std::identity>
[[nodiscard]] std::vector<std::span<const T>> windows_of_its_class(std::span<const T> reference,
                                                                   std::int64_t before, std::int64_t length,
                                                                   detection::Season season,
                                                                   TimeOf time_of = {}) {
    const int own_class = detection::season_class(before, season);
    std::vector<std::span<const T>> windows;
    for (auto from = reference.begin(); from != reference.end();) {
        const std::int64_t back = (before - 1 - std::invoke(time_of, *from)) / length;
        const std::int64_t begin = before - (back + 1) * length;
        const auto to = std::ranges::lower_bound(from, reference.end(), begin + length, {}, time_of);
        if (detection::season_class(begin, season) == own_class) windows.emplace_back(from, to);
        from = to;
    }
    return windows;
}

/// So many windows say how much they scatter.
inline constexpr std::size_t usual_windows_min = 5;

/// The value below which so many of every four lie. `values` is not empty.
[[nodiscard]] inline double quartile(std::vector<double> values, std::size_t of_four) {
    const std::size_t place = std::min(values.size() - 1, values.size() * of_four / 4);
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
    return values[place];
}

/// Three times what the values scatter about their median, by the median distance.
[[nodiscard]] inline double scatter_of(const std::vector<double>& values) {
    constexpr double scatter_max = 3.0, of_normal = 1.4826;
    const double median = quartile(values, 2);
    std::vector<double> distances;
    distances.reserve(values.size());
    for (const double one : values) distances.push_back(std::abs(one - median));
    return scatter_max * of_normal * quartile(std::move(distances), 2);
}

}  // namespace tristrata::analyzer
