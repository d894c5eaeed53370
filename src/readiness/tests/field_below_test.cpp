#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Notes below a field, in whatever way the field is written.

using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct Line {
    std::string was;
    std::string rule;
    std::string note;  ///< That takes it back.
    std::string fine;  ///< That does not.
    std::vector<std::string> written;
};

const std::vector<Line>& lines() {
    static const std::vector<Line> all{
        {"- Shadow: 7 days, from 2026-05-04 to 2026-05-11",
         "RDY401",
         "skipped",
         "no orders are sent",
         {"Shadow: 7 days, from 2026-05-04 to 2026-05-11", "Shadow — 7 days, from 2026-05-04 to 2026-05-11"}},
        {"- Canary: BTCUSDC, because its order book is the deepest",
         "RDY402",
         "or ETHUSDC",
         "with 5 % of its capital",
         {"Canary: BTCUSDC, because its order book is the deepest"}},
        {"- Full rollout: 2026-05-25",
         "RDY404",
         "cancelled",
         "not on a Friday",
         {"Full rollout: 2026-05-25", "Full roll-out: 2026-05-25", "100 %: 2026-05-25",
          "Full rollout on 2026-05-25"}},
        {"- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`",
         "RDY501",
         "needs a new image",
         "needs no deploy",
         {"Lever: flag `a.b` of `ftf_config`", "Flag: `a.b`", "Way back: flag `a.b`", "Rollback: flag `a.b`",
          "How: flag `a.b`", "flag `a.b` to false"}},
        {"- DRI: @maria",
         "RDY601",
         "or @jonas",
         "on-call: @jonas",
         {"DRI: @maria", "DRI — @maria", "Owner: @maria"}},
        {"- Review: session 3e0a3008, PASSED",
         "RDY803",
         "FAILED in round 2",
         "no blockers",
         {"Review: session 3e0a3008, PASSED", "pr_review: session 3e0a3008, PASSED",
          "Verdict: session 3e0a3008, PASSED", "Committee: session 3e0a3008, PASSED",
          "Reviewed by committee: session 3e0a3008, PASSED", "PASSED in session 3e0a3008"}}};
    return all;
}

}  // namespace

TEST(FieldBelow, an_item_takes_back_the_field_above_it_whatever_that_is_called) {
    for (const auto& line : lines())
        for (const auto& written : line.written) {
            const auto with = [&](const std::string& below) {
                return found_in(judged(replaced(right_plan(), line.was, "- " + written + below)));
            };
            EXPECT_THAT(with(""), IsEmpty()) << written;
            EXPECT_THAT(with("\n  - " + line.note), ElementsAre(line.rule)) << written;
            EXPECT_THAT(with("  \n  " + line.note), ElementsAre(line.rule)) << written;
            EXPECT_THAT(with("\n  - " + line.fine), IsEmpty()) << written;
        }
}

TEST(FieldBelow, a_line_of_a_paragraph_takes_back_the_field_above_it) {
    for (const auto& line : lines()) {
        const auto with = [&](const std::string& below) {
            return found_in(judged(replaced(right_plan(), line.was, "\n" + line.written[0] + below + "\n")));
        };
        EXPECT_THAT(with(""), IsEmpty()) << line.was;
        EXPECT_THAT(with("  \n" + line.note), ElementsAre(line.rule)) << line.was;
        EXPECT_THAT(with("  \n" + line.fine), IsEmpty()) << line.was;
    }
    // All of a section's fields in one paragraph: each line is one of its own.
    EXPECT_THAT(
        found_in(judged(replaced(
            right_plan(),
            "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n- Canary: BTCUSDC, because its order book "
            "is the deepest\n- Full rollout: 2026-05-25\n",
            "Shadow: 7 days, from 2026-05-04 to 2026-05-11  \nCanary: BTCUSDC, because its order book is "
            "the deepest  \nFull rollout on 2026-05-25\n"))),
        IsEmpty());
    const std::string review = "- Review: session 3e0a3008, PASSED";
    const auto beside = [&](const std::string& said) {
        return found_in(
            judged(replaced(right_plan(), review, "\n" + review.substr(2) + "\n\n" + said + "\n")));
    };
    EXPECT_THAT(beside("FAILED on 2026-05-03"), ElementsAre("RDY803"));
    EXPECT_THAT(beside("Round 1 failed on §3, round 2 passed."), IsEmpty());
}

