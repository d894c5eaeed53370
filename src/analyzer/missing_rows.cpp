#include "missing_rows.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace tristrata::analyzer {
namespace {

bool is_much(double share, const drift::SeverityPolicy& policy) {
    return policy.of_signal(drift::SignalKind::missing_share, share).value_or(drift::Severity::info) >=
           drift::Severity::warn;
}

/// Of the steps from the first time to the last one, those at which there is no row.
double share_left_out(std::span<const std::int64_t> times, std::int64_t step) {
    double left_out = 0.0, there = times.empty() ? 0.0 : 1.0;
    for (std::size_t i = 1; i < times.size(); ++i) {
        const std::int64_t steps = (times[i] - times[i - 1] + step / 2) / step;
        if (times[i] == times[i - 1]) continue;
        there += 1.0;
        left_out += static_cast<double>(std::max<std::int64_t>(0, steps - 1));
    }
    return there > 0.0 ? left_out / (left_out + there) : 0.0;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

}  // namespace

std::optional<std::string> missing_rows(std::span<const std::int64_t> reference,
                                        std::span<const std::int64_t> current, std::int64_t before,
                                        std::int64_t length, const drift::SeverityPolicy& policy) {
    const auto step = dataset::profile_times({reference.begin(), reference.end()}).step_us;
    if (step > 0) {
        const double more = share_left_out(current, step) - share_left_out(reference, step);
        if (is_much(more, policy))
            return fmt::format("{:.0f} % more of the regular step is left out than in the reference",
                               100.0 * more);
    }
    constexpr std::size_t windows_min = 5;
    constexpr double scatter_max = 3.0, of_normal = 1.4826;
    std::map<std::int64_t, double> rows_of;
    for (const auto time : reference) rows_of[(before - 1 - time) / length] += 1.0;
    if (rows_of.size() < windows_min) return std::nullopt;
    std::vector<double> rows, distances;
    for (const auto& [window, count] : rows_of) rows.push_back(count);
    const double usual = median(rows);
    for (const double one : rows) distances.push_back(std::abs(one - usual));
    const double fewer = usual - static_cast<double>(current.size());
    if (fewer <= scatter_max * of_normal * median(distances) || !is_much(fewer / usual, policy))
        return std::nullopt;
    return fmt::format("{} in the window, where {} are usual", core::plural(current.size(), "row"),
                       core::readable(usual));
}

}  // namespace tristrata::analyzer
