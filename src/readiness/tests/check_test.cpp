#include "tristrata/readiness/check.hpp"

#include "golden_plan.hpp"
#include "tristrata/core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::string> lines_of_text(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace

// Which rule owns which line of the right plan, by how the line begins; "" for what a plan need not have.
TEST(Check, a_right_plan_without_one_of_its_lines_fails_with_the_rule_that_owns_it) {
    const std::vector<std::pair<std::string, std::string>> owners{
        {"# MLOps readiness", "RDY010"},
        {"Story:", "RDY011"},
        {"Owner:", "RDY012"},
        {"Filled on:", "RDY013"},
        {"Reviewed by committee:", "RDY014"},
        {"## 1.", "RDY100"},
        {"| Metric |", "RDY198"},
        {"|---|---|---|---|---|---|", "RDY198"},
        {"| `predictions_captured_rate`", "RDY101"},
        {"| `win_rate`", "RDY102"},
        {"| `feature_selection", "RDY103"},
        {"Each carries", "RDY105"},
        {"## 2.", "RDY200"},
        {"| Alert |", "RDY298"},
        {"|---|---|---|---|---|", "RDY298"},
        {"| VarianceDispersionDead", "RDY201"},
        {"| PredictionsMissing", ""},
        {"## 3.", "RDY300"},
        {"| Signal |", "RDY398"},
        {"|---|---|---|---|", "RDY398"},
        {"| PSI of", "RDY301"},
        {"| Performance gap", "RDY302"},
        {"## 4.", "RDY400"},
        {"- Shadow:", "RDY401"},
        {"- Canary:", "RDY402"},
        {"- Full rollout:", "RDY404"},
        {"## 5.", "RDY500"},
        {"- Lever:", "RDY501"},
        {"- Rehearsed:", "RDY503"},
        {"## 6.", "RDY600"},
        {"- DRI:", "RDY601"},
        {"- Sunset:", "RDY701"},
        {"- Outcome:", ""},
        {"## Sign-off", "RDY800"},
        {"- [x] Each", "RDY801"},
        {"- Review:", "RDY802"},
    };
    const auto lines = lines_of_text(right_plan());
    std::size_t deleted = 0;
    for (std::size_t gone = 0; gone < lines.size(); ++gone) {
        if (lines[gone].empty()) continue;
        // The longest beginning owns the line: "|---|---|---|---|" begins three.
        const std::pair<std::string, std::string>* owner = nullptr;
        for (const auto& one : owners)
            if (lines[gone].starts_with(one.first) &&
                (owner == nullptr || one.first.size() > owner->first.size()))
                owner = &one;
        ASSERT_NE(owner, nullptr) << "no rule owns the line " << lines[gone];
        std::string text;
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (i != gone) text += lines[i] + "\n";
        const auto found = found_in(judged(text));
        if (owner->second.empty()) EXPECT_THAT(found, IsEmpty()) << lines[gone];
        else EXPECT_THAT(found, ElementsAre(owner->second)) << lines[gone];
        ++deleted;
    }
    EXPECT_EQ(deleted, owners.size());
}

TEST(Check, sections_that_a_scope_does_not_ask_for_may_be_missing) {
    SectionSet backtest;
    for (const Part part : {Part::monitoring, Part::alerting, Part::rollback}) backtest.add(part);
    std::string text = right_plan();
    for (const auto& [from, to] : {std::pair{"## 3. ", "## 5. "}, std::pair{"## 6. ", "## Sign-off"}}) {
        const auto begin = text.find(from);
        text.erase(begin, text.find(to) - begin);
    }
    EXPECT_THAT(found_in(judged(text, backtest)), IsEmpty());
    EXPECT_THAT(found_in(judged(text)), ElementsAre("RDY300", "RDY400", "RDY600"));
}

TEST(Check, a_skipped_section_is_counted_apart) {
    const auto begin = right_plan().find("- Shadow"), end = right_plan().find("\n## 5.");
    std::string text = right_plan();
    text.replace(begin, end - begin,
                 "**SKIP \xE2\x80\x94 JUSTIFICATION**: nothing is rolled out, it is an audit.\n");
    const auto outcome = judged(text);
    EXPECT_THAT(found_in(outcome), IsEmpty());
    ASSERT_EQ(outcome.skipped.size(), 1u);
    EXPECT_EQ(outcome.skipped[0].part, Part::rollout);
    EXPECT_EQ(outcome.skipped[0].why, "nothing is rolled out, it is an audit.");
    EXPECT_EQ(outcome.skipped[0].line, 34u);
}

