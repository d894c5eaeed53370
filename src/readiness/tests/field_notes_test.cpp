#include "golden_plan.hpp"
#include "tristrata/readiness/draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// A note behind the value of a field, in brackets or behind a comma: what takes the value back, and what does
// not.
namespace {

/// Lines of the right plan.
namespace right {
constexpr std::string_view shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11",
                           canary = "- Canary: BTCUSDC, because its order book is the deepest",
                           full = "- Full rollout: 2026-05-25", dri = "- DRI: @maria",
                           sunset = "- Sunset: 2026-08-23", metric = "0.52 / 0.50", psi = "0.2 / 0.5",
                           rehearsed = "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711",
                           lever =
                               "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`",
                           review = "- Review: session 3e0a3008, PASSED", severity = "| P1 |",
                           alert = "| VarianceDispersionDead |";
}  // namespace right

using Notes = std::vector<const char*>;

/// The findings of the right plan with `by` in place of `what`.
std::vector<std::string> found_with(std::string_view what, const std::string& by) {
    return found_in(judged(replaced(right_plan(), what, by)));
}

void expect(std::string_view what, const std::string& value, const char* rule, const Notes& taken_back,
            const Notes& taken, const std::string& end = "") {
    for (const char* note : taken_back)
        EXPECT_THAT(found_with(what, value + note + end), Contains(rule)) << note;
    for (const char* note : taken) EXPECT_THAT(found_with(what, value + note + end), IsEmpty()) << note;
}

}  // namespace

TEST(FieldNotes, a_shadow_that_is_skipped_simulated_or_may_be_shorter_is_none) {
    expect(right::shadow, "- Shadow: 7 days", "RDY401",
           {" (skipped for urgency)",
            " (waived for this story)",
            " (will be skipped)",
            " (not run)",
            " (never run)",
            " (never started)",
            " (in theory)",
            " (zero of them run)",
            ", none of them run",
            " (only 2 run)",
            " (of backtest)",
            " (of simulation)",
            " (replayed)",
            " (compressed)",
            ", replayed in an hour",
            " \u2014 replayed in an hour",
            " (simulated)",
            " on paper",
            ", of which five are skipped",
            " of which five are skipped",
            ", or 3 if nothing happens",
            ", may be skipped",
            ", we may skip it",
            ". Can be shortened to 3.",
            ", ends early once the gap is fine",
            ", can end early",
            " (may be cut short)",
            ", may be shortened"},
           {" (was skipped in v1, runs now)", ", no orders are sent", " (never skipped)",
            ", may not be skipped", " (no day is skipped)", ", with simulated orders",
            " (orders simulated, nothing sent)", ", simulated orders beside the live ones",
            " (not run in parallel with S06)", ", dropped trades are counted", " (none of them is skipped)",
            " (cannot be shortened)", ", or one week", " (the shadow may run longer)", ", may be extended",
            ", removed features are ignored by both"});
    EXPECT_THAT(found_with(right::shadow, "- Shadow: 2026-05-04..2026-05-11"), IsEmpty());
    EXPECT_THAT(found_with(right::shadow, "- Shadow: 2026-05-04..2026-05-09"), Contains("RDY401"));
}

TEST(FieldNotes, a_canary_or_a_day_that_may_still_change_is_none) {
    expect(right::canary, "- Canary: BTCUSDC", "RDY402",
           {", deepest order book, can be skipped", ", because its book is deep. May be skipped.",
            ", because deepest, we may go without", ", because deepest, not enforced",
            " (deepest order book), may change", ", because its order book is the deepest, waived"},
           {", because its order book is the deepest and can move fast", ", because it can be stopped fast",
            ", because its book may change less than others",
            ", because its order book is the deepest (it cannot be skipped)"});
    const Notes open{", may move", ". May slip to June.", ", may be postponed", ", or the week after",
                     ", not binding"};
    expect(right::full, std::string(right::full), "RDY404", open,
           {" (a Monday, or day 14 of the canary)", ", then we can move on", ", skipped symbols join later"});
    expect(right::sunset, std::string(right::sunset), "RDY701", open, {" (the day may not be moved)"});
}

