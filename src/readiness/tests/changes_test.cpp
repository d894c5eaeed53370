#include "tristrata/readiness/changes.hpp"

#include "git_repository.hpp"
#include "tristrata/readiness/draft.hpp"
#include "tristrata/readiness/policy_in_force.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

TEST(Changes, hold_a_submodule_that_moved_whatever_its_settings_hide) {
    const Repository other, repository;
    for (const Repository* one : {&other, &repository}) {
        one->git("init -q");
        one->write("a", "x");
        one->commit("first");
    }
    repository.git("submodule --quiet add '" + other.root().string() + "' src/training");
    repository.git("config -f .gitmodules submodule.src/training.ignore all");
    repository.git("config diff.ignoreSubmodules all");
    repository.commit("a submodule that hides");
    repository.git("checkout -q -b work");
    const std::string moved =
        "-C src/training -c user.name=M -c user.email=m@example.com commit -q --allow-empty -m next";
    repository.git(moved);
    repository.git("add -f src/training");
    repository.git("commit -q --allow-empty -m second");
    const auto paths = changed_paths(repository.root(), "main", "work");
    ASSERT_TRUE(paths) << paths.error().message;
    EXPECT_THAT(*paths, ElementsAre("src/training"));
}

TEST(Changes, settings_of_git_leave_no_path_out) {
    const Repository repository;
    repository.git("init -q");
    repository.write("src/a", "x");
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.git("config diff.relative true");
    repository.write("src/training/fit.py", "x");
    repository.write("docs/a.md", "x");
    repository.commit("second");
    EXPECT_THAT(*changed_paths(repository.root() / "docs", "main", "work"),
                ElementsAre("docs/a.md", "src/training/fit.py"));
}

TEST(Changes, a_path_is_taken_as_git_names_it_and_stays_inside) {
    const Repository repository;
    const auto plain = [&](const std::string& given) {
        const auto path = path_of_repository(repository.root(), given);
        return path ? *path
                    : std::string("exit ") + std::to_string(core::traits(path.error().kind).exit_code);
    };
    EXPECT_EQ(plain("docs/../src/commun/x.py"), "src/commun/x.py");
    EXPECT_EQ(plain("./src//x.py"), "src/x.py");
    EXPECT_EQ(plain((repository.root() / "src/x.py").string()), "src/x.py");
    for (const char* out : {"..", "../x.py", "docs/../../x.py", "/etc/passwd", "", ".", "docs/.."})
        EXPECT_EQ(plain(out), "exit 2") << out;
}