// What was, or would be, is not the way back.
TEST(Check, a_deploy_of_another_time_is_not_the_way_back) {
    const auto with = [](const std::string& line) {
        std::string text = right_plan();
        return judged(text.insert(text.find("## 6."), line + "\n\n"));
    };
    for (const char* line : {"In the incident of March the way back was a redeploy.",
                             "The last change could only be taken back by a deploy; this one has a flag.",
                             "Without the flag we would have to revert the commit and redeploy."})
        EXPECT_THAT(found_in(with(line)), IsEmpty()) << line;
    for (const char* line : {"The way back is a redeploy.", "We had a flag. Revert the commit and redeploy."})
        EXPECT_THAT(found_in(with(line)), ElementsAre("RDY502")) << line;
}

TEST(Check, what_is_no_reason_skips_nothing) {
    const auto begin = right_plan().find("| Signal"), end = right_plan().find("\n## 4.");
    const auto skipped = [&](const std::string& why) {
        std::string text = right_plan();
        return judged(text.replace(begin, end - begin, "**SKIP \xE2\x80\x94 JUSTIFICATION**:" + why + "\n"));
    };
    for (const auto& [why, what] : std::vector<std::pair<std::string, std::string>>{
             {" will be filled in later", "a promise"},
             {" this section will be written later.", "a promise"},
             {" the drift section is to be completed in the next sprint.", "a promise"},
             {" we'll add it soon, once the model is live.", "a promise"},
             {" we do it afterwards, in S02", "a promise"},
             {" we do not know yet.", "not known"},
             {" we don't know which columns drift", "not known"},
             {" it is unclear whether anything drifts", "not known"},
             {" we had no time to do it before the release.", "no time"},
             {" not enough time in this sprint.", "no time"},
             {" we are too busy with the other story", "no time"},
             {" see https://example.com/x for the reason", "a link"},
             {" see docs/stories/plan.md for the details of it", "a link"},
             {" filled in after the merge.", "a promise"},
             {" we do this when the dashboards are ready.", "a promise"},
             {" it is planned for the next sprint.", "a promise"},
             {" this comes with S08.", "a promise"},
             {" it will be described.", "a promise"},
             {" nobody could say.", "not known"},
             {" we were short of time.", "no time"},
             {" there wasn't any time.", "no time"},
             {" we had no time.", "no time"},
             {" no capacity this quarter.", "no time"},
             {" the reason is in the ticket.", "a link"},
             {" there is no reason to skip this.", "there is none"},
             {" and one sentence that says why this change does not need the section.", "own words"}}) {
        const auto outcome = skipped(why);
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY020")) << why;
        EXPECT_THAT(outcome.findings[0].message, testing::HasSubstr(what)) << why;
        EXPECT_THAT(outcome.skipped, IsEmpty());
    }
    EXPECT_THAT(found_in(skipped("\n\nsee https://example.com/x")), ElementsAre("RDY020"));
    for (const char* why :
         {" it reads no data that could drift.",
          "\n\n- it reads no data that could drift.",
          "\n\n- it reads no data\n- nothing of it is trained",
          " nothing is trained; the report follows later.",
          " it reads no data that could drift, see https://example.com/x",
          " no time series is read, so that nothing drifts.",
          " a later story trains it, this one reads nothing.",
          " it will do the same computation on the same inputs, only faster.",
          " data will follow the same schema as before, so nothing drifts.",
          " the change adds no time to the run and reads no data.",
          " the deadline of an order is a constant, so nothing drifts.",
          " the inputs are constants, nobody knows of a way in which they drift.",
          " the drift is watched later on; the change reads no data.",
          " this change reads no data that could drift, and will be decided at the sunset.",
          " the change only renames a column; the job will be written in Rust.",
          " The code handles no data, so drift cannot occur.",
          " it is unclear to readers how drift of constants could occur: the inputs are constants.",
          " no time series is read by this change.",
          " the data are synthetic and will be provided by a fixed seed.",
          " das liest keine Daten, die driften könnten.",
          " predictions will follow the same path; no input is changed.",
          " it will complete the same folds, only faster.",
          " reviewed with the committee, no input changes.",
          " this is a small change.",
          " not applicable to this change.",
          " [the ticket explains why this section is not needed](https://example.com/x)",
          " it is a rename done in Rust, without data.",
          " nothing is rolled out, it is an audit.",
          " the section on alerts of the parent story covers it.",
          " it writes a document, and no code is run."})
        EXPECT_THAT(found_in(skipped(why)), IsEmpty()) << why;
}

