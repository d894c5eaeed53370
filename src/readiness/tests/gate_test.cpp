#include "tristrata/readiness/gate.hpp"

#include "git_repository.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/readiness/changes.hpp"
#include "tristrata/readiness/draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::string_literals;
using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Gate, asks_for_no_plan_where_no_path_does) {
    const Repository repository;
    auto request = request_of(repository);
    request.changed = {"docs/a.md", "tests/b.py"};
    const auto verdict = evaluated(request);
    EXPECT_THAT(verdict.outcomes, IsEmpty());
    EXPECT_EQ(verdict.exit_code(), 0);
}

TEST(Gate, is_closed_without_the_plan_that_a_path_asks_for) {
    const Repository repository;
    auto request = request_of(repository);
    request.changed = {"src/training/fit.py"};
    auto verdict = evaluated(request);
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY001"));
    EXPECT_EQ(verdict.outcomes[0].file, "src/training/fit.py");
    EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("src/training/fit.py asks for §1"));
    EXPECT_THAT(to_comment(verdict), HasSubstr("`tristrata readiness init STORY` writes"));
    EXPECT_EQ(verdict.exit_code(), 1);
    request.story = story;
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
    // A plan elsewhere is none.
    repository.write("documentation/stories/CVN-N001-EF-S07/plan.md", right_plan());
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
    repository.write(plan_path, right_plan());
    verdict = evaluated(request);
    EXPECT_THAT(found_in(verdict.outcomes[0]), IsEmpty());
    EXPECT_EQ(verdict.exit_code(), 0);
}

TEST(Gate, a_plan_in_nearly_the_right_place_is_told_where_it_belongs) {
    for (const auto& [path, to] : std::vector<std::pair<std::string, std::string>>{
             {"documentation/story/TRD-110/mlops_readiness.md",
              "documentation/stories/TRD-110/mlops_readiness.md"},
             {"documentation/stories/TRD-110/MLOPS_Readiness.md",
              "documentation/stories/TRD-110/mlops_readiness.md"},
             {"documentation/stories/EPIC/TRD-1/mlops_readiness.md",
              "documentation/stories/TRD-1/mlops_readiness.md"},
             {"documentation/stories/mlops_readiness.md",
              "documentation/stories/STORY/mlops_readiness.md"}}) {
        const Repository repository;
        repository.write(path, right_plan());
        auto request = request_of(repository);
        request.changed = {path, "src/training/fit.py"};
        const auto outcome = evaluated(request).outcomes[0];
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY001")) << path;
        EXPECT_THAT(
            outcome.findings[0].message,
            HasSubstr("\"" + path + "\" lies where no plan is looked for: move it to \"" + to + "\""));
    }
}

TEST(Gate, finds_the_plan_among_what_changed_and_asks_for_what_the_paths_do) {
    const Repository repository;
    std::string text = right_plan();
    const auto begin = text.find("## 3. ");
    text.erase(begin, text.find("## 5. ") - begin);
    repository.write(plan_path, text);
    auto request = request_of(repository);
    request.changed = {plan_path, "src/backtest/engine.py"};
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
    request.changed->push_back("src/commun/labels/triple.py");
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY300", "RDY400"));
}

