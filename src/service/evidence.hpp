#pragma once

#include "tristrata/incident/incident.hpp"
#include "tristrata/kill_switch/escalation.hpp"

#include <vector>

namespace tristrata::service {

/// An open crit incident as the kill switch is shown it: each of its findings, of which the payload says who
/// found it, in which version (of its query, or the reference that it was held against), and behind how many
/// rows; m of n by the evaluations that are part of it. Only a finding over values has the verdict drift: one
/// of rows, labels, columns or times that did not come, or of values of a window in which they are missing,
/// has insufficient_data, as all has of an incident that is held back (missing upstream data, maintenance, a
/// snooze); one of the telemetry itself (a source without an answer, a clock that is not ours) not_tested.
/// Nor do evaluations count whose window reaches back to where another analyzer or check of the module found
/// rows or labels missing, and none does while that lasts. What the payload does not say is left out, and
/// then nothing engages by it. `signals` are all of the module; `dismissed` the open incidents that a person
/// called false alarms.
[[nodiscard]] kill_switch::CritIncident crit_incident_of(const incident::Incident& incident,
                                                         const std::vector<incident::Signal>& signals,
                                                         const std::vector<core::Uuid>& dismissed);

/// Whether it may be escalated: crit, open, dismissed by nobody, and not of the switch itself.
[[nodiscard]] bool is_escalated(const incident::Incident& incident);

}  // namespace tristrata::service
