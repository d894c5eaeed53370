#include "tristrata/readiness/rule.hpp"

#include "golden_plan.hpp"
#include "tristrata/config/owners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>
#include <set>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// The repository beside the golden plans: rules, their tests, runbooks, owners, a drift plan.
const std::filesystem::path repository = golden_folder / "repository";

Outcome judged_with_facts(const std::string& text, const std::string& name = "plan.md", bool owned = true) {
    const auto policy = Policy::read(repository / "readiness.scope.toml");
    if (!policy) throw std::runtime_error(policy.error().message);
    auto facts = read_facts(*policy, repository);
    if (!facts) throw std::runtime_error(facts.error().message);
    if (auto added = add_drift_plan(*facts, repository / "drift.toml"); !added)
        throw std::runtime_error(added.error().message);
    if (!owned) facts->owners.reset();
    auto plan = parse_plan(text, name);
    if (!plan) throw std::runtime_error(plan.error().message);
    CheckOptions options;
    options.now = the_day();
    options.policy = &*policy;
    options.facts = &*facts;
    return check(*plan, options);
}

std::vector<std::string> of_pull_request(std::string_view text) {
    Outcome outcome = judged(right_plan());
    check_pull_request(outcome, text, "documentation/stories/CVN-N001-EF-S07/mlops_readiness.md", "");
    return found_in(outcome);
}

std::vector<std::string> of_template(const std::string& text) {
    Outcome outcome;
    check_template(outcome, *parse_plan(text, "TEMPLATE.md"), Policy::defaults(), {});
    return found_in(outcome);
}

}  // namespace

TEST(Rules, have_numbers_of_their_own_in_ascending_order) {
    std::string last;
    for (const auto& rule : rules()) {
        EXPECT_LT(last, std::string(rule.id));
        last = rule.id;
        EXPECT_FALSE(rule.why.empty() || rule.write.empty() || rule.good.empty()) << rule.id;
        EXPECT_EQ(find_rule(rule.id), &rule);
        EXPECT_EQ(find_rule(rule.id.substr(3)), &rule);
    }
    EXPECT_EQ(find_rule("rdy402")->id, "RDY402");
    EXPECT_EQ(find_rule("RDY9999"), nullptr);
}

TEST(Rules, the_right_plan_is_right_with_and_without_what_there_is) {
    EXPECT_THAT(found_in(judged(right_plan()), false, true), IsEmpty());
    EXPECT_THAT(found_in(judged_with_facts(right_plan())), IsEmpty());
}

TEST(Rules, each_bad_example_fails_with_its_rule_alone_and_each_good_one_does_not) {
    for (const auto& rule : rules()) {
        const std::string good(rule.good), bad(rule.bad), id(rule.id);
        switch (rule.place) {
            case Place::plan:
                EXPECT_THAT(found_in(judged(replaced(right_plan(), good, bad)), false, true), ElementsAre(id))
                    << bad;
                break;
            case Place::connected:
            case Place::drift_plan:
                EXPECT_THAT(found_in(judged_with_facts(replaced(right_plan(), good, bad))), ElementsAre(id))
                    << bad;
                break;
            case Place::pull_request:
                EXPECT_THAT(of_pull_request(good), IsEmpty());
                EXPECT_THAT(of_pull_request(bad), ElementsAre(id));
                break;
            case Place::path:
                EXPECT_EQ(scope_of(Policy::defaults(), {good}).unknown, 0u);
                EXPECT_EQ(scope_of(Policy::defaults(), {bad}).unknown, 1u);
                break;
            case Place::sections: {
                const auto with = [&](const std::string& part) {
                    std::string text = right_plan();
                    const auto begin = text.find(part.substr(0, 5));
                    const std::string next = part.starts_with("## 3.") ? "## 4. " : "## 6. ";
                    return text.replace(begin, text.find(next) - begin, part);
                };
                EXPECT_THAT(found_in(judged(with(good))), IsEmpty());
                EXPECT_THAT(found_in(judged(with(bad))), ElementsAre(id));
                break;
            }
            case Place::change_set: {
                const auto of_changes = [&](const std::string& lines) {
                    std::vector<std::string> paths;
                    std::istringstream stream(lines);
                    for (std::string line; std::getline(stream, line);) paths.push_back(line);
                    Outcome outcome;
                    check_change_set(outcome, paths, {"readiness.scope.toml"}, "ADR-0070's own");
                    return found_in(outcome);
                };
                EXPECT_THAT(of_changes(good), IsEmpty());
                EXPECT_THAT(of_changes(bad), ElementsAre(id));
                break;
            }
            case Place::template_file: {
                const auto form = text_of_file(std::filesystem::path(TRISTRATA_SOURCE) /
                                               "docs/templates/TEMPLATE_mlops_readiness.md");
                EXPECT_THAT(of_template(form), IsEmpty());
                EXPECT_THAT(of_template(replaced(form, good, bad)), ElementsAre(id));
                break;
            }
            case Place::bytes: {
                std::string wide = "\xFF\xFE";
                for (const char c : right_plan()) (wide += c) += '\0';
                EXPECT_FALSE(parse_plan(wide, "plan.md"));
                break;
            }
            case Place::folder:
                break;  // gate_test.cpp
        }
    }
}

