#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/analyzer/missed_windows.hpp"
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
    std::deque<core::Timestamp> refused;    ///< Likewise, whose query was refused or cut.
    unsigned refusals = 0;                  ///< In a row.
    std::optional<core::Timestamp> newest;  ///< That was judged, and
    std::optional<core::Timestamp> looked_at;  ///< up to where nothing is left.
};

/// At most so many wait of an analyzer; the oldest gives way. Returns whether one did.
inline bool owe(std::deque<core::Timestamp>& owed, core::Timestamp end) {
    const bool gives_way = owed.size() == missed_windows_max;
    if (gives_way) owed.pop_front();
    owed.push_back(end);
    return gives_way;
}

/// Up to where nothing is left, by the newest that was judged.
[[nodiscard]] inline std::optional<core::Timestamp> looked_up_to(const Turn& turn) {
    std::optional<core::Timestamp> until = turn.newest;
    for (const auto* left : {&turn.owed, &turn.behind, &turn.refused})
        if (!left->empty()) {
            const core::Timestamp before{left->front().microseconds - turn.definition->every.microseconds};
            until = std::min(until.value_or(before), before);
        }
    return until;
}

/// Its query is answered again: what was refused is judged behind the latest.
inline void take_up_refused(Turn& turn, core::Timestamp answered) {
    turn.refusals = 0;
    std::erase(turn.refused, answered);
    turn.behind.insert(turn.behind.end(), turn.refused.begin(), turn.refused.end());
    turn.refused.clear();
    std::ranges::sort(turn.behind);
}

/// Of those that hang one is asked at a time: the other threads of their source are for who is answered.
[[nodiscard]] inline bool may_be_asked(const Turn& turn, const std::vector<Turn>& all) {
    return !turn.in_hand && !(turn.hangs && std::ranges::any_of(all, [](const Turn& other) {
                                  return other.in_hand && other.hangs;
                              }));
}

}  // namespace tristrata::analyzer
