#include "golden_plan.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

// RDY025: what stands beside the value of a field in words that no rule knows.
namespace tristrata::readiness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// What is told of the right plan with `by` in the place of `what`: of RDY025 its message, of another rule
/// its number.
std::vector<std::string> told(std::string_view what, std::string_view by) {
    std::vector<std::string> told;
    for (const auto& finding : judged(replaced(right_plan(), what, by)).findings)
        told.push_back(finding.rule->id == "RDY025" ? finding.message : std::string(finding.rule->id));
    return told;
}

struct Beside {
    std::string_view what;
    std::string_view value;
    std::vector<std::string_view> listed, harmless;
};

const std::vector<Beside>& fields() {
    static const std::vector<Beside> all{
        {"- Shadow: 7 days, from 2026-05-04 to 2026-05-11",
         "- Shadow: 10 days",
         {" at 10x speed", ", will start after the rollout", ", stops on the weekend", ", with a fast path",
          ", offline", "; approved by nobody", ". Nobody looks.", " (emulated)", " - emulated",
          "\n  - emulated"},
         {", from 2026-05-04 to 2026-05-14", ", on all cryptos", " (10 days)", ", looked at daily",
          ", because the season is short and nobody trades", " in parallel", ", checked every 6 hours"}},
        {"- Full rollout: 2026-05-25",
         "- Full rollout: 2026-05-25",
         {", never", ", delayed", " \u00b1 3 days", ", best case", " (target)", "\n  - tentative"},
         {", all cryptos", " at 09:00 UTC", " (Monday)", " on all hosts"}},
        {"- Canary: BTCUSDC, because its order book is the deepest",
         "- Canary: BTCUSDC",
         {" (or similar), because its book is deep", ", together with all others, because its book is deep",
          " at the same time as full rollout, because its book is deep",
          ", because its book is deep, to be discussed", ", for 0 days, because its book is deep"},
         {" for 3 days, because its book is deep and thin ones fail", " (the deepest book)"}},
        {"- Sunset: 2026-08-23",
         "- Sunset: 2026-08-23",
         {", extended", ", not applicable here", ", automatic"},
         {" (90 days after the full rollout)", ", a Sunday"}},
        {"back to `mutual_info`",
         "back to `mutual_info`",
         {", read at build time", ", takes effect at the next release", ", compile-time",
          "; code fix, then flip", ", with a patch", ", after code review", ", and it stays",
          "\n  - three people must agree"},
         {", no code deploy is needed", ", takes effect in the next run", ", set by @jonas",
          " (config only)"}},
        {"- DRI: @maria",
         "- DRI: @maria",
         {" (hopefully reachable there)"},
         {" (ML engineer)", ", until 2026-08-23", " (deputy: @jonas)", " (Maria Silva)"}},
        {"runs/4711",
         "runs/4711",
         {", half of it", " (nobody watched)"},
         {", in staging", " (by @jonas, 4 minutes)"}},
        {"- Review: session 3e0a3008, PASSED",
         "- Review: session 3e0a3008, PASSED",
         {" 3/9", " 4 of 9"},
         {" 9/9", " on 2026-05-02", " (unanimous)", ", no remarks"}},
        {"| 0.52 / 0.50 |",
         "| 0.52 / 0.50",
         {" (watched by eye) |"},
         {" of trades |", " per fold |", " (warn / crit) |", ", because less than that never was |"}},
        {"docs/runbooks/variance.md | P1 | #ml-alerts",
         "docs/runbooks/variance.md | P1",
         {" (needs a number first) | #ml-alerts", ", next morning | #ml-alerts",
          " | PagerDuty, not yet connected", " | muted channel"},
         {" | PagerDuty", " | #ml-alerts and PagerDuty", " (pages on-call) | #ml-alerts",
          " | e-mail to @maria"}},
        {"| VarianceDispersionDead |",
         "| VarianceDispersionDead",
         {" (in review) |", " (needs PR) |", " (deprecated) |"},
         {" (new) |", " |"}},
        {"| `win_rate` |",
         "| `win_rate`",
         {" (after launch) |", " in 2 weeks |", " or `pnl` |"},
         {" per crypto |", " (7 d) |"}}};
    return all;
}

TEST(Asides, what_no_rule_knows_beside_a_value_is_listed_once_and_blocks_nothing) {
    for (const auto& field : fields())
        for (const auto beside : field.listed) {
            const std::string by = std::string(field.value) + std::string(beside);
            const auto said = told(field.what, by);
            // Some are refused by the rule that owns the field: they do not pass in silence.
            ASSERT_FALSE(said.empty()) << by;
            const auto outcome = judged(replaced(right_plan(), field.what, by));
            if (found_in(outcome).empty()) {
                EXPECT_EQ(said.size(), 1u) << by;
                EXPECT_FALSE(outcome.blocked(true)) << by;
            }
        }
}

TEST(Asides, what_is_known_to_be_harmless_is_not_listed) {
    for (const auto& field : fields())
        for (const auto beside : field.harmless) {
            const std::string by = std::string(field.value) + std::string(beside);
            EXPECT_THAT(told(field.what, by), IsEmpty()) << by;
        }
}

TEST(Asides, the_note_says_the_words_and_the_field_and_is_shown_everywhere) {
    const std::string text =
        replaced(right_plan(), "- Full rollout: 2026-05-25", "- Full rollout: 2026-05-25, best case");
    Verdict verdict;
    verdict.outcomes.push_back(judged(text));
    ASSERT_EQ(verdict.outcomes[0].findings.size(), 1u);
    EXPECT_EQ(verdict.outcomes[0].findings[0].message,
              "beside the full rollout stands \"best case\", which no rule judges; whoever reviews the plan "
              "decides");
    EXPECT_EQ(verdict.exit_code(), 0);
    verdict.strict = true;
    EXPECT_EQ(verdict.exit_code(), 0);
    EXPECT_THAT(to_text(verdict), HasSubstr("RDY025 note: beside the full rollout stands \"best case\""));
    EXPECT_THAT(to_json(verdict), HasSubstr("\"level\": \"note\""));
    EXPECT_THAT(to_sarif(verdict), HasSubstr("\"level\": \"note\",\n          \"message\""));
    EXPECT_THAT(to_comment(verdict), HasSubstr("RDY025 note"));
    EXPECT_THAT(to_github(verdict), HasSubstr("::notice file=plan.md,line=36,title=RDY025::"));
}

TEST(Asides, long_words_are_cut_and_what_a_rule_refuses_is_told_by_it_alone) {
    std::string words;
    for (int i = 0; i < 60; ++i) words += " quite";
    const auto said = told("- Full rollout: 2026-05-25", "- Full rollout: 2026-05-25," + words);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_LT(said[0].size(), 250u);
    EXPECT_THAT(told("- Full rollout: 2026-05-25", "- Full rollout: 2026-05-25, cancelled, best case"),
                testing::ElementsAre("RDY404"));
}

TEST(Asides, a_line_of_the_header_s_paragraph_goes_on_with_its_field) {
    const std::string reviewed = "Reviewed by committee: 3e0a3008, PASSED";
    EXPECT_THAT(told(reviewed, reviewed + "\nnobody came"),
                testing::ElementsAre(HasSubstr("\"nobody came\"")));
    EXPECT_THAT(told("Owner: @maria\n", "Owner: @maria (ML engineer)\n"), IsEmpty());
}

}  // namespace
}  // namespace tristrata::readiness