TEST(Rules, a_page_has_why_and_both_examples) {
    const std::string page = page_of(*find_rule("RDY402"));
    EXPECT_THAT(page, testing::StartsWith("# RDY402: The canary names a crypto\n"));
    EXPECT_THAT(page, testing::HasSubstr("because its order book is the deepest"));
    EXPECT_THAT(page, testing::HasSubstr("we choose it in the week before"));
    EXPECT_THAT(page, testing::HasSubstr("Section 4, Staged rollout."));
}

TEST(Rules, the_headings_of_a_runbook_may_begin_sentences_of_a_part_of_a_page) {
    const std::string plan = replaced(right_plan(), "| docs/runbooks/variance.md |",
                                      "| docs/runbooks/all.md#variancedispersiondead |");
    EXPECT_THAT(found_in(judged_with_facts(plan)), IsEmpty());
    EXPECT_THAT(
        found_in(judged_with_facts(replaced(plan, "all.md#variancedispersiondead", "all.md#unfinished"))),
        ElementsAre("RDY222"));
}

TEST(Rules, only_an_address_of_the_repository_s_own_is_looked_up) {
    const auto with = [](const std::string& address) {
        const auto policy = Policy::read(repository / "readiness.scope.toml");
        auto facts = read_facts(*policy, repository);
        facts->origin = "github.com/example/trading";
        facts->addresses = {"wiki.example.com/runbooks"};
        CheckOptions options;
        options.now = the_day();
        options.policy = &*policy;
        options.facts = &*facts;
        return found_in(
            check(*parse_plan(replaced(right_plan(), "docs/runbooks/predictions.md", address), "plan.md"),
                  options));
    };
    for (const char* own : {"https://github.com/example/trading/blob/main/docs/runbooks/predictions.md",
                            "https://GitHub.com/Example/trading/tree/v1/docs/runbooks/predictions.md?plain=1",
                            "https://wiki.example.com/runbooks/predictions.md", "predictions.md"})
        EXPECT_THAT(with(own), IsEmpty()) << own;
    for (const char* gone : {"https://github.com/example/trading/blob/main/docs/predictions.md",
                             "https://wiki.example.com/runbooks/gone.md", "elsewhere/predictions.md"})
        EXPECT_THAT(with(gone), ElementsAre("RDY221")) << gone;
    for (const char* others :
         {"https://github.com/example/trading-fork/blob/main/docs/runbooks/predictions.md",
          "https://github.com/other/trading/blob/main/docs/runbooks/predictions.md",
          "https://github.com.example.org/example/trading/blob/main/docs/runbooks/predictions.md",
          "https://github.com/example/trading/wiki/predictions.md",
          "https://github.com/example/trading/blob/../../../x/predictions.md",
          "https://wiki.example.com/predictions.md"})
        EXPECT_THAT(with(others), ElementsAre("RDY224")) << others;
}