TEST(FieldNotes, a_dri_answers_for_as_long_as_the_sunset_is_away) {
    expect(right::dri, "- DRI: @maria", "RDY601",
           {", may be replaced by @ben", " (interim)", " for 30 days", " for at most 90 days"},
           {" for 90 days", " for the next 90 days", " (backup: @ben)", ", the author of the model"});
}

TEST(FieldNotes, thresholds_that_nothing_checks_are_none) {
    const Notes off{", not alerted", ", may change",       " (not checked)",
                    " (waived)",     " (skipped for now)", " (not enforced)"};
    expect(right::metric, std::string(right::metric), "RDY104", off,
           {" (dropped trades excluded)", " (missing rows count as errors)", " (skipped folds are counted)"});
    expect(right::psi, std::string(right::psi), "RDY301", off, {});
}

TEST(FieldNotes, a_rehearsal_that_was_not_finished_is_none) {
    expect(right::rehearsed, "- Rehearsed: 2026-05-03", "RDY503",
           {", could not be completed", ", partly", " (partly)", " (cancelled)", ", simulated",
            ", skipped for lack of time"},
           {", nothing failed", ", in staging", ", completed in 4 minutes", " (flag off and on again)",
            ", orders were simulated"});
}

TEST(FieldNotes, a_p1_that_wakes_nobody_is_none) {
    expect(right::severity, "| P1", "RDY201",
           {" (does not page)", " (nobody is paged)", " (page is off)", " (pages nobody at all)",
            " (no one wakes)", " (informational only, no page)", " (to be wired)", " (routed to nowhere)",
            " (in the future)", " - during office hours only"},
           {" (pages)", " (pages ML on-call)", " - pages ML on-call", ", pages",
            " (wakes nobody but the DRI)", " (pages at night, no ticket)"},
           " |");
    for (const char* channel : {"/dev/null", "muted", "a log file"})
        EXPECT_THAT(found_with("docs/runbooks/variance.md | P1 | #ml-alerts",
                               std::string("docs/runbooks/variance.md | P1 | ") + channel),
                    Contains("RDY201"))
            << channel;
    for (const char* channel : {"#log-alerts", "#logs", "pager of ML on-call"})
        EXPECT_THAT(found_with("docs/runbooks/variance.md | P1 | #ml-alerts",
                               std::string("docs/runbooks/variance.md | P1 | ") + channel),
                    IsEmpty())
            << channel;
}

TEST(FieldNotes, an_alert_is_there_and_speaks) {
    expect(right::alert, "| VarianceDispersionDead", "RDY299",
           {", to be created", " (planned)", ", silenced", " (coming soon)"}, {" (new)", " (existing)"},
           " |");
}

TEST(FieldNotes, a_lever_that_needs_a_build_is_a_deploy_and_one_that_is_to_come_is_none) {
    expect(right::lever, "flag `x.enabled` to false", "RDY502",
           {", needs a new container", ", then build and ship", ", by commit to main", ", by pull request",
            ", by merging a PR", ", and a release", ", requires a release", " (a code change)",
            ", a change of code", " (in code)", ", in constants.py", ", set in the Dockerfile",
            ", through CI", ", via a commit", " (needs a PR)", ", plus a new build of the container"},
           {", which was introduced by PR 12", ", needs no build", "; no code deploy is needed",
            ", added by the merge of 2025", " (no release needed)", ", which can be changed at runtime",
            ", set by the release manager", ", takes effect in the next run", ", and then restart the pods",
            " (was removed in v1, is there again)", ", read in features.py", ", removed after the sunset",
            ", via the config service", ", then the old selector runs again"});
    expect(
        right::lever, "flag `x.enabled` to false", "RDY501",
        {" (not wired)", " (unwired)", " (unimplemented)", " (no effect)", ", which has no effect",
         " (does nothing)", ", if it exists", ", once merged", ", comes in the next sprint", ", coming soon"},
        {});
    for (const char* placeholder : {"flag `<flag>`", "MLflow alias `<alias>`", "flag `xxx`"})
        EXPECT_THAT(found_with(right::lever, placeholder), Contains("RDY501")) << placeholder;
    EXPECT_THAT(found_with(right::lever, "edit `config/entry.yaml` and merge"), Contains("RDY502"));
}

