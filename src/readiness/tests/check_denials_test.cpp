#include "golden_plan.hpp"
#include "tristrata/core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// The right plan with one line more in a section, as a paragraph of its own.
std::string with_line(int section, const std::string& line) {
    if (section == 7) return right_plan() + "\n" + line + "\n";
    const std::string next = section == 6 ? "## Sign-off" : "## " + std::to_string(section + 1) + ". ";
    std::string text = right_plan();
    return text.insert(text.find(next), line + "\n\n");
}

struct Sentence {
    int section;
    const char* text;
};

}  // namespace

// The whole sentence is the denial: an error of the rule that owns its subject.
TEST(Denials, a_sentence_that_denies_the_subject_of_its_section_is_refused) {
    const std::vector<std::pair<std::string, std::vector<Sentence>>> table{
        {"RDY201",
         {{2, "The alerts are not set up."},
          {2, "The P1 alert is switched off."},
          {2, "These alerts are disabled."},
          {2, "The alerts are muted."},
          {2, "No alert rule exists."},
          {2, "These alerts do not exist yet."},
          {2, "Both alerts were removed."},
          {2, "We have no alerts."},
          {2, "Alerts are turned off for now."},
          {2, "The alerts will be added later."},
          {2, "All alerts have been silenced."},
          {2, "Nobody looks at the alerts."},
          {2, "The alert rules have not yet been deployed."},
          {2, "The alerts no longer work."},
          {2, "There are as yet no alerts."},
          {2, "Paging is disabled."},
          {2, "Nobody has set up the alerts."},
          {2, "Alerts: none."},
          {2, "Alerts: not configured."},
          {2, "We will add the alerts after the merge."},
          {2, "None of the alerts is configured yet."},
          {2, "Alerting is out of scope."}}},
        {"RDY203",
         {{2, "The runbook is not written."},
          {2, "The runbooks will be written later."},
          {2, "No runbook has been written."},
          {2, "The runbook is still to be drafted."},
          {2, "The runbooks are missing."},
          {2, "The runbook does not exist."},
          {2, "The runbook is a stub."},
          {2, "There isn't any runbook."}}},
        {"RDY301",
         {{3, "There is no drift detection."},
          {3, "Drift is not watched."},
          {3, "Nobody watches the drift."},
          {3, "Drift detection is switched off."},
          {3, "We do not monitor drift."},
          {3, "Drift monitoring is left out."},
          {3, "The drift check has been disabled."},
          {3, "PSI is not computed."},
          {3, "Nothing watches drift."},
          {3, "Drift will be monitored later."},
          {3, "We have not set up drift detection."},
          {3, "Drift detection is out of scope for this story."},
          {3, "The drift job is not scheduled."}}},
        {"RDY302",
         {{3, "The performance gap is not measured."}, {3, "We do not measure the performance gap."}}},
        {"RDY401",
         {{4, "The shadow is left out."},
          {4, "We go straight to full rollout."},
          {4, "The change goes directly to all cryptos."},
          {4, "The shadow never starts."},
          {4, "The shadow does not exist."},
          {4, "| Stage | What |\n|---|---|\n| Stage 1 | There is no shadow |"},
          {4, "The shadow has been called off."},
          {4, "No shadow will be run for this change."},
          {4, "We are skipping the shadow."},
          {4, "It goes live everywhere at once."},
          {4, "We release to production directly."},
          {4, "There won't be a shadow."},
          {4, "We won't run a shadow."},
          {4, "There is no shadow this time."},
          {4, "There is no staged rollout."},
          {4, "The staged rollout is skipped."},
          {4, "We roll out to all cryptos at once."},
          {4, "The shadow is\nskipped for this change."},
          {4, "Neither a shadow nor a canary is run."},
          {4, "Shadow and canary are skipped."},
          {4, "It goes live without a shadow."},
          {4, "We skip the shadow because of the deadline."}}},
        {"RDY402",
         {{4, "No canaries."},
          {4, "The canary goes to all cryptos at once."},
          {4, "The canary stage was removed."},
          {4, "We will not do a canary."},
          {4, "There is no canary in this release."},
          {4, "The canary\nis skipped."},
          {4, "For this change there is no\ncanary."}}},
        {"RDY404",
         {{4, "The full rollout will not happen."},
          {4, "There is no full rollout."},
          {4, "The date of the full rollout is not decided yet."}}},
        {"RDY501",
         {{5, "The change cannot be rolled back."},
          {5, "The change cannot be\nrolled back."},
          {5, "The change is irreversible."},
          {5, "It is not reversible."},
          {5, "The key does not exist yet."},
          {5, "The lever does not work."},
          {5, "There is no going back."},
          {5, "We cannot roll back."},
          {5, "Reverting is impossible."},
          {5, "No rollback is possible."},
          {5, "The switch is missing."},
          {5, "It can't be undone."},
          {5, "There is no way to revert it."},
          {5, "The flag is not implemented."},
          {5, "This is a one-way change."},
          {5, "The flag has no effect."},
          {5, "There's no way back."}}},
        {"RDY503", {{5, "It has never been rehearsed."}, {5, "The rehearsal did not take place."}}},
        {"RDY601",
         {{6, "A DRI is still to be named."},
          {6, "The DRI has left the company."},
          {6, "Nobody answers for it."},
          {6, "No one owns this."},
          {6, "The owner is yet to be hired."},
          {6, "The DRI will be named later."},
          {6, "Nobody is responsible."},
          {6, "There is no DRI."}}},
        {"RDY701",
         {{6, "The sunset will never be looked at."},
          {6, "The sunset review is cancelled."},
          {6, "There will be no review at the sunset."},
          {6, "The sunset has been postponed."}}},
        {"RDY199",
         {{1, "There is no monitoring."},
          {1, "None of these metrics is emitted yet."},
          {1, "The metrics will be added later."},
          {1, "Nobody watches the metrics."}}},
        {"RDY101", {{1, "There is no prediction rate."}, {1, "The prediction rate is not measured."}}},
        {"RDY104", {{1, "The thresholds are not in force."}}},
        {"RDY803",
         {{7, "The review did not take place."},
          {7, "The committee has not seen this plan."},
          {7, "This plan has not been reviewed."}}},
        {"RDY102", {{1, "There is no outcome metric yet."}}}};
    for (const auto& [rule, sentences] : table)
        for (const auto& one : sentences)
            EXPECT_THAT(found_in(judged(with_line(one.section, one.text))), ElementsAre(rule)) << one.text;
}

