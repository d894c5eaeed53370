#include "tristrata/readiness/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::readiness;

TEST(Policy, a_pattern_matches_names_and_folders) {
    for (const auto& [pattern, path, fits] : std::vector<std::tuple<const char*, const char*, bool>>{
             {"src/training/**", "src/training/fit.py", true},
             {"src/training/**", "src/training/a/b/fit.py", true},
             {"src/training/**", "src/training", true},
             {"src/training/**", "src/trainings/fit.py", false},
             {"**/*.md", "README.md", true},
             {"**/*.md", "a/b/README.md", true},
             {"*.md", "a/README.md", false},
             {"a/**/z", "a/z", true},
             {"a/**/z", "a/b/c/z", true},
             {"a/**/z", "a/b/c/y", false},
             {"a?c", "abc", true},
             {"a?c", "ac", false},
             {"a*b*c", "aXbYbZc", true},
             {"models/**", "models/a file\nwith \"lines\".pkl", true},
         })
        EXPECT_EQ(matches(pattern, path), fits) << pattern << " " << path;
    EXPECT_THAT(readings_of("src/{a,b}/{c,d}"),
                testing::ElementsAre("src/a/c", "src/a/d", "src/b/c", "src/b/d"));
    EXPECT_THAT(readings_of("src/{a"), testing::ElementsAre("src/{a"));
}

TEST(Policy, a_pattern_that_can_match_no_path_is_refused_with_what_to_write) {
    const auto scope = [](const std::string& pattern) {
        return Policy::parse("[[scope]]\npaths = ['" + pattern + "']\nsections = ['all']\nreason = 'x'\n",
                             "s.toml");
    };
    for (const auto& [pattern, mend] :
         std::vector<std::pair<const char*, const char*>>{{"/src/training/**", "write \"src/training/**\""},
                                                          {"./src/training/**", "git names no path with a ."},
                                                          {"../src/**", "git names no path with a .."},
                                                          {"src//training", "an empty name"},
                                                          {"src/training//", "an empty name"},
                                                          {"/", "paths begin at the repository's root"},
                                                          {"", "names of folders and files"},
                                                          {" src/**", "the spaces at its ends"},
                                                          {"!src/x/**", "no pattern takes away"},
                                                          {"src/[tu]raining/**", "such as {train,label}"},
                                                          {"src/{training,x/**", "the { has no }"},
                                                          {"src/training}/**", "up to its }"},
                                                          {"src/{a,{b,c}}/**", "no other {"},
                                                          {"src/{/a,b}/**", "an empty name"}}) {
        const auto policy = scope(pattern);
        ASSERT_FALSE(policy) << pattern;
        EXPECT_EQ(core::traits(policy.error().kind).exit_code, 2) << pattern;
        EXPECT_THAT(policy.error().message, testing::HasSubstr(mend)) << pattern;
        EXPECT_THAT(policy.error().message, testing::HasSubstr("s.toml")) << pattern;
    }
    for (const char* folder : {"src/training/", "src/{training,x}/", "**/"}) {
        const auto policy = scope(folder);
        ASSERT_TRUE(policy) << policy.error().message;
        EXPECT_EQ(shown(scope_of(*policy, {"src/training/a/fit.py"}).sections), "§1, §2, §3, §4, §5, §6")
            << folder;
    }
}

TEST(Policy, the_table_of_the_decision_is_the_default) {
    const Policy policy = Policy::defaults();
    const auto asked = [&](const char* path) { return shown(scope_of(policy, {path}).sections); };
    const std::string all = "§1, §2, §3, §4, §5, §6";
    for (const char* path : {"src/training/fit.py", "src/commun/pipeline/a.py", "src/commun/inference/a.py",
                             "src/commun/filters/a.py", "src/commun/labels/a.py", "src/features/a.py",
                             "models/btc.onnx", "src/x/ftf_factor_matrix.toml",
                             // A model artefact asks for all, wherever it lies.
                             "docs/model.onnx", "documentation/a/m.pkl", "infra/grafana/m.joblib",
                             "src/commun/audit/m.pt", "src/backtest/m.pth", "m.safetensors"})
        EXPECT_EQ(asked(path), all) << path;
    EXPECT_EQ(asked("src/backtest/engine.py"), "§1, §2, §5");
    EXPECT_EQ(asked("src/commun/audit/log.py"), "§1, §2, §5, §6");
    EXPECT_EQ(asked("src/commun/observability/kpi.py"), "§1, §2, §5, §6");
    for (const char* path :
         {"docs/a.md", "README.md", "infra/grafana/a.json", "experiments/ftf/a.py", "tests/a.py"}) {
        EXPECT_EQ(asked(path), "none") << path;
        EXPECT_EQ(scope_of(policy, {path}).unknown, 0u) << path;
    }
}

