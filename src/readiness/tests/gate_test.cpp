#include "tristrata/readiness/gate.hpp"

#include "golden_plan.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/readiness/changes.hpp"
#include "tristrata/readiness/draft.hpp"
#include "tristrata/readiness/policy_in_force.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace std::string_literals;
using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

namespace fs = std::filesystem;

/// A repository of its own, gone at the end.
class Repository {
public:
    Repository() {
        std::string pattern = (fs::temp_directory_path() / "readiness-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    ~Repository() { fs::remove_all(root_); }
    Repository(const Repository&) = delete;
    Repository& operator=(const Repository&) = delete;

    [[nodiscard]] const fs::path& root() const { return root_; }
    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }
    void git(const std::string& words) const {
        const std::string line =
            "git -C '" + root_.string() +
            "' -c user.name='Maria Silva' -c user.email=m@example.com -c init.defaultBranch=main "
            "-c commit.gpgsign=false -c protocol.file.allow=always " +
            words + " >/dev/null 2>&1";
        if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
    }
    void commit(const std::string& why) const {
        git("add -A");
        git("commit -q --allow-empty -m '" + why + "'");
    }

private:
    fs::path root_;
};

constexpr const char* story = "CVN-N001-EF-S07";
const std::string plan_path = "documentation/stories/CVN-N001-EF-S07/mlops_readiness.md";

GateRequest request_of(const Repository& repository) {
    GateRequest request;
    request.root = repository.root();
    request.now = the_day();
    return request;
}

Verdict evaluated(const GateRequest& request, const Policy& policy = Policy::defaults()) {
    auto verdict = evaluate(request, policy, nullptr);
    if (!verdict) throw std::runtime_error(verdict.error().message);
    return *verdict;
}

}  // namespace

TEST(Changes, are_both_names_of_a_rename_and_what_was_deleted) {
    const Repository repository;
    repository.git("init -q");
    repository.write("src/training/old.py", "a long enough file\nto be seen as the same\nafter a rename\n");
    repository.write("src/gone.py", "x\n");
    repository.write("stays.py", "x\n");
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.git("mv src/training/old.py src/backtest_new.py");
    repository.git("rm -q src/gone.py");
    repository.write("a file with spaces.py", "x\n");
    repository.write("with\na line.py", "x\n");
    repository.commit("second");
    const auto paths = changed_paths(repository.root(), "main", "work");
    ASSERT_TRUE(paths) << paths.error().message;
    EXPECT_THAT(*paths, ElementsAre("a file with spaces.py", "src/backtest_new.py", "src/gone.py",
                                    "src/training/old.py", "with\na line.py"));
    // What came to the base since is no change of this branch.
    repository.git("checkout -q main");
    repository.write("src/training/other.py", "x\n");
    repository.commit("third");
    EXPECT_EQ(changed_paths(repository.root(), "main", "work")->size(), 5u);
}

TEST(Changes, that_cannot_be_told_keep_the_gate_closed) {
    const Repository repository;
    const auto none = changed_paths(repository.root(), "main", "HEAD");
    ASSERT_FALSE(none);
    EXPECT_EQ(core::traits(none.error().kind).exit_code, 3) << none.error().message;
    repository.git("init -q");
    repository.write("a", "x");
    repository.commit("first");
    const auto base = changed_paths(repository.root(), "origin/main", "HEAD");
    ASSERT_FALSE(base);
    EXPECT_THAT(base.error().message, HasSubstr("fetch-depth: 0"));
    EXPECT_EQ(core::traits(base.error().kind).exit_code, 3);
    EXPECT_EQ(core::traits(changed_paths(repository.root(), "--output=x", "HEAD").error().kind).exit_code, 2);
    EXPECT_EQ(core::traits(changed_paths(repository.root(), "", "HEAD").error().kind).exit_code, 2);
    repository.git("checkout -q --orphan other");
    repository.commit("of no ancestor");
    EXPECT_THAT(changed_paths(repository.root(), "main", "other").error().message,
                HasSubstr("no common ancestor"));
}

TEST(Changes, of_a_shallow_clone_say_how_to_fetch_more) {
    const Repository whole, clone;
    whole.git("init -q");
    for (const char* name : {"a", "b", "c"}) {
        whole.write(name, "x");
        whole.commit(name);
    }
    whole.git("checkout -q -b work HEAD~1");
    whole.write("d", "x");
    whole.commit("d");
    clone.git("init -q");
    clone.git("fetch -q --depth 1 'file://" + whole.root().string() +
              "' main:refs/remotes/origin/main "
              "work:refs/remotes/origin/work");
    const auto paths = changed_paths(clone.root(), "origin/main", "origin/work");
    ASSERT_FALSE(paths);
    EXPECT_THAT(paths.error().message, HasSubstr("--unshallow"));
    EXPECT_EQ(core::traits(paths.error().kind).exit_code, 3);
}

TEST(Changes, without_git_keep_the_gate_closed) {
    const Repository repository;
    const std::string before = std::getenv("PATH");
    ASSERT_EQ(::setenv("PATH", repository.root().c_str(), 1), 0);
    const auto paths = changed_paths(repository.root(), "main", "HEAD");
    ASSERT_EQ(::setenv("PATH", before.c_str(), 1), 0);
    ASSERT_FALSE(paths);
    EXPECT_THAT(paths.error().message, HasSubstr("git cannot be run"));
    EXPECT_EQ(core::traits(paths.error().kind).exit_code, 3);
}

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

