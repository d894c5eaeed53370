#include "missing_rows.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"
#include "tristrata/detection/season.hpp"
#include "tristrata/drift/missing.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace tristrata::analyzer {
namespace {

/// Steps of a window at which there is no row, and those at which there is one, from its first time to its
/// last.
struct Steps {
    double left_out = 0.0;
    double there = 0.0;
    [[nodiscard]] double share() const { return there > 0.0 ? left_out / (left_out + there) : 0.0; }
};

void add_steps(Steps& steps, std::span<const std::int64_t> times, std::int64_t step) {
    if (!times.empty()) steps.there += 1.0;
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (times[i] == times[i - 1]) continue;
        steps.there += 1.0;
        const std::int64_t passed = (times[i] - times[i - 1] + step / 2) / step;
        steps.left_out += static_cast<double>(std::max<std::int64_t>(0, passed - 1));
    }
}

/// The value below which so many of every four lie.
double quartile(std::vector<double> values, std::size_t of_four) {
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * of_four / 4);
    std::ranges::nth_element(values, place);
    return *place;
}

}  // namespace

std::optional<std::string> missing_rows(std::span<const std::int64_t> reference,
                                        std::span<const std::int64_t> current, std::int64_t before,
                                        std::int64_t length, detection::Season season,
                                        const drift::SeverityPolicy& policy) {
    const int own_class = detection::season_class(before, season);
    std::vector<std::span<const std::int64_t>> windows;
    for (auto from = reference.begin(); from != reference.end();) {
        const std::int64_t back = (before - 1 - *from) / length;
        const std::int64_t begin = before - (back + 1) * length;
        const auto to = std::lower_bound(from, reference.end(), begin + length);
        if (detection::season_class(begin, season) == own_class) windows.emplace_back(from, to);
        from = to;
    }
    const auto step = dataset::profile_times({reference.begin(), reference.end()}).step_us;
    if (step > 0 && !windows.empty()) {
        Steps usual, now;
        for (const auto window : windows) add_steps(usual, window, step);
        add_steps(now, current, step);
        const double more = now.share() - usual.share();
        if (drift::is_much_missing(more, policy))
            return fmt::format("{:.0f} % more of the regular step is left out than in the reference",
                               100.0 * more);
    }
    constexpr std::size_t windows_min = 5;
    constexpr double scatter_max = 3.0, of_normal = 1.4826;
    if (windows.size() < windows_min) return std::nullopt;
    std::vector<double> rows, distances;
    for (const auto window : windows) rows.push_back(static_cast<double>(window.size()));
    const double median = quartile(rows, 2), usual = quartile(rows, 1);
    for (const double one : rows) distances.push_back(std::abs(one - median));
    const double fewer = usual - static_cast<double>(current.size());
    if (fewer <= scatter_max * of_normal * quartile(distances, 2) ||
        !drift::is_much_missing(fewer / usual, policy))
        return std::nullopt;
    return fmt::format("{} in the window, where three of four such windows have {} or more",
                       core::plural(current.size(), "row"), core::readable(usual));
}

}  // namespace tristrata::analyzer