TEST(FieldNotes, a_verdict_that_was_taken_back_in_brackets_has_not_passed) {
    expect(right::review, std::string(right::review), "RDY803",
           {" (withdrawn)", " (revoked)", " (cancelled)", " (pending)", " (verdict withdrawn)",
            " (the verdict was withdrawn)", " (it was cancelled)", " (FAILED)",
            " (rejected by the committee)", " with conditions", ", 2 blockers", " (withdrawn on 2026-05-03)",
            " with recommendations, all pending"},
           {" with recommendations, all applied", " with three recommendations, all of them applied",
            ", with 3 recommendations", " after one revision", " / OK avg 8.6, 9 recommendations applied",
            " OK avg 8.46, strong consensus, 0 blocker, 2 minor dissents",
            " / OK avg 8.6, 9 recommendations applied to template + scope-table", " (round 1: FAILED)",
            " (FAILED on 2026-05-01)"});
    for (const char* said : {"pr_review session 3e0a3008, PASSED", "plan_review 3e0a3008: PASSED",
                             "committee pr_review 3e0a3008 (PASSED)", "PR review session 3e0a3008, PASSED"})
        EXPECT_THAT(found_with(right::review, std::string("- Review: ") + said), IsEmpty()) << said;
    const std::string header = "Reviewed by committee: 3e0a3008, PASSED";
    EXPECT_THAT(found_with(header, header + " (failed)"), Contains("RDY803"));
    EXPECT_THAT(judged(replaced(right_plan(), header, header + " with comments")).findings.at(0).message,
                HasSubstr("\"Reviewed by committee: 3e0a3008, PASSED\""));
    EXPECT_THAT(found_with(header, "Reviewed by committee: 3e0a3008 (plan_review), PASSED"), IsEmpty());
}

TEST(FieldNotes, names_are_taken_as_people_write_them) {
    for (const char* heading : {"## \u00a7Sign-off checklist", "## \u00a7Sign-off", "## \u00a7 Sign-off"})
        EXPECT_THAT(found_with("## Sign-off", heading), IsEmpty()) << heading;
    EXPECT_THAT(found_with("| prediction rate |", "| prediction_rate |"), IsEmpty());
}

// What docs/readiness.md names as taking back does so in every form and field.
TEST(FieldNotes, what_is_not_decided_is_none_in_brackets_and_behind_a_dash_too) {
    const Notes open{" (to be confirmed)",
                     " \u2014 to be confirmed",
                     "; will be decided later",
                     " (not decided yet)",
                     ": not decided yet",
                     " (if the canary holds)",
                     " \u2014 if the committee agrees",
                     " (none)",
                     " (N/A)"};
    expect(right::metric, std::string(right::metric), "RDY104", open,
           {" (the default)", " (train)", ", over 7d", " (set by @maria)", " (once there are 100 trades)",
            " \u2014 if a bar is missing, the last one counts"});
    expect(right::psi, std::string(right::psi), "RDY301", open,
           {", over 7d", " (over 7 days)", " \u2014 over 7d", " (train)", " (the default)"});
    expect(
        right::shadow, "- Shadow: 7 days", "RDY401", open,
        {" (confirmed by @maria)", " \u2014 if a bar is missing, it counts as an error", ", orders: none"});
    expect("| `win_rate` |", "| `win_rate`", "RDY102", open,
           {" (train)", " (the default)", " (set by @maria)", " (existing)"}, " |");
    expect(right::alert, "| VarianceDispersionDead", "RDY299",
           {": to be confirmed", ". Draft.", ": disabled"}, {": the selector is dead"}, " |");
    expect(right::severity, "| P1", "RDY201", {" (if the canary holds)", ": if the canary holds"},
           {" (pages at night, once an hour)"}, " |");
    expect(right::rehearsed, "- Rehearsed: 2026-05-03", "RDY503",
           {" (to be confirmed)", ", maybe", " (if there was time)"}, {" (confirmed by @ben)"});
    expect(right::canary, std::string(right::canary), "RDY402", {", if the shadow holds", " (if possible)"},
           {", as its gap is small", " (the shadow ran on it, too)"});
}