TEST(Changes, the_remote_has_no_user_and_no_port) {
    const Repository repository;
    EXPECT_EQ(origin_of(repository.root()), "");
    repository.git("init -q");
    repository.git("remote add origin x");
    for (const auto& [url, origin] :
         {std::pair{"https://maria:secret@github.com/example/trading.git", "github.com/example/trading"},
          std::pair{"git@github.com:example/trading.git", "github.com/example/trading"},
          std::pair{"ssh://git@git.example.com:2222/example/trading", "git.example.com/example/trading"},
          std::pair{"https://gitlab.example.com/a/b/c/", "gitlab.example.com/a/b/c"},
          std::pair{"/srv/git/trading.git", ""}, std::pair{"../trading.git", ""}}) {
        repository.git(std::string("remote set-url origin '") + url + "'");
        EXPECT_EQ(origin_of(repository.root()), origin) << url;
    }
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

TEST(Gate, a_plan_that_was_merged_before_counts_where_the_pull_request_links_it) {
    const Repository repository;
    auto request = request_of(repository);
    request.changed = {"src/training/fit.py"};
    request.pull_request = "See https://example.com/blob/main/" + plan_path + ", session 3e0a3008.";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
    repository.write(plan_path, right_plan());
    auto verdict = evaluated(request);
    EXPECT_EQ(verdict.outcomes[0].file, plan_path);
    EXPECT_THAT(found_in(verdict.outcomes[0]), IsEmpty());
    // It is judged as any other.
    repository.write(plan_path, replaced(right_plan(), "- DRI: @maria\n", ""));
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY601"));
    // One that changed comes first, and nothing is judged where nothing is asked for.
    request.changed = {"docs/a.md"};
    EXPECT_THAT(evaluated(request).outcomes, IsEmpty());
    request.changed = {"src/training/fit.py"};
    request.pull_request = "documentation/stories/../mlops_readiness.md documentation/stories/a";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
}

// Whoever may write the change may not write the gate that it goes through.
TEST(Gate, a_change_set_is_judged_by_the_policy_at_its_base) {
    const Repository repository;
    const std::string weak =
        "[[scope]]\npaths = [\"**\"]\nsections = []\nreason = \"x\"\n[minima]\nshadow_days = 1\n"
        "[minima.psi]\nwarn = 7\ncrit = 9\n";
    repository.git("init -q");
    repository.write("src/training/fit.py", "x\n");
    repository.write(".github/workflows/readiness.yml", "on: pull_request\n");
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
    EXPECT_EQ(scope_of(fresh.policy, {"somewhere/x"}).unknown, 1u);
    // A file of the repository that the command line names is no way round it; one elsewhere is the caller's.
    const auto named =
        policy_in_force(repository.root(), (repository.root() / "readiness.scope.toml").string(),
                        *ancestor_of(repository.root(), "before", "HEAD"), "");
    EXPECT_EQ(named->policy.shadow_days_min, 14.0);
    for (const char* empty : {"", " \n", "# Why\n", "<!-- Backtests are asked for less. -->\n"}) {
        repository.write("docs/adr/0080-the-gate.md", empty);
        repository.commit("no decision");
        EXPECT_THAT(found_in(judge("before").second.outcomes[0]),
                    testing::UnorderedElementsAre("RDY001", "RDY022"))
            << empty;
    }
    // A page of the folder that is no decision has no number.
    repository.write("docs/adr/README.md", "# Decisions of 2026\n\nThey are listed here, one a line.\n");
    repository.commit("the list of decisions");
    EXPECT_THAT(found_in(judge("before").second.outcomes[0]),
                testing::UnorderedElementsAre("RDY001", "RDY022"));
    repository.write("docs/adr/the-gate.md", "# ADR-80: why\n\nBacktests are asked for less.\n");
    repository.commit("a decision by its title");
    EXPECT_THAT(found_in(judge("before").second.outcomes[0]), ElementsAre("RDY001"));
    repository.git("rm -q docs/adr/the-gate.md");
    repository.write("docs/adr/0080-the-gate.md", "# Why\n\nBacktests are asked for less.\n");
    repository.commit("a decision");
    EXPECT_THAT(found_in(judge("before").second.outcomes[0]), ElementsAre("RDY001"));
}

TEST(Gate, the_template_at_the_base_is_whose_words_fill_nothing) {
    const Repository repository;
    const std::string path = "documentation/templates/TEMPLATE_mlops_readiness.md";
    const std::string lever =
        "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\n- Rehearsed: "
        "2026-05-03, https://ci.example.com/runs/4711\n";
    const std::string said = "- Lever: set the flag of ftf_config back\n";
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

TEST(Gate, judges_a_commit_as_it_is_and_says_what_of_the_working_tree_is_in_none) {
    const Repository repository;
    repository.git("init -q");
    repository.write("x", "x\n");
    repository.commit("first");
    repository.write(plan_path, replaced(right_plan(), "- DRI: @maria\n", ""));
    repository.commit("second");
    repository.write(plan_path, right_plan());
    repository.write("documentation/stories/CVN-2/mlops_readiness.md", right_plan());
    auto request = request_of(repository);
    request.changed = {plan_path, "src/training/fit.py"};
    request.uncommitted = *uncommitted(repository.root(), {"documentation/stories"});
    EXPECT_EQ(request.uncommitted.at(plan_path), "differs from HEAD");
    EXPECT_EQ(request.uncommitted.at("documentation/stories/CVN-2/mlops_readiness.md"), "not committed");
    auto verdict = evaluated(request);
    EXPECT_THAT(found_in(verdict.outcomes[0]), IsEmpty());
    EXPECT_EQ(verdict.outcomes[0].state, "differs from HEAD");
    EXPECT_THAT(to_text(verdict), HasSubstr("mlops_readiness.md (differs from HEAD): ready"));
    request.changed = {"src/training/fit.py"};
    EXPECT_THAT(evaluated(request).outcomes[0].findings[0].message, HasSubstr("(not committed): commit it"));
    request.uncommitted = {};
    request.commit = *commit_of(repository.root(), "head", "HEAD");
    request.changed = {plan_path, "src/training/fit.py"};
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY601"));
    request.changed.reset();
    request.all = true;
    EXPECT_EQ(evaluated(request).outcomes.size(), 1u);
    request.all = false;
    request.story = "CVN-2";
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), ElementsAre("RDY001"));
}

