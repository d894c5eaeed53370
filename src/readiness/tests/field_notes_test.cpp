#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
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