// Of a rehearsal that is denied the rule is a warning; it hides no denial of the way back.
TEST(Denials, a_warning_of_the_section_hides_none) {
    const auto text = replaced(right_plan(), "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711",
                               "- The change cannot be rolled back.");
    EXPECT_THAT(found_in(judged(text)), ElementsAre("RDY503", "RDY501"));
}

// The denial is a clause of it, or is said with "may".
TEST(Denials, a_sentence_that_may_deny_the_subject_is_told_and_blocks_nothing) {
    for (const auto& one :
         std::vector<Sentence>{{2, "There is no alert, since the model is small."},
                               {2, "The runbook may not be written yet."},
                               {2, "The alerts are muted (too noisy)."},
                               {3, "Drift is not monitored, as inputs are stable."},
                               {4, "The canary may not be needed."},
                               {4, "We skip the shadow because time is short."},
                               {4, "The book is deep, and the canary goes to all cryptos at once."},
                               {4, "The canary is skipped; ETHUSDC follows."},
                               {4, "The book is thin and there is\nno canary."},
                               {5, "Rollback is impossible - the schema changes."},
                               {6, "Perhaps the DRI is still to be named."},
                               {1, "The metrics are not emitted yet, the job is missing."}}) {
        const auto outcome = judged(with_line(one.section, one.text));
        EXPECT_THAT(found_in(outcome), ElementsAre("RDY024")) << one.text;
        EXPECT_FALSE(outcome.blocked(false)) << one.text;
        EXPECT_TRUE(outcome.blocked(true)) << one.text;
    }
}

