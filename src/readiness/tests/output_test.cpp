#include "golden_plan.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/due.hpp"
#include "tristrata/readiness/record.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string edited(const std::vector<std::pair<std::string, std::string>>& edits) {
    std::string text = right_plan();
    for (const auto& [what, by] : edits) text = replaced(text, what, by);
    return text;
}

Verdict verdict_of(const std::vector<std::string>& plans) {
    Verdict verdict;
    verdict.at = the_day();
    verdict.version = "1.2.3";
    for (const auto& text : plans) verdict.outcomes.push_back(judged(text));
    return verdict;
}

const std::string wrong =
    edited({{"- Canary: BTCUSDC, because its order book is the deepest", "- Canary: BTCUSDC"},
            {"- DRI: @maria\n", "- DRI: @maria,\tand @jo<nas>\n"}});

}  // namespace

TEST(Output, json_holds_what_was_found_and_what_is_named) {
    const auto json = nlohmann::json::parse(to_json(verdict_of({right_plan(), wrong})));
    EXPECT_EQ(json["schema"], "tristrata.readiness/1");
    EXPECT_EQ(json["exit_code"], 1);
    EXPECT_EQ(json["plans"][0]["blocked"], false);
    EXPECT_EQ(json["plans"][0]["named"]["sunset"], "2026-08-23");
    EXPECT_EQ(json["plans"][0]["named"]["metrics"].size(), 3u);
    EXPECT_EQ(json["plans"][1]["findings"][0]["rule"], "RDY403");
    EXPECT_EQ(json["plans"][1]["findings"][0]["line"], 35);
}

TEST(Output, github_commands_keep_what_is_data_out_of_their_syntax) {
    Verdict verdict = verdict_of({wrong});
    verdict.outcomes[0].findings[0].file = "a,b:c\n.md";
    verdict.outcomes[0].findings[0].message = "100%\r\n::error::evil";
    const std::string text = to_github(verdict);
    EXPECT_THAT(text,
                HasSubstr("::error file=a%2Cb%3Ac%0A.md,line=35,title=RDY403::100%25%0D%0A::error::evil. "));
    EXPECT_EQ(std::ranges::count(text, '\n'), 2);
    verdict.advisory = true;
    EXPECT_THAT(to_github(verdict), Not(HasSubstr("::error file")));
}

TEST(Output, a_comment_calls_nobody_and_marks_itself) {
    const std::string text = to_comment(verdict_of({wrong}));
    EXPECT_TRUE(text.starts_with("<!-- tristrata-readiness -->\n### MLOps readiness: blocked\n"));
    EXPECT_THAT(text, Not(HasSubstr("@jo")));
    EXPECT_THAT(text, Not(HasSubstr("<nas>")));
    EXPECT_THAT(to_comment(verdict_of({right_plan()})), HasSubstr("### MLOps readiness: ready"));
}

