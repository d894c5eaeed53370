#include "git_repository.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A change that is taken back: what its plan may say, owes and opens.

using namespace tristrata;
using namespace tristrata::readiness;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::string with_outcome(const std::string& outcome) {
    return replaced(right_plan(), "due at the sunset", outcome);
}

const std::string undone = "revisited in CVN-N002-EF-S01, rolled back on 2026-06-03";

std::vector<std::string> found_on(const std::string& outcome, const std::string& day) {
    const Policy policy = Policy::defaults();
    const auto plan = parse_plan(with_outcome(outcome), "plan.md");
    CheckOptions options;
    options.now = *core::parse_timestamp(day);
    options.policy = &policy;
    return found_in(check(*plan, options));
}

}  // namespace

TEST(Undone, the_day_is_said_of_the_change_and_can_be_true) {
    for (const char* said :
         {"revisited in CVN-N002-EF-S01, rolled back on 2026-06-03",
          "revisited in CVN-N002-EF-S01, rolled back 2026-06-03",
          "revisited in CVN-N002-EF-S01 and rolled back on 2026-06-03",
          "revisited in CVN-N002-EF-S01 (it was reverted on 2026-06-03)",
          "rolled back on 2026-06-03, revisited in CVN-N002-EF-S01",
          "rolled back 2026-06-03, revisited in CVN-N002-EF-S01",
          "it was rolled back on 2026-06-03; it is revisited in CVN-N002-EF-S01",
          // In the shadow, and before it began: a merge may be taken back on its own day.
          "revisited in CVN-N002-EF-S01, rolled back on 2026-05-06, because the PSI rose to 0.6",
          "revisited in CVN-N002-EF-S01, rolled back on 2026-05-03"})
        EXPECT_THAT(found_on(said, "2026-06-03"), IsEmpty()) << said;
    for (const char* said :
         {"revisited in CVN-N002-EF-S01, not rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01 if it is rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01, if it is rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01, will not be rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01, to be rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01, v41 was rolled back on 2026-06-02",
          "revisited in CVN-N002-EF-S01, rolled back on 2026-06-02 (to be confirmed)",
          "revisited in CVN-N002-EF-S01, rolled back on 2026-05-01",  // before it was filled
          "revisited in CVN-N002-EF-S01, rolled back on 2020-01-01",
          "revisited in CVN-N002-EF-S01, rolled back on 2026-06-04",  // to come
          "rolled back on 2026-06-02"})
        EXPECT_THAT(found_on(said, "2026-06-03"), ElementsAre("RDY703")) << said;
    // Nor is a day to come one at the sunset.
    EXPECT_THAT(found_on("revisited in CVN-N002-EF-S01, rolled back on 2027-05-02", "2026-08-23"),
                ElementsAre("RDY703"));
    EXPECT_THAT(found_on(undone, "2026-08-23"), IsEmpty());
}

TEST(Undone, what_a_change_set_brings_in_cannot_have_been_taken_back) {
    const Merged merged;
    merged.repository.git("rm -q " + plan_path);
    merged.repository.commit("none");
    merged.repository.git("branch -f main HEAD");
    merged.repository.write(plan_path,
                            with_outcome("revisited in CVN-N002-EF-S01, rolled back on 2026-05-31"));
    merged.repository.write("src/training/fit.py", "y\n");
    const auto verdict = merged.verdict();
    ASSERT_THAT(found_in(verdict.outcomes.at(0)), ElementsAre("RDY703"));
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("the change set brings the plan in"));
    merged.repository.write(plan_path, right_plan());
    EXPECT_THAT(found_in(merged.verdict().outcomes.at(0)), IsEmpty());
    // One of old dates whose sunset is today and has its outcome would be over at once.
    merged.repository.write(plan_path, with_outcome("permanent"));
    const auto over = merged.verdict("2026-08-23");
    ASSERT_THAT(found_in(over.outcomes.at(0)), ElementsAre("RDY001"));
    EXPECT_THAT(over.outcomes[0].findings[0].message,
                HasSubstr("its sunset is on 2026-08-23, and its outcome"));
}