TEST(Gate, a_light_plan_stays_light_after_its_merge_by_what_it_records) {
    const Repository repository;
    std::string text =
        replaced(right_plan(), "Owner: @maria", "Owner: @maria\nSections asked for: §1, §2, §5");
    const auto begin = text.find("## 3. ");
    text.erase(begin, text.find("## 5. ") - begin);
    text.erase(text.find("## 6. "), text.find("## Sign-off") - text.find("## 6. "));
    repository.write(plan_path, text);
    auto request = request_of(repository);
    request.all = true;
    auto outcome = evaluated(request).outcomes[0];
    EXPECT_THAT(found_in(outcome), IsEmpty());
    EXPECT_EQ(shown(outcome.required), "§1, §2, §5");
    EXPECT_THAT(to_text(evaluated(request)),
                HasSubstr("asked for by line 5 of the plan (Sections asked for)"));
    EXPECT_THAT(to_json(evaluated(request)), HasSubstr("\"asked_by\": \"plan\""));
    // What changed decides at the merge, and a record that says less is found out.
    request.all = false;
    request.changed = {plan_path, "src/backtest/engine.py"};
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
    request.changed->push_back("src/training/fit.py");
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]),
                ElementsAre("RDY300", "RDY400", "RDY600", "RDY016"));
    // Nothing recorded: all six, and it is said how to say less.
    repository.write(plan_path, replaced(text, "Sections asked for: §1, §2, §5\n", ""));
    request.changed = {plan_path, "src/backtest/engine.py"};
    EXPECT_THAT(to_text(evaluated(request)), HasSubstr("not recorded in the plan: after the merge all six"));
    request.changed.reset();
    request.all = true;
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY300", "RDY400", "RDY600"));
    EXPECT_THAT(to_text(evaluated(request)), HasSubstr("all six are asked for: neither a change nor a line"));
}

TEST(Gate, a_path_that_nothing_knows_is_said_and_fails_where_warnings_do) {
    const Repository repository;
    auto request = request_of(repository);
    request.changed = {"src/brand_new/fit.py"};
    auto verdict = evaluated(request);
    ASSERT_EQ(verdict.outcomes.size(), 1u);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY021"));
    EXPECT_EQ(verdict.exit_code(), 0);
    request.strict = true;
    EXPECT_EQ(evaluated(request).exit_code(), 1);
}

TEST(Gate, the_folder_names_the_story) {
    const Repository repository;
    repository.write("documentation/stories/CVN-N001-EF-S08/mlops_readiness.md", right_plan());
    auto request = request_of(repository);
    request.story = "CVN-N001-EF-S08";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY005"));
}

TEST(Gate, advice_fails_nothing_but_what_cannot_be_told) {
    const Repository repository;
    auto request = request_of(repository);
    request.advisory = true;
    request.files = {"plan.md"};
    repository.write("plan.md", replaced(right_plan(), "- DRI: @maria\n", ""));
    EXPECT_EQ(evaluated(request).exit_code(), 0);
    EXPECT_TRUE(evaluated(request).blocked());
    repository.write("plan.md", "\xFF\xFE#\0"s.append(2, '\0'));
    EXPECT_EQ(evaluated(request).exit_code(), 3);
}

TEST(Gate, a_link_out_of_the_repository_is_not_followed) {
    const Repository repository, other;
    other.write("plan.md", right_plan());
    fs::create_directories(repository.root() / "documentation/stories" / story);
    fs::create_symlink(other.root() / "plan.md", repository.root() / plan_path);
    auto request = request_of(repository);
    request.story = story;
    const auto verdict = evaluated(request);
    EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY002"));
    EXPECT_EQ(verdict.exit_code(), 3);
    request.story = "../../..";
    EXPECT_NE(evaluated(request).exit_code(), 0);
}

