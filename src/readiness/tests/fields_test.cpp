#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <array>
#include <utility>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

/// The right plan with the lines from `begin` to before `end` replaced.
std::string with_part(std::string_view begin, std::string_view end, std::string_view by) {
    std::string text = right_plan();
    const auto from = text.find(begin), to = text.find(end, from);
    return text.replace(from, to - from, by);
}

std::string with_metrics(std::string_view by) {
    return with_part("| Metric |", "Each carries", std::string(by) + "\n\n");
}

Outcome judged_on(const std::string& text, const char* day) {
    const Policy policy = Policy::defaults();
    CheckOptions options;
    options.now = *core::parse_timestamp(day);
    options.policy = &policy;
    return check(*parse_plan(text, "plan.md"), options);
}

constexpr std::string_view canary_value = "BTCUSDC, because its order book is the deepest";
constexpr std::string_view outcome_line = "- Outcome: due at the sunset";

}  // namespace

TEST(Fields, an_existing_metric_counts_where_the_sentence_says_that_it_covers_the_change) {
    const std::string two =
        "- \u2705 prediction rate: `a_rate`, 0.99 / 0.95\n- \u2705 outcome: `win_rate`, "
        "0.52 / 0.50\n";
    EXPECT_THAT(found_in(judged(with_metrics(two + "\nThe existing health metric `null_share`, 1 % / 5 %, "
                                                   "covers the change."))),
                IsEmpty());
    EXPECT_THAT(found_in(judged(with_metrics(two + "\nNo new health metric: the existing `null_share` covers "
                                                   "the change; it will page at 5 %."))),
                IsEmpty());
    for (const char* said :
         {"\nThe existing health metric `null_share`, 1 % / 5 %, does not cover the change.",
          "\nNo existing health metric covers the change, `null_share`, 1 % / 5 %, least.",
          "\nThe existing health metric `null_share`, 1 % / 5 %, hardly covers the change.",
          "\nThe existing health metric `null_share`, 1 % / 5 %, will cover the change later.",
          "\nWe hope that the existing health metric `null_share`, 1 % / 5 %, covers the change.",
          "- \u2705 health: not `null_share`, 1 % / 5 %"}) {
        const auto outcome = judged(with_metrics(two + said));
        EXPECT_THAT(found_in(outcome), ElementsAre("RDY103")) << said;
        EXPECT_THAT(outcome.named.metrics, ElementsAre("a_rate", "win_rate")) << said;
    }
}

TEST(Fields, a_list_stands_in_place_of_the_metrics_table) {
    EXPECT_THAT(
        found_in(judged(with_metrics("- prediction rate: `a_rate`, 0.99 / 0.95\n- outcome: `win_rate`, "
                                     "0.52 / 0.50\n- health: `null_share`, 1 % / 5 %"))),
        IsEmpty());
    EXPECT_THAT(
        found_in(judged(with_metrics("- `a_rate` (prediction rate), 0.99 / 0.95\n- win_rate (outcome), "
                                     "0.52 / 0.50\n- Health metric: `null_share`, 1 % / 5 %"))),
        IsEmpty());
    EXPECT_THAT(
        found_in(judged(with_metrics("- prediction rate: `a_rate`, 0.99 / 0.95\n- outcome: `win_rate`\n"
                                     "- health: `null_share`, 1 % / 5 %"))),
        ElementsAre("RDY104"));
    const auto denied =
        judged(with_metrics("- prediction rate: `a_rate`, 0.99 / 0.95\n- outcome: not "
                            "`win_rate`, 0.52 / 0.50\n- health: `null_share`, 1 % / 5 %"));
    ASSERT_THAT(found_in(denied), ElementsAre("RDY102"));
    EXPECT_THAT(denied.findings[0].message, HasSubstr("a line \"- outcome: `win_rate`, 0.52 / 0.50\""));
    // Alerts have four columns: a list of them is told which.
    const auto alerts = judged(with_part("| Alert |", "## 3.", "- Alert: Dead\n- Severity: P1\n\n"));
    ASSERT_THAT(found_in(alerts), ElementsAre("RDY298"));
    EXPECT_THAT(alerts.findings[0].message, HasSubstr("\"| Alert | Trigger | Runbook | Severity |\""));
}