// Times past, conditions, limits, other things, two negations, what a subject does not do besides.
TEST(Denials, a_sentence_that_denies_nothing_of_its_section_is_left_alone) {
    for (const auto& one : std::vector<Sentence>{
             {2, "The old runbook was removed."},
             {2, "The old alerts were removed, these two replace them."},
             {2, "Previous alerts were disabled."},
             {2, "P3 incidents have no runbook."},
             {2, "The alerts are disabled in staging."},
             {2, "The alert is deactivated in dev."},
             {2, "Paging is disabled on weekends for P3."},
             {2, "The alerts are muted for an hour after a restart."},
             {2, "Alerts are paused for ten minutes when the exchange is down."},
             {2, "The alert is suppressed when the DAG is paused."},
             {2, "The alert was missing in Q1; that is why it is here."},
             {2, "In March the alert was missing."},
             {2, "In the old pipeline there was no alert."},
             {2, "There was no alert for this in 2025."},
             {2, "Before this change there was no alert for it."},
             {2, "Until now there was no runbook; this change adds one."},
             {2, "So far there were no alerts; now there are two."},
             {2, "The runbook was missing until this story."},
             {2, "No alerts were raised in staging."},
             {2, "No alerts fired during the dry run."},
             {2, "No alert is expected in the first week."},
             {2, "No alert is disabled by this change."},
             {2, "Dashboards have no alerts, Prometheus has."},
             {2, "Nobody ignores the alerts."},
             {2, "Ops does not ignore alerts."},
             {2, "The alert does not fire on holidays."},
             {2, "The alert never fires twice."},
             {2, "The alert clears itself when no alert condition is left."},
             {3, "Embeddings have no PSI; PSI is on the inputs."},
             {3, "Timestamps have no drift detection."},
             {3, "PSI is not computed for binary columns."},
             {3, "PSI is not computed below 500 rows."},
             {3, "PSI is not computed on Sundays."},
             {3, "The drift check is skipped on holidays."},
             {3, "Drift detection is paused during the exchange's maintenance."},
             {3, "For constants PSI is not defined."},
             {3, "No drift."},
             {3, "No drift is expected."},
             {3, "Without drift detection the last incident took two weeks to find."},
             {3, "There was no drift detection before this change."},
             {3, "Before 2026 drift was not monitored."},
             {3, "PSI was not computed before this story."},
             {3, "PSI cannot be computed on an empty window."},
             {3, "The old thresholds were removed."},
             {3, "Other thresholds are not needed."},
             {3, "No other thresholds are set."},
             {3, "Own thresholds are not needed."},
             {3, "Alternative thresholds were dropped."},
             {4, "In staging there is no canary."},
             {4, "The backtest has no shadow."},
             {4, "The second canary was dropped."},
             {4, "A second canary is not needed."},
             {4, "An earlier canary was cancelled on 2026-04-20."},
             {4, "The first shadow was stopped on 2026-04-20 and repeated."},
             {4, "The canary is stopped when the drawdown exceeds 5 %."},
             {4, "The shadow is stopped at the first mismatch."},
             {4, "The canary is removed at the full rollout."},
             {4, "The shadow is switched off on 2026-05-11."},
             {4, "The shadow is disabled on the day of the full rollout."},
             {4, "After the full rollout the shadow is removed."},
             {4, "When it ends the shadow is removed."},
             {4, "Shadow tables are dropped after 30 days."},
             {4, "The shadow tables are dropped after 30 days."},
             {4, "The shadow logs are deleted at the sunset."},
             {4, "Nobody trades on the shadow."},
             {4, "No canary on stablecoins."},
             {4, "No shadow orders are sent."},
             {4, "We do not start the canary on a Friday."},
             {4, "We skip the canary's first hour in the evaluation."},
             {4, "We stop the canary if the drawdown exceeds 5 %."},
             {4, "We abort the shadow on the first mismatch."},
             {4, "We will cancel the canary when the P1 fires."},
             {5, "Filled orders cannot be undone."},
             {5, "Orders that are filled cannot be undone; they are hedged."},
             {5, "Trades cannot be reversed."},
             {5, "Executed trades cannot be reversed, only closed."},
             {5, "A fill is irreversible, so the flag acts before the order is sent."},
             {5, "The migration itself is irreversible, hence the dual write."},
             {5, "We cannot undo fills."},
             {5, "The change is not irreversible."},
             {5, "The old flag was removed."},
             {5, "The key is missing in old configs, and then the default applies."},
             {5, "The flag does not exist in releases before 3.2."},
             {5, "The rollback needs no deploy."},
             {5, "A rollback does not need a new release."},
             {5, "No redeploy or restart."},
             {5, "No code is deployed for it."},
             {5, "Rolling back never requires a deploy."},
             {5, "There's no need for a deploy."},
             {5, "We do not need to redeploy to roll back."},
             {5, "Reverting the commit is not needed."},
             {5, "Unlike last time, no revert of the commit and no redeploy."},
             {5, "The last change could only be taken back by a deploy; this one has a flag."},
             {5, "Without the flag we would have to revert the commit and redeploy."},
             {5, "In the incident of March the way back was a redeploy."},
             {5, "No partial rollback."},
             {5, "There is no automatic rollback; on-call sets the key."},
             {5, "Automatic rollback is not implemented; on-call sets the key."},
             {5, "A partial rollback is not possible."},
             {5, "The key was missing in the first draft."},
             {6, "The former owner has left the company; Maria took over."},
             {6, "The previous DRI left the team in April."},
             {6, "Nobody owns this module but Maria."},
             {6, "The owner of the old model is on leave."},
             {6, "No DRI change is planned."},
             {6, "A deputy DRI is not needed."},
             {6, "No deputy is named."},
             {6, "The DRI is not the committee."},
             {6, "The review is not a formality."},
             {6, "Nobody but @maria decides."},
             {6, "There is no second DRI."},
             {6, "The old owner is gone."},
             {6, "The DRI is not available from 2026-07-01 to 2026-07-14, @jonas covers."},
             {6, "If the DRI leaves, the owner of the module becomes DRI."},
             {4, "If the shadow shows a captured rate below 0.99, the canary is not started."},
             {4, "The canary will not start unless p99 is below 40 s."},
             {4, "Should the shadow fail, the canary is not started."},
             {4, "When the drawdown exceeds 5 %, the canary is not continued."},
             {4, "In case of a mismatch the canary does not start."},
             {4, "The canary is not started if the shadow fails."},
             {4, "Unless the shadow is healthy, there is no canary."},
             {4, "Unless the shadow is healthy, no canary starts."},
             {2, "If there is no trade for an hour, no alert fires."},
             {2, "Provided that the feed is down, the alert does not fire."},
             {2, "If the feed is down, the alert does not fire."},
             {2, "The alert does not fire if the feed is down."},
             {5, "If the flag is not set, the old path is used."},
             {5, "When the flag is not set, the old path is used."},
             {5, "Without the flag the old path is used."},
             {5, "If it is not rolled back within an hour, the kill switch is engaged."},
             {5, "If MLflow is down the alias cannot be moved, and the loader keeps the cached model."},
             {6, "If the DRI does not answer within an hour, the on-call decides."},
             {6, "If the DRI is not available, the on-call decides."},
             {6, "If nobody owns it by then, it is removed."},
             {6, "Last year the sunset was not looked at."},
             {4, "In 2025 the canary was not run, which cost us two days."},
             {4, "In the last release the shadow was not run."},
             {4, "The previous change had no shadow."},
             {4, "The first version of this plan had no canary."},
             {2, "Yesterday the alert did not fire."},
             {2, "In the rehearsal the alert did not fire twice."},
             {5, "In March the change could not be rolled back."},
             {5, "The lever did not exist before 3.2."},
             {4, "The shadow ends no later than 2026-05-11."},
             {4, "The canary takes no longer than a week."},
             {4, "The canary costs not more than 100 EUR."},
             {4, "The canary starts not earlier than 2026-05-12."},
             {4, "The canary shall not be shorter than five days."},
             {6, "The sunset is no later than 2026-08-23."},
             {2, "If the alert does not fire, the nightly check tells it."},
             {2, "No alert is without a runbook."},
             {2, "The alerts are muted during a deploy."},
             {2, "The alert fires no later than a minute after the fold."},
             {2, "The runbook is to be read before anything is set."},
             {2, "The alerts do not depend on the dashboard."},
             {3, "No drift was seen in the shadow."},
             {3, "Last year drift was not watched."},
             {3, "The drift detection never needs a restart."},
             {4, "Last quarter there was no canary; that cost four hours."},
             {4, "The shadow is never skipped."},
             {4, "No canary without a shadow."},
             {4, "The shadow starts no later than Monday."},
             {4, "The canary does not begin before the shadow has ended."},
             {4, "The shadow does not trade."},
             {4, "The shadow places no orders."},
             {4, "The canary risks no more than 1 % of the capital."},
             {4, "The full rollout is on all cryptos at once."},
             {4, "We never go straight to the full rollout."},
             {4, "The shadow runs seven days and not six."},
             {4, "Nothing is bought in the shadow."},
             {4, "The canary is not extended."},
             {3, "No column is left out of the drift detection."},
             {5, "No deploy is needed for the rollback."},
             {5, "The rollback loses no rows."},
             {5, "The flag is off by default."},
             {5, "The lever is not only for this change."},
             {5, "There is no way to lose rows by it."},
             {5, "If the lever does not work, the alias is moved."},
             {6, "The DRI is not on call at night."},
             {6, "Nobody else answers for it."},
             {6, "The sunset is not before 2026-08-23."},
             {2, "Whether the alert pages anybody is not known."},
             {2, "The alert never reached anybody."},
             {2, "Not every alert pages."},
             {2, "The runbook does not cover this."},
             {3, "The drift detection does not see this kind of change."},
             {3, "Drift detection is not trusted by anybody here."},
             {4, "The shadow ends early if it is not healthy; then there is no canary."},
             {4, "If the week is short, there is no canary."},
             {4, "If we are late, the shadow is skipped."},
             {4, "The shadow is planned, but it is not certain that it runs."},
             {4, "We would rather not wait for the shadow."},
             {5, "The lever was never moved in production."},
             {5, "Rows that were written meanwhile cannot be rolled back."},
             {6, "The DRI does not know about it."},
             {6, "The sunset is not in the calendar."},
             {4, "After the full rollout\nthe shadow is removed."},
             {4, "It has never happened that\nthe shadow is skipped."},
             {4,
              "If the exchange announces a maintenance in that week,\nthe canary is cancelled and starts a "
              "week later."},
             {4, "While the dual write is on and both stores are read, the shadow is skipped."},
             {2, "While the dual write is on and both stores are read, the alerts are muted."},
             {3, "On days on which the exchange has published nothing, drift is not computed."},
             {4, "We considered an option in which there is no canary, and rejected it."},
             {5, "In the incident of March the way back was a redeploy."},
             {5, "Without the flag we would have to revert the commit and redeploy."},
             {6, "Nobody owns this module but Maria."},
             {2, "#ml-alerts does not exist."},
             {4, "In practice this rollout-shadow is skipped."}})
        EXPECT_THAT(found_in(judged(with_line(one.section, one.text))), IsEmpty()) << one.text;
}