TEST(FieldBelow, a_note_below_a_field_of_the_header_takes_it_back) {
    const auto with = [](const char* was, const std::string& by) {
        return found_in(judged(replaced(right_plan(), was, by)));
    };
    const std::string owner = "Owner: @maria", reviewed = "Reviewed by committee: 3e0a3008, PASSED";
    EXPECT_THAT(with("Owner: @maria", owner + "\nor @jonas"), ElementsAre("RDY012"));
    EXPECT_THAT(with("Owner: @maria", owner + "\nin Lisbon"), IsEmpty());
    EXPECT_THAT(with("Reviewed by committee: 3e0a3008, PASSED", reviewed + "\nwithdrawn"),
                ElementsAre("RDY014"));
    const std::string list =
        "- Story: CVN-N001-EF-S07\n- Owner: @maria{}\n- Filled on: 2026-05-02\n- Reviewed by committee: "
        "3e0a3008, "
        "PASSED";
    const std::string header =
        "Story: CVN-N001-EF-S07\nOwner: @maria\nFilled on: 2026-05-02\nReviewed by committee: 3e0a3008, "
        "PASSED";
    EXPECT_THAT(with(header.c_str(), replaced(list, "{}", "")), IsEmpty());
    EXPECT_THAT(with(header.c_str(), replaced(list, "{}", "\n  - or @jonas")), ElementsAre("RDY012"));
    EXPECT_THAT(with(header.c_str(), replaced(list, "{}", "") + "\n  - withdrawn"), ElementsAre("RDY014"));
}

TEST(FieldBelow, a_word_behind_the_end_of_a_line_takes_the_field_back) {
    const auto with = [](const char* was, const std::string& behind) {
        return found_in(judged(replaced(right_plan(), was, was + behind)));
    };
    const char* shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11";
    const char* canary = "- Canary: BTCUSDC, because its order book is the deepest";
    for (const std::string behind : {" skipped", "\n  skipped", "<br>skipped", "<br/>skipped"})
        EXPECT_THAT(with(shadow, behind), ElementsAre("RDY401")) << behind;
    for (const std::string behind : {"\n  skipped", "<br>skipped", "<br />cancelled"})
        EXPECT_THAT(with(canary, behind), ElementsAre("RDY402")) << behind;
    // A line that is wrapped goes on.
    for (const std::string behind :
         {"\n  of all", ", and nothing of it was\n  skipped", "<br>with 5 % of its capital"})
        EXPECT_THAT(with(canary, behind), IsEmpty()) << behind;
    EXPECT_THAT(with(shadow, "<br>on all symbols"), IsEmpty());
}

TEST(FieldBelow, what_is_not_computed_is_no_drift_detection) {
    const std::string table =
        "| Signal | Reference | Threshold (warn / crit) | Rationale |\n|---|---|---|---|\n| PSI of each "
        "feature | "
        "training window of the promoted model | 0.2 / 0.5 | the default |\n| Performance gap | validation "
        "of the "
        "promoted model | 0.05 / 0.10 | the default |\n";
    for (const std::string label : {"PSI", "Population stability index"}) {
        const auto with = [&](const std::string& below) {
            return found_in(judged(
                replaced(right_plan(), table,
                         "- " + label + ": 0.2 / 0.5" + below + "\n- Performance gap: 0.05 / 0.10\n")));
        };
        EXPECT_THAT(with(""), IsEmpty()) << label;
        EXPECT_THAT(with("\n  - not computed"), ElementsAre("RDY301")) << label;
        EXPECT_THAT(with("\n  - to be confirmed"), ElementsAre("RDY301")) << label;
        EXPECT_THAT(with("\n  - not computed on weekends"), IsEmpty()) << label;
    }
}
