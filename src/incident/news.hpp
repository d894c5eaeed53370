#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/incident/incident.hpp"
#include "tristrata/incident/policy.hpp"

#include <cstddef>
#include <string>
#include <vector>

// Of what in an incident people were told, metric by metric.
namespace tristrata::incident {

[[nodiscard]] bool has_crit(const Incident& incident, const std::string& metric);

/// Whether it is crit there by the rule, by itself, and bad still.
[[nodiscard]] bool is_crit_by_rule(const Incident& incident, const std::string& metric,
                                   const std::vector<Signal>& signals, const Evidence& evidence);

/// Whether who dismissed the incident spoke of the metric, which is crit again in its evaluation at `index`.
/// Of more metrics than are kept that is one that was crit there by the rule before.
[[nodiscard]] bool is_covered(const Incident& incident, const Signal& signal, std::size_t index,
                              const Evidence& evidence);

/// The metric recovered by the rule, at that time by its evaluations.
void note_recovery(Incident& incident, const std::string& metric, core::Timestamp at);
/// It is bad again, and by the rule crit or not. Where it had recovered for the cool-down what people were
/// told of it is over, whatever else kept the incident open: it is as new.
void note_return(Incident& incident, const std::string& metric, core::Timestamp seen, bool is_crit,
                 core::Duration cool_down);

/// The kill switch has decided anew what people were told of, and nothing says that what it decided before is
/// over: it is as new where somebody answered its page, or that is an hour old. Until then it stands for what
/// joins.
void note_decision(Incident& incident, const std::string& metric, core::Timestamp now);

/// A page speaks of all that is crit there. Returns what is new in it, metric by metric; empty: nothing, or
/// it is the first.
std::string tell_crit(Incident& incident);

}  // namespace tristrata::incident