TEST(Fields, a_canary_is_one_symbol_and_stays_it) {
    for (const char* said :
         {"BTCUSDC, because its order book is the deepest; ETHUSDC in the second week",
          "BTCUSDC, because its order book is the deepest; ETHUSDC as well",
          "BTCUSDC, because its order book is the deepest; later ETHUSDC",
          "BTCUSDC, because it is deep; ETHUSDC if it fails", "BTCUSDC, because it is an example",
          "BTCUSDC, because we choose another when it is ready",
          "BTCUSDC, because its book is deep, but we may take another one",
          "BTCUSDC, because its book is deep; the final choice is made later",
          "BTCUSDC, because its book is deep, to be confirmed",
          "BTCUSDC, because its book is deep; ETHUSDC is the second canary"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), canary_value, said))), Contains("RDY402")) << said;
    for (const char* said :
         {"BTCUSDC at 5 % of the volume, because its order book is the deepest",
          "BTCUSDC, because its order book is deep and ETHUSDC is thin at night",
          "BTCUSDC, because ETHUSDC has gaps in its book", "BTCUSDC, because it moves less than ETHUSDC",
          "BTCUSDC, because a fault is seen no later than elsewhere"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), canary_value, said))), IsEmpty()) << said;
}

TEST(Fields, what_contradicts_itself_is_wrong_and_what_is_put_off_is_missing) {
    const auto missing = [](const std::string& text, std::string_view rule) {
        const auto outcome = judged(text);
        const auto found =
            std::ranges::find_if(outcome.findings, [&](const Finding& one) { return one.rule->id == rule; });
        return found == outcome.findings.end() ? std::string("none")
               : found->is_missing()           ? "missing"
                                               : "wrong";
    };
    EXPECT_EQ(missing(replaced(right_plan(), "- Canary:", "- Shadow: 3 days\n- Canary:"), "RDY003"), "wrong");
    EXPECT_EQ(missing(replaced(right_plan(), "## 5. ", "## 4. Staged rollout\n\n- Canary: ETHUSDC\n\n## 5. "),
                      "RDY003"),
              "wrong");
    const std::string full = "- Full rollout: 2026-05-25";
    for (const char* off : {"later", "soon", "to follow", "follows later"})
        EXPECT_EQ(missing(replaced(right_plan(), full, std::string("- Full rollout: ") + off), "RDY404"),
                  "missing")
            << off;
    EXPECT_EQ(missing(replaced(right_plan(), full, "- Full rollout: in May"), "RDY404"), "wrong");
    EXPECT_EQ(missing(replaced(right_plan(), "`win_rate` | outcome", "to be named | outcome"), "RDY102"),
              "missing");
    EXPECT_THAT(found_in(judged(replaced(right_plan(), "| VarianceDispersionDead |", "| comes later |"))),
                Contains("RDY201"));
}

TEST(Fields, an_outcome_is_due_until_the_sunset_and_one_afterwards) {
    for (const char* said : {"not due at the sunset", "due at the sunset, then permanent",
                             "due at the sunset: permanent", "open"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), outcome_line, std::string("- Outcome: ") + said))),
                    ElementsAre("RDY703"))
            << said;
    for (const char* said : {"due at its sunset, 2026-08-23", "due"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), outcome_line, std::string("- Outcome: ") + said))),
                    IsEmpty())
            << said;
    const auto after = [](const char* said) {
        return found_in(
            judged_on(replaced(right_plan(), outcome_line, std::string("- Outcome: ") + said), "2026-08-24"));
    };
    EXPECT_THAT(after("permanent"), IsEmpty());
    EXPECT_THAT(after("permanent, decided by the committee"), IsEmpty());
    for (const char* by : {"revisited in CVN-N002-EF-S01", "revisited in ORD-B"})
        EXPECT_THAT(after(by), IsEmpty()) << by;
    for (const char* by : {"revisited in a follow-up", "revisited in next-quarter", "revisited in mid-April",
                           "revisited in to-be-decided", "revisited in post-mortem", "revisited soon"})
        EXPECT_THAT(after(by), ElementsAre("RDY703")) << by;
    EXPECT_THAT(after("permanent, no: revisited in CVN-N002-EF-S01"), ElementsAre("RDY703"));
    EXPECT_THAT(after("permanent since 2026-12-23"), ElementsAre("RDY703"));
    EXPECT_THAT(after("revisited in CVN-N001-EF-S07"), ElementsAre("RDY703"));
    // What is taken back need not wait: on a day that has been.
    const auto before = [](const std::string& said) {
        return found_in(judged(replaced(right_plan(), outcome_line, "- Outcome: " + said)));
    };
    EXPECT_THAT(before("revisited in CVN-N002-EF-S01, rolled back on 2026-05-09"), IsEmpty());
    EXPECT_THAT(before("revisited in CVN-N002-EF-S01, rolled back on 2026-05-11"), ElementsAre("RDY703"));
    EXPECT_THAT(before("revisited in CVN-N002-EF-S01"), ElementsAre("RDY703"));
    EXPECT_THAT(before("rolled back on 2026-05-09"), ElementsAre("RDY703"));
    EXPECT_THAT(before("permanent, rolled back on 2026-05-09"), ElementsAre("RDY703"));
}

