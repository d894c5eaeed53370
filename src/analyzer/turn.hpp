#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/analyzer/missed_windows.hpp"
#include "tristrata/core/time.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace tristrata::analyzer {

/// An analyzer among those that ask one source.
struct Turn {
    const Definition* definition = nullptr;
    std::optional<core::Timestamp> next;   ///< The end of the window that is due next; absent: the latest.
    std::optional<core::Timestamp> again;  ///< When its rows are looked for again.
    bool in_hand = false;
    bool hangs = false;                   ///< Its last query was not answered in time, though others were.
    std::deque<core::Timestamp> owed;     ///< Ends of windows that had no answer yet, the oldest first.
    std::deque<core::Timestamp> behind;   ///< Likewise, of those that ended while nothing ran.
    std::deque<core::Timestamp> refused;  ///< Likewise, whose query was refused or cut.
    std::map<core::Timestamp, unsigned> refusals;  ///< Of each of them, however often it was judged.
    std::optional<core::Timestamp> newest;         ///< That was judged, and
    std::optional<core::Timestamp> looked_at;      ///< up to where nothing is left.
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

/// That of the window was refused or cut once more. False: it was too often, and it is given up.
inline bool keep_refused(Turn& turn, core::Timestamp end) {
    constexpr unsigned refusals_max = 7;
    if (++turn.refusals[end] >= refusals_max) {
        std::erase(turn.refused, end);
        turn.refusals.erase(end);
        return false;
    }
    if (std::ranges::find(turn.refused, end) != turn.refused.end()) return true;
    if (owe(turn.refused, end)) turn.refusals.erase(turn.refusals.begin());
    return turn.refusals.contains(end);
}

/// Whether its query is tried again before the next window is due: five times.
[[nodiscard]] inline bool is_asked_again(const Turn& turn, core::Timestamp end) {
    constexpr unsigned again_max = 5;
    const auto found = turn.refusals.find(end);
    return found != turn.refusals.end() && found->second <= again_max;
}

/// Its query is answered again: what was refused is judged behind the latest.
inline void take_up_refused(Turn& turn, core::Timestamp answered) {
    std::erase(turn.refused, answered);
    turn.refusals.erase(answered);
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
