#include "git_repository.hpp"
#include "tristrata/readiness/changes.hpp"
#include "tristrata/readiness/draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Gate, a_live_plan_that_a_change_set_alters_is_judged_whatever_else_it_changes) {
    const Merged merged;
    merged.repository.write(plan_path,
                            replaced(right_plan(),
                                     "- Lever: the key `feature_selection.method` of `ftf_config`, back to "
                                     "`mutual_info`\n",
                                     "- Lever: git revert and redeploy\n"));
    for (const bool commit : {false, true}) {
        auto request = merged.request();
        if (commit) request.commit = *commit_of(merged.repository.root(), "head", "HEAD");
        const auto verdict = evaluated(request);
        ASSERT_EQ(verdict.outcomes.size(), 1u);
        EXPECT_THAT(found_in(verdict.outcomes[0]), testing::Contains("RDY502"));
        EXPECT_EQ(verdict.exit_code(), 1);
    }
    // What mends it, or says nothing else, is let through.
    merged.repository.write(plan_path, right_plan() + "\n");
    EXPECT_EQ(merged.verdict().exit_code(), 0);
    EXPECT_THAT(found_in(merged.verdict().outcomes.at(0)), IsEmpty());
    // One that begins with the change set may be a draft.
    merged.repository.git("checkout -q main -- " + plan_path);
    merged.repository.write("documentation/stories/CVN-2/mlops_readiness.md", "# A draft\n");
    EXPECT_THAT(merged.verdict().outcomes, IsEmpty());
}

TEST(Gate, a_plan_that_nothing_asks_for_is_said_and_may_go_while_it_is_a_draft) {
    const std::string other = "documentation/stories/CVN-2/mlops_readiness.md";
    std::string draft(built_in_form());
    draft = replaced(draft, "- DRI: <one person's handle>", "- DRI: @maria");
    const Merged merged;
    merged.repository.write(other, draft);
    auto request = merged.request();
    auto verdict = evaluated(request);
    EXPECT_THAT(verdict.unjudged, ElementsAre(other));
    EXPECT_THAT(verdict.outcomes, IsEmpty());
    EXPECT_EQ(verdict.exit_code(), 0);
    // Judged, it is not said.
    merged.repository.write("src/training/fit.py", "y\n");
    EXPECT_THAT(merged.verdict().unjudged, IsEmpty());
    // Once it is merged it may go, and is no new plan when it is touched.
    merged.repository.git("checkout -q main -- src");
    merged.repository.commit("a draft");
    merged.repository.git("branch -f main HEAD");
    merged.repository.git("rm -q " + other);
    verdict = merged.verdict();
    EXPECT_THAT(verdict.outcomes, IsEmpty());
    EXPECT_THAT(verdict.unjudged, IsEmpty());
    // With one section that says anything, or is skipped, it promises something.
    const std::string sunset = "- Sunset: <full rollout and 90 days>";
    for (const std::string& said :
         {replaced(draft, sunset, "- Sunset: 2027-08-23"),
          replaced(draft, sunset, "**SKIP — JUSTIFICATION**: the flag is off until the next story")}) {
        merged.repository.write(other, said);
        merged.repository.commit("more");
        merged.repository.git("branch -f main HEAD");
        merged.repository.git("rm -q " + other);
        EXPECT_THAT(found_in(merged.verdict().outcomes.at(0)), ElementsAre("RDY006")) << said;
    }
}

TEST(Gate, a_live_plan_is_not_emptied) {
    const Merged merged;
    merged.repository.write(plan_path, "");
    const auto verdict = merged.verdict();
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    const auto& findings = verdict.outcomes[0].findings;
    const auto own = std::ranges::find(findings, "RDY006", [](const Finding& one) { return one.rule->id; });
    ASSERT_NE(own, findings.end());
    EXPECT_THAT(own->message,
                AllOf(HasSubstr("no section of the plan is left, which has §1, §2, §3, §4, §5, §6"),
                      HasSubstr(merged.base()), HasSubstr("its sunset on 2026-08-23")));
    EXPECT_EQ(verdict.exit_code(), 1);
}