TEST(Fields, answers_that_take_themselves_back_are_none) {
    const std::string lever = "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`",
                      rehearsed = "2026-05-03, https://ci.example.com/runs/4711",
                      book = "docs/runbooks/predictions.md", trigger = "captured rate below 0.95 in one fold";
    for (const auto& [what, by, rule] :
         std::vector<std::array<std::string, 3>>{{"| P2 |", "| P2 (P3 at night) |", "RDY204"},
                                                 {"0.52 / 0.50", "0.52 / 0.50 (not decided yet)", "RDY104"},
                                                 {"0.52 / 0.50", "1 / 2 / 3", "RDY104"},
                                                 {lever, "the flag `use_x` (to be added)", "RDY501"},
                                                 {rehearsed, "2026-05-03; it did not work", "RDY503"},
                                                 {rehearsed, "2026-05-03, aborted", "RDY503"},
                                                 {rehearsed, "https://", "RDY503"},
                                                 {book, "[runbook]()", "RDY203"},
                                                 {book, "[runbook](#)", "RDY203"},
                                                 {book, "[runbook](soon)", "RDY203"},
                                                 {book, "mailto:a@b.c", "RDY203"},
                                                 {book, "[runbook](mailto:a@b.c)", "RDY203"},
                                                 {book, book + " (not written yet)", "RDY203"},
                                                 {trigger, "the alert does not fire", "RDY202"},
                                                 {trigger, "the trigger is decided later", "RDY202"},
                                                 {trigger, "anything unusual on the dashboard", "RDY202"}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), ElementsAre(rule)) << by;
    for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
             {"| P2 |", "| P2 (page at night) |"},
             {lever, "the flag `use_x` (a boolean, no deploy)"},
             {book, "[runbook](../../docs/runbooks/predictions.md#steps)"},
             {"- Sunset: 2026-08-23", "- Sunset: full rollout + 90 days, 2026-08-23"}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), IsEmpty()) << by;
}

TEST(Fields, one_percent_sign_counts_for_both_of_a_pair) {
    const auto outcome = judged(replaced(right_plan(), "0.05 / 0.10", "5 / 10 %"));
    EXPECT_THAT(found_in(outcome), IsEmpty()) << outcome.findings.front().message;
    const auto turned = judged(replaced(right_plan(), "0.05 / 0.10", "10 / 5 %"));
    ASSERT_THAT(found_in(turned), ElementsAre("RDY303"));
    EXPECT_THAT(turned.findings[0].message, HasSubstr("warn is 0.1 and crit 0.05"));
}

TEST(Fields, a_box_is_told_as_the_template_has_it) {
    const auto outcome =
        judged(replaced(right_plan(), "- [x] Each section is filled", "- [x] All is filled"));
    ASSERT_THAT(found_in(outcome), ElementsAre("RDY801"));
    EXPECT_THAT(outcome.findings[0].message,
                HasSubstr("\"[x] Each section is filled, or skipped with a justification\""));
}

