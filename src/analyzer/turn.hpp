#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/core/time.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

namespace tristrata::analyzer {

/// An analyzer among those that ask one source.
struct Turn {
    const Definition* definition = nullptr;
    std::optional<core::Timestamp> next;   ///< The end of the window that is due next; absent: the latest.
    std::optional<core::Timestamp> again;  ///< When its rows are looked for again.
    bool in_hand = false;
    bool hangs = false;                     ///< Its last query was not answered in time, though others were.
    std::deque<core::Timestamp> owed;       ///< Ends of windows that had no answer yet, the oldest first.
    std::deque<core::Timestamp> behind;     ///< Likewise, of those that ended while nothing ran.
    std::optional<core::Timestamp> newest;  ///< That was judged, and
    std::optional<core::Timestamp> looked_at;  ///< up to where nothing is left.
};

/// Of those that hang one is asked at a time: the other threads of their source are for who is answered.
[[nodiscard]] inline bool may_be_asked(const Turn& turn, const std::vector<Turn>& all) {
    return !turn.in_hand && !(turn.hangs && std::ranges::any_of(all, [](const Turn& other) {
                                  return other.in_hand && other.hangs;
                              }));
}

}  // namespace tristrata::analyzer