TEST(Gate, no_message_names_a_folder_of_the_machine) {
    const Repository repository, other;
    other.write("plan.md", right_plan());
    fs::create_directories(repository.root() / "documentation/stories" / story);
    fs::create_symlink(other.root() / "plan.md", repository.root() / plan_path);
    repository.write("large.md", std::string(300'000, 'a'));
    repository.write("wide.md", "\xFF\xFE");
    fs::create_directories(repository.root() / "folder.md");
    fs::create_symlink("loop.md", repository.root() / "loop.md");
    auto request = request_of(repository);
    request.files = {plan_path};
    for (const char* file : {"large.md", "wide.md", "folder.md", "loop.md"}) {
        request.files.emplace_back(file);
        request.files.push_back((repository.root() / file).string());
    }
    const auto verdict = evaluated(request);
    ASSERT_EQ(verdict.outcomes.size(), 9u);
    for (const auto& outcome : verdict.outcomes) {
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY002")) << outcome.file;
        EXPECT_THAT(outcome.findings[0].message, testing::Not(HasSubstr(repository.root().string())));
    }
}

TEST(Gate, a_pull_request_links_plan_and_review) {
    const Repository repository;
    repository.write(plan_path, right_plan());
    auto request = request_of(repository);
    request.story = story;
    request.pull_request = "Nothing";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY810", "RDY811"));
    request.pull_request = "See " + plan_path + " and session 3e0a3008.";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
    for (const std::string& text : {"See <!-- " + plan_path + " --> and session 3e0a3008.",
                                    "See " + plan_path + "x and session 3e0a3008.",
                                    "See " + plan_path + ".orig and session 3e0a3008."}) {
        request.pull_request = text;
        EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY810")) << text;
    }
    // Of an issue without an address no text is a link: what is missing is said.
    request.story.clear();
    request.issue = text_of_file(golden_folder / "plans/issue_right.markdown");
    const auto unknown = evaluated(request);
    EXPECT_THAT(unknown.outcomes[0].findings[0].message, HasSubstr("give the address by --issue"));
    Outcome outcome;
    outcome.named.session = "3e0a3008";
    check_pull_request(outcome, "https://example.com/issues/70, session 3e0a3008", "",
                       "https://example.com/issues/7");
    EXPECT_THAT(found_in(outcome), ElementsAre("RDY810"));
    outcome.findings.clear();
    check_pull_request(outcome, "https://example.com/issues/7, session 3e0a3008", "",
                       "https://example.com/issues/7");
    EXPECT_THAT(found_in(outcome), IsEmpty());
}

TEST(Gate, a_rule_test_that_expects_no_alert_fires_none) {
    const Repository repository;
    repository.write(
        "deploy/prometheus/a_test.yml",
        "tests:\n  - interval: 1m\n  - alert_rule_test:\n      - alertname: Silent\n        exp_alerts: []\n"
        "      - alertname: Unsaid\n      - alertname: Fires\n        exp_alerts:\n          - exp_labels: "
        "{a: b}\n");
    const auto facts = read_facts(Policy::defaults(), request_of(repository).root);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_THAT(facts->tested, ElementsAre("Fires"));
}

TEST(Gate, the_template_of_the_repository_keeps_its_sections) {
    const Repository repository;
    repository.write(plan_path, right_plan());
    const std::string form(built_in_form());
    const std::string path = "documentation/templates/TEMPLATE_mlops_readiness.md";
    repository.write(path, form);
    auto request = request_of(repository);
    request.story = story;
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
    const auto begin = form.find("## 3. ");
    repository.write(path, std::string(form).erase(begin, form.find("## 4. ") - begin));
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY004"));
    Policy policy = Policy::defaults();
    policy.removed[3] = "docs/adr/0080.md";
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), ElementsAre("RDY004"));
    repository.write("docs/adr/0080.md", " \n");
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), ElementsAre("RDY004"));
    policy.removed[3] = "../0080.md";
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), ElementsAre("RDY004"));
    policy.removed[3] = "docs/adr/0080.md";
    for (const char* empty :
         {"# Why\n", "<!-- It is decided by the committee. -->\n", "# Why\n\n<the reason for it>\n"}) {
        repository.write("docs/adr/0080.md", empty);
        EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), ElementsAre("RDY004")) << empty;
    }
    repository.write("docs/adr/0080.md", "# Why\n\nNothing of it reads data that could drift.\n");
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), IsEmpty());
    // What the template has no more is asked of no plan.
    std::string plan = right_plan();
    plan.erase(plan.find("## 3. "), plan.find("## 4. ") - plan.find("## 3. "));
    repository.write(plan_path, plan);
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), IsEmpty());
    request.changed = {plan_path, "src/training/fit.py"};
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), IsEmpty());
    // Nor does the plan have to record that five are all.
    EXPECT_THAT(to_text(evaluated(request, policy)), testing::Not(HasSubstr("not recorded in the plan")));
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), testing::Contains("RDY300"));
}