TEST(Fields, what_stands_behind_a_value_decides_nothing) {
    const std::string lever = "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`",
                      dri = "- DRI: @maria", sunset = "- Sunset: 2026-08-23",
                      full = "- Full rollout: 2026-05-25", tag = "Each carries the tag `variant`.",
                      shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11", psi = "0.2 / 0.5",
                      canary(canary_value);
    for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
             {lever, "flag `x.y`, which brings the old behaviour back"},
             {lever, "the MLflow alias `champion`, pointed at the last monthly model"},
             {lever, "flag `x.y` back to `off`, takes effect at the next candle"},
             {lever, "flag `x.y` back to `off`, no restart needed"},
             {lever, "flag `x.y`, removed after the sunset"},
             {lever, "flag `x.y` to `off` if PSI is above 0.5"},
             {lever, "env variable `INFERENCE_BATCH=1`, which restores one-by-one inference"},
             {"- Lever: " + lever,
              "We set the key `selection.method` of `ftf_config` back to `mutual_info`."},
             {dri, dri + " — owner of the feature pipeline"},
             {dri, dri + " (ML engineer, Warsaw)"},
             {dri, dri + " (on the features team)"},
             {dri, dri + ", quant on the filters"},
             {dri, dri + ", because she wrote the selector"},
             {sunset, sunset + ", reviewed by the committee"},
             {full, full + ", two weeks behind the canary"},
             {canary, "XRPUSDC, because it went through all four regimes and BTCUSDC did not"},
             {canary, "XRPUSDC, because BTCUSDC is too liquid to show slippage"},
             {canary, "BTCUSDC, because if it fails there, it fails everywhere"},
             {canary, "BTCUSDC, because later candles are labelled faster there"},
             {canary, "BTCUSDC, because its order book is deeper than that of ETHUSDC or SOLUSDC"},
             {tag, "All three carry the tag `variant`, so that nobody mixes both arms."},
             {tag, "Tagged by `variant` throughout."},
             {tag, "We don't tag them where there is one; everywhere else the label is `variant`."},
             {"2026-05-03, https://ci.example.com/runs/4711", "2026-05-03, nothing failed"},
             {"2026-05-03, https://ci.example.com/runs/4711", "2026-05-03 (did not fail)"},
             {shadow, "- Shadow: 14 days, which covers both retrainings of the month"},
             {shadow, "- Shadow: 14 days, so that each weekday is seen more than once"},
             {shadow, "- Shadow: 14 days (two retrainings)"},
             {shadow, "- Shadow: 14 days in production, on all 24 symbols"},
             {sunset, "- Sunset: full rollout + 90 days (2026-08-23)"},
             {sunset, "- Sunset: full rollout + 90 days, on 2026-08-23"},
             {psi, psi + ", which is the default"},
             {psi, psi + " against the four weeks before the merge"},
             {tag, "Each series carries `variant=\"isotonic\"` or `variant=\"raw\"`."}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), IsEmpty()) << by;
}