TEST(Gate, a_live_plan_is_asked_for_no_fewer_sections_than_at_the_base) {
    const Merged merged;
    const std::string recorded =
        replaced(right_plan(), "Owner: @maria\n", "Owner: @maria\nSections asked for: §6\n");
    merged.repository.write(plan_path, recorded);
    auto verdict = merged.verdict();
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    ASSERT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY006"));
    EXPECT_EQ(verdict.outcomes[0].findings[0].line, 5u);
    EXPECT_THAT(verdict.outcomes[0].findings[0].message,
                AllOf(HasSubstr("the plan says that §6 are asked for, and at the base (" + merged.base() +
                                ") it is asked for §1, §2, §3, §4, §5, §6")));
    // Beside a change that asks for less, too.
    merged.repository.write("src/backtest/engine.py", "x\n");
    EXPECT_THAT(found_in(merged.verdict().outcomes[0]), ElementsAre("RDY006"));
    // A light plan stays light, and its line may say more.
    std::string light =
        replaced(right_plan(), "Owner: @maria\n", "Owner: @maria\nSections asked for: §1, §2, §5\n");
    const auto begin = light.find("## 3. ");
    light.erase(begin, light.find("## 5. ") - begin);
    light.erase(light.find("## 6. "), light.find("## Sign-off") - light.find("## 6. "));
    const Merged small(light);
    small.repository.write(plan_path, light + "\n");
    EXPECT_THAT(found_in(small.verdict().outcomes.at(0)), IsEmpty());
    small.repository.write(plan_path, replaced(light, "§1, §2, §5", "§1, §2"));
    EXPECT_THAT(found_in(small.verdict().outcomes.at(0)), ElementsAre("RDY006"));
}

TEST(Gate, a_sunset_is_not_postponed_once_the_change_is_out) {
    const Merged merged;
    const std::string later =
        replaced(replaced(right_plan(), "Full rollout: 2026-05-25", "Full rollout: 2026-08-25"),
                 "Sunset: 2026-08-23", "Sunset: 2026-11-23");
    merged.repository.write(plan_path, later);
    const auto verdict = merged.verdict();
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    ASSERT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY006"));
    EXPECT_THAT(
        verdict.outcomes[0].findings[0].message,
        HasSubstr("the sunset is 2026-11-23 and at the base (" + merged.base() + ") it is 2026-08-23"));
    // A rollout that is still to come may slip.
    EXPECT_THAT(found_in(merged.verdict("2026-05-20").outcomes.at(0)), IsEmpty());
    EXPECT_THAT(found_in(merged.verdict("2026-05-25").outcomes.at(0)), IsEmpty());
    EXPECT_THAT(found_in(merged.verdict("2026-05-26").outcomes.at(0)), ElementsAre("RDY006"));
}

TEST(Gate, a_folder_or_a_link_in_the_place_of_a_plan_cannot_be_judged) {
    for (const bool folder : {true, false}) {
        const Merged merged;
        merged.repository.git("rm -q " + plan_path);
        if (folder) merged.repository.write(plan_path + "/a", "x\n");
        else {
            fs::create_directories((merged.repository.root() / plan_path).parent_path());
            fs::create_symlink("nowhere", merged.repository.root() / plan_path);
        }
        for (const bool commit : {false, true}) {
            auto request = merged.request();
            if (commit) request.commit = *commit_of(merged.repository.root(), "head", "HEAD");
            const auto verdict = evaluated(request);
            ASSERT_EQ(verdict.outcomes.size(), 1u);
            EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY002"));
            EXPECT_EQ(verdict.exit_code(), 3);
        }
        auto request = request_of(merged.repository);
        request.all = true;
        EXPECT_EQ(evaluated(request).exit_code(), 3);
    }
}