TEST(Facts, each_name_of_a_cell_or_a_sentence_is_looked_up) {
    const auto unknown = [](const std::string& text) {
        std::vector<std::string> said;
        for (const auto& finding : judged_with_facts(text).findings)
            said.push_back(std::string(finding.rule->id) + " " + finding.message.substr(0, 60));
        return said;
    };
    const auto names = [](const char* rule, const char* name) {
        return ElementsAre(testing::AllOf(testing::StartsWith(rule), testing::HasSubstr(name)));
    };
    for (const char* cell : {"| `win_rate`, `no_such_total` |", "| win_rate, no_such_total |",
                             "| win_rate and no_such_total |", "| `win_rate`<br>`no_such_total` |",
                             "| `win_rate`, no_such_total |", "| win_rate<br>no_such_total |"})
        EXPECT_THAT(unknown(replaced(right_plan(), "| `win_rate` |", cell)), names("RDY120", "no_such_total"))
            << cell;
    for (const char* line : {"No new metric: the existing no_such_total covers the change.",
                             "No new metric: the existing `no_such_total` covers the change.",
                             "- \u2705 outcome: `no_such_total`, 0.5 / 0.4"})
        EXPECT_THAT(unknown(replaced(right_plan(), "Each carries", std::string(line) + "\n\nEach carries")),
                    names("RDY120", "no_such_total"))
            << line;
    for (const char* line : {"No new metric: the existing `win_rate` of `backtest.trades` covers the change.",
                             "The existing win_rate covers it, with the tag `variant`."})
        EXPECT_THAT(unknown(replaced(right_plan(), "Each carries", std::string(line) + "\n\nEach carries")),
                    IsEmpty())
            << line;
    EXPECT_THAT(
        unknown(replaced(right_plan(), "| PredictionsMissing |", "| PredictionsMissing, NoSuchAlert |")),
        names("RDY220", "NoSuchAlert"));
}

TEST(Facts, without_a_file_of_owners_the_answer_says_what_was_not_looked_up) {
    const auto policy = Policy::parse("[places]\nmetrics = [\"win_rate\"]\n", "readiness.scope.toml");
    auto facts = read_facts(*policy, repository);
    ASSERT_TRUE(facts && !facts->owners);
    CheckOptions options;
    options.now = the_day();
    options.policy = &*policy;
    options.facts = &*facts;
    const auto plan = parse_plan(right_plan(), "plan.md");
    const auto outcome = check(*plan, options);
    EXPECT_THAT(found_in(outcome), ElementsAre("RDY621"));
    EXPECT_THAT(outcome.findings[0].message, testing::HasSubstr("deploy/owners.toml is not there"));
    EXPECT_FALSE(outcome.blocked(false));
    EXPECT_TRUE(outcome.blocked(true));
    // A repository that says that it has none is not told so.
    auto none = Policy::parse("[places]\nmetrics = [\"win_rate\"]\nowners = \"\"\n", "readiness.scope.toml");
    options.policy = &*none;
    EXPECT_THAT(found_in(check(*plan, options)), IsEmpty());
}

TEST(Facts, a_plan_that_names_no_module_is_told_that_nobody_could_look_who_owns_it) {
    const auto policy = Policy::parse("[places]\nmetrics = [\"win_rate\"]\n", "readiness.scope.toml");
    auto facts = read_facts(*policy, repository);
    ASSERT_TRUE(facts);
    facts->owners = config::Owners();
    CheckOptions options;
    options.now = the_day();
    options.policy = &*policy;
    options.facts = &*facts;
    std::string text = right_plan();
    for (const char* module : {"| backtest.trades |", "| hamilton.features |", "| hamilton.predictions |"})
        for (auto at = text.find(module); at != std::string::npos; at = text.find(module))
            text.replace(at, std::string(module).size(), "| - |");
    const auto outcome = check(*parse_plan(text, "plan.md"), options);
    EXPECT_THAT(found_in(outcome), ElementsAre("RDY621"));
    EXPECT_THAT(outcome.findings[0].message, testing::HasSubstr("no metric says which module emits it"));
    EXPECT_TRUE(std::ranges::none_of(outcome.passed, [](const Rule* one) { return one->id == "RDY620"; }));
}