TEST(Undone, a_plan_that_is_taken_back_opens_the_gate_for_nothing_new) {
    const Merged merged(with_outcome(undone));
    merged.repository.write("src/training/other_model.py", "x\n");
    const auto refused = [](const Verdict& verdict) {
        const auto& finding = verdict.outcomes.at(0).findings.at(0);
        EXPECT_EQ(finding.rule->id, "RDY001");
        EXPECT_THAT(finding.message, HasSubstr("answers for no new change: its change was rolled back on "
                                               "2026-06-03"));
    };
    auto request = merged.request("2026-06-10");
    request.pull_request = "Plan: " + plan_path + ", session 3e0a3008";
    refused(evaluated(request));
    merged.repository.write(plan_path, with_outcome(undone) + "\n");
    refused(merged.verdict("2026-06-10"));
    // Nor under another id.
    merged.repository.git("rm -q -f " + plan_path);
    std::string moved =
        replaced(with_outcome(undone), "# MLOps readiness — CVN-N001-EF-S07", "# MLOps readiness — B-8");
    moved = replaced(moved, "Story: CVN-N001-EF-S07", "Story: B-8\nFormerly: CVN-N001-EF-S07");
    merged.repository.write("documentation/stories/B-8/mlops_readiness.md", moved);
    refused(merged.verdict("2026-06-10"));
}

TEST(Undone, the_change_set_that_takes_it_back_is_the_last_of_its_plan) {
    const Merged merged;
    merged.repository.write("src/training/old.py", "x\n");
    merged.repository.commit("old");
    merged.repository.git("rm -q src/training/old.py");
    merged.repository.commit("the story deleted it");
    merged.repository.git("branch -f main HEAD");
    merged.repository.write("src/training/fit.py", "before\n");
    merged.repository.write("src/training/old.py", "x\n");
    merged.repository.write(plan_path, with_outcome(undone));
    EXPECT_EQ(merged.verdict("2026-06-03").exit_code(), 0);
    merged.repository.write("src/training/new_model.py", "x\n");
    const auto verdict = merged.verdict("2026-06-03");
    ASSERT_THAT(found_in(verdict.outcomes.at(0)), Contains("RDY001"));
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("\"src/training/new_model.py\" is new"));
}

TEST(Undone, what_was_taken_back_is_due_again_with_days_and_a_review_of_its_own_alone) {
    const Merged merged(with_outcome(undone));
    merged.repository.write(plan_path, right_plan());
    const auto verdict = merged.verdict("2026-06-10");
    ASSERT_THAT(found_in(verdict.outcomes.at(0)), ElementsAre("RDY006"));
    EXPECT_THAT(
        verdict.outcomes[0].findings[0].message,
        AllOf(HasSubstr("at the base (" + merged.base() + ")"), HasSubstr("rolled back on 2026-06-03")));
    std::string again = right_plan();
    for (const auto& [was, is] : {std::pair{"from 2026-05-04 to 2026-05-11", "from 2026-06-12 to 2026-06-19"},
                                  std::pair{"Full rollout: 2026-05-25", "Full rollout: 2026-06-25"},
                                  std::pair{"Sunset: 2026-08-23", "Sunset: 2026-09-23"}})
        again = replaced(again, was, is);
    merged.repository.write(plan_path, again);
    EXPECT_THAT(found_in(merged.verdict("2026-06-10").outcomes.at(0)), ElementsAre("RDY006"));
    again = replaced(again, "committee: 3e0a3008", "committee: 4f1b4119");
    again = replaced(again, "session 3e0a3008", "session 4f1b4119");
    merged.repository.write(plan_path, again);
    merged.repository.write("src/training/fit.py", "again\n");
    EXPECT_EQ(merged.verdict("2026-06-10").exit_code(), 0);
}

TEST(Undone, what_is_gone_owes_no_alert) {
    const Merged merged;
    merged.repository.write("src/training/fit.py", "before\n");
    merged.repository.write(plan_path, with_outcome(undone));
    Facts facts;
    facts.root = merged.repository.root();
    const auto on = [&](const GateRequest& request) {
        return found_in(evaluate(request, Policy::defaults(), &facts)->outcomes.at(0));
    };
    EXPECT_THAT(on(merged.request("2026-06-03")), IsEmpty());
    auto nightly = request_of(merged.repository);
    nightly.all = true;
    nightly.now = *core::parse_timestamp("2026-06-04");
    EXPECT_THAT(on(nightly), IsEmpty());
    merged.repository.write(plan_path, right_plan());
    EXPECT_THAT(on(nightly), Contains("RDY220"));
}