// An item below a field is a note of it, as one behind a comma is; one with a label is a field of its own.
TEST(FieldNotes, an_item_below_a_field_takes_it_back_as_a_note_beside_it_does) {
    const std::string lever = "- Lever: " + std::string(right::lever);
    expect(right::shadow, std::string(right::shadow) + "\n  - ", "RDY401",
           {"cancelled", "will be skipped", "skipped for urgency", "not run"},
           {"no orders are sent", "dropped trades are counted", "if the gap is above 5 pp, who stops it?",
            "Orders: skipped"});
    expect(right::review, std::string(right::review) + "\n  - ", "RDY803",
           {"withdrawn", "revoked on 2026-05-03", "the verdict was withdrawn"},
           {"three recommendations, all applied", "of the whole plan"});
    expect(lever, lever + "\n  - ", "RDY501", {"does not exist", "planned", "not built yet"},
           {"takes one minute", "off means `mutual_info`", "set by whoever is on call"});
    expect(right::psi, std::string(right::psi), "RDY301", {}, {""});
    // An item beside the field is no note of it.
    EXPECT_THAT(found_with(right::canary, std::string(right::canary) + "\n- cancelled"),
                testing::Not(Contains("RDY402")));
    const auto outcome =
        judged(replaced(right_plan(), right::review, std::string(right::review) + "\n  - withdrawn"));
    ASSERT_EQ(outcome.findings.size(), 1u);
    EXPECT_EQ(outcome.findings[0].line, 53u);
    EXPECT_THAT(outcome.findings[0].message,
                HasSubstr("\"withdrawn\" below \"Review: session 3e0a3008, PASSED\""));
}

TEST(FieldNotes, an_item_below_says_in_the_words_of_its_field_that_it_is_none) {
    const std::string lever = "- Lever: " + std::string(right::lever);
    const auto below = [](std::string_view field) { return std::string(field) + "\n  - "; };
    expect(right::review, below(right::review), "RDY803",
           {"FAILED in round 2", "rejected by the committee on 2026-05-03", "pending",
            "the committee withdrew it", "no session was held", "failed after all", "2 blockers remain",
            "1 blocker open", "declined", "expired"},
           {"round 1 on 2026-04-20 failed, round 2 passed", "two dissents, withdrawn in the discussion",
            "dissent was withdrawn", "2 blockers, both mended", "no blockers", "avg 8.4",
            "the draft of 2026-04-30 was rejected, this one passed"});
    expect(right::dri, below(right::dri), "RDY601",
           {"or @jonas", "and @jonas", "@jonas", "the team", "if she comes back", "only if there is time",
            "left the company"},
           {"deputy @jonas", "@jonas covers holidays", "reachable by PagerDuty",
            "on vacation 2026-06-24 to 2026-07-02, @jonas stands in"});
    for (const auto& [field, rule] : {std::pair(right::full, "RDY404"), std::pair(right::sunset, "RDY701")})
        expect(field, below(field), rule,
               {"if the canary holds", "pending", "or 2026-06-01", "or a week later",
                "unless the committee objects", "hopefully", "if possible", "tentative"},
               {"all cryptos", "announced in the channel", "if the canary fails, we write another day",
                "not on a Friday"});
    expect(right::shadow, below(right::shadow), "RDY401",
           {"or 3 days", "3 days are enough if green", "in fact 2 days", "only if there is time",
            "aborted after 2 days"},
           {"if the gap exceeds 0.10, we stop and go back to research", "failed bars are replayed",
            "if it fails we start again", "the job is stopped on 2026-05-11",
            "a day without data does not count, and the shadow is then a day longer", "no trading"});
    expect(right::canary, below(right::canary), "RDY402",
           {"or ETHUSDC", "and ETHUSDC", "in fact all pairs at once"},
           {"4 days", "ETHUSDC is not touched", "10 % of its notional", "If it fails, the flag goes off"});
    expect(lever, below(lever), "RDY501", {"needs a new image", "needs a new build", "removed in v2"},
           {"will be removed in November", "does not need a release", "no deploy is needed",
            "then restart of the runtime pod, 20 s", "removed with the old path after the sunset"});
}