TEST(Fields, what_takes_a_value_back_or_offers_another_is_named) {
    const std::string lever = "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`",
                      dri = "- DRI: @maria", sunset = "- Sunset: 2026-08-23",
                      full = "- Full rollout: 2026-05-25",
                      shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11", psi = "0.2 / 0.5",
                      canary(canary_value);
    for (const auto& [what, by, rule, words] : std::vector<std::array<std::string, 4>>{
             {lever, "flag `x.y`, which was removed", "RDY501",
              "`x.y`, which was removed\", at \"which was removed\""},
             {lever, "flag `x.y`, which does not exist", "RDY501", "at \"which does not exist\""},
             {lever, "flag `x.y`, to be built", "RDY501", "at \"to be built\""},
             {lever, "flag `x.y`, then a redeploy", "RDY502", "deploy of code"},
             {lever, "`README.md`", "RDY501", "no lever"},
             {lever, "flag `x.y`, hard-coded to true", "RDY502", "deploy of code"},
             {lever, "flag `x.y`, compiled in", "RDY502", "deploy of code"},
             {lever, "flag `x.y` (planned)", "RDY501", "at \"planned\""},
             {lever, "flag `x.y`, which we will build", "RDY501", "at \"which we will build\""},
             {shadow, "- Shadow: 14 days, cut to two", "RDY401", "at \"cut to two\""},
             {shadow, "- Shadow: 14 days, which were postponed", "RDY401", "at \"which were postponed\""},
             {psi, psi + ", which is not decided", "RDY301", "no thresholds"},
             {psi, psi + " or 0.1 / 0.3", "RDY301", "no thresholds"},
             {sunset, "- Sunset: full rollout + 90 days (2027-01-30)", "RDY702", "2027-01-30"},
             {dri, dri + ", jonas", "RDY601", "at \", jonas\""},
             {dri, dri + " (and Jonas)", "RDY601", "at \"(and Jonas)\""},
             {dri, dri + " (on leave)", "RDY601", "at \"on leave\""},
             {dri, dri + ", to be confirmed", "RDY601", "at \"to be confirmed\""},
             {dri, dri + ", if she agrees", "RDY601", "at \"if she agrees\""},
             {sunset, sunset + ", or 2026-09-01", "RDY701", "at \"or 2026-09-01\""},
             {full, full + ", if the canary holds", "RDY404", "at \"if the canary holds\""},
             {full, full + ", or when ready", "RDY404", "at \"or when ready\""},
             {full, "- Full rollout: 25/05/2026", "RDY404", "is read in \"25/05/2026\""},
             {canary, "BTCUSDC, because it is deep and ETHUSDC", "RDY402", "\"ETHUSDC\" beside BTCUSDC"},
             {canary, "BTCUSDC, because it is deep, then ETHUSDC", "RDY402", "\"ETHUSDC\" beside BTCUSDC"}}) {
        const auto outcome = judged(replaced(right_plan(), what, by));
        ASSERT_THAT(found_in(outcome), ElementsAre(rule)) << by;
        EXPECT_THAT(outcome.findings[0].message, HasSubstr(words)) << by;
    }
}

TEST(Fields, one_metric_serves_as_two_where_a_line_says_so_of_one_that_has_a_row) {
    const std::string row = "| `feature_selection_variance_dispersion` |";
    const auto without = [&](const std::string& sentence) {
        std::string text = with_part(row, "\n", "");
        text = replaced(text, "Each carries the tag", sentence + "\n\nEach carries the tag");
        return found_in(judged(text));
    };
    EXPECT_THAT(without("`win_rate` serves as outcome and as health, because it falls first."), IsEmpty());
    EXPECT_THAT(without("`loss` serves as outcome and as health, because it falls first."),
                Contains("RDY103"));
    EXPECT_THAT(without("`win_rate` falls first."), Contains("RDY103"));
    EXPECT_THAT(without("`win_rate` does not serve as outcome and as health."), Contains("RDY103"));
}

TEST(Fields, a_psi_in_a_list_is_of_something_and_against_something) {
    for (const char* fine :
         {"PSI of the score: 0.2 / 0.5", "PSI against June: 0.2 / 0.5", "PSI: 0.2 / 0.5 against June",
          "PSI of the score, by symbol: warn 0.2, crit 0.5. Reference: October."}) {
        const auto said =
            judged(with_part("| Signal", "\n## 4.",
                             std::string("- ") + fine + "\n- Performance gap: 0.05 / 0.10 against June\n"));
        EXPECT_THAT(found_in(said), Not(Contains("RDY301"))) << fine;
        EXPECT_THAT(found_in(said), Not(Contains("RDY302"))) << fine;
    }
    for (const char* wrong : {"PSI is not used: 0.2 / 0.5", "PSI: 0.2 / 0.5 will be decided later"}) {
        const auto said =
            judged(with_part("| Signal", "\n## 4.",
                             std::string("- ") + wrong + "\n- Performance gap: 0.05 / 0.10 against June\n"));
        EXPECT_THAT(found_in(said), Contains("RDY301")) << wrong;
    }
}

TEST(Fields, a_link_alone_is_no_way_back) {
    EXPECT_THAT(found_in(judged(with_part("- Lever:", "- Rehearsed", "See https://wiki.example.com/x\n\n"))),
                ElementsAre("RDY501"));
}