TEST(Gate, the_template_s_own_words_fill_nothing) {
    const Repository repository;
    repository.write(
        "documentation/templates/TEMPLATE_mlops_readiness.md",
        replaced(std::string(built_in_form()),
                 "- Lever: <FTF flag, MLflow alias or ftf_config key, and the value that brings the old "
                 "behaviour back>",
                 "- Say here which flag of ftf_config brings the old behaviour back"));
    repository.write(plan_path,
                     replaced(right_plan(),
                              "- Lever: the key `feature_selection.method` of `ftf_config`, back to "
                              "`mutual_info`\n- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711\n",
                              "- Say here which flag of ftf_config brings the old behaviour back\n"));
    auto request = request_of(repository);
    request.story = story;
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY599"));
}

TEST(Gate, says_where_it_found_no_plan_at_all) {
    const Repository repository;
    auto request = request_of(repository);
    request.all = true;
    const auto verdict = evaluated(request);
    EXPECT_EQ(verdict.exit_code(), 0);
    EXPECT_THAT(to_text(verdict), HasSubstr("no plans below documentation/stories\n"));
    EXPECT_THAT(to_comment(verdict), HasSubstr("no plans below documentation/stories"));
}

TEST(Gate, judges_every_plan_alike_on_any_number_of_threads) {
    const Repository repository;
    for (int i = 0; i < 40; ++i) {
        const std::string id = "CVN-" + std::to_string(100 + i);
        std::string text = right_plan();
        for (auto at = text.find(story); at != std::string::npos; at = text.find(story))
            text.replace(at, 15, id);
        if (i % 3 == 0) text = replaced(text, "- DRI: @maria\n", "");
        repository.write("documentation/stories/" + id + "/mlops_readiness.md", text);
    }
    auto request = request_of(repository);
    request.all = true;
    request.threads = 1;
    const auto one = evaluated(request);
    request.threads = 4;
    const auto four = evaluated(request);
    EXPECT_EQ(one.outcomes.size(), 40u);
    EXPECT_EQ(to_json(one), to_json(four));
    EXPECT_EQ(std::ranges::count_if(one.outcomes, [](const Outcome& o) { return o.blocked(false); }), 14);
}

TEST(Draft, is_the_template_with_what_is_known_and_stays_closed) {
    DraftRequest request;
    request.story = story;
    request.title = "The variance selector";
    request.owner = "maria";
    request.now = the_day();
    request.changed = {"src/training/fit.py", "-->evil.py"};
    Facts facts;
    facts.metrics = {"win_rate"};
    facts.alerts = {"VarianceDispersionDead"};
    facts.psi = Thresholds{0.3, 0.6};
    facts.owners =
        config::Owners::parse("[default]\nowner = \"ml\"\n[modules.\"train.*\"]\nowner = \"models\"\n",
                              "owners.toml")
            .value();
    request.facts = &facts;
    const auto text = draft(built_in_form(), request, Policy::defaults());
    ASSERT_TRUE(text) << text.error().message;
    for (const char* part :
         {"# MLOps readiness — CVN-N001-EF-S07 The variance selector\n", "Story: CVN-N001-EF-S07\n",
          "Owner: @maria\n", "Filled on: 2026-05-10\n", "- DRI: @maria\n", "src/training/fit.py",
          "- ->evil.py", "Metrics that exist: win_rate.", "Alerts that are provisioned: Variance",
          "0.3 / 0.6", "Whose the modules are: train.* models, every other module ml."})
        EXPECT_THAT(*text, HasSubstr(part));
    const auto found = found_in(judged(*text));
    EXPECT_THAT(found,
                ElementsAre("RDY014", "RDY199", "RDY299", "RDY399", "RDY499", "RDY599", "RDY699", "RDY899"));
    request.story = "../evil";
    EXPECT_FALSE(draft(built_in_form(), request, Policy::defaults()));
}

