#pragma once

#include "tristrata/kill_switch/kill_switch.hpp"

#include <string>

namespace tristrata::kill_switch {

inline constexpr core::Timestamp noon{1'700'000'000'000'000};

/// Enough to engage by itself, as of `asked_at`.
inline Evidence whole_evidence(core::Timestamp asked_at) {
    Evidence evidence;
    evidence.analyzer = "psi_close";
    evidence.analyzer_version = "3f2a";
    evidence.verdict = drift::Verdict::drift;
    evidence.severity = drift::Severity::crit;
    evidence.fired = 3;
    evidence.evaluations = 3;
    evidence.rows = 1344;
    evidence.newest = asked_at + core::Duration{-60'000'000};
    evidence.reference_value = 0.1;
    evidence.current_value = 0.9;
    evidence.threshold = 0.5;
    return evidence;
}

inline EngageRequest request_of(const std::string& scope, const std::string& incident, Source source,
                                core::Timestamp asked_at) {
    EngageRequest request;
    request.scope = *parse_scope(scope);
    request.incident = incident;
    request.source = source;
    request.who = "the test";
    request.why = "psi of close is 0.9";
    request.asked_at = asked_at;
    if (!by_person(source)) request.evidence = whole_evidence(asked_at);
    return request;
}

inline DisengageRequest disengage_of(const std::string& scope, core::Timestamp asked_at) {
    DisengageRequest request;
    request.scope = *parse_scope(scope);
    request.who = "@anna";
    request.why = "the feed is back";
    request.ticket = "OPS-71";
    request.asked_at = asked_at;
    return request;
}

}  // namespace tristrata::kill_switch
