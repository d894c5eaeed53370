#include "tristrata/analyzer/reference_windows.hpp"

#include <algorithm>
#include <cstdint>

namespace tristrata::analyzer {
namespace {

/// From the begin of its first window to the end of its last one.
struct Stretch {
    std::int64_t from, to;
};

std::vector<Stretch> stretches_of(std::span<const core::TimeRange> bad, std::int64_t begin,
                                  std::int64_t length, std::int64_t windows) {
    std::vector<Stretch> stretches;
    for (const core::TimeRange& one : bad) {
        if (!one.from || one.from->microseconds - length >= begin) continue;
        const std::int64_t from = one.from->microseconds - length;
        const std::int64_t to = one.to ? std::min(one.to->microseconds, begin) : begin;
        if ((to - from + length - 1) / length <= windows) stretches.push_back({from, to});
    }
    return stretches;
}

}  // namespace

ReferenceWindows reference_of(const Definition& definition, core::Timestamp to,
                              std::span<const core::TimeRange> bad) {
    const std::int64_t length = definition.window.microseconds;
    const auto windows = static_cast<std::int64_t>(definition.reference_windows);
    const std::int64_t begin = to.microseconds - length;  // Of the window itself.
    const auto stretches = stretches_of(bad, begin, length, windows);
    ReferenceWindows reference{{begin - windows * length}, {begin}, {}};
    if (stretches.empty()) return reference;
    std::int64_t taken = 0, looked_at = 0;
    for (; taken < windows && looked_at < 2 * windows; ++looked_at) {
        const std::int64_t window_to = begin - looked_at * length, window_from = window_to - length;
        const bool is_bad = std::ranges::any_of(
            stretches, [&](const Stretch& one) { return window_to > one.from && window_from < one.to; });
        if (!is_bad) ++taken;
        else if (taken == 0) reference.to = {window_from};
        else if (!reference.left_out.empty() && reference.left_out.back().from->microseconds == window_to)
            reference.left_out.back().from = core::Timestamp{window_from};
        else reference.left_out.push_back({core::Timestamp{window_from}, core::Timestamp{window_to}});
    }
    reference.from = {begin - looked_at * length};
    return reference;
}

}  // namespace tristrata::analyzer
