#include "decision.hpp"
#include "requests.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <functional>
#include <limits>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {

Facts enforcing() {
    Facts facts;
    facts.mode = Mode::enforcing;
    return facts;
}

}  // namespace

TEST(Decision, whole_evidence_engages_where_the_mode_is_enforcing_and_would_engage_in_shadow) {
    const auto request = request_of("crypto:BTCUSDT", "i1", Source::incident, noon);
    EXPECT_EQ(decide(request, {}, enforcing()).decision, Decision::engaged);
    Facts shadow;
    shadow.mode_reason = "the setting kill_switch.mode";
    const Decided would = decide(request, {}, shadow);
    EXPECT_EQ(would.decision, Decision::would_engage);
    EXPECT_NE(would.reason.find("kill_switch.mode"), std::string::npos);
}

TEST(Decision, a_person_needs_no_evidence_and_engages_in_shadow_too) {
    EXPECT_EQ(decide(request_of("global", "i1", Source::cli, noon), {}, Facts()).decision, Decision::engaged);
}

TEST(Decision, every_gap_of_the_evidence_is_named_and_engages_nothing) {
    const std::vector<std::pair<const char*, std::function<void(EngageRequest&)>>> gaps{
        {"without evidence", [](EngageRequest& r) { r.evidence.reset(); }},
        {"insufficient_data",
         [](EngageRequest& r) { r.evidence->verdict = drift::Verdict::insufficient_data; }},
        {"not_tested", [](EngageRequest& r) { r.evidence->verdict = drift::Verdict::not_tested; }},
        {"warn", [](EngageRequest& r) { r.evidence->severity = drift::Severity::warn; }},
        {"version", [](EngageRequest& r) { r.evidence->analyzer_version.clear(); }},
        {"1 evaluation", [](EngageRequest& r) { r.evidence->fired = 1; }},
        {"cannot", [](EngageRequest& r) { r.evidence->fired = 4; }},
        {"29 rows", [](EngageRequest& r) { r.evidence->rows = 29; }},
        {"not known", [](EngageRequest& r) { r.evidence->newest.reset(); }},
        {"old", [](EngageRequest& r) { r.evidence->newest = noon + core::Duration{-3'600'000'001}; }},
        {"future", [](EngageRequest& r) { r.evidence->newest = noon + core::Duration{60'000'001}; }},
        {"values", [](EngageRequest& r) { r.evidence->current_value.reset(); }},
        {"finite", [](EngageRequest& r) { r.evidence->current_value = std::nan(""); }},
        {"finite", [](EngageRequest& r) { r.evidence->threshold = std::numeric_limits<double>::infinity(); }},
    };
    for (const auto& [word, spoil] : gaps) {
        auto request = request_of("crypto:BTCUSDT", "i1", Source::webhook, noon);
        spoil(request);
        const Decided decided = decide(request, {}, enforcing());
        EXPECT_EQ(decided.decision, Decision::insufficient_evidence) << word;
        EXPECT_NE(decided.reason.find(word), std::string::npos) << decided.reason;
    }
    auto thin = request_of("crypto:BTCUSDT", "i1", Source::webhook, noon);
    thin.evidence->fired = 1;
    thin.evidence->rows = 10;
    thin.evidence->verdict = drift::Verdict::insufficient_data;
    EXPECT_EQ(
        decide(thin, {}, enforcing()).reason,
        "its verdict is insufficient_data, not drift; 1 evaluation found it; 2 are needed; it rests on 10 "
        "rows; 30 are needed: a person decides")
        << "all of them";
    auto on_edge = request_of("crypto:BTCUSDT", "i1", Source::webhook, noon);
    on_edge.evidence->rows = 30;
    on_edge.evidence->fired = 2;
    on_edge.evidence->newest = noon + core::Duration{-3'600'000'000};
    EXPECT_EQ(decide(on_edge, {}, enforcing()).decision, Decision::engaged);
}

TEST(Decision, what_is_engaged_is_joined_and_what_came_before_is_not_done_again) {
    Facts facts = enforcing();
    facts.engaged = true;
    const auto request = request_of("crypto:BTCUSDT", "i1", Source::incident, noon);
    EXPECT_EQ(decide(request, {}, facts).decision, Decision::joined);
    facts.before = Decision::engaged;
    facts.engaged = false;  // A person disengaged meanwhile.
    EXPECT_EQ(decide(request, {}, facts).decision, Decision::repeated);
}

TEST(Decision, one_scope_too_many_asks_a_person_or_goes_to_global) {
    Facts facts = enforcing();
    const auto request = request_of("crypto:BTCUSDT", "i1", Source::incident, noon);
    Policy policy;
    facts.scopes_in_window = policy.scopes_max - 1;
    EXPECT_EQ(decide(request, policy, facts).decision, Decision::engaged);
    facts.scopes_in_window = policy.scopes_max;
    EXPECT_EQ(decide(request, policy, facts).decision, Decision::asked_human);
    EXPECT_EQ(decide(request_of("crypto:X", "i1", Source::cli, noon), policy, facts).decision,
              Decision::engaged)
        << "a person is not held back";
    EXPECT_EQ(decide(request_of("global", "i1", Source::incident, noon), policy, facts).decision,
              Decision::engaged)
        << "global is as far as it goes";
    policy.over_limit = Policy::OverLimit::global;
    const Decided wide = decide(request, policy, facts);
    EXPECT_EQ(wide.decision, Decision::engaged);
    EXPECT_TRUE(wide.widened);
}
