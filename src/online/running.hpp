#pragma once

#include <cmath>
#include <cstdint>

namespace tristrata::online {

/// Mean and sum of squared deviations of the values so far, updated one by one (Welford).
struct RunningMoments {
    std::uint64_t n = 0;
    double mean = 0.0;
    double squares = 0.0;

    void update(double x) noexcept {
        ++n;
        const double before = x - mean;
        mean += before / static_cast<double>(n);
        squares += before * (x - mean);
    }
    /// With n - 1; 0 for one value.
    [[nodiscard]] double variance() const noexcept {
        return n < 2 ? 0.0 : squares / static_cast<double>(n - 1);
    }
    [[nodiscard]] double standard_deviation() const noexcept { return std::sqrt(variance()); }
};

/// Which way a change must go to count.
enum class Direction : std::int8_t { fall = -1, either = 0, rise = 1 };

[[nodiscard]] inline Direction direction_of(double parameter) noexcept {
    return parameter > 0.0 ? Direction::rise : parameter < 0.0 ? Direction::fall : Direction::either;
}

/// Whether one of the two sides that count is beyond its limit.
[[nodiscard]] inline bool beyond(Direction direction, double rise, double fall, double limit) noexcept {
    return (direction != Direction::fall && rise > limit) || (direction != Direction::rise && fall > limit);
}

}  // namespace tristrata::online