TEST(Fields, a_verdict_that_counts_is_the_last_of_a_history_and_was_given) {
    const std::string review = "session 3e0a3008, PASSED", above = "committee: 3e0a3008, PASSED";
    for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
             {review, "session 3e0a3008, FAILED and PASSED"},
             {review, "session 3e0a3008, FAILED, PASSED"},
             {review, "session 3e0a3008, FAILED on 2026-05-01, PASSED on 2026-04-30"},
             {review, "session 3e0a3008, PASSED on 2027-05-01"},
             {above, "committee: 3e0a3008, PASSED on 2027-05-01"}})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), what, by))), ElementsAre("RDY803")) << by;
    for (const char* by :
         {"session 3e0a3008, FAILED on 2026-05-01, PASSED on 2026-05-02",
          "session 3e0a3008, first FAILED, then PASSED", "session 3e0a3008, FAILED on 2026-05-01, PASSED",
          "session 3e0a3008, PASSED on 2026-05-02"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), review, by))), IsEmpty()) << by;
}

TEST(Fields, numbers_without_what_they_are_of_are_no_trigger_and_one_number_is_no_pair) {
    const std::string trigger = "captured rate below 0.95 in one fold";
    for (const char* by : {"3 in a row", "0 / 0"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), trigger, by))), ElementsAre("RDY202")) << by;
    for (const char* by : {"3 failures in a row", "< 0.95", "p99 above 40 s"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), trigger, by))), IsEmpty()) << by;
    for (const char* half : {"0 / 0", "- / 0.40", "0.60 /", "/ 0.40", "NaN / 0.40", "0.60 / NaN",
                             "warn NaN, crit 0.4", "warn / 0.40", "0.60 / -", "warn 0.60, crit"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "0.52 / 0.50", half))), ElementsAre("RDY104"))
            << half;
    for (const char* by : {"0.52", "< 60 s", "NaN share 0.60 / 0.40", "0.01 / 0.05 NaN share",
                           "0.52 warn / 0.50 crit", "12 / 3 per day"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "0.52 / 0.50", by))), IsEmpty()) << by;
    EXPECT_THAT(found_in(judged(replaced(right_plan(), "0.52 / 0.50", "> 0 / > 0"))), IsEmpty());
}

TEST(Fields, a_p1_wakes_somebody_and_a_trigger_says_when) {
    const std::string channel = "| P1 | #ml-alerts |";
    for (const char* by : {"nobody", "no one", "none", "n/a", "-", "\u2014", "", "no channel yet"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), channel, std::string("| P1 | ") + by + " |"))),
                    ElementsAre("RDY201"))
            << by;
    const std::string trigger = "captured rate below 0.95 in one fold";
    for (const char* by : {"when it looks wrong", "something is off", "when calibration seems odd"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), trigger, by))), ElementsAre("RDY202")) << by;
    for (const char* by : {"no rows for an hour", "predictions missing in one fold"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), trigger, by))), IsEmpty()) << by;
}

TEST(Fields, a_lever_that_asks_for_a_new_image_is_a_deploy) {
    const std::string lever =
        "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`";
    for (const char* by : {"- Lever: flag `veto.sentiment`, then a new build",
                           "- Lever: flag `veto.sentiment`, to `off`, then restart with a new image"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), lever, by))), ElementsAre("RDY502")) << by;
    for (const char* by : {"- Lever: flag `veto.sentiment`, to `off`, then restart the worker",
                           "- Lever: flag `veto.sentiment`, which works without a new image"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), lever, by))), IsEmpty()) << by;
}

TEST(Fields, beside_a_dri_stand_a_place_a_deputy_and_the_sunset_and_behind_due_what_it_hangs_on) {
    for (const char* by : {"@maria, room 3.14", "@maria until the sunset", "@maria (deputy: @otto)"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "- DRI: @maria", std::string("- DRI: ") + by))),
                    IsEmpty())
            << by;
    for (const char* by : {"@maria, otto", "@maria (and @otto)"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "- DRI: @maria", std::string("- DRI: ") + by))),
                    ElementsAre("RDY601"))
            << by;
    for (const char* by : {"due at the sunset: keep if the regret is below 3 bps", "due; see the page"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "due at the sunset", by))), IsEmpty()) << by;
}

