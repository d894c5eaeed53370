#pragma once

#include "events.hpp"
#include "tristrata/incident/apply.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace tristrata::incident::desks {

/// One program that steps, with all that it ever told.
struct Desk {
    Policy policy;
    config::Owners owners;
    State state;
    std::vector<Transition> history;
    std::vector<Page> pages;

    Applied step(std::vector<drift::Event> events, core::Timestamp now) {
        const Applied applied = apply(policy, owners, state, events, now);
        history.insert(history.end(), applied.transitions.begin(), applied.transitions.end());
        pages.insert(pages.end(), applied.pages.begin(), applied.pages.end());
        return applied;
    }
    [[nodiscard]] std::size_t count(std::string_view kind) const {
        return static_cast<std::size_t>(std::ranges::count(history, kind, &Transition::kind));
    }
    [[nodiscard]] std::size_t sent(Page::Kind kind) const {
        return static_cast<std::size_t>(std::ranges::count(pages, kind, &Page::kind));
    }
    /// As IncidentStore does it.
    void acknowledge(core::Timestamp now) {
        last().acked_by = "eve";
        last().acked_at = now;
        tell();
    }
    void dismiss(core::Timestamp now) {
        last().dismissed_at = now;
        last().hold = Hold::dismissed;
        tell();
    }
    void tell() {
        for (Finding& one : last().findings)
            if (one.severity == drift::Severity::crit && one.told == 0) one.told = 1;
    }
    [[nodiscard]] Incident& last() { return state.incidents.back(); }
};

inline core::Timestamp at(std::int64_t minutes) {
    return monday + core::Duration{minutes * minute.microseconds};
}

}  // namespace tristrata::incident::desks