// GitHub shows what follows a hard break, and a second paragraph, as a part of the item.
TEST(FieldNotes, a_line_behind_a_hard_break_and_a_second_paragraph_are_notes_of_the_field) {
    for (const std::string gap : {"  \n  ", "\\\n  ", "\n\n  "}) {
        expect(right::review, std::string(right::review) + gap, "RDY803",
               {"withdrawn", "FAILED on 2026-05-03"}, {"three recommendations, all applied"});
        expect(right::dri, std::string(right::dri) + gap, "RDY601", {"or @jonas"}, {"deputy @jonas"});
        expect(right::full, std::string(right::full) + gap, "RDY404", {"cancelled", "or 2026-07-01"},
               {"all cryptos"});
        expect(right::sunset, std::string(right::sunset) + gap, "RDY701", {"to be confirmed"},
               {"the review is not skipped"});
        expect(right::shadow, std::string(right::shadow) + gap, "RDY401", {"skipped"},
               {"no orders are sent"});
        expect(right::canary, std::string(right::canary) + gap, "RDY402", {"skipped"}, {"one week"});
    }
    // A paragraph below the list is none of its last item's.
    EXPECT_THAT(found_with(right::review, std::string(right::review) + "\n\nwithdrawn"),
                testing::Not(Contains("RDY803")));
}

TEST(FieldNotes, a_shadow_that_ends_before_its_days_or_never_was_is_none) {
    expect(right::shadow, "- Shadow: 7 days", "RDY401",
           {" (none)",
            ": none",
            " (N/A)",
            ": N/A",
            ", did not happen",
            ", never",
            ", not required",
            ", not needed",
            " (failed)",
            " (rejected)",
            ", overruled",
            " in the backtest",
            ", aborted",
            ", interrupted",
            ", omitted",
            ", bypassed",
            ", left out",
            ", but only 3 if green",
            ", stops at 3",
            ", stopped after 3",
            ", switched off after two",
            ", five of them off",
            ", first 2 mandatory",
            ", with a 3-day fast path",
            ", 3 for a hotfix",
            ", will start after the rollout",
            "; started after full rollout",
            ", from 2026-05-04 to 2026-05-11, aborted"},
           {", failed bars are replayed", ", stopped by the kill switch past a gap of 5 pp", ", in 3 regions",
            " (all 12 cryptos)", ", ends after 7 days", ", before the canary", ", 2 pairs at a time",
            ", not a backtest", ", started after the review"});
}

TEST(FieldNotes, thresholds_in_the_ways_of_the_trade_are_read) {
    for (const char* said :
         {"0.999 / 0.99 of orders", "2 % / 5 % fewer than expected", "warn 0.52 \u00b7 crit 0.50",
          "$100 / $500", "\u20ac100 / \u20ac500", "1k / 2k", "2 \u00d7 / 4 \u00d7 the baseline",
          "yellow 0.52 / red 0.50", "0.52 / 0.50 of what is expected"})
        EXPECT_THAT(found_with(right::metric, said), IsEmpty()) << said;
    EXPECT_THAT(found_with(right::shadow, "- Shadow: from Mon 2026-05-04 until Mon 2026-05-11"), IsEmpty());
    EXPECT_THAT(found_with(right::lever, "MLflow: move alias `champion` back to v41"), IsEmpty());
    expect(right::review, std::string(right::review), "RDY803", {" without consensus"},
           {" without blockers"});
    for (const char* said : {"$", "k / k", "of orders", "$0.52 / later", "1k / ?", "0.52 / 0.50 fewer?",
                             "yellow / red", "0.52 \u00b7 0.50 \u00b7 maybe"})
        EXPECT_THAT(found_with(right::metric, said), Contains("RDY104")) << said;
    expect(right::psi, "0.2 / 0.5", "RDY301", {" vs. champion, maybe"},
           {" vs. champion", " vs champion", " versus June"});
    // Points of percent are percents, and labels by colour are labels.
    expect("0.05 / 0.10", "", "RDY304", {"5 / 10", "6 pp / 10 pp"}, {"5 pp / 10 pp", "5 / 10 pp"});
    expect(right::psi, "", "RDY303", {"yellow 0.5 / red 0.2", "red 0.2 / yellow 0.5"},
           {"red 0.5 / yellow 0.2"});
}

