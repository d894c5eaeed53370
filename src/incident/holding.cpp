#include "holding.hpp"

#include "evaluations.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace tristrata::incident {

/// Whether that one is held back for this one, or for one that is: where modules are upstream of each
/// other one of them pages.
bool Holding::follows_from(const Incident& one, const Incident& incident) const {
    const Incident* at = &one;
    for (std::size_t steps = 0; steps < state_.incidents.size() && at->inhibited_by; ++steps) {
        if (*at->inhibited_by == incident.incident_id) return true;
        const auto next = std::ranges::find(state_.incidents, *at->inhibited_by, &Incident::incident_id);
        if (next == state_.incidents.end()) return false;
        at = &*next;
    }
    return false;
}

/// Whether it is crit of data that were there: it was while all that the cause misses was good, or it began
/// behind the last data that were missing, or it is bad since the cause recovered.
bool Holding::stands_for_itself(const Incident& incident, const Incident& cause) const {
    if (cause.phase == Phase::cooling && incident.bad_at > *cause.cooling_since) return true;
    if (cause.phase != Phase::cooling)
        for (const Signal& signal : state_.signals) {
            if (signal.incident_id != std::optional(incident.incident_id)) continue;
            for (const Evaluation& one : signal.recent)
                if (one.level == drift::Severity::crit && one.incident_id == signal.incident_id &&
                    !was_bad_at(cause, state_.signals, one.at))
                    return true;
        }
    // A window that begins where the last bad one ended holds nothing of it.
    const auto until = was_bad_until(cause, state_.signals);
    return until && incident.first_seen > *until && since_of(incident) >= *until;
}

/// The open incident from which this one follows, if its type is one that silences.
const Incident* Holding::cause_of(const Incident& incident) const {
    const auto& by = policy_.inhibition.by;
    const auto silences = [&](const Incident& one) {
        return std::ranges::find(by, one.drift_type) != by.end();
    };
    std::vector<std::string_view> upstream;
    for (const auto& [module, from] : policy_.inhibition.upstream)
        if (fits(module, incident.module)) upstream.insert(upstream.end(), from.begin(), from.end());
    const bool silences_too = silences(incident);
    for (const Incident& one : state_.incidents) {
        // First what is cheap: the signals of one source that goes away are those of a thousand modules.
        const bool here = one.module == incident.module && !silences_too;
        const bool above = one.module != incident.module &&
                           std::ranges::any_of(upstream, [&](auto from) { return fits(from, one.module); });
        // Of what is told to nobody nothing follows: whoever snoozed it spoke of it alone.
        if ((!here && !above) || &one == &incident || one.phase == Phase::closed || one.dismissed_at ||
            one.snoozed_until || one.severity != drift::Severity::crit || !silences(one) ||
            one.first_seen > incident.first_seen)
            continue;
        if (!one.paged_at && (one.hold == Hold::budget || one.hold == Hold::maintenance)) continue;
        if (is_crit_still(one, state_.signals) && !follows_from(one, incident) &&
            !stands_for_itself(incident, one))
            return &one;
    }
    return nullptr;
}

const Silence* Holding::silence_of(const Incident& incident) const {
    for (const auto* list :
         std::array<const std::vector<Silence>*, 2>{&policy_.maintenance, &state_.silences})
        for (const Silence& one : *list)
            if (one.from <= now_ && now_ < one.to && fits(one.module, incident.module) &&
                (!one.drift_type || *one.drift_type == incident.drift_type))
                return &one;
    return nullptr;
}

std::uint64_t Holding::pages_of_week(const std::string& module, Page::Kind kind) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(state_.pages, [&](const Page& one) {
        return one.module == module && one.kind == kind && one.due_at + budget_week > now_;
    }));
}

Held Holding::of(const Incident& incident) const {
    if (incident.dismissed_at) return {Hold::dismissed};
    if (incident.snoozed_until) return {Hold::snoozed, "until " + core::to_string(*incident.snoozed_until)};
    if (const Silence* silence = silence_of(incident))
        return {Hold::maintenance, fmt::format("until {}: {}", core::to_string(silence->to), silence->why)};
    if (const Incident* other = cause_of(incident))
        return {Hold::inhibited,
                fmt::format("follows from {} of {}, {}", drift::name(other->drift_type), other->module,
                            core::to_string(other->incident_id)),
                other->incident_id};
    return {};
}

Held Holding::by_budget(const Incident& incident) const {
    const auto budget = policy_.rule_of(incident.module, incident.drift_type).pages_per_week;
    if (pages_of_week(incident.module, Page::Kind::firing) < budget) return {};
    return {Hold::budget,
            fmt::format("{} of the last seven days are all that the policy allows; it is in the digest",
                        core::plural(budget, "page"))};
}

}  // namespace tristrata::incident
