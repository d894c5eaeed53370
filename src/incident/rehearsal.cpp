#include "holding.hpp"
#include "tristrata/incident/apply.hpp"

#include <algorithm>
#include <utility>

namespace tristrata::incident {
Rehearsal rehearse(const Policy& policy, const config::Owners& owners, std::vector<drift::Event> events,
                   core::Duration every) {
    Rehearsal told;
    if (events.empty() || every.microseconds <= 0) return told;
    std::ranges::stable_sort(events, {}, &drift::Event::detected_at);
    State state;
    const core::Timestamp first = events.front().detected_at, last = events.back().detected_at;
    auto next = events.begin();
    for (core::Timestamp now = first;; now = now + every) {
        const auto from = next;
        while (next != events.end() && next->detected_at <= now) ++next;
        const Applied applied = apply(policy, owners, state, std::span(from, next), now);
        for (const auto& one : applied.transitions) {
            told.incidents += one.kind == "opened" ? 1 : 0;
            told.withheld += one.kind == "withheld" && one.why.starts_with(name(Hold::budget)) ? 1 : 0;
        }
        for (const auto& page : applied.pages) told.pages += page.kind == Page::Kind::firing ? 1 : 0;
        std::erase_if(state.incidents, [&](const Incident& one) {
            return one.closed_at && *one.closed_at + policy.max_age < now;
        });
        std::erase_if(state.pages, [&](const Page& page) { return page.due_at + budget_week <= now; });
        if (next == events.end() && now >= last) break;
    }
    told.weeks =
        static_cast<double>((last - first).microseconds) / static_cast<double>(budget_week.microseconds);
    if (told.weeks > 0) told.pages_per_week = static_cast<double>(told.pages) / told.weeks;
    return told;
}

}  // namespace tristrata::incident
