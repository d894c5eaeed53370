#include "evidence.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/incident/apply.hpp"
#include "tristrata/incident/wording.hpp"
#include "tristrata/kill_switch/policy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace tristrata::service {
namespace {

// The policy refuses to ask for more than is kept.
static_assert(kill_switch::evaluations_kept == incident::evaluations_kept);

/// The worst first; of crit ones those that speak of values that came.
std::vector<const incident::Finding*> in_order(const incident::Incident& incident) {
    using Rank = std::tuple<bool, drift::Severity, std::uint64_t>;
    // Once for each: it reads the payload.
    std::vector<std::pair<Rank, const incident::Finding*>> ranked;
    for (const auto& one : incident.findings) {
        const bool decides = one.severity == drift::Severity::crit &&
                             incident::evidence_verdict(one.payload) == drift::Verdict::drift;
        ranked.emplace_back(Rank(decides, one.severity, one.occurrences), &one);
    }
    std::ranges::stable_sort(ranked, std::greater{}, [](const auto& one) { return one.first; });
    std::vector<const incident::Finding*> findings;
    for (const auto& one : ranked) findings.push_back(one.second);
    return findings;
}

std::string text_at(const nlohmann::json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t rows_of(const nlohmann::json& payload) {
    const auto window = payload.find("window");
    if (window == payload.end() || !window->is_object()) return 0;
    const auto count = window->find("rows");
    return count != window->end() && count->is_number_unsigned() ? count->get<std::uint64_t>() : 0;
}

/// Of the window, or of the rows that a report looked at; both absent where the payload does not say.
core::TimeRange window_in(const nlohmann::json& payload) {
    const auto window = payload.is_object() ? payload.find("window") : payload.end();
    core::TimeRange range;
    if (window == payload.end() || !window->is_object()) return range;
    if (const auto from = core::parse_timestamp(text_at(*window, "from"))) range.from = *from;
    if (const auto to = core::parse_timestamp(text_at(*window, "to"))) range.to = *to;
    return range;
}

/// Until when rows or labels of the module were missing; `lasts` where what found it has not found them
/// again: an analyzer may look later than others. What a person called a false alarm is none.
struct Missing {
    std::optional<core::Timestamp> until;
    bool lasts = false;
};

Missing missing_of(const std::vector<incident::Signal>& signals, const std::vector<core::Uuid>& dismissed) {
    Missing missing;
    const auto is_believed = [&](const incident::Evaluation& one) {
        return one.found_missing &&
               !(one.incident_id && std::ranges::find(dismissed, *one.incident_id) != dismissed.end());
    };
    for (const auto& signal : signals) {
        for (const auto& one : signal.recent)
            if (is_believed(one)) missing.until = std::max(missing.until, std::optional(one.at));
        missing.lasts = missing.lasts ||
                        (signal.incident_id && !signal.recent.empty() && is_believed(signal.recent.back()));
    }
    return missing;
}

/// Counts the evaluations that are part of the incident, from the first of them: what was part of another
/// proves nothing of this one. Those whose window reaches back to where rows were missing found nothing.
void count(kill_switch::Evidence& evidence, const incident::Signal& signal, const core::Uuid& incident_id,
           const Missing& missing, core::Duration window) {
    const auto is_of = [&](const incident::Evaluation& one) {
        return one.incident_id == std::optional(incident_id);
    };
    for (auto one = std::ranges::find_if(signal.recent, is_of); one != signal.recent.end(); ++one) {
        if (one->incident_id && !is_of(*one)) continue;
        ++evidence.evaluations;
        const bool whole =
            !missing.lasts &&
            (!missing.until || one->at + core::Duration{-window.microseconds} >= *missing.until);
        evidence.fired +=
            is_of(*one) && one->is_evidence && one->level == drift::Severity::crit && whole ? 1 : 0;
    }
}

/// Why what is held back proves nothing, as it pages nobody; empty: it may.
std::string_view held_because(const incident::Incident& incident) {
    using incident::Hold;
    switch (incident.hold) {
        case Hold::inhibited:
            return "it follows from data that are missing upstream";
        case Hold::maintenance:
            return "its module is in maintenance";
        case Hold::snoozed:
            return "a person snoozed it";
        case Hold::dismissed:
            return "a person called it a false alarm";
        case Hold::budget:
        case Hold::none:
            return "";
    }
    return "";
}

/// What a finding says was missing beside it; many columns may be.
std::string doubt_of(const nlohmann::json& payload) {
    constexpr std::size_t bytes_max = 400;
    std::string doubt = text_at(payload, "missing");
    if (doubt.size() <= bytes_max) return doubt;
    return core::valid_utf8(doubt.substr(0, bytes_max)) + " ...";
}

kill_switch::Evidence evidence_of(const incident::Incident& incident, const incident::Finding& finding,
                                  const std::vector<incident::Signal>& signals, const Missing& missing) {
    kill_switch::Evidence evidence;
    evidence.severity = finding.severity;
    evidence.reference_value = finding.reference_value;
    evidence.current_value = finding.current_value;
    const auto payload = nlohmann::json::parse(finding.payload, nullptr, false);
    const core::TimeRange looked_at = window_in(payload);
    // A file that nobody writes any more is looked at today.
    evidence.newest = std::min(finding.last_seen, looked_at.to.value_or(finding.last_seen));
    const core::Duration length =
        looked_at.from && looked_at.to ? *looked_at.to - *looked_at.from : core::Duration{};
    for (const auto& signal : signals)
        // One that is good again has left the incident.
        if (signal.metric == finding.metric && signal.drift_type == incident.drift_type &&
            signal.incident_id == std::optional(incident.incident_id))
            count(evidence, signal, incident.incident_id, missing, length);
    if (!payload.is_object()) return evidence;
    const std::string analyzer = text_at(payload, "analyzer");
    // A row of a report: its payload is the column's element.
    if (analyzer.empty() && finding.reference_version.empty()) return evidence;
    evidence.analyzer = analyzer.empty() ? "drift_check" : analyzer;
    evidence.analyzer_version = analyzer.empty() ? finding.reference_version.substr(0, 12)
                                                 : text_at(payload, "query_sha256").substr(0, 12);
    evidence.rows = rows_of(payload);
    const auto held = held_because(incident);
    evidence.verdict =
        !held.empty() ? drift::Verdict::insufficient_data : incident::evidence_verdict(finding.payload);
    evidence.doubt = held.empty() ? doubt_of(payload) : std::string(held);
    return evidence;
}

}  // namespace

bool is_escalated(const incident::Incident& incident) {
    return incident.severity == drift::Severity::crit && incident.phase == incident::Phase::open &&
           !incident.dismissed_at && incident.module != kill_switch::event_module;
}

kill_switch::CritIncident crit_incident_of(const incident::Incident& incident,
                                           const std::vector<incident::Signal>& signals,
                                           const std::vector<core::Uuid>& dismissed) {
    kill_switch::CritIncident crit;
    crit.incident = core::to_string(incident.incident_id);
    crit.episode = static_cast<std::int64_t>(incident.reopened) + 1;
    crit.module = incident.module;
    crit.why = incident::summary_of(incident);
    const Missing missing = missing_of(signals, dismissed);
    if (const auto held = held_because(incident); !held.empty()) crit.why += fmt::format("; {}", held);
    else if (missing.lasts)
        crit.why += fmt::format("; rows or labels of {} are missing: until they come nothing of it counts",
                                core::quoted(incident.module));
    else if (missing.until)
        crit.why +=
            fmt::format("; rows or labels of {} were missing until {}: what was found by then does not count",
                        core::quoted(incident.module), core::to_string(*missing.until));
    const auto findings = in_order(incident);
    for (const auto* finding : findings) {
        kill_switch::Evidence evidence = evidence_of(incident, *finding, signals, missing);
        if (finding == findings.front()) crit.evidence = std::move(evidence);
        else crit.further.push_back(std::move(evidence));
    }
    return crit;
}

}  // namespace tristrata::service