TEST(Check, what_is_due_asks_for_an_outcome) {
    auto plan = parse_plan(right_plan(), "plan.md");
    const Policy policy = Policy::defaults();
    CheckOptions options;
    options.policy = &policy;
    const auto on = [&](const char* day, const std::string& text) {
        options.now = *core::parse_timestamp(day);
        return found_in(check(*parse_plan(text, "plan.md"), options));
    };
    EXPECT_THAT(on("2026-08-22", right_plan()), IsEmpty());
    EXPECT_THAT(on("2026-08-23", right_plan()), ElementsAre("RDY703"));
    EXPECT_THAT(on("2026-08-23", replaced(right_plan(), "due at the sunset", "permanent")), IsEmpty());
    EXPECT_THAT(on("2026-09-01", replaced(right_plan(), "due at the sunset", "revisited in CVN-N001-EF-S11")),
                IsEmpty());
    EXPECT_THAT(on("2026-09-01", replaced(right_plan(), "due at the sunset", "permanent or revisited")),
                ElementsAre("RDY703"));
}

// Each golden plan says in expected.json which findings it has, with their lines.
TEST(Check, golden_plans_have_the_findings_that_are_written_beside_them) {
    const auto expected = nlohmann::json::parse(text_of_file(golden_folder / "expected.json"));
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder / "plans")) {
        const std::string name = entry.path().filename().string();
        ++files;
        ASSERT_TRUE(expected.contains(name)) << name;
        const auto wanted = expected[name].get<std::vector<std::string>>();
        const std::string text = text_of_file(entry.path());
        const bool issue = name.starts_with("issue_");
        auto plan = issue ? parse_issue(text, name) : parse_plan(text, name);
        if (!plan) {
            EXPECT_THAT(
                wanted,
                ElementsAre(issue && plan.error().kind == core::ErrorKind::not_found ? "RDY001" : "RDY002"))
                << name << ": " << plan.error().message;
            continue;
        }
        const Policy policy = Policy::defaults();
        CheckOptions options;
        options.now = the_day();
        options.policy = &policy;
        EXPECT_EQ(found_in(check(*plan, options), true, true), wanted) << name;
    }
    EXPECT_EQ(files, expected.size());
    EXPECT_GE(files, 60u);
}

TEST(Check, a_plan_that_nothing_reads_is_told_where_it_stands) {
    for (const auto& [text, by] : std::vector<std::pair<std::string, std::string>>{
             {"Our plan:\n\n```markdown\n\n" + right_plan() + "```\n", "code block"},
             {"Our plan:\n\n<!--\n" + right_plan() + "-->\n", "comment"}}) {
        const auto outcome = judged(text);
        std::size_t told = 0;
        for (const auto& finding : outcome.findings)
            told += finding.message.find("the plan stands inside a " + by + " that opens at line 3") !=
                    std::string::npos;
        EXPECT_EQ(told, 8u) << by;  // the title, six sections, the sign-off
    }
    const auto part =
        judged(replaced(replaced(right_plan(), "## 5. ", "<!--\n## 5. "), "## 6. ", "-->\n\n## 6. "));
    ASSERT_THAT(found_in(part), ElementsAre("RDY500"));
    EXPECT_THAT(part.findings[0].message, testing::HasSubstr("\"Rollback plan\" stands inside a comment"));
}

