#include "decision.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>
#include <vector>

namespace tristrata::kill_switch {
namespace {

/// Clocks of two machines are never the same.
constexpr core::Duration skew_max{60'000'000};

bool finite(const std::optional<double>& value) { return !value || std::isfinite(*value); }

/// One thing that evidence lacks: which, and in words.
struct Gap {
    std::string_view kind;
    std::string words;
};

std::vector<Gap> gaps_of(const EngageRequest& request, const Policy::EvidenceNeeded& needed) {
    if (!request.evidence) return {{"evidence", "it came without evidence"}};
    const Evidence& evidence = *request.evidence;
    std::vector<Gap> gaps;
    if (evidence.verdict != drift::Verdict::drift)
        gaps.push_back(
            {"verdict", fmt::format("its verdict is {}, not drift{}", drift::name(evidence.verdict),
                                    evidence.doubt.empty() ? "" : fmt::format(" ({})", evidence.doubt))});
    if (evidence.severity != drift::Severity::crit)
        gaps.push_back(
            {"severity", fmt::format("its severity is {}, not crit", drift::name(evidence.severity))});
    if (evidence.analyzer.empty() || evidence.analyzer_version.empty())
        gaps.push_back({"analyzer", "the analyzer or its version is not named"});
    if (evidence.fired > evidence.evaluations)
        gaps.push_back({"counts", fmt::format("{} of {} evaluations cannot have found it", evidence.fired,
                                              evidence.evaluations)});
    else if (evidence.fired < needed.fired)
        gaps.push_back({"fired", fmt::format("{} found it; {} are needed",
                                             core::plural(evidence.fired, "evaluation"), needed.fired)});
    if (evidence.rows < needed.rows)
        gaps.push_back({"rows", fmt::format("it rests on {}; {} are needed",
                                            core::plural(evidence.rows, "row"), needed.rows)});
    if (!evidence.newest) {
        gaps.push_back({"newest", "the time of its newest row is not known"});
    } else if (const core::Duration age = request.asked_at - *evidence.newest; age > needed.age_max) {
        gaps.push_back({"age", fmt::format("its newest row was {} old; at most {} may be",
                                           core::to_string(age), core::to_string(needed.age_max))});
    } else if (age < core::Duration{-skew_max.microseconds}) {
        gaps.push_back({"future", "its newest row is of the future"});
    }
    if (!evidence.current_value || !finite(evidence.current_value) || !finite(evidence.reference_value) ||
        !finite(evidence.threshold))
        gaps.push_back({"values", "its values are not there, or not finite"});
    return gaps;
}

std::string words_of(const std::vector<Gap>& gaps) {
    std::string words;
    for (const Gap& gap : gaps) words += (words.empty() ? "" : "; ") + gap.words;
    return words;
}

}  // namespace

std::string missing_evidence(const EngageRequest& request, const Policy::EvidenceNeeded& needed) {
    return words_of(gaps_of(request, needed));
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
        if (const auto gaps = gaps_of(request, policy.evidence); !gaps.empty()) {
            Decided lacking{Decision::insufficient_evidence, words_of(gaps) + ": a person decides", false};
            for (const Gap& gap : gaps) lacking.missing += fmt::format("\n{}", gap.kind);
            return lacking;
        }
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
