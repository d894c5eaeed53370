#pragma once

#include "tristrata/core/time.hpp"

#include <cstdint>
#include <vector>

namespace tristrata::analyzer {

/// More of them are not looked at any more.
inline constexpr std::uint64_t missed_windows_max = 200;

/// Windows that ended while nothing ran.
struct MissedWindows {
    core::Timestamp from;               ///< The end of the first of them.
    std::uint64_t skipped = 0;          ///< So many, the oldest, are too many, and
    std::vector<core::Timestamp> owed;  ///< the ends of the others, the oldest first.
    [[nodiscard]] std::uint64_t count() const noexcept { return skipped + owed.size(); }
};

/// Those that end behind `looked_at`, up to which none was left, and before `latest`, the end of the latest
/// window, which is due at any rate. Ends are multiples of `every`, more than 0, since the epoch.
///
/// Example   Of every minute, looked at until 12:00:20 and latest at 12:03: those of 12:01 and 12:02.
[[nodiscard]] MissedWindows missed_windows(core::Duration every, core::Timestamp looked_at,
                                           core::Timestamp latest);

}  // namespace tristrata::analyzer