TEST(Gate, a_plan_is_not_deleted_before_its_sunset_is_over) {
    const Repository repository;
    repository.git("init -q");
    repository.write(plan_path, right_plan());
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.git("rm -q " + plan_path);
    repository.commit("second");
    auto request = request_of(repository);
    request.changed = *changed_paths(repository.root(), "main", "HEAD");
    request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
    for (const std::string& commit : {std::string(), *commit_of(repository.root(), "head", "HEAD")}) {
        request.commit = commit;
        const auto verdict = evaluated(request);
        ASSERT_EQ(verdict.outcomes.size(), 1u);
        EXPECT_THAT(found_in(verdict.outcomes[0]), ElementsAre("RDY006"));
        EXPECT_THAT(verdict.outcomes[0].findings[0].message, HasSubstr("its sunset is on 2026-08-23"));
        EXPECT_EQ(verdict.exit_code(), 1);
    }
    request.commit.clear();
    request.now = *core::parse_timestamp("2026-08-24");
    EXPECT_THAT(evaluated(request).outcomes[0].findings[0].message, HasSubstr("has no outcome"));
    // A story of another id, whose plan names the old one.
    const std::string moved = "documentation/stories/CVN-2/mlops_readiness.md";
    std::string renamed = right_plan();
    for (auto at = renamed.find(story); at != std::string::npos; at = renamed.find(story))
        renamed.replace(at, 15, "CVN-2");
    repository.write(moved, renamed + "\n## Notes\n\nWas CVN-N001-EF-S07.\n");
    repository.commit("third");
    request.changed = *changed_paths(repository.root(), "main", "HEAD");
    request.now = the_day();
    ASSERT_EQ(evaluated(request).outcomes.size(), 1u);
    EXPECT_EQ(evaluated(request).outcomes[0].file, moved);
    EXPECT_THAT(found_in(evaluated(request).outcomes[0]), IsEmpty());
    request.now = *core::parse_timestamp("2026-08-24");
    // Over.
    repository.git("checkout -q main");
    repository.write(plan_path, replaced(right_plan(), "due at the sunset", "permanent"));
    repository.commit("an outcome");
    repository.git("checkout -q -B work");
    repository.git("rm -q " + plan_path);
    repository.commit("gone");
    request.changed = *changed_paths(repository.root(), "main", "HEAD");
    request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
    EXPECT_THAT(evaluated(request).outcomes, IsEmpty());
}

TEST(Gate, a_plan_that_merely_mentions_another_is_not_its_plan) {
    const Repository repository;
    repository.git("init -q");
    repository.write(plan_path, right_plan());
    repository.commit("first");
    repository.git("checkout -q -b work");
    repository.git("rm -q " + plan_path);
    const auto with_plan_of = [&](const std::string& id, const std::string& behind) {
        std::string text = right_plan();
        for (auto at = text.find(story); at != std::string::npos; at = text.find(story, at + id.size()))
            text.replace(at, std::string_view(story).size(), id);
        repository.write("documentation/stories/" + id + "/mlops_readiness.md", text + behind);
        repository.commit(id);
        auto request = request_of(repository);
        request.changed = *changed_paths(repository.root(), "main", "HEAD");
        request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
        std::vector<std::string> found;
        for (const auto& outcome : evaluated(request).outcomes)
            for (const auto& one : outcome.findings)
                found.push_back(std::string(one.rule->id) + " of " + outcome.file);
        repository.git("rm -q documentation/stories/" + id + "/mlops_readiness.md");
        repository.commit("without " + id);
        return found;
    };
    const std::string old(story), deleted = "RDY006 of " + plan_path;
    EXPECT_THAT(with_plan_of(old + "-B", ""), ElementsAre(deleted));
    EXPECT_THAT(with_plan_of(old + ".2", ""), ElementsAre(deleted));
    EXPECT_THAT(with_plan_of("X-" + old, ""), ElementsAre(deleted));
    for (const char* said : {"The inputs are those of ", "It was written beside ", "As in the plan of ",
                             "The old story ", "Nobody renamed ", "<!-- Formerly: "})
        EXPECT_THAT(with_plan_of("CVN-2", "\n## Notes\n\n" + (said + old) + ", whose plan watches them.\n"),
                    ElementsAre(deleted))
            << said;
    for (const char* said :
         {"Was ", "Formerly: ", "The story was renamed from ", "Supersedes the plan of ", "Old id: "})
        EXPECT_THAT(with_plan_of("CVN-2", "\n## Notes\n\n" + (said + old) + ".\n"), IsEmpty()) << said;
}