// Also one that leads to a right plan of the repository; a folder that is a link has no plan in git.
TEST(Gate, a_link_in_the_repository_is_not_followed_in_the_working_tree_either) {
    for (const bool folder : {false, true}) {
        const Merged merged(right_plan());
        const auto place = merged.repository.root() / plan_path;
        merged.repository.write("docs/plan/mlops_readiness.md", right_plan());
        merged.repository.git("rm -q " + plan_path);
        fs::create_directories(place.parent_path());
        if (folder) {
            fs::remove(place.parent_path());
            fs::create_directory_symlink("../../docs/plan", place.parent_path());
        } else {
            fs::create_symlink("../../../docs/plan/mlops_readiness.md", place);
        }
        ASSERT_EQ(text_of_file(place), right_plan());
        std::vector<std::vector<std::string>> found;
        for (const bool commit : {false, true}) {
            auto request = merged.request();
            if (commit) request.commit = *commit_of(merged.repository.root(), "head", "HEAD");
            const auto verdict = evaluated(request);
            ASSERT_EQ(verdict.outcomes.size(), 1u) << folder << commit;
            found.push_back(found_in(verdict.outcomes[0]));
            EXPECT_EQ(verdict.exit_code(), folder ? 1 : 3) << folder << commit;
        }
        EXPECT_THAT(found[0], ElementsAre(folder ? "RDY006" : "RDY002"));
        EXPECT_EQ(found[0], found[1]);
    }
}

TEST(Gate, a_plan_that_is_moved_is_judged_as_that_of_its_new_story) {
    const Merged merged;
    const std::string moved = "documentation/stories/OTHER/mlops_readiness.md";
    merged.repository.git("rm -q " + plan_path);
    merged.repository.write(moved, right_plan());
    const auto verdict = merged.verdict();
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    EXPECT_EQ(verdict.outcomes[0].file, moved);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY005"));
}

TEST(Gate, a_plan_that_is_over_answers_for_no_new_change) {
    const std::string over = replaced(right_plan(), "due at the sunset", "permanent");
    const Merged merged(over);
    merged.repository.write(plan_path, over + "\n");
    merged.repository.write("src/training/fit.py", "y\n");
    auto request = merged.request("2026-08-24");
    auto verdict = evaluated(request);
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY001"));
    EXPECT_THAT(
        verdict.outcomes[0].findings[0].message,
        AllOf(HasSubstr(plan_path), HasSubstr("answers for no new change: its sunset was on 2026-08-23")));
    // Nor does one that is merely linked.
    request.changed = {"src/training/fit.py"};
    request.pull_request = plan_path + ", session 3e0a3008";
    verdict = evaluated(request);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY001"));
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("its sunset was on 2026-08-23"));
    // Nor on its day, once its outcome is named.
    request.now = *core::parse_timestamp("2026-08-23");
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
    EXPECT_THAT(found_in(merged.verdict("2026-08-23").outcomes.at(0)), ElementsAre("RDY001"));
}

TEST(Gate, of_several_plans_those_answer_that_the_pull_request_links) {
    std::string other = right_plan();
    for (auto at = other.find(story); at != std::string::npos; at = other.find(story))
        other.replace(at, 15, "CVN-2");
    const std::string other_path = "documentation/stories/CVN-2/mlops_readiness.md";
    const Merged merged;
    merged.repository.write(plan_path, right_plan() + "\n");
    merged.repository.write(other_path, other);
    merged.repository.write("src/training/fit.py", "y\n");
    auto request = merged.request("2026-05-20");
    request.pull_request = other_path + ", session 3e0a3008";
    const auto verdict = evaluated(request);
    ASSERT_EQ(verdict.outcomes.size(), 2u);
    EXPECT_EQ(verdict.outcomes[0].file, other_path);
    EXPECT_EQ(verdict.outcomes[1].file, plan_path);  // Altered: judged, and linked by nobody.
    for (const auto& outcome : verdict.outcomes) EXPECT_THAT(found_in(outcome), IsEmpty());
    request.pull_request = "nothing";
    for (const auto& outcome : evaluated(request).outcomes)
        EXPECT_THAT(found_in(outcome), UnorderedElementsAre("RDY810", "RDY811"));
}

