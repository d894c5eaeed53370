#include "missing_rows.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"
#include "tristrata/drift/missing.hpp"
#include "usual_windows.hpp"

#include <fmt/format.h>
#include <algorithm>
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

/// The longest stretch of a window in which there is no row, its edges among the rows.
double longest_hole(std::span<const std::int64_t> times, std::int64_t begin, std::int64_t length) {
    std::int64_t last = begin, longest = 0;
    for (const std::int64_t time : times) {
        longest = std::max(longest, time - last);
        last = time;
    }
    return static_cast<double>(std::max(longest, begin + length - last)) / static_cast<double>(length);
}

}  // namespace

std::optional<std::string> missing_rows(std::span<const std::int64_t> reference,
                                        std::span<const std::int64_t> current, std::int64_t before,
                                        std::int64_t length, detection::Season season,
                                        const drift::SeverityPolicy& policy) {
    const auto windows = windows_of_its_class(reference, before, length, season);
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
    if (windows.size() < usual_windows_min) return std::nullopt;
    std::vector<double> rows, holes;
    for (const auto window : windows) {
        rows.push_back(static_cast<double>(window.size()));
        const std::int64_t back = (before - 1 - window.front()) / length;
        holes.push_back(longest_hole(window, before - (back + 1) * length, length));
    }
    const double least = quartile(rows, 1), fewer = least - static_cast<double>(current.size());
    if (fewer > scatter_of(rows) && drift::is_much_missing(fewer / least, policy))
        return fmt::format("{} in the window, where three of four such windows have {} or more",
                           core::plural(current.size(), "row"), core::readable(least));
    const double hole = longest_hole(current, before, length), usual = quartile(holes, 3);
    if (hole - usual > scatter_of(holes) && drift::is_much_missing(hole - usual, policy))
        return fmt::format(
            "no row in {:.0f} % of the window at a stretch, where three of four such windows "
            "have {:.0f} % or less",
            100.0 * hole, 100.0 * usual);
    return std::nullopt;
}

}  // namespace tristrata::analyzer