TEST(Gate, a_pull_request_links_plan_and_review) {
    const Repository repository;
    repository.write(plan_path, right_plan());
    auto request = request_of(repository);
    request.story = story;
    request.pull_request = "Nothing";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY810", "RDY811"));
    request.pull_request = "See " + plan_path + " and session 3e0a3008.";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
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
    repository.write("docs/adr/0080.md", "# Why\n");
    EXPECT_THAT(found_in(evaluated(request, policy).outcomes[0]), IsEmpty());
}

// Whoever may write the change may not write the gate that it goes through.
TEST(Gate, a_change_set_is_judged_by_the_policy_at_its_base) {
    const Repository repository;
    const std::string weak =
        "[[scope]]\npaths = [\"**\"]\nsections = []\nreason = \"x\"\n[minima]\nshadow_days = 0\n"
        "[minima.psi]\nwarn = 7\ncrit = 9\n";
    repository.git("init -q");
    repository.write("src/training/fit.py", "x\n");
    repository.commit("first");
    repository.git("branch none");
    repository.write("readiness.scope.toml", "[minima]\nshadow_days = 14\n");
    repository.commit("a policy");
    repository.git("branch before");
    repository.git("checkout -q -b work");
    repository.write("src/training/fit.py", "y\n");
    repository.write("readiness.scope.toml", weak);
    repository.commit("second");
    const auto judge = [&](const std::string& base) {
        const auto ancestor = ancestor_of(repository.root(), base, "HEAD");
        const auto policy = policy_in_force(repository.root(), "", *ancestor, "");
        if (!policy) throw std::runtime_error(policy.error().message);
        auto request = request_of(repository);
        request.changed = *changed_paths(repository.root(), base, "HEAD");
        request.ancestor = *ancestor;
        request.policy_file = policy->file;
        request.policy_whose = policy->whose;
        return std::pair(*policy, evaluated(request, policy->policy));
    };
    const auto [accepted, blocked] = judge("before");
    EXPECT_EQ(accepted.policy.shadow_days_min, 14.0);
    EXPECT_THAT(accepted.whose, HasSubstr("as it stands at the base"));
    EXPECT_THAT(found_in(blocked.outcomes[0]), testing::UnorderedElementsAre("RDY001", "RDY022"));
    EXPECT_EQ(blocked.exit_code(), 1);
    // Where the base has none, ADR-0070's own counts, and the file beside it.
    const auto [fresh, also_blocked] = judge("none");
    EXPECT_EQ(fresh.policy.shadow_days_min, 7.0);
    EXPECT_EQ(fresh.policy.psi.crit, 0.5);
    EXPECT_THAT(fresh.whose, HasSubstr("which the base does not have"));
    EXPECT_THAT(found_in(also_blocked.outcomes[0]), testing::UnorderedElementsAre("RDY001", "RDY022"));
    EXPECT_EQ(shown(scope_of(fresh.policy, {"somewhere/x"}).sections), "none");
    EXPECT_EQ(scope_of(fresh.policy, {"somewhere/x"}).unknown, 0u);
    // A file of the repository that the command line names is no way round it; one elsewhere is the caller's.
    const auto named =
        policy_in_force(repository.root(), (repository.root() / "readiness.scope.toml").string(),
                        *ancestor_of(repository.root(), "before", "HEAD"), "");
    EXPECT_EQ(named->policy.shadow_days_min, 14.0);
    repository.write("docs/adr/0080-the-gate.md", "# Why\n");
    repository.commit("a decision");
    EXPECT_THAT(found_in(judge("before").second.outcomes[0]), ElementsAre("RDY001"));
}

TEST(Gate, the_template_at_the_base_is_whose_words_fill_nothing) {
    const Repository repository;
    const std::string path = "documentation/templates/TEMPLATE_mlops_readiness.md";
    const std::string lever =
        "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\n- Rehearsed: "
        "2026-05-03, https://ci.example.com/runs/4711\n";
    const std::string said = "- Say here which flag of ftf_config brings the old behaviour back\n";
    repository.git("init -q");
    repository.write(path, replaced(std::string(built_in_form()),
                                    "- Lever: <FTF flag, MLflow alias or ftf_config key, and the value that "
                                    "brings the old behaviour back>\n",
                                    said));
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.write(path, std::string(built_in_form()));
    repository.write(plan_path, replaced(right_plan(), lever, said));
    repository.commit("second");
    auto request = request_of(repository);
    request.changed = *changed_paths(repository.root(), "main", "HEAD");
    request.changed->push_back("src/training/fit.py");
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), testing::UnorderedElementsAre("RDY022", "RDY503"));
    request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), testing::UnorderedElementsAre("RDY022", "RDY599"));
}

TEST(Changes, a_file_of_a_commit_is_read_as_it_stands_there) {
    const Repository repository;
    repository.git("init -q");
    repository.write("a folder/x", "one\n");
    fs::create_symlink("a folder/x", repository.root() / "link");
    repository.commit("first");
    repository.write("a folder/x", "two\n");
    EXPECT_EQ(*text_at(repository.root(), "HEAD", "a folder/x"), "one\n");
    EXPECT_EQ(text_at(repository.root(), "HEAD", "gone").error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(text_at(repository.root(), "HEAD", "../x").error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(text_at(repository.root(), "HEAD", "link").error().kind, core::ErrorKind::refused);
    EXPECT_EQ(text_at(repository.root(), "HEAD", "a folder").error().kind, core::ErrorKind::refused);
    EXPECT_EQ(text_at(repository.root(), "no such", "x").error().kind, core::ErrorKind::unavailable);
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