TEST(Gate, a_second_pull_request_is_told_to_link_the_plan) {
    const Merged merged;
    merged.repository.write("src/training/fit.py", "y\n");
    auto request = merged.request("2026-05-20");
    request.pull_request = "nothing";
    EXPECT_THAT(evaluated(request).outcomes.at(0).findings.at(0).message,
                HasSubstr("or link the plan that the story has in the pull request's text"));
    // What nobody sees links nothing: neither this plan, nor another in its place.
    for (const std::string& text :
         {"<!-- e.g. " + plan_path + " -->\nsession 3e0a3008", "~~" + plan_path + "~~, session 3e0a3008"}) {
        request.pull_request = text;
        EXPECT_THAT(found_in(evaluated(request).outcomes.at(0)), ElementsAre("RDY001")) << text;
    }
    request.pull_request = plan_path + ", session 3e0a3008";
    EXPECT_THAT(found_in(evaluated(request).outcomes.at(0)), IsEmpty());
}

TEST(Gate, the_change_set_that_brings_the_gate_needs_no_decision_and_a_change_of_its_workflow_does) {
    const Repository repository;
    const std::string workflow = ".github/workflows/readiness.yml";
    const std::string form = "documentation/templates/TEMPLATE_mlops_readiness.md";
    repository.git("init -q");
    repository.write("README.md", "x\n");
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.write("readiness.scope.toml", "[minima]\nshadow_days = 14\n");
    repository.write(workflow, "steps: []\n");
    repository.write(form, std::string(built_in_form()));
    repository.commit("the gate");
    const auto judge = [&] {
        auto request = request_of(repository);
        request.changed = *changed_paths(repository.root(), "main", "HEAD");
        request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
        request.policy_file = "readiness.scope.toml";
        return evaluated(request);
    };
    for (const auto& outcome : judge().outcomes)
        EXPECT_THAT(found_in(outcome), testing::Not(testing::Contains("RDY022")));
    // One that brings a template without all sections is told so.
    std::string cut(built_in_form());
    cut.erase(cut.find("## 3. "), cut.find("## 4. ") - cut.find("## 3. "));
    repository.write(form, cut);
    repository.commit("less of it");
    EXPECT_THAT(found_in(judge().outcomes.at(0)), ElementsAre("RDY004"));
    repository.write(form, std::string(built_in_form()));
    repository.commit("all of it");
    repository.git("branch -f main HEAD");
    repository.write(workflow, "steps: [true]\n");
    repository.commit("another gate");
    const auto verdict = judge();
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY022"));
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr(workflow));
    // Nor is the whole of it taken away.
    repository.git("rm -q " + form);
    repository.commit("none of it");
    const auto gone = judge();
    EXPECT_THAT(found_in(gone.outcomes.at(0)), testing::Contains("RDY004"));
    EXPECT_EQ(gone.exit_code(), 1);
}

TEST(Gate, of_all_plans_those_that_live_are_held_against_what_runs) {
    const Repository repository;
    repository.write(plan_path, replaced(right_plan(), "due at the sunset", "permanent"));
    repository.write("deploy/owners.toml", "[default]\nowner = \"maria\"\nroute = \"x\"\n");
    auto request = request_of(repository);
    const auto facts = read_facts(Policy::defaults(), request.root);
    ASSERT_TRUE(facts) << facts.error().message;
    request.all = true;
    request.now = *core::parse_timestamp("2026-08-24");
    const auto judge = [&] { return *evaluate(request, Policy::defaults(), &*facts); };
    EXPECT_EQ(judge().exit_code(), 0) << to_text(judge());
    repository.write(plan_path, right_plan());
    EXPECT_EQ(judge().exit_code(), 1);
    EXPECT_THAT(found_in(judge().outcomes.at(0)), testing::Contains("RDY220"));
}

TEST(Gate, an_issue_with_two_parts_is_refused) {
    const Repository repository;
    auto request = request_of(repository);
    const std::string part = "## MLOps readiness\n\nOwner: @maria\n\n";
    request.issue = "Words.\n\n" + part + "### 1. Production monitoring\n\nx\n\n## Notes\n\n" + part;
    const auto verdict = evaluated(request);
    ASSERT_THAT(found_in(verdict.outcomes.at(0)), ElementsAre("RDY003"));
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("stands in lines 3 and 13"));
    EXPECT_EQ(verdict.exit_code(), 1);
}

namespace {

/// A plan of another story: each id of the right one is that.
std::string plan_of(const std::string& id) {
    std::string text = right_plan();
    const std::string old(story);
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + id.size()))
        text.replace(at, old.size(), id);
    return text;
}

