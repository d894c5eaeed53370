#include "golden_plan.hpp"
#include "tristrata/core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// The right plan with one line more in a section, as a paragraph of its own.
std::string with_line(int section, const std::string& line) {
    const std::string next = section == 6 ? "## Sign-off" : "## " + std::to_string(section + 1) + ". ";
    std::string text = right_plan();
    return text.insert(text.find(next), line + "\n\n");
}

struct Sentence {
    int section;
    const char* text;
};

}  // namespace

// What is certain is an error of the rule that owns the subject.
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
          {2, "Alerts: none."}}},
        {"RDY203",
         {{2, "The runbook is not written."},
          {2, "The runbooks will be written later."},
          {2, "No runbook has been written."},
          {2, "The runbook is still to be drafted."},
          {2, "The runbooks are missing."},
          {2, "The runbook does not exist."}}},
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
          {3, "We have not set up drift detection."}}},
        {"RDY401",
         {{4, "The shadow is left out."},
          {4, "Neither a shadow nor a canary is run."},
          {4, "We go straight to full rollout."},
          {4, "The change goes directly to all cryptos."},
          {4, "The shadow never starts."},
          {4, "The shadow does not exist."},
          {4, "| Stage | What |\n|---|---|\n| Stage 1 | There is no shadow |"},
          {4, "The shadow has been called off."},
          {4, "No shadow will be run for this change."},
          {4, "We are skipping the shadow."},
          {4, "It goes live everywhere at once."},
          {4, "We release to production directly."}}},
        {"RDY402",
         {{4, "No canaries."},
          {4, "The canary goes to all cryptos at once."},
          {4, "Shadow and canary are skipped."},
          {4, "The canary stage was removed."},
          {4, "We will not do a canary."},
          {4, "There is no canary in this release."}}},
        {"RDY501",
         {{5, "The change cannot be rolled back."},
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
          {5, "This is a one-way change."}}},
        {"RDY601",
         {{6, "A DRI is still to be named."},
          {6, "The DRI has left the company."},
          {6, "Nobody answers for it."},
          {6, "No one owns this."},
          {6, "The owner is yet to be hired."},
          {6, "The DRI will be named later."},
          {6, "Nobody is responsible."}}},
        {"RDY701",
         {{6, "The sunset will never be looked at."},
          {6, "The sunset review is cancelled."},
          {6, "There will be no review at the sunset."},
          {6, "The sunset has been postponed."}}}};
    for (const auto& [rule, sentences] : table)
        for (const auto& one : sentences) {
            const auto outcome = judged(with_line(one.section, one.text));
            EXPECT_THAT(found_in(outcome), ElementsAre(rule)) << one.text;
            EXPECT_TRUE(outcome.blocked(false)) << one.text;
        }
}

// Of a rehearsal that is denied the rule is a warning; it hides no denial of the way back.
TEST(Denials, a_warning_of_the_section_hides_none) {
    const auto text = replaced(right_plan(), "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711",
                               "- The change cannot be rolled back.");
    EXPECT_THAT(found_in(judged(text)), ElementsAre("RDY503", "RDY501"));
}

// What may deny it, and may not, is a person's to read.
TEST(Denials, a_sentence_that_may_deny_the_subject_is_told_and_blocks_nothing) {
    for (const auto& one :
         std::vector<Sentence>{{2, "Whether the alert pages anybody is not known."},
                               {2, "The alert never reached anybody."},
                               {2, "Not every alert pages."},
                               {2, "The runbook does not cover this."},
                               {3, "The drift detection does not see this kind of change."},
                               {3, "Drift detection is not trusted by anybody here."},
                               {4, "The shadow ends early if it is not healthy; then there is no canary."},
                               {4, "If the week is short, there is no canary."},
                               {4, "If we are late, the shadow is skipped."},
                               {4, "The canary may not be needed."},
                               {4, "The shadow is planned, but it is not certain that it runs."},
                               {4, "We would rather not wait for the shadow."},
                               {4, "There is hardly a shadow, since nothing of the shadow is compared."},
                               {5, "The lever was never moved in production."},
                               {5, "It is not clear that the rollback works."},
                               {5, "Rows that were written meanwhile cannot be rolled back."},
                               {5, "Once shipped it cannot be undone."},
                               {6, "The DRI does not know about it."},
                               {6, "The sunset is not in the calendar."}}) {
        const auto outcome = judged(with_line(one.section, one.text));
        EXPECT_THAT(found_in(outcome), ElementsAre("RDY024")) << one.text;
        EXPECT_FALSE(outcome.blocked(false)) << one.text;
        EXPECT_TRUE(outcome.blocked(true)) << one.text;
    }
}

TEST(Denials, a_sentence_that_denies_nothing_of_its_section_is_left_alone) {
    for (const auto& one :
         std::vector<Sentence>{{2, "If the alert does not fire, the nightly check tells it."},
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
                               {6, "The sunset is not before 2026-08-23."}})
        EXPECT_THAT(found_in(judged(with_line(one.section, one.text))), IsEmpty()) << one.text;
}

TEST(Denials, the_line_and_the_clause_are_told) {
    const auto outcome =
        judged(with_line(4, "The book is deep, and the canary goes to all cryptos at once."));
    ASSERT_THAT(found_in(outcome), ElementsAre("RDY402"));
    EXPECT_THAT(outcome.findings[0].message,
                testing::StartsWith("\"the canary goes to all cryptos at once\" denies the canary"));
    const auto warned = judged(with_line(4, "The canary may not be needed."));
    ASSERT_THAT(found_in(warned), ElementsAre("RDY024"));
    EXPECT_THAT(warned.findings[0].message, testing::StartsWith("\"The canary may not be needed\" may deny"));
}
