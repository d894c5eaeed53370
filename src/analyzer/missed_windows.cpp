#include "tristrata/analyzer/missed_windows.hpp"

#include "tristrata/analyzer/judgement.hpp"

#include <algorithm>

namespace tristrata::analyzer {

MissedWindows missed_windows(core::Duration every, core::Timestamp looked_at, core::Timestamp latest) {
    MissedWindows missed;
    missed.from = window_end(every, {}, looked_at) + every;
    if (missed.from >= latest) return missed;
    const auto count = static_cast<std::uint64_t>((latest - missed.from).microseconds / every.microseconds);
    const std::uint64_t owed = std::min(count, missed_windows_max);
    missed.skipped = count - owed;
    for (auto end = latest.microseconds - static_cast<std::int64_t>(owed) * every.microseconds;
         end < latest.microseconds; end += every.microseconds)
        missed.owed.push_back({end});
    return missed;
}

}  // namespace tristrata::analyzer
