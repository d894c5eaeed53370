#include "table_signals.hpp"

#include "signals.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>

namespace tristrata::detection {

std::vector<drift::Signal> table_signals(const OrderedSide& reference, const OrderedSide& current,
                                         const Plan& plan) {
    using drift::SignalKind;
    std::vector<drift::Signal> signals;
    if (!reference.profile || !current.profile) return signals;
    const auto share = [](std::uint64_t part, std::size_t rows) {
        return static_cast<double>(part) / static_cast<double>(part + rows);
    };
    const auto add = [&](SignalKind kind, std::uint64_t before, std::uint64_t after, std::string_view what) {
        const double a = share(before, reference.times.size()), b = share(after, current.times.size());
        if (after > 0 && b > a) {
            signals.push_back(fired(kind, a, b, b - a,
                                    fmt::format("{} {} in current, {} in the reference", after, what, before),
                                    plan));
        }
    };
    add(SignalKind::gap, reference.profile->missing_rows, current.profile->missing_rows,
        "rows are missing from the regular step");
    add(SignalKind::duplicate_times, reference.profile->duplicates, current.profile->duplicates,
        "times stand more than once");
    if (!current.profile->was_sorted)
        signals.push_back(fired(SignalKind::unsorted_times, std::nullopt, std::nullopt, 0.0,
                                "the times of current do not ascend; they were sorted", plan));
    const auto rate = [](const OrderedSide& side) -> std::optional<double> {
        if (!side.from || !side.to || side.to->microseconds <= side.from->microseconds) return std::nullopt;
        return static_cast<double>(side.times.size()) /
               (static_cast<double>(side.to->microseconds - side.from->microseconds) * 1e-6);
    };
    const auto before = rate(reference), after = rate(current);
    if (before && after && *before > 0.0) {
        const double change = std::abs(*after - *before) / *before;
        if (plan.severity.of_signal(SignalKind::rows, change) >= drift::Severity::warn)
            signals.push_back(fired(SignalKind::rows, *before * 86400.0, *after * 86400.0, change,
                                    fmt::format("{} rows a day became {}", core::readable(*before * 86400.0),
                                                core::readable(*after * 86400.0)),
                                    plan));
    }
    return signals;
}

}  // namespace tristrata::detection