TEST(Policy, a_change_asks_for_what_any_of_its_paths_does) {
    const auto scope =
        scope_of(Policy::defaults(), {"src/backtest/a.py", "src/commun/audit/b.py", "somewhere/c.py"});
    EXPECT_EQ(shown(scope.sections), "§1, §2, §5, §6");
    EXPECT_EQ(scope.unknown, 1u);
    EXPECT_TRUE(scope.paths[2].pattern.empty());
    EXPECT_EQ(scope.paths[0].pattern, "src/backtest/**");
}

TEST(Policy, a_file_replaces_the_table) {
    const auto policy = Policy::parse(R"(stories = "docs/stories"
[[scope]]
paths = ["ml/{a,b}/**"]
sections = ["1", "6"]
reason = "models"
[[scope]]
paths = ["**"]
sections = []
reason = "the rest"
[minima]
shadow_days = 14
cryptos = ["BTCUSDC"]
[minima.psi]
warn = 0.3
crit = 0.6
[teams]
models = ["maria"]
[[removed]]
section = 3
adr = "docs/adr/0080.md"
)",
                                      "readiness.scope.toml");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(shown(scope_of(*policy, {"ml/b/x.py"}).sections), "§1, §6");
    EXPECT_EQ(scope_of(*policy, {"x"}).unknown, 0u);
    EXPECT_EQ(policy->stories, "docs/stories");
    EXPECT_EQ(policy->shadow_days_min, 14.0);
    EXPECT_EQ(policy->psi.crit, 0.6);
    EXPECT_EQ(policy->removed.at(3), "docs/adr/0080.md");
}

TEST(Policy, mistakes_of_a_file_are_named) {
    for (const auto& [text, word] : std::vector<std::pair<const char*, const char*>>{
             {"[[scope]]\npaths = [\"a\"]\nsections = [\"7\"]\nreason = \"x\"\n", "no section \"7\""},
             {"[[scope]]\npaths = [\"a\"]\nsections = [\"1\"]\n", "no reason"},
             {"[[scope]]\nsections = [\"1\"]\nreason = \"x\"\n", "no paths"},
             {"[[scope]]\npaths = [\"a\"]\nreason = \"x\"\n", "no sections"},
             {"storys = \"a\"\n", "stories"},
             {"[minima.psi]\nwarn = 0.6\n", "warn below crit"},
             {"[minima]\nshadow_days = nan\n", "above 0"},
             {"[minima]\nshadow_days = -1\n", "above 0"},
             {"[minima]\nsunset_days = 0\n", "1 or more"},
             {"[minima]\ncryptos = [\"BTCUSDC-PERP\"]\n", "no symbol that a plan can name"},
             {"stories = \"/abs/x\"\n", "no path of the repository"},
             {"stories = \"../x\"\n", "no path of the repository"},
             {"stories = \"\"\n", "no path of the repository"},
             {"template = \"docs/../../T.md\"\n", "no path of the repository"},
             {"[[removed]]\nsection = 9\nadr = \"x\"\n", "1 to 6"}}) {
        const auto policy = Policy::parse(text, "readiness.scope.toml");
        ASSERT_FALSE(policy) << text;
        EXPECT_THAT(policy.error().message, testing::HasSubstr(word));
        EXPECT_EQ(core::traits(policy.error().kind).exit_code, 2);
    }
}

TEST(Policy, paths_are_those_of_git_however_they_are_written) {
    for (const char* stories : {"plans", "plans/", "./plans", "docs/../plans//"}) {
        const auto policy =
            Policy::parse(std::string("stories = \"") + stories + "\"\ntemplate = \"./docs/T.md\"\n",
                          "readiness.scope.toml");
        ASSERT_TRUE(policy) << policy.error().message;
        EXPECT_EQ(policy->stories, "plans");
        EXPECT_EQ(policy->template_file, "docs/T.md");
    }
    EXPECT_EQ(Policy::parse("template = \"\"\n", "readiness.scope.toml")->template_file, "");
}

// Tried one after the other, each star with each place, this would not end.
TEST(Policy, stars_take_no_exponential_time) {
    std::string pattern, path;
    for (int i = 0; i < 30; ++i) pattern += "**/a/", path += "a/a/";
    EXPECT_FALSE(matches(pattern + "b", path + "c"));
    EXPECT_FALSE(matches("a*a*a*a*a*a*a*a*b", std::string(10'000, 'a')));
}