TEST(Facts, owners_that_are_named_are_there) {
    const auto facts_of = [](const std::string& places) {
        return read_facts(*Policy::parse(places, "readiness.scope.toml"), repository);
    };
    const auto gone = facts_of("[places]\nowners = \"deploy/gone.toml\"\n");
    ASSERT_FALSE(gone);
    EXPECT_EQ(core::traits(gone.error().kind).exit_code, 3);
    EXPECT_THAT(gone.error().message,
                testing::HasSubstr("\"deploy/gone.toml\" is no file of the repository"));
    EXPECT_TRUE(facts_of("[places]\nowners = \"owners.toml\"\n"));
    EXPECT_TRUE(facts_of("[places]\nowners = \"\"\n"));
    EXPECT_TRUE(facts_of(""));
}

TEST(Facts, each_runbook_of_a_cell_is_looked_up) {
    for (const char* cell :
         {"[variance](docs/runbooks/variance.md) [b](docs/runbooks/ghost.md)",
          "docs/runbooks/variance.md and docs/runbooks/ghost.md", "see docs/runbooks/ghost.md"}) {
        const auto outcome = judged_with_facts(replaced(right_plan(), "docs/runbooks/variance.md", cell));
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY221")) << cell;
        EXPECT_THAT(outcome.findings[0].message, testing::HasSubstr("ghost.md")) << cell;
    }
}

TEST(Facts, a_runbook_s_link_is_followed_from_the_plan_s_folder_as_well) {
    const std::string link = "../../../docs/runbooks/variance.md";
    const std::string text = replaced(right_plan(), "docs/runbooks/variance.md", "[variance](" + link + ")");
    const auto found = [&](const std::string& plan, const std::string& name) {
        return found_in(judged_with_facts(plan, name));
    };
    EXPECT_THAT(found(text, "documentation/stories/X/mlops_readiness.md"), IsEmpty());
    EXPECT_THAT(found(text, "documentation/mlops_readiness.md"), ElementsAre("RDY221"));
    const std::string beside = replaced(right_plan(), "docs/runbooks/variance.md", "runbooks/variance.md");
    EXPECT_THAT(found(beside, "docs/mlops_readiness.md"), IsEmpty());
    // What leads out is read from no folder, and no message names one of the machine.
    const auto out = judged_with_facts(replaced(right_plan(), "docs/runbooks/variance.md",
                                                "../../../../../../../../"
                                                "../../etc/passwd"),
                                       "documentation/stories/X/mlops_readiness.md");
    ASSERT_THAT(found_in(out), ElementsAre("RDY221"));
    EXPECT_EQ(out.findings[0].message.find(repository.string()), std::string::npos)
        << out.findings[0].message;
}

TEST(Facts, without_owners_it_is_not_judged_whose_the_modules_are) {
    const auto has = [](const std::vector<const Rule*>& rules) {
        return std::ranges::find(rules, "RDY620", &Rule::id) != rules.end();
    };
    EXPECT_TRUE(has(judged_with_facts(right_plan()).passed));
    const auto without = judged_with_facts(right_plan(), "plan.md", false);
    EXPECT_FALSE(has(without.passed));
    EXPECT_TRUE(has(without.not_judged));
}

