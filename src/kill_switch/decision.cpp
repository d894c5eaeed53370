#include "decision.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>

namespace tristrata::kill_switch {
namespace {

/// Clocks of two machines are never the same.
constexpr core::Duration skew_max{60'000'000};

bool finite(const std::optional<double>& value) { return !value || std::isfinite(*value); }

}  // namespace

std::string missing_evidence(const EngageRequest& request, const Policy::EvidenceNeeded& needed) {
    if (!request.evidence) return "it came without evidence";
    const Evidence& evidence = *request.evidence;
    if (evidence.verdict != drift::Verdict::drift)
        return fmt::format("its verdict is {}, not drift", drift::name(evidence.verdict));
    if (evidence.severity != drift::Severity::crit)
        return fmt::format("its severity is {}, not crit", drift::name(evidence.severity));
    if (evidence.analyzer.empty() || evidence.analyzer_version.empty())
        return "the analyzer or its version is not named";
    if (evidence.fired > evidence.evaluations)
        return fmt::format("{} of {} evaluations cannot have found it", evidence.fired, evidence.evaluations);
    if (evidence.fired < needed.fired)
        return fmt::format("{} found it; {} are needed", core::plural(evidence.fired, "evaluation"),
                           needed.fired);
    if (evidence.rows < needed.rows)
        return fmt::format("it rests on {}; {} are needed", core::plural(evidence.rows, "row"), needed.rows);
    if (!evidence.newest) return "the time of its newest row is not known";
    const core::Duration age = request.asked_at - *evidence.newest;
    if (age > needed.age_max)
        return fmt::format("its newest row was {} old; at most {} may be", core::to_string(age),
                           core::to_string(needed.age_max));
    if (age < core::Duration{-skew_max.microseconds}) return "its newest row is of the future";
    if (!evidence.current_value || !finite(evidence.current_value) || !finite(evidence.reference_value) ||
        !finite(evidence.threshold))
        return "its values are not there, or not finite";
    return {};
}

Decided decide(const EngageRequest& request, const Policy& policy, const Facts& facts) {
    // What is engaged again since is held by it again; and it engages nothing twice by itself, but a person
    // may.
    const bool joins_again = facts.before && facts.engaged && facts.before_is_past;
    const bool person_again = facts.before == Decision::joined && !facts.engaged && by_person(request.source);
    if (facts.before && !joins_again && !person_again)
        return {Decision::repeated,
                fmt::format("this episode of {} {} before{}", request.incident,
                            *facts.before == Decision::engaged ? "engaged it" : "was noted",
                            !facts.engaged && by_person(request.source)
                                ? "; to engage it again, give another --episode, or no --incident"
                                : ""),
                false};
    const bool alone = !by_person(request.source);
    if (alone && !facts.without_evidence)
        if (const std::string missing = missing_evidence(request, policy.evidence); !missing.empty())
            return {Decision::insufficient_evidence, missing + ": a person decides", false};
    if (alone && facts.mode == Mode::shadow)
        return {Decision::would_engage, "shadow mode: " + facts.mode_reason, false};
    if (facts.engaged) return {Decision::joined, "it was engaged already", false};
    if (alone && request.scope.kind != Scope::Kind::global && facts.scopes_in_window >= policy.scopes_max) {
        const std::string many = fmt::format("{} engaged within {}, the limit",
                                             core::plural(facts.scopes_in_window, "other scope"),
                                             core::to_string(policy.scopes_window));
        if (policy.over_limit == Policy::OverLimit::global) return {Decision::engaged, many, true};
        return {Decision::asked_human,
                many + ": a broken analyzer or feed is likelier than so many failures; a person decides",
                false};
    }
    return {Decision::engaged, std::string(engaged_means), false};
}

}  // namespace tristrata::kill_switch
