#pragma once

#include "tristrata/config/owners.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/incident/incident.hpp"
#include "tristrata/incident/policy.hpp"

#include <span>
#include <vector>

namespace tristrata::incident {

/// All that decides: rows of the store, and nothing else.
struct State {
    std::vector<Incident> incidents;  ///< Those that are not closed, and those that closed within max_age.
    std::vector<Signal> signals;      ///< Of the modules of the events, and of every incident not closed.
    std::vector<Silence> silences;    ///< Beside the policy's maintenance.
    std::vector<Page> pages;          ///< Of the last week.
};

/// What came of some events: rows to be written, in one transaction.
struct Applied {
    std::vector<Incident> incidents;  ///< New or changed.
    std::vector<Signal> signals;      ///< New or changed.
    std::vector<Transition> transitions;
    std::vector<Page> pages;
};

/// One step of every incident: takes events that were not taken before, in any order, and the time that has
/// passed. Pure: no clock, disk or database; the same input gives the same result, so that a step that died
/// can be done again.
///
/// An event of warn or crit is a bad evaluation of its metric. A column's crit counts as warn where the rule
/// has a page_share and its report, of which the row share_drifted is among the events, stays below it. Good
/// ones are: an info event of the same module, type and metric; and a report's row share_drifted, for each
/// metric that reports of the module found bad before, that it tested and has no row for. Where it says that
/// there was too little data, and where nothing comes, nothing is good.
///
/// Cost   O(events · signals of their module). `state` is changed to what it is afterwards.
[[nodiscard]] Applied apply(const Policy& policy, const config::Owners& owners, State& state,
                            std::span<const drift::Event> events, core::Timestamp now);

/// Evaluations that are remembered of a metric.
inline constexpr std::size_t evaluations_kept = 48;

/// What a threshold costs before it is switched on: the same steps over events of the past.
struct Rehearsal {
    std::uint64_t incidents = 0;
    std::uint64_t pages = 0;
    std::uint64_t withheld = 0;  ///< By the budget.
    double weeks = 0;
    double pages_per_week = 0;  ///< 0 where no time passed.
};
/// Events as they came, a step each `every`, until the cool-down behind the last.
[[nodiscard]] Rehearsal rehearse(const Policy& policy, const config::Owners& owners,
                                 std::vector<drift::Event> events, core::Duration every);

}  // namespace tristrata::incident