std::string formerly(const std::string& text, const std::string& said) {
    return replaced(text, "Owner: @maria\n", "Owner: @maria\n" + said + "\n");
}

}  // namespace

// The other stands before it in the alphabet, and after it.
TEST(Gate, a_plan_that_takes_the_place_of_another_is_held_against_both) {
    for (const std::string id : {"A-1", "ZZ-1"}) {
        const std::string path = "documentation/stories/" + id + "/mlops_readiness.md";
        std::string over = replaced(right_plan(), "Full rollout: 2026-05-25", "Full rollout: 2026-01-25");
        over = replaced(over, "Sunset: 2026-08-23", "Sunset: 2026-04-25");
        const Merged merged(over);
        const auto succeeded = [&](const std::string& before, const std::string& after) {
            merged.repository.git("checkout -q main");
            merged.repository.write(path, before);
            merged.repository.commit("another");
            merged.repository.git("checkout -q -B work");
            merged.repository.git("rm -q " + plan_path);
            merged.repository.write(path, formerly(after, "Formerly: " + std::string(story)));
            return merged.verdict("2026-05-03").outcomes.at(0);
        };
        const auto outcome = succeeded(plan_of(id), plan_of(id));
        EXPECT_EQ(outcome.file, path);
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY006"));
        EXPECT_THAT(outcome.findings[0].message,
                    AllOf(HasSubstr("the sunset is 2026-08-23"),
                          HasSubstr("that of \"" + std::string(story) + "\" is 2026-04-25")));
        // The sections are those of both.
        const std::string light = "Owner: @maria\nSections asked for: §6\n";
        EXPECT_THAT(found_in(succeeded(plan_of(id), replaced(plan_of(id), "Owner: @maria\n", light))),
                    ElementsAre("RDY006", "RDY006"));
    }
}

TEST(Gate, a_plan_that_is_over_takes_nobody_s_place) {
    const std::string path = "documentation/stories/B-1/mlops_readiness.md";
    std::string over = replaced(plan_of("B-1"), "Full rollout: 2026-05-25", "Full rollout: 2025-01-25");
    over = replaced(over, "Sunset: 2026-08-23", "Sunset: 2025-04-25");
    over = replaced(over, "Outcome: due at the sunset", "Outcome: permanent");
    for (const bool merged_before : {true, false}) {
        const Merged merged;
        if (merged_before) {
            merged.repository.git("checkout -q main");
            merged.repository.write(path, over);
            merged.repository.commit("one that is over");
            merged.repository.git("checkout -q -B work");
        }
        merged.repository.git("rm -q " + plan_path);
        merged.repository.write(path, formerly(over, "Formerly: " + std::string(story)));
        const auto gone = merged.verdict("2026-06-03").outcomes.back();
        ASSERT_EQ(gone.file, plan_path) << merged_before;
        EXPECT_THAT(gone.findings.at(0).message, HasSubstr("takes nobody's place: put it back"));
    }
}

TEST(Gate, a_plan_that_was_taken_back_takes_nobody_s_place) {
    const std::string path = "documentation/stories/B-1/mlops_readiness.md";
    const std::string undone = replaced(plan_of("B-1"), "Outcome: due at the sunset",
                                        "Outcome: revisited in CVN-N002-EF-S01, rolled back on 2026-06-02");
    const Merged merged;
    merged.repository.git("checkout -q main");
    merged.repository.write(path, undone);
    merged.repository.commit("one that was taken back");
    merged.repository.git("checkout -q -B work");
    merged.repository.git("rm -q " + plan_path);
    merged.repository.write(path, formerly(undone, "Formerly: " + std::string(story)));
    const auto gone = merged.verdict("2026-06-03").outcomes.back();
    ASSERT_EQ(gone.file, plan_path);
    EXPECT_THAT(gone.findings.at(0).message, HasSubstr("takes nobody's place: put it back"));
}