// RDY620, of owners.toml: a name, a handle, a team of [teams], or what the plan calls the DRI beside the
// handle.
TEST(Facts, owners_are_compared_by_name_handle_and_team) {
    const auto found = [&](const std::string& owner, const std::string& who) {
        auto policy = Policy::parse("[teams]\nquants = [\"@maria\", \"jonas\"]\n", "readiness.scope.toml");
        Facts facts;
        facts.metrics = {"predictions_captured_rate", "win_rate", "feature_selection_variance_dispersion"};
        facts.owners = *config::Owners::parse("[default]\nowner = \"" + owner + "\"\n", "owners.toml");
        CheckOptions options;
        options.now = the_day();
        options.policy = &*policy;
        options.facts = &facts;
        const std::string text = replaced(replaced(right_plan(), "Owner: @maria", "Owner: " + who),
                                          "- DRI: @maria", "- DRI: " + who);
        std::size_t other = 0;
        for (const auto& finding : check(*parse_plan(text, "plan.md"), options).findings)
            other += finding.rule->id == "RDY620" ? 1 : 0;
        return other;
    };
    for (const auto& [owner, who] :
         std::vector<std::pair<std::string, std::string>>{{"Ada Lovelace", "Ada Lovelace"},
                                                          {"ada lovelace", "Ada Lovelace"},
                                                          {"Ada Lovelace", "@ada (Ada Lovelace)"},
                                                          {"ada", "Ada Lovelace (@ada)"},
                                                          {"@maria", "maria"},
                                                          {"Maria", "@maria"},
                                                          {"quants", "@maria"},
                                                          {"quants", "@jonas"}})
        EXPECT_EQ(found(owner, who), 0u) << owner << " " << who;
    for (const auto& [owner, who] :
         std::vector<std::pair<std::string, std::string>>{{"Ada Byron", "Ada Lovelace"},
                                                          {"Ada", "Ada Lovelace"},
                                                          {"quants", "@ada"},
                                                          {"features", "@maria"}})
        EXPECT_EQ(found(owner, who), 3u) << owner << " " << who;
}

TEST(Facts, names_of_promql_s_own_are_no_metrics) {
    const auto folder = std::filesystem::temp_directory_path() / "readiness_facts_of_promql";
    std::filesystem::create_directories(folder / "deploy/prometheus");
    std::ofstream(folder / "deploy/prometheus/rules.yml") << R"(
groups:
  - name: one
    rules:
      - alert: One
        expr: >
          max by (instance) (rows_a{class="by"}) > 0
          and on (instance) sum without (class) (rate(rows_b[5m])) > 1
          or topk(3, rows_c offset 1h) unless min by(class)(rows_d) == bool sum
)";
    const auto facts = read_facts(Policy::defaults(), folder);
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_THAT(facts->metrics, testing::ElementsAre("rows_a", "rows_b", "rows_c", "rows_d", "sum"));
}

TEST(Rules, a_runbook_is_looked_up_by_its_path_whatever_stands_behind_it) {
    const std::string book = "| docs/runbooks/variance.md |";
    const auto with = [&](const std::string& cell) {
        return found_in(judged_with_facts(replaced(right_plan(), book, "| " + cell + " |")));
    };
    for (const char* cell :
         {"docs/runbooks/variance.md (new)", "docs/runbooks/variance.md (section Diagnosis)",
          "docs/runbooks/variance.md, section Diagnosis",
          "docs/runbooks/variance.md \u2014 what to do at night",
          "docs/runbooks/variance.md, docs/runbooks/predictions.md", "docs/runbooks/variance.md#diagnosis",
          "[diagnosis](docs/runbooks/variance.md#diagnosis)"})
        EXPECT_THAT(with(cell), IsEmpty()) << cell;
    for (const char* cell :
         {"docs/runbooks/gone.md (new)", "docs/runbooks/variance.md, docs/runbooks/gone.md",
          "docs/runbooks/variance.md#gone"})
        EXPECT_THAT(with(cell), ElementsAre("RDY221")) << cell;
    // A page of several runbooks makes none of its parts whole.
    EXPECT_THAT(with("docs/runbooks/all.md#unfinished"), ElementsAre("RDY222"));
    EXPECT_THAT(found_in(judged_with_facts(replaced(right_plan(), "| VarianceDispersionDead |",
                                                    "| VarianceDispersionDead (new) |"))),
                IsEmpty());
}

TEST(Rules, what_is_held_against_the_repository_says_what_to_write) {
    const auto said = [](std::string_view what, std::string_view by) {
        return judged_with_facts(replaced(right_plan(), what, by)).findings.at(0).message;
    };
    EXPECT_THAT(said("`win_rate`", "`zzzzzzzz_qqqqqqqq`"), HasSubstr("; expected one that is emitted"));
    EXPECT_THAT(said("| VarianceDispersionDead |", "| Zqxjkwvypfgb |"),
                HasSubstr("; expected the name of one"));
}