TEST(Output, a_comment_stays_below_the_limit_by_whole_findings_and_says_what_is_left_out) {
    Verdict verdict = verdict_of({wrong});
    constexpr std::size_t many = 3'000;
    for (std::size_t i = 0; i < many; ++i)
        verdict.outcomes[0].findings.insert(verdict.outcomes[0].findings.begin(),
                                            Finding{find_rule("RDY021"), "src/new/" + std::to_string(i), 0,
                                                    "no scope knows <it> | " + std::to_string(i)});
    verdict.scope = Scope{};
    for (std::size_t i = 0; i < 50; ++i)
        verdict.scope->paths.push_back(PathDecision{std::string(4'000, '['), "", {}, "why", false});
    const std::string comment = to_comment(verdict);
    EXPECT_LE(comment.size(), 65'536u);
    EXPECT_GE(comment.size(), 55'000u);
    // What stops the merge is there, though it stands last.
    EXPECT_THAT(comment, HasSubstr("RDY403"));
    EXPECT_THAT(comment, HasSubstr("RDY699"));
    std::size_t rows = 0;
    std::istringstream lines(comment);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("|  | RDY021 warning | no scope knows &lt;it&gt; \\| ")) {
            EXPECT_THAT(line, testing::EndsWith(" |"));
            ++rows;
        }
    EXPECT_THAT(comment, HasSubstr("Left out here: " + core::plural(many - rows, "finding") + ", "));
    EXPECT_THAT(comment, HasSubstr("The whole is in the log of the check"));
    EXPECT_THAT(to_comment(verdict_of({wrong})), Not(HasSubstr("Left out")));
}

TEST(Output, a_comment_of_many_plans_counts_those_that_it_leaves_out) {
    const Verdict verdict = verdict_of(std::vector<std::string>(2'000, wrong));
    const std::string comment = to_comment(verdict);
    EXPECT_LE(comment.size(), 65'536u);
    EXPECT_THAT(comment, HasSubstr(" plans.** The whole is in"));
}

TEST(Output, junit_has_a_case_a_rule) {
    const std::string text = to_junit(verdict_of({wrong}));
    EXPECT_THAT(text, HasSubstr("plan.md RDY403: The canary says why that one\"><failure type=\"error\""));
    EXPECT_THAT(text, HasSubstr("failures=\"2\""));
    EXPECT_THAT(text, HasSubstr("plan.md RDY402: The canary names a crypto\"/>"));
}

TEST(Output, sarif_names_rules_by_their_place_and_findings_by_a_hash_without_the_line) {
    const auto json = nlohmann::json::parse(to_sarif(verdict_of({wrong})));
    const auto& run = json["runs"][0];
    EXPECT_EQ(run["tool"]["driver"]["rules"].size(), rules().size());
    ASSERT_EQ(run["results"].size(), 2u);
    for (const auto& result : run["results"])
        EXPECT_EQ(run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"],
                  result["ruleId"]);
    const auto lower =
        nlohmann::json::parse(to_sarif(verdict_of({replaced(wrong, "Each carries", "\n\nEach carries")})));
    EXPECT_NE(lower["runs"][0]["results"][0]["locations"], run["results"][0]["locations"]);
    EXPECT_EQ(lower["runs"][0]["results"][0]["partialFingerprints"],
              run["results"][0]["partialFingerprints"]);
}

TEST(Output, a_plan_of_an_issue_is_named_by_its_address_and_by_no_file) {
    const std::string issue = "https://github.com/a/b/issues/709";
    Verdict verdict = verdict_of({wrong});
    verdict.outcomes[0].file = issue;
    for (auto& finding : verdict.outcomes[0].findings) finding.file = issue;
    EXPECT_THAT(to_github(verdict),
                HasSubstr("::error title=RDY403::https://github.com/a/b/issues/709, line 35: "));
    EXPECT_THAT(to_github(verdict), Not(HasSubstr("file=")));
    const auto result = nlohmann::json::parse(to_sarif(verdict))["runs"][0]["results"][0];
    EXPECT_EQ(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
              "github.com/a/b/issues/709");
    EXPECT_THAT(result["message"]["text"].get<std::string>(), testing::StartsWith(issue + ", line 35: "));
}

TEST(Output, is_the_same_twice) {
    for (auto* render : {static_cast<std::string (*)(const Verdict&)>(&to_text),
                         static_cast<std::string (*)(const Verdict&)>(&to_json), &to_junit, &to_sarif,
                         &to_github, &to_comment})
        EXPECT_EQ(render(verdict_of({right_plan(), wrong})), render(verdict_of({right_plan(), wrong})));
}

TEST(Due, is_what_comes_within_the_days_and_what_is_overdue) {
    const std::string early = edited({{"- DRI: @maria", "- DRI: @maria\n- Accountable until: 2026-08-30"}});
    const auto outcomes = verdict_of({right_plan(), early}).outcomes;
    const auto day = [](const char* text) { return *core::parse_timestamp(text); };
    EXPECT_TRUE(due_of(outcomes, day("2026-08-01"), 14).empty());
    const auto soon = due_of(outcomes, day("2026-08-20"), 14);
    ASSERT_EQ(soon.size(), 3u);
    EXPECT_EQ(soon[0].what, Due::What::sunset);
    EXPECT_EQ(soon[0].days_left, 3);
    EXPECT_EQ(soon[2].what, Due::What::dri_term);
    EXPECT_EQ(due_of(outcomes, day("2026-09-01"), 14)[0].days_left, -9);
    // What is written before the sunset is no outcome yet.
    auto permanent = verdict_of({edited({{"due at the sunset", "permanent"}})}).outcomes;
    EXPECT_EQ(due_of(permanent, day("2026-09-01"), 14).size(), 1u);
    permanent[0].named.outcome = "permanent";
    EXPECT_TRUE(due_of(permanent, day("2026-09-01"), 14).empty());
    EXPECT_THAT(to_text(soon, 14), HasSubstr("in 3 days"));
    EXPECT_EQ(nlohmann::json::parse(to_json(soon, {}, day("2026-08-20"), 14))["due"].size(), 3u);
}

TEST(Due, what_is_left_out_is_said_and_a_term_is_listed) {
    const std::string term = edited({{"- DRI: @maria\n", "- DRI: @maria, until 2026-06-05\n"},
                                     {"- Sunset: 2026-08-23\n", ""}}),
                      none = edited({{"- Sunset: 2026-08-23\n", ""}});
    auto outcomes = verdict_of({right_plan(), term, none}).outcomes;
    outcomes.push_back(outcome_of("RDY002", "wide.md", "is UTF-16", SectionSet::all()));
    const auto left_out = left_out_of(outcomes);
    ASSERT_EQ(left_out.size(), 2u);
    EXPECT_EQ(left_out[0].why, "it names no sunset");
    EXPECT_EQ(left_out[1].file, "wide.md");
    const auto due = due_of(outcomes, *core::parse_timestamp("2026-06-01"), 14);
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].what, Due::What::dri_term);
    const auto json = nlohmann::json::parse(to_json(due, left_out, the_day(), 14));
    EXPECT_EQ(json["left_out"].size(), 2u);
    EXPECT_EQ(json["left_out"][1]["why"], "is UTF-16");
}

// RFC 5545, 3.6: component = 1*(eventc / … / timezonec / …).
TEST(Due, a_calendar_of_nothing_has_a_component) {
    const std::string text = to_calendar({}, the_day());
    EXPECT_THAT(text, HasSubstr("BEGIN:VTIMEZONE\r\nTZID:UTC\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("VEVENT")));
    EXPECT_THAT(to_calendar(due_of(verdict_of({right_plan()}).outcomes, the_day(), 365), the_day()),
                Not(HasSubstr("VTIMEZONE")));
}

TEST(Due, a_calendar_folds_its_lines_and_keeps_its_uids) {
    auto due = due_of(verdict_of({right_plan()}).outcomes, the_day(), 365);
    ASSERT_EQ(due.size(), 1u);
    due[0].story = "CVN, a; story\nof " + std::string(80, 'x') + "é";
    const std::string text = to_calendar(due, the_day()),
                      later = to_calendar(due, *core::parse_timestamp("2026-06-01"));
    EXPECT_TRUE(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    EXPECT_THAT(text, HasSubstr("DTSTART;VALUE=DATE:20260823\r\nDTEND;VALUE=DATE:20260824\r\n"));
    EXPECT_THAT(text, HasSubstr("SUMMARY:Sunset of CVN\\, a\\; story\\nof "));
    std::size_t at = 0;
    for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", at)) {
        EXPECT_LE(end - at, 75u);
        at = end + 2;
    }
    EXPECT_EQ(at, text.size());
    const auto uid = [](const std::string& calendar) { return calendar.substr(calendar.find("UID:"), 40); };
    EXPECT_EQ(uid(text), uid(later));
}

TEST(Record, a_check_is_a_kpi_and_the_same_check_the_same_emit) {
    const auto kpis = kpis_of(verdict_of({right_plan(), wrong}), {.merge = true, .change = "b"});
    ASSERT_EQ(kpis.size(), 2u);
    EXPECT_EQ(kpis[0].module, "readiness");
    EXPECT_EQ(kpis[0].run_id, "CVN-N001-EF-S07");
    EXPECT_EQ(kpis[0].success, true);
    EXPECT_EQ(kpis[1].success, false);
    EXPECT_THAT(kpis[1].metrics, testing::Contains(std::pair(std::string("only_completeness"), 1.0)));
    EXPECT_EQ(kpis_of(verdict_of({right_plan(), wrong}), {.merge = true, .change = "b"})[0].event_id,
              kpis[0].event_id);
    EXPECT_NE(kpis_of(verdict_of({right_plan(), wrong}), {.merge = false, .change = "b"})[0].event_id,
              kpis[0].event_id)
        << "it is of no merge";
    EXPECT_EQ(kpis[0].library_tags.at("readiness_change"), "b");
    EXPECT_EQ(kpis[0].library_tags, kpis[1].library_tags);
    EXPECT_NE(kpis_of(verdict_of({right_plan()}), {.merge = true, .change = "b"})[0].library_tags,
              kpis[0].library_tags)
        << "it is another check";
    // Of one day, and found something else.
    const std::string mended = replaced(right_plan(), "- DRI: @maria", "- DRI: @jonas");
    EXPECT_NE(kpis_of(verdict_of({mended}), {.merge = true, .change = "b"})[0].event_id, kpis[0].event_id);
    Verdict verdict = verdict_of({right_plan()});
    verdict.outcomes[0].named.story.clear();
    EXPECT_EQ(kpis_of(verdict, {.merge = true, .change = "b"})[0].run_id, std::nullopt);
}

TEST(Record, a_check_without_a_plan_counts_for_the_stories_of_its_change) {
    std::vector<CheckRecord> records;
    for (int number = 0; number < 20; ++number) {
        const std::string change = "branch " + std::to_string(number);
        records.push_back({"", change, core::Timestamp{1}, true, true, true});
        records.push_back({"S" + std::to_string(number), change, core::Timestamp{2}, false, false, true});
    }
    Ledger ledger = ledger_of(records);
    EXPECT_EQ(ledger.stories, 20U);
    EXPECT_EQ(ledger.only_completeness, 20U);
    EXPECT_EQ(ledger.answer, Ledger::Answer::revisit);
    // A branch that lives on: what found no plan is of the story that came next, not of those before.
    std::vector<CheckRecord> lives{{"A", "dev", core::Timestamp{1}, true, false, true},
                                   {"A", "dev", core::Timestamp{2}, false, false, true},
                                   {"", "dev", core::Timestamp{3}, true, true, true},
                                   {"B", "dev", core::Timestamp{4}, false, false, true}};
    EXPECT_EQ(ledger_of(lives).prevented, 1U);
    EXPECT_EQ(ledger_of(lives).only_completeness, 1U);
    // A change that never came to a plan is one; a check of neither is left out, and counted.
    records.push_back({"", "given up", core::Timestamp{3}, true, true, true});
    records.push_back({"", "", core::Timestamp{3}, true, true, true});
    ledger = ledger_of(records);
    EXPECT_EQ(ledger.stories, 21U);
    EXPECT_EQ(ledger.of_no_story, 1U);
    EXPECT_THAT(to_text(ledger), HasSubstr("1 check blocked without a plan, and of no branch or --change"));
    EXPECT_EQ(change_of(R"({"readiness_change":"b"})"), "b");
    EXPECT_EQ(change_of("{}") + change_of("[1") + change_of(R"({"readiness_change":1})"), "");
}

// A plan deleted (RDY006), one that cannot be read (RDY002), a template without a section (RDY004).
TEST(Record, what_blocks_a_change_beside_its_plans_is_of_the_story_of_that_change) {
    const auto check = [](const Verdict& verdict, const std::string& change, int second) {
        std::vector<CheckRecord> records;
        for (const auto& kpi : kpis_of(verdict, {.merge = true, .change = change})) {
            const std::map<std::string, double> metrics(kpi.metrics.begin(), kpi.metrics.end());
            records.push_back({kpi.run_id.value_or(""), kpi.library_tags.at("readiness_change"),
                               core::Timestamp{second}, metrics.at("blocked") == 1.0,
                               metrics.at("only_completeness") == 1.0, metrics.at("merge") == 1.0,
                               metrics.at("errors") > 0.0, kpi.library_tags.at("readiness_check")});
        }
        return records;
    };
    const auto ledger = [](std::initializer_list<std::vector<CheckRecord>> checks) {
        std::vector<CheckRecord> all;
        for (const auto& one : checks) all.insert(all.end(), one.begin(), one.end());
        return ledger_of(all);
    };
    const Verdict ready = verdict_of({right_plan()});
    for (const char* rule : {"RDY006", "RDY002", "RDY004"}) {
        Verdict held = ready, alone = verdict_of({});
        for (auto* verdict : {&held, &alone})
            verdict->outcomes.push_back(outcome_of(rule, "other.md", "it is not so", SectionSet::all()));
        for (const int later : {1, 2}) {  // Also where both checks are of one time.
            for (const auto& first : {held, alone}) {
                const Ledger mended = ledger({check(first, "r#21", 1), check(ready, "r#21", later)});
                EXPECT_EQ(mended.stories, 1U) << rule;
                EXPECT_EQ(mended.prevented, 1U) << rule;
                EXPECT_EQ(mended.of_no_story, 0U) << rule;
            }
        }
        // Given up: the plan beside it was ready, the merge never.
        const Ledger left = ledger({check(held, "r#21", 1)});
        EXPECT_EQ(left.blocked, 1U) << rule;
        EXPECT_EQ(left.prevented, 0U) << rule;
        EXPECT_EQ(ledger({check(alone, "r#21", 1)}).stories, 1U) << rule;
    }
    // A change of the policy alone, and a path that nothing knows, ask for no plan: no story, and said so.
    for (const char* rule : {"RDY021", "RDY022"}) {
        Verdict warned = verdict_of({});
        warned.outcomes.push_back(outcome_of(rule, "changed paths", "it is so", {}));
        for (const bool strict : {false, true}) {
            warned.strict = strict;
            const Ledger none = ledger({check(warned, "r#5", 1)});
            EXPECT_EQ(none.stories, 0U) << rule;
            EXPECT_EQ(none.of_no_plan, 1U) << rule;
            EXPECT_THAT(to_text(none), HasSubstr("1 check that asked for no plan left out")) << rule;
            EXPECT_THAT(to_text(none), Not(HasSubstr("no branch or --change"))) << rule;
        }
    }
    EXPECT_EQ(check_of(R"({"readiness_check":"c","readiness_change":"b"})"), "c");
}

TEST(Record, of_checks_of_one_time_the_ready_one_is_the_last) {
    for (const bool first : {true, false}) {
        std::vector<CheckRecord> records{{"S", "b", core::Timestamp{1}, first, false, true},
                                         {"S", "b", core::Timestamp{1}, !first, false, true}};
        EXPECT_EQ(ledger_of(records).prevented, 1U);
    }
}

// One rule asks for a line and for what it says: the finding tells which of both it is.
TEST(Record, what_is_written_and_wrong_is_no_lack_of_completeness) {
    const auto only_completeness = [](const std::string& text) {
        const auto verdict = verdict_of({text});
        EXPECT_TRUE(verdict.outcomes[0].blocked(false));
        const auto json = nlohmann::json::parse(to_json(verdict))["plans"][0];
        EXPECT_EQ(json["findings"][0]["missing"], json["only_completeness"]);
        EXPECT_THAT(kpis_of(verdict, {.merge = true, .change = ""})[0].metrics,
                    testing::Contains(std::pair(std::string("only_completeness"),
                                                json["only_completeness"] == true ? 1.0 : 0.0)));
        return json["only_completeness"] == true;
    };
    const std::string shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n",
                      canary = "- Canary: BTCUSDC, because its order book is the deepest\n";
    for (const auto& [what, by] :
         std::vector<std::pair<std::string, std::string>>{{shadow, ""},
                                                          {canary, ""},
                                                          {"because its order book is the deepest", ""},
                                                          {"- Full rollout: 2026-05-25\n", ""},
                                                          {"- DRI: @maria\n", ""},
                                                          {"- Sunset: 2026-08-23\n", ""},
                                                          {"- Sunset: 2026-08-23\n", "- Sunset: -\n"},
                                                          {"0.99 / 0.95", ""},
                                                          {"| docs/runbooks/predictions.md |", "| - |"},
                                                          {"Owner: @maria\n", ""},
                                                          {"- [x] Each", "- [ ] Each"}})
        EXPECT_TRUE(only_completeness(edited({{what, by}}))) << what << by;
    for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
             {shadow, "- Shadow: 3 days\n"},
             {canary, "- Canary: the smallest one\n"},
             {canary, canary + "- There is no canary.\n"},
             {"- Full rollout: 2026-05-25\n", "- Full rollout: 2026-05-10\n"},
             {"- Full rollout: 2026-05-25\n", "- Full rollout: after the canary\n"},
             {"- DRI: @maria\n", "- DRI: @maria and @jonas\n"},
             {"- Sunset: 2026-08-23\n", "- Sunset: in three months\n"},
             {"0.99 / 0.95", "as usual"},
             {"| docs/runbooks/predictions.md | P2 |", "| docs/runbooks/predictions.md | high |"},
             {"Filled on: 2026-05-02\n", "Filled on: 2027-05-02\n"},
             {"| `win_rate` | outcome |", "| `predictions_captured_rate` | outcome |"}})
        EXPECT_FALSE(only_completeness(edited({{what, by}}))) << what << by;
}

TEST(Record, a_plan_that_names_what_is_gone_is_an_event_a_day) {
    const Policy policy = *Policy::read(golden_folder / "repository/readiness.scope.toml");
    const Facts facts = *read_facts(policy, golden_folder / "repository");
    const auto events = [&](const std::string& text, const char* day) {
        CheckOptions options;
        options.now = *core::parse_timestamp(day);
        options.policy = &policy;
        options.facts = &facts;
        Verdict verdict;
        verdict.at = options.now;
        verdict.outcomes.push_back(check(*parse_plan(text, "plan.md"), options));
        return events_of(verdict);
    };
    EXPECT_TRUE(events(right_plan(), "2026-05-10").empty());
    const std::string gone = replaced(right_plan(), "| VarianceDispersionDead |", "| VarianceAlertOfOld |");
    const auto found = events(gone, "2026-05-10T01:00");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].module, "readiness");
    EXPECT_EQ(found[0].current_value, 1.0);
    EXPECT_THAT(nlohmann::json::parse(found[0].payload)["findings"][0]["message"],
                HasSubstr("VarianceAlertOfOld"));
    EXPECT_EQ(events(gone, "2026-05-10T23:00")[0].event_id, found[0].event_id);
    EXPECT_NE(events(gone, "2026-05-11T01:00")[0].event_id, found[0].event_id);
    // Its sunset is past, and what became of it is said: it lives no more.
    const std::string closed = replaced(gone, "due at the sunset", "permanent");
    EXPECT_TRUE(events(closed, "2026-08-24").empty());
    EXPECT_FALSE(events(gone, "2026-08-24").empty());
}

TEST(Record, the_falsifier_is_the_decision_s_own) {
    std::vector<CheckRecord> records;
    const auto add = [&](int number, int at, bool blocked, bool completeness) {
        records.push_back(
            {"S" + std::to_string(number), "", core::Timestamp{at}, blocked, completeness, true});
    };
    for (int number = 0; number < 19; ++number) add(number, 1, number < 5, true);
    EXPECT_EQ(ledger_of(records).answer, Ledger::Answer::too_few);
    add(19, 1, false, false);
    Ledger ledger = ledger_of(records);
    EXPECT_EQ(ledger.stories, 20u);
    EXPECT_EQ(ledger.only_completeness, 5u);
    EXPECT_EQ(ledger.answer, Ledger::Answer::revisit);
    // One story was wrong, and is ready in the end: that is what a gate is for.
    add(19, 0, true, false);
    ledger = ledger_of(records);
    EXPECT_EQ(ledger.prevented, 1u);
    EXPECT_EQ(ledger.answer, Ledger::Answer::keep);
    EXPECT_THAT(to_text(ledger), HasSubstr("20 stories"));
    // A nightly run after the sunsets holds nobody up.
    for (int number = 0; number < 20; ++number)
        records.push_back({"S" + std::to_string(number), "", core::Timestamp{9}, true, true, false});
    ledger = ledger_of(records);
    EXPECT_EQ(ledger.checks, 21u);
    EXPECT_EQ(ledger.of_no_merge, 20u);
    EXPECT_EQ(ledger.blocked, 6u);
    EXPECT_THAT(to_text(ledger), HasSubstr("20 checks of no merge left out"));
    // On the edge: 4 of 20 are not more than 20 %.
    records.clear();
    for (int number = 0; number < 20; ++number) add(number, 1, number < 4, true);
    EXPECT_EQ(ledger_of(records).answer, Ledger::Answer::keep);
}