TEST(Gate, a_plan_names_the_former_id_where_a_reader_sees_it_and_in_words_of_its_own) {
    const std::string path = "documentation/stories/B-1/mlops_readiness.md", old(story);
    const Merged merged;
    merged.repository.git("rm -q " + plan_path);
    const auto found = [&](const std::string& text) {
        merged.repository.write(path, text);
        std::vector<std::string> all;
        for (const auto& outcome : merged.verdict("2026-05-03").outcomes) {
            const auto own = found_in(outcome);
            all.insert(all.end(), own.begin(), own.end());
        }
        return all;
    };
    for (const std::string& said :
         {"~~Formerly: " + old + "~~", "Formerly: ~~" + old + "~~", "`Formerly: " + old + "`",
          "<details><summary>x</summary>\nFormerly: " + old + "\n</details>",
          "<!-- Formerly: " + old + " -->"})
        EXPECT_THAT(found(formerly(plan_of("B-1"), said)), ElementsAre("RDY006")) << said;
    for (const std::string& said :
         {"\n```sh\n# not of " + old + "\nFormerly: " + old + "\n```\n",
          "\n## Notes\n\nStory: of something else than " + old + "\n", "\n# Unlike " + old + "\n"})
        EXPECT_THAT(found(plan_of("B-1") + said), ElementsAre("RDY006")) << said;
    for (const std::string& said :
         {"Formerly known as " + old, "This story used to be " + old, "Formerly: A-1, " + old,
          "Formerly: `" + old + "`", "Former id: " + old, "| Formerly | " + old + " |"})
        EXPECT_THAT(found(formerly(plan_of("B-1"), said)), IsEmpty()) << said;
}

TEST(Gate, a_policy_of_other_days_asks_for_no_sunset_that_it_refuses) {
    const Merged merged;
    auto policy = Policy::defaults();
    policy.sunset_days = 120;
    const auto found = [&](const std::string& sunset) {
        merged.repository.write(plan_path, replaced(right_plan(), "- Sunset: 2026-08-23", sunset));
        const auto verdict = evaluate(merged.request(), policy, nullptr);
        return found_in(verdict->outcomes.at(0));
    };
    EXPECT_THAT(found("- Sunset:  2026-08-23"), ElementsAre("RDY702"));
    EXPECT_THAT(found("- Sunset: 2026-09-22"), IsEmpty());
    EXPECT_THAT(found("- Sunset: 2026-10-22"), UnorderedElementsAre("RDY702", "RDY006"));
}

TEST(Gate, plans_move_with_the_folder_of_the_policy_and_none_is_left_out_of_sight) {
    Merged merged;
    const auto verdict_on = [&](const std::string& day) {
        auto request = merged.request(day);
        request.policy_file = "readiness.scope.toml";
        return evaluated(request);
    };
    merged.repository.write("readiness.scope.toml", "stories = \"docs/plans\"\n");
    auto verdict = verdict_on("2026-06-01");
    ASSERT_THAT(found_in(verdict.outcomes.at(0)), testing::Contains("RDY006"));
    EXPECT_THAT(verdict.outcomes[0].findings.at(0).message,
                AllOf(HasSubstr("one is left"), HasSubstr("CVN-N001-EF-S07"), HasSubstr("docs/plans")));
    EXPECT_EQ(verdict.exit_code(), 1);
    // Moved under its id it is no plan that is deleted, and is held against itself.
    merged.repository.git("rm -q " + std::string(plan_path));
    const std::string moved = "docs/plans/CVN-N001-EF-S07/mlops_readiness.md";
    merged.repository.write(moved, right_plan());
    verdict = verdict_on("2026-06-01");
    EXPECT_EQ(verdict.exit_code(), 0);
    merged.repository.write(
        moved, replaced(replaced(right_plan(), "- Full rollout: 2026-05-25", "- Full rollout: 2026-06-25"),
                        "- Sunset: 2026-08-23", "- Sunset: 2026-09-23"));
    verdict = verdict_on("2026-06-01");
    EXPECT_EQ(verdict.exit_code(), 1);
    EXPECT_THAT(found_in(verdict.outcomes.at(0)), testing::Contains("RDY006"));
    // By another id it is one that is gone.
    merged.repository.git("rm -q -f " + moved);
    merged.repository.write("docs/plans/CVN-2/mlops_readiness.md", right_plan());
    EXPECT_THAT(found_in(verdict_on("2026-06-01").outcomes.at(0)), testing::Contains("RDY006"));
}