TEST(Check, what_is_not_there_is_not_counted_as_passed) {
    const auto empty = judged("");
    EXPECT_THAT(empty.passed, IsEmpty());
    EXPECT_GT(empty.not_judged.size(), 30u);
    const auto right = judged(right_plan());
    EXPECT_THAT(right.not_judged, IsEmpty());
    const auto without = judged(replaced(right_plan(), "- DRI: @maria\n", "- DRI: <one person's handle>\n"));
    EXPECT_THAT(found_in(without), ElementsAre("RDY699"));
    EXPECT_EQ(without.passed.size() + without.not_judged.size() + 1, right.passed.size());
}

TEST(Check, is_the_same_twice) {
    const std::string wrong =
        replaced(right_plan(), "- Canary: BTCUSDC, because its order book is the deepest", "");
    const auto one = judged(wrong), two = judged(wrong);
    ASSERT_EQ(one.findings.size(), two.findings.size());
    for (std::size_t i = 0; i < one.findings.size(); ++i)
        EXPECT_EQ(one.findings[i].message, two.findings[i].message);
}

TEST(Check, a_sunset_by_the_full_rollout_is_found_by_one_rule_where_that_has_no_day) {
    const std::string by_it =
        replaced(right_plan(), "- Sunset: 2026-08-23", "- Sunset: full rollout + 90 days");
    EXPECT_THAT(found_in(judged(by_it)), IsEmpty());
    const auto gone = judged(replaced(by_it, "- Full rollout: 2026-05-25\n", ""));
    EXPECT_THAT(found_in(gone), ElementsAre("RDY404"));
    EXPECT_TRUE(std::ranges::find(gone.not_judged, "RDY701", &Rule::id) != gone.not_judged.end());
    EXPECT_THAT(found_in(judged(replaced(by_it, "## 4. Staged rollout (MUST)\n", ""))),
                ElementsAre("RDY400"));
    // Where nobody asks for section 4, the sunset is the one that lacks a day.
    SectionSet owner;
    owner.add(Part::owner);
    const auto alone = judged(replaced(by_it, "- Full rollout: 2026-05-25\n", ""), owner);
    ASSERT_THAT(found_in(alone), ElementsAre("RDY701"));
    EXPECT_THAT(alone.findings[0].message, testing::HasSubstr("counts from the full rollout"));
    const auto none = judged(
        replaced(replaced(right_plan(), "- Sunset: 2026-08-23\n", ""), "- Full rollout: 2026-05-25\n", ""));
    EXPECT_THAT(found_in(none), ElementsAre("RDY404", "RDY701"));
}

TEST(Check, a_rehearsal_is_told_by_its_own_line) {
    const std::string line = "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711";
    const auto said = [&](const std::string& by) {
        const auto outcome = judged(replaced(right_plan(), line, by));
        return outcome.findings.empty() ? std::string()
                                        : outcome.findings[0].message + " " + found_in(outcome, true).front();
    };
    EXPECT_EQ(said("- Rehearsed: https://ci.example.com/runs/4711"), "");
    EXPECT_THAT(said("- Rehearsed: 2026-12-07"), testing::HasSubstr("on 2026-12-07, which is to come"));
    EXPECT_THAT(said("- Rehearsed: 20/11/2026"), testing::HasSubstr("\"Rehearsed: 20/11/2026\""));
    EXPECT_THAT(said("- Rehearsed: 2026-12-07"), testing::EndsWith("RDY503:41"));
    EXPECT_THAT(said("- Rehearsed: 20/11/2026"), testing::EndsWith("RDY503:41"));
    EXPECT_THAT(said(""), testing::EndsWith("RDY503:38"));
}

TEST(Check, a_canary_that_the_policy_does_not_list_is_told_those_that_it_lists) {
    const auto policy = Policy::parse("[minima]\ncryptos = [\"AT\", \"DE\"]\n", "readiness.scope.toml");
    ASSERT_TRUE(policy);
    CheckOptions options;
    options.now = the_day();
    options.policy = &*policy;
    const std::string line = "- Canary: BTCUSDC, because its order book is the deepest";
    const auto of = [&](const std::string& by) {
        return check(*parse_plan(replaced(right_plan(), line, by), "plan.md"), options);
    };
    for (const char* other : {"- Canary: CH, because it is the smallest shop", line.c_str()}) {
        const auto outcome = of(other);
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY402"));
        const auto& message = outcome.findings[0].message;
        EXPECT_THAT(message, testing::HasSubstr("none of the policy's cryptos; expected one of AT, DE"));
        // What the message tells to write is accepted.
        const auto begin = message.find("\"Canary: AT") + 1;
        EXPECT_THAT(found_in(of("- " + message.substr(begin, message.find('"', begin) - begin))), IsEmpty())
            << message;
    }
}