TEST(FieldNotes, a_metric_is_read_with_its_window_and_a_series_is_its_metric) {
    const std::string name = "| `win_rate` |", health = "| `feature_selection_variance_dispersion` |";
    for (const char* said : {"`win_rate` (7 d)", "`win_rate` over 7 d", "`win_rate` per crypto"})
        EXPECT_THAT(found_with(name, "| " + std::string(said) + " |"), IsEmpty()) << said;
    const auto outcome = judged(replaced(right_plan(), name, "| `win_rate`, if it is there |"));
    ASSERT_THAT(found_in(outcome, true), testing::ElementsAre("RDY102:13"));
    EXPECT_THAT(outcome.findings[0].message, HasSubstr("is read in \"win_rate, if it is there\""));
    EXPECT_THAT(found_with(health, "| `win_rate{fold=\"1\"}` |"), testing::ElementsAre("RDY103"));
    EXPECT_THAT(found_with(health, "| `dispersion{fold=\"1\"}` |"), IsEmpty());
}

TEST(FieldNotes, a_deputy_beside_the_dri_is_no_second_one) {
    expect(right::dri, "- DRI: @maria", "RDY601",
           {", deputy", ", @jonas", " or deputy @jonas", "; @jonas", ", deputy or @jonas"},
           {", deputy @jonas", ", backup @ben", " - data science", " \u2014 reachable at +49 171 1234"});
}

TEST(FieldNotes, a_canary_has_a_reason_that_says_something_and_a_part_of_the_traffic) {
    const std::string deep = ", because its order book is the deepest";
    expect(right::canary, "- Canary: BTCUSDC", "RDY403",
           {", because we have to name one", ", because the template asks for one",
            ", because the gate wants a name", ", because no reason", ", because of course"},
           {", because no other has so deep an order book", ", because we have the longest history of it",
            ", chosen because its order book is the deepest"});
    expect(right::canary, "- Canary: BTCUSDC", "RDY402", {" (0 % of traffic)", ", to be chosen"},
           {" (10 % of traffic)", " (0.5 % of traffic)"}, deep);
}

TEST(FieldNotes, an_alert_is_one_by_its_name_and_a_runbook_leads_somewhere) {
    const std::string alert = "| PredictionsMissing |", book = "| docs/runbooks/predictions.md |";
    for (const char* said : {"PredictionsMissing?", "PredictionsMissing or DeadFeatures"})
        EXPECT_THAT(found_with(alert, "| " + std::string(said) + " |"), testing::ElementsAre("RDY299"))
            << said;
    for (const char* said : {"PredictionsMissing and DeadFeatures", "Predictions late or missing"})
        EXPECT_THAT(found_with(alert, "| " + std::string(said) + " |"), IsEmpty()) << said;
    for (const char* said : {"http://", "https://", "https:///", "#ml-alerts", "`#ml-alerts`"})
        EXPECT_THAT(found_with(book, "| " + std::string(said) + " |"), testing::ElementsAre("RDY203"))
            << said;
    for (const char* said : {"docs/a.md #diagnosis", "https://wiki.example.com/x", "[page](#predictions)"})
        EXPECT_THAT(found_with(book, "| " + std::string(said) + " |"), IsEmpty()) << said;
}

TEST(FieldNotes, what_a_shadow_runs_on_is_not_stopped_and_another_deploy_is_no_way_back) {
    expect(right::shadow, "- Shadow: 7 days", "RDY401", {", with the job stopped"},
           {", with the job of production beside it"});
    const std::string rehearsed(right::rehearsed);
    const auto beside = [&](const std::string& said) {
        return found_with(right::rehearsed, rehearsed + "\n\n" + said + "\n");
    };
    EXPECT_THAT(
        beside("A code deploy follows days later to remove the dead path, but is not part of the way back."),
        IsEmpty());
    EXPECT_THAT(beside("A code deploy follows and is the way back."), testing::ElementsAre("RDY502"));
}