// "filled with what is known": the check of the same policy has nothing to say of these.
TEST(Draft, has_the_minima_of_the_policy) {
    const Policy policy = *Policy::parse(
        "[minima]\nshadow_days = 10\nsunset_days = 60\n[minima.psi]\nwarn = 0.1\ncrit = 0.3\n"
        "[minima.performance_gap]\nwarn = 0.02\ncrit = 0.04\n",
        "readiness.scope.toml");
    DraftRequest request;
    request.story = story;
    request.now = the_day();
    Facts facts;
    for (const bool looked : {false, true}) {
        request.facts = looked ? &facts : nullptr;
        const auto text = draft(built_in_form(), request, policy);
        ASSERT_TRUE(text) << text.error().message;
        for (const char* part : {"| 0.1 / 0.3 | the default |", "| 0.02 / 0.04 | the default |",
                                 "- Shadow: <at least 10 days, ", "- Sunset: <full rollout and 60 days>"})
            EXPECT_THAT(*text, HasSubstr(part));
    }
    // Those that are in force are a promise of their own, also where they are ADR-0070's.
    facts.psi = Thresholds{0.2, 0.5};
    const auto text = draft(built_in_form(), request, policy);
    EXPECT_THAT(*text, HasSubstr("| 0.2 / 0.5 | <why these are in force> |"));
    request.facts = nullptr;
    EXPECT_THAT(
        *draft(built_in_form(), request, Policy::defaults()),
        testing::AllOf(HasSubstr("| 0.2 / 0.5 | the default |"), HasSubstr("| 0.05 / 0.10 | the default |"),
                       HasSubstr("<at least 7 days, "), HasSubstr("<full rollout and 90 days>")));
}

TEST(Draft, an_owner_is_a_handle_or_a_name_that_the_check_takes) {
    const Policy policy = Policy::defaults();
    for (const auto& [given, written] : {std::pair{"maria", "@maria"},
                                         {"@maria", "@maria"},
                                         {"m.silva", "@m.silva"},
                                         {"Jana M\xC3\xBCller", "Jana M\xC3\xBCller"},
                                         {"S\xC3\xB8ren \xC3\x98"
                                          "deg\xC3\xA5rd",
                                          "S\xC3\xB8ren \xC3\x98"
                                          "deg\xC3\xA5rd"},
                                         {"Maria Silva", "Maria Silva"}}) {
        const auto owner = owner_of_a_plan(given, policy);
        ASSERT_TRUE(owner) << given << ": " << owner.error().message;
        EXPECT_EQ(*owner, written);
        std::string text = replaced(right_plan(), "Owner: @maria", "Owner: " + *owner);
        text = replaced(text, "- DRI: @maria", "- DRI: " + *owner);
        EXPECT_THAT(found_in(judged(text)), IsEmpty()) << *owner;
    }
    for (const char* given : {"maria, jonas", "ml-team", "@Jana M\xC3\xBCller", "to be decided",
                              "Maria\nSilva", "@org/team", ""}) {
        const auto owner = owner_of_a_plan(given, policy);
        ASSERT_FALSE(owner) << given;
        EXPECT_EQ(core::traits(owner.error().kind).exit_code, 2) << given;
        EXPECT_THAT(owner.error().message, HasSubstr("is no one person; expected \"@maria\""));
    }
}

TEST(Draft, git_s_name_of_several_words_or_beyond_ascii_is_no_handle) {
    const Repository repository;
    repository.git("init -q");
    for (const auto& [name, owner] : {std::pair{"Maria", "maria"},
                                      {"Maria Silva", "Maria Silva"},
                                      {"Jean-Luc", "jean-luc"},
                                      {"maria.silva", "maria.silva"},
                                      {"maria@acme.io", ""},
                                      {"Jana M\xC3\xBCller", "Jana M\xC3\xBCller"},
                                      {"\xC5\x81ukasz", "\xC5\x81ukasz"}}) {
        repository.git(std::string("config user.name '") + name + "'");
        // The test's own git names another by -c, which this call has not.
        EXPECT_EQ(owner_of_git(repository.root()), owner);
    }
}