TEST(Check, a_symbol_of_the_policy_is_the_same_with_and_without_its_stroke) {
    for (const char* listed : {"BTC-USDC", "BTC/USDC", "BTCUSDC"}) {
        const auto policy =
            Policy::parse(std::string("[minima]\ncryptos = [\"") + listed + "\"]\n", "readiness.scope.toml");
        ASSERT_TRUE(policy) << policy.error().message;
        CheckOptions options;
        options.now = the_day();
        options.policy = &*policy;
        const auto of = [&](const std::string& symbol) {
            return found_in(check(
                *parse_plan(replaced(right_plan(), "- Canary: BTCUSDC", "- Canary: " + symbol), "plan.md"),
                options));
        };
        for (const char* symbol : {"BTC-USDC", "BTC/USDC", "`BTCUSDC`", "BTCUSDC"})
            EXPECT_THAT(of(symbol), IsEmpty()) << listed << " " << symbol;
        EXPECT_THAT(of("ETH-USDC"), ElementsAre("RDY402")) << listed;
    }
}

TEST(Check, fields_that_say_two_things_say_none) {
    const std::string canary = "- Canary: BTCUSDC, because its order book is the deepest",
                      lever = "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`";
    for (const auto& [what, by, rule] : std::vector<std::array<std::string, 3>>{
             {canary, "- Canary: BTCUSDC, because its book is deep, or else ETHUSDC", "RDY402"},
             {canary, "- Canary: BTCUSDC, because its book is deep, unless ETHUSDC is better then", "RDY402"},
             {canary, "- Canary: BTCUSDC, because its book is deep; otherwise ETHUSDC", "RDY402"},
             {canary, "- Canary: BTCUSDC, because its book is deep, or ETHUSDC if that is deeper", "RDY402"},
             {"0.10 / 0.01", "0.01 / x", "RDY104"},
             {lever, "the flag `flag`", "RDY501"},
             {lever, "the key `key`", "RDY501"}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), ElementsAre(rule)) << by;
    for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
             {canary, "- Canary: BTCUSDC, because its book is deeper than that of ETHUSDC"},
             {canary, "- Canary: BTCUSDC, because it moves less than others, such as ETHUSDC"},
             {"0.10 / 0.01", "3 x / 5 x"},
             {lever, "the flag `use_flag`"},
             {lever, "the alias `champion`"}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), IsEmpty()) << by;
}

TEST(Check, a_dri_with_several_parts_of_a_role_is_one_person) {
    const auto with = [](const std::string& owner, const std::string& dri) {
        return found_in(judged(replaced(replaced(right_plan(), "Owner: @maria", "Owner: " + owner),
                                        "- DRI: @maria", "- DRI: " + dri)));
    };
    EXPECT_THAT(with("Ada Lovelace", "Ada Lovelace (quant, features)"), IsEmpty());
    EXPECT_THAT(with("Ada Lovelace", "Ada Lovelace (quant, features, until 2026-08-23)"), IsEmpty());
    EXPECT_THAT(with("Ada Lovelace", "ada lovelace"), IsEmpty());
    EXPECT_THAT(with("ada lovelace", "Ada Lovelace"), IsEmpty());
    EXPECT_THAT(with("@Ada", "@ada"), IsEmpty());
    EXPECT_THAT(with("Ada Lovelace", "Ada Lovelace (and Bob Kahn)"), ElementsAre("RDY601"));
    EXPECT_THAT(with("Ada Lovelace", "Ada Lovelace (quant), Bob Kahn"), ElementsAre("RDY601"));
    EXPECT_THAT(with("Ada Lovelace", "ada byron"), ElementsAre("RDY601"));
    EXPECT_THAT(with("ada lovelace", "ada lovelace"), testing::Contains("RDY012"));
}