TEST(FieldNotes, an_outcome_is_told_of_and_a_story_that_revisits_is_no_version) {
    const auto found = [](const std::string& said) {
        const Policy policy = Policy::defaults();
        CheckOptions options;
        options.required = SectionSet::all();
        options.now = *core::parse_timestamp("2026-08-24");
        options.policy = &policy;
        const auto plan = parse_plan(
            replaced(right_plan(), "- Outcome: due at the sunset", "- Outcome: " + said), "plan.md");
        return found_in(check(*plan, options));
    };
    for (const char* said :
         {"permanent, win rate 0.54", "permanent: good", "permanent, regret below 3 bps", "kept: permanent",
          "permanent since 2026-08-23, PSI never above 0.2", "will be revisited in ORD-14",
          "reverted, revisited in ORD-14", "permanent, the dispersion did not move", "revisited in T-4711",
          "revisited in M-12", "permanent with no incident", "permanent after 90 days without an alert",
          "permanent, no alert fired", "permanent, the old path was removed"})
        EXPECT_THAT(found(said), IsEmpty()) << said;
    for (const char* said : {"revisited in v2",
                             "revisited in phase-2",
                             "revisited in PI-3",
                             "revisited in M3",
                             "revisited in T+90",
                             "revisited in N/A-1",
                             "revisited in NN-0",
                             "revisited in UTF-8",
                             "permanent, unless it fails",
                             "permanent: maybe",
                             "permanent, but only for now",
                             "kept until Q3: permanent",
                             "reverted",
                             "never revisited in ORD-14",
                             "permanent, revisited in ORD-14",
                             "permanent, N/A",
                             "permanent, failed",
                             "permanent, was rolled back",
                             "permanent (rolled back)",
                             "permanent; outcome unknown",
                             "permanent, no",
                             "revisited in Q-3",
                             "revisited in FY-2027"})
        EXPECT_THAT(found(said), testing::ElementsAre("RDY703")) << said;
}

TEST(FieldNotes, what_is_told_in_a_sentence_is_told_which_label_it_wants) {
    const auto dri = judged(replaced(right_plan(), "- DRI: @maria", "@maria is the DRI until the sunset."));
    ASSERT_THAT(found_in(dri), testing::ElementsAre("RDY601"));
    EXPECT_THAT(dri.findings[0].message, HasSubstr("told in a sentence"));
    EXPECT_THAT(dri.findings[0].message, HasSubstr("\"DRI: @maria\""));
    const auto drill = judged(replaced(right_plan(), right::rehearsed, "- We rehearsed that in staging."));
    ASSERT_THAT(found_in(drill), testing::ElementsAre("RDY503"));
    EXPECT_THAT(drill.findings[0].message, HasSubstr("no line \"Rehearsed:\" has it"));
}

TEST(FieldNotes, another_sunset_is_told_which_to_write) {
    const auto outcome = judged(replaced(right_plan(), right::sunset, "- Sunset: 2026-08-24"));
    ASSERT_THAT(found_in(outcome), testing::ElementsAre("RDY702"));
    EXPECT_THAT(outcome.findings[0].message, HasSubstr("expected \"Sunset: 2026-08-23\""));
}

// A newcomer takes the < and > of the form away, and nothing else.
TEST(FieldNotes, the_form_without_its_brackets_fills_nothing) {
    std::string text(built_in_form());
    for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
        if (text.compare(at, 4, "<!--") == 0) at = text.find("-->", at) + 3;
        else text.erase(at, 1), text.erase(text.find('>', at), 1);
    }
    const auto found = found_in(judged(text));
    for (const char* rule : {"RDY199", "RDY299", "RDY399", "RDY499", "RDY599", "RDY699"})
        EXPECT_THAT(found, Contains(rule));
    // One of them alone is as open.
    for (const auto& [what, left, rule] :
         {std::tuple{"| captured rate below 0.95 in one fold |", "| what fires it |", "RDY299"},
          std::tuple{"| training window of the promoted model |", "| what it is compared with |", "RDY399"},
          std::tuple{"- Shadow: 7 days, from 2026-05-04 to 2026-05-11",
                     "- Shadow: at least 14 days, from date to date", "RDY499"}})
        EXPECT_THAT(found_with(what, left), testing::ElementsAre(rule)) << left;
    EXPECT_THAT(found_with("- Sunset: 2026-08-23", "- Sunset: full rollout and 90 days"), IsEmpty());
}
