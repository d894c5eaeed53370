#include "tristrata/analyzer/failures.hpp"

#include <algorithm>

namespace tristrata::analyzer {

std::uint64_t Failures::failed(const std::string& who, core::Timestamp to, core::Duration every) {
    constexpr std::int64_t hour = 3'600'000'000;
    const core::Duration pause_max{std::max(3 * every.microseconds, hour)};
    const std::lock_guard lock(mutex_);
    Line& line = lines_[who];
    if (line.windows > 0 && to <= line.to) return line.windows;
    if (to - line.to > pause_max) line.windows = 0;
    line = {to, line.windows + 1};
    if (keep_) keep_(lines_);
    return line.windows;
}

void Failures::answered(std::string_view who) {
    const std::lock_guard lock(mutex_);
    const auto found = lines_.find(who);
    if (found == lines_.end()) return;
    lines_.erase(found);
    if (keep_) keep_(lines_);
}

}  // namespace tristrata::analyzer