TEST(Fields, thresholds_of_drift_stand_in_any_sentence_of_a_line) {
    const auto drift = [](const std::string& lines) {
        return judged(with_part("| Signal |", "## 4.", lines + "\n\n"));
    };
    const std::string gap = "\n\nPerformance gap vs. backtest: 0.05 / 0.10";
    for (const char* text : {"PSI vs. training month: 0.2 / 0.5",
                             "PSI of all features, incl. volume: 0.2 / 0.5", "PSI: Warn: 0.2. Crit: 0.5",
                             "Population stability is computed each night over the twelve features. PSI: "
                             "warn 0.2 / crit 0.5, which are "
                             "the defaults.",
                             "PSI: 0.2 / 0.5. It is PSI of each feature."})
        EXPECT_THAT(found_in(drift(text + gap)), IsEmpty()) << text;
    EXPECT_THAT(found_in(drift("PSI is computed each night. It has no thresholds." + gap)),
                ElementsAre("RDY301"));
    EXPECT_THAT(found_in(drift("Each night. PSI: 0.3 / 0.6." + gap)), ElementsAre("RDY304"));
}

TEST(Fields, the_one_section_that_is_asked_for_cannot_be_skipped) {
    const std::string text =
        with_part("| Signal |", "## 4.", "**SKIP — JUSTIFICATION**: it reads no data.\n\n");
    SectionSet one;
    one.add(Part::drift_detection);
    EXPECT_THAT(found_in(judged(text, one)), ElementsAre("RDY023"));
    one.add(Part::rollout);
    EXPECT_THAT(found_in(judged(text, one)), IsEmpty());
}

TEST(Fields, a_reason_to_skip_is_its_whole_paragraph) {
    const auto skipped = [](const std::string& why) {
        return judged(with_part("| Signal |", "## 4.", "**SKIP — JUSTIFICATION**: " + why + "\n\n"));
    };
    const auto right =
        skipped("no\nmodel is affected by this change, which only renames\na column of the cache.");
    EXPECT_THAT(found_in(right), IsEmpty());
    ASSERT_EQ(right.skipped.size(), 1U);
    EXPECT_EQ(right.skipped[0].why,
              "no model is affected by this change, which only renames a column of the cache.");
    for (const char* why :
         {"it will be said\nlater, in the next sprint.", "we ran out of time", "the deadline was too close",
          "To be discussed with the committee.", "the data scientist will write it after the holidays",
          "we will see", "it is not ready", "the person who knows is on leave", "see CVN-N026-EC-S07",
          "because we skip it", "Drift detection is not needed.", "N/A for this change"})
        EXPECT_THAT(found_in(skipped(why)), ElementsAre("RDY020")) << why;
}

TEST(Fields, a_cell_begins_with_its_answer) {
    const std::string health = "| `feature_selection_variance_dispersion` | health |",
                      book = "docs/runbooks/predictions.md";
    const auto typed = [&](const char* type) {
        return replaced(right_plan(), health,
                        std::string("| `feature_selection_variance_dispersion` | ") + type + " |");
    };
    for (const char* type : {"health (new in this story)", "health, exists since 2025", "Operational health",
                             "pipeline health", "health check"})
        EXPECT_THAT(found_in(judged(typed(type))), IsEmpty()) << type;
    for (const char* type : {"no health", "health (removed)", "health?", "health, maybe"})
        EXPECT_THAT(found_in(judged(typed(type))), ElementsAre("RDY103")) << type;
    EXPECT_THAT(found_in(judged(replaced(right_plan(), "| prediction rate |", "| predictions per minute |"))),
                IsEmpty());
    for (const char* behind : {" (new)", ", section Diagnosis"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), book, book + behind))), IsEmpty()) << behind;
    for (const char* left : {"later", "to be named", "?", "will be chosen", "not decided"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "training window of the promoted model", left))),
                    ElementsAre("RDY399"))
            << left;
    for (const char* named : {"CVN-N001-EF-S07 (#709)", "CVN-N001-EF-S07 — The variance selector"})
        EXPECT_THAT(found_in(judged(
                        replaced(right_plan(), "Story: CVN-N001-EF-S07", std::string("Story: ") + named))),
                    IsEmpty())
            << named;
}