TEST(Denials, a_trigger_may_say_that_something_is_not_there) {
    EXPECT_THAT(found_in(judged(replaced(right_plan(), "dispersion below 0.01 in one run",
                                         "alerting is disabled for more than 10 min"))),
                IsEmpty());
}

TEST(Denials, the_line_and_the_plans_own_words_are_told) {
    const auto outcome = judged(with_line(4, "The book is deep.\nThere won't be a\nshadow."));
    const auto before = with_line(4, "?");
    const auto line = std::ranges::count(before.substr(0, before.find('?')), '\n') + 2;
    ASSERT_THAT(found_in(outcome, true), ElementsAre("RDY401:" + std::to_string(line)));
    EXPECT_THAT(outcome.findings[0].message,
                testing::StartsWith("\"There won't be a shadow.\" denies the shadow"));
    const auto warned = judged(with_line(4, "The canary may not be needed."));
    ASSERT_THAT(found_in(warned), ElementsAre("RDY024"));
    EXPECT_THAT(warned.findings[0].message,
                testing::StartsWith("\"The canary may not be needed.\" may deny"));
}

// A paragraph of 32 KiB that names a subject thousands of times was read in quadratic time.
TEST(Denials, what_is_long_denies_nothing) {
    std::string text;
    while (text.size() < 32'000) text += "canary is ";
    EXPECT_THAT(found_in(judged(with_line(4, text))), IsEmpty());
}

TEST(Denials, what_is_put_off_for_everything_of_a_section_is_refused_too) {
    for (const auto& [rule, section, text] : std::vector<std::tuple<std::string, int, std::string>>{
             {"RDY199", 1, "We do not monitor anything in production."},
             {"RDY199", 1, "Nothing of this is monitored."},
             {"RDY199", 1, "Monitoring will follow in CVN-N001-EF-S08."},
             {"RDY199", 1, "The metrics above are placeholders."},
             {"RDY024", 1, "The dashboard does not exist yet."},
             {"RDY201", 2, "The alerts are switched off in production."},
             {"RDY201", 2, "Nobody is paged."},
             {"RDY024", 2, "Alerting is planned for Q4."},
             {"RDY301", 3, "We will implement drift detection next quarter."},
             {"RDY024", 3, "Drift detection will be set up once the model is live."},
             {"RDY301", 3, "We do not monitor this."},
             {"RDY401", 4, "The rollout is not staged."},
             {"RDY401", 4, "The shadow is n/a."},
             {"RDY024", 4, "Everything is switched on at once, without a canary."},
             {"RDY501", 5, "The flag will be added in the next release."},
             {"RDY501", 5, "We cannot go back."},
             {"RDY803", 7, "The review did not pass."},
             {"RDY803", 7, "The review is still pending."},
             {"RDY803", 7, "The committee has not signed."}})
        EXPECT_THAT(found_in(judged(with_line(section, text))), ElementsAre(rule)) << text;
    for (const auto& [section, text] : std::vector<std::pair<int, std::string>>{
             {1, "We do not monitor the old model."},
             {2, "Nobody is paged at night."},
             {2, "The next release of the alert rules is planned for Q4."},
             {3, "Drift is measured once the model is live."},
             {4, "The rollout is not staged by crypto but by share."},
             {5, "The flag will be removed in the next release."},
             {5, "We cannot go back to the model of 2024."}})
        EXPECT_THAT(found_in(judged(with_line(section, text))), IsEmpty()) << text;
}

TEST(Denials, a_sentence_that_says_otherwise_than_its_field_is_told) {
    for (const auto& [section, text] : std::vector<std::pair<int, std::string>>{
             {4, "The canary is ETHUSDC."},
             {4, "The shadow runs for three days only."},
             {4, "The full rollout is on 2026-05-05, before the shadow."},
             {6, "@maria is not the DRI."},
             {6, "The DRI is the whole team."},
             {6, "The DRI is @jonas."},
             {6, "The sunset is 2027-01-01."}})
        EXPECT_THAT(found_in(judged(with_line(section, text))), ElementsAre("RDY024")) << text;
    for (const auto& [section, text] :
         std::vector<std::pair<int, std::string>>{{4, "The canary is BTCUSDC."},
                                                  {4, "The shadow runs for 7 days."},
                                                  {4, "The full rollout is on 2026-05-25."},
                                                  {4, "The canary of March was ETHUSDC."},
                                                  {6, "@jonas is not the DRI."},
                                                  {6, "The DRI is @maria."},
                                                  {6, "The sunset is 2026-08-23."}})
        EXPECT_THAT(found_in(judged(with_line(section, text))), IsEmpty()) << text;
}
