#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FieldEnds, what_people_write_of_days_numbers_and_runbooks_is_read) {
    const auto found = [](std::string_view what, const std::string& by) {
        return found_in(judged(replaced(right_plan(), what, by)), false, true);
    };
    for (const char* days : {"4 May \u2013 11 May 2026", "4\u201311 May 2026", "May 4 to May 11, 2026",
                             "from 4 May to 11 May 2026", "10 days, 1-11 May 2026"})
        EXPECT_THAT(found("7 days, from 2026-05-04 to 2026-05-11", days), IsEmpty()) << days;
    for (const char* days :
         {"4 May - 9 May 2026", "10 days, 4-11 May 2026", "30 May - 4 May 2026", "31 April - 9 May 2026"})
        EXPECT_THAT(found("7 days, from 2026-05-04 to 2026-05-11", days), ElementsAre("RDY401")) << days;
    for (const char* threshold :
         {"20% / 50% of decisions", "20 / 5 signals per hour", "0.52 / 0.50 of signals"})
        EXPECT_THAT(found("| 0.52 / 0.50 |", "| " + std::string(threshold) + " |"), IsEmpty()) << threshold;
    EXPECT_THAT(found("| 0.52 / 0.50 |", "| 0.52 / 0.50 of signals to be added |"), ElementsAre("RDY104"));
    EXPECT_THAT(found("0a3008, PASSED\n\n## 1", "0a3008, PASSED (9 of 9 points)\n\n## 1"), IsEmpty());
    EXPECT_THAT(found("rollout: 2026-05-25", "rollout: 2026-05-25 to all 12 cryptos"), IsEmpty());
    EXPECT_THAT(found("rollout: 2026-05-25", "rollout: 2026-05-25 to 2026-06-01"), ElementsAre("RDY404"));
    for (const char* book :
         {"see docs/runbooks/variance.md", "docs/runbooks/variance.md and docs/runbooks/b.md"})
        EXPECT_THAT(found("| docs/runbooks/variance.md |", "| " + std::string(book) + " |"), IsEmpty())
            << book;
    for (const char* none : {"see below", "docs/runbooks/variance.md and then we look"})
        EXPECT_THAT(found("| docs/runbooks/variance.md |", "| " + std::string(none) + " |"),
                    ElementsAre("RDY203"))
            << none;
}

// What stands behind the value of a field, and takes it back, bounds it or puts it off.
TEST(FieldEnds, a_bound_behind_a_comma_is_the_bound_that_it_is_without) {
    const std::string shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11",
                      full = "- Full rollout: 2026-05-25", sunset = "- Sunset: 2026-08-23";
    for (const char* by :
         {"7 days, or less", "7 days, or fewer", "10 days, at most", "7 days, maximum", "10 days, or shorter",
          "10 days, or even less", "7 days (or less)", "7 days (at most)", "7 days - at most",
          "14 days; at most", "14 days, less where it is quiet", "7 days, on all symbols, or less"}) {
        const auto outcome = judged(replaced(right_plan(), shadow, std::string("- Shadow: ") + by));
        ASSERT_THAT(found_in(outcome), ElementsAre("RDY401")) << by;
        EXPECT_THAT(outcome.findings[0].message, HasSubstr("is an upper bound, and no length")) << by;
    }
    EXPECT_THAT(found_in(judged(replaced(right_plan(), shadow, shadow + ", at most"))),
                ElementsAre("RDY401"));
    EXPECT_THAT(
        found_in(judged(replaced(right_plan(), shadow, "- Shadow: from 2026-05-04 to 2026-05-11, or less"))),
        ElementsAre("RDY401"));
    for (const char* by : {"7 days, or more", "7 days (at least)", "7 days, minimum",
                           "14 days, at most 5 % of the capital", "14 days, less than the canary has"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), shadow, std::string("- Shadow: ") + by))),
                    IsEmpty())
            << by;
    for (const char* behind : {", or later", " (or later)", " - or later", ", at the earliest",
                               ", at the latest", " (earliest)", ", reviewed by the committee, or later"}) {
        EXPECT_THAT(found_in(judged(replaced(right_plan(), full, full + behind))), ElementsAre("RDY404"))
            << behind;
        EXPECT_THAT(found_in(judged(replaced(right_plan(), sunset, sunset + behind))), ElementsAre("RDY701"))
            << behind;
    }
    for (const char* behind : {", two weeks behind the canary", " (a Monday)", ", earliest batch",
                               ", the latest retraining included", " (a Monday, or day 14 of the canary)",
                               ", not before 9:00", ", and after it the clean-up"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), full, full + behind))), IsEmpty()) << behind;
}

TEST(FieldEnds, a_review_that_is_still_to_come_has_not_passed_wherever_its_day_stands) {
    const std::string review = "session 3e0a3008, PASSED", above = "committee: 3e0a3008, PASSED";
    for (const char* by :
         {"3e0a3008 of 2027-05-01: PASSED", "3e0a3008 of 2026-12-10, PASSED",
          "3e0a3008 on 2026-12-10: PASSED", "3e0a3008 (2026-12-10), PASSED", "3e0a3008, 2026-12-10, PASSED",
          "3e0a3008, PASSED (2026-12-10)", "3e0a3008, FAILED on 2026-05-01, 2026-12-10 PASSED"}) {
        for (const auto& text : {replaced(right_plan(), review, std::string("session ") + by),
                                 replaced(right_plan(), above, std::string("committee: ") + by)}) {
            const auto outcome = judged(text);
            ASSERT_THAT(found_in(outcome), ElementsAre("RDY803")) << by;
            EXPECT_THAT(outcome.findings[0].message, HasSubstr("which is to come")) << by;
        }
    }
    EXPECT_THAT(
        found_in(judged(replaced(right_plan(), review, "session 3e0a3008 of 2027-05-01\n- Verdict: PASSED"))),
        ElementsAre("RDY803"));
    EXPECT_THAT(found_in(judged(replaced(right_plan(), review, "session 3e0a3008\n- PASSED on 2027-05-01"))),
                ElementsAre("RDY803"));
    for (const char* by : {"session 3e0a3008 of 2026-05-01: PASSED", "session 3e0a3008 (2026-05-01), PASSED",
                           "session 3e0a3008, 2026-05-01 FAILED, 2026-05-02 PASSED"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), review, by))), IsEmpty()) << by;
}

TEST(FieldEnds, a_time_is_no_story_that_revisits) {
    const auto after = [](const std::string& said) {
        const Policy policy = Policy::defaults();
        CheckOptions options;
        options.now = *core::parse_timestamp("2026-08-24");
        options.policy = &policy;
        return found_in(
            check(*parse_plan(replaced(right_plan(), "due at the sunset", said), "plan.md"), options));
    };
    for (const char* when : {"Q3",
                             "2027",
                             "H2",
                             "mid-2027",
                             "week-14",
                             "6 months",
                             "2027-09",
                             "the Q3 planning",
                             "Q3-2027",
                             "FY27",
                             "CW14",
                             "KW 14",
                             "3 weeks",
                             "sprint-14",
                             "2027-03-01",
                             "H1 of 2027",
                             "Q3 2027",
                             "Q3/2027",
                             "PROD",
                             "10",
                             "version 2",
                             "90d",
                             "2027Q3",
                             "3Q27",
                             "2027H2",
                             "2027W14",
                             "the 3rd quarter",
                             "H2-planning"})
        EXPECT_THAT(after(std::string("revisited in ") + when), ElementsAre("RDY703")) << when;
    for (const char* outcome : {"CVN-N002-EF-S01", "ORD-B", "ORD-3", "#712", "issue 712", "story 14", "A-1",
                                "S08", "CVN-N002-EF-S01, in Q3", "Q3 by CVN-N002-EF-S01",
                                "https://github.com/acme/orders/issues/712", "S-2027", "ops_queue_7"})
        EXPECT_THAT(after(std::string("revisited in ") + outcome), IsEmpty()) << outcome;
}

TEST(FieldEnds, a_note_that_says_that_a_value_is_none_yet_or_off_takes_it_back) {
    const std::string shadow = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11", metric = "0.52 / 0.50",
                      psi = "0.2 / 0.5", gap = "0.05 / 0.10";
    for (const char* note : {" (draft)",
                             " (guess)",
                             " (first guess)",
                             " (idea)",
                             " (wip)",
                             " - draft",
                             " \u2014 wip",
                             " (optional)",
                             ", optional",
                             " (disabled)",
                             " (off)",
                             ", switched off",
                             " - off",
                             ", which is switched off for now",
                             " (just a guess)",
                             " (skippable)",
                             " (voluntary)",
                             " (work in progress)",
                             ", a rough estimate",
                             " (non-binding)"}) {
        const auto with = [&](const std::string& what) {
            return found_in(judged(replaced(right_plan(), what, what + note)));
        };
        EXPECT_THAT(with(shadow), ElementsAre("RDY401")) << note;
        EXPECT_THAT(with(metric), ElementsAre("RDY104")) << note;
        EXPECT_THAT(with(psi), ElementsAre("RDY301")) << note;
        EXPECT_THAT(with(gap), ElementsAre("RDY302")) << note;
        EXPECT_THAT(with("- Full rollout: 2026-05-25"), ElementsAre("RDY404")) << note;
        EXPECT_THAT(with("- Sunset: 2026-08-23"), ElementsAre("RDY701")) << note;
    }
    const auto outcome = judged(replaced(right_plan(), metric, metric + " (first guess)"));
    ASSERT_THAT(found_in(outcome), ElementsAre("RDY104"));
    EXPECT_THAT(outcome.findings[0].message,
                HasSubstr("at \"first guess\"; expected warn / crit in numbers"));
    for (const char* note : {" (train)", " (median)", " (per fold)", " (the default)", ", over 7d",
                             " per day", " (no guess)", " (UTC)", " (ten bins)", " (BTC alone)"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), metric, metric + note))), IsEmpty()) << note;
    for (const char* note :
         {" (two retrainings)", " (orders off)", ", orders switched off", " (draft model beside the old)",
          " (weekends included)", " (not optional)", ", as proposed"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), shadow, shadow + note))), IsEmpty()) << note;
    // Of a lever "off" is what it is set to.
    const std::string lever = "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`";
    for (const char* by : {"flag `x.y`, off", "flag `x.y` (disabled)", "flag `x.y`, switched off"})
        EXPECT_THAT(found_in(judged(replaced(right_plan(), lever, by))), IsEmpty()) << by;
}

namespace {

Outcome with_drift(const std::string& psi, const std::string& gap) {
    std::string text = right_plan();
    const auto from = text.find("| Signal |"), to = text.find("## 4.", from);
    return judged(text.replace(from, to - from, "- " + psi + "\n- " + gap + "\n\n"));
}

}  // namespace

TEST(FieldEnds, what_is_measured_is_no_reason_for_other_thresholds) {
    const std::string usual = "Performance gap: 0.05 / 0.10";
    for (const char* psi :
         {"PSI vs. training: 0.3 / 0.5", "PSI of `obi` against the training window: warn 0.9, crit 5",
          "PSI of all features, incl. volume: 0.4 / 0.9", "PSI: 0.3 / 0.5 vs. the training window",
          "PSI: 0.3 / 0.5 per symbol and fold", "PSI: 0.3 / 0.5. Reference: the training window.",
          "PSI of each feature is at 0.3 / 0.5"})
        EXPECT_THAT(found_in(with_drift(psi, usual)), ElementsAre("RDY304")) << psi;
    for (const char* gap : {"Performance gap vs. validation: 0.2 / 0.4",
                            "Performance gap between live and backtest: 0.2 / 0.4"})
        EXPECT_THAT(found_in(with_drift("PSI: 0.2 / 0.5", gap)), ElementsAre("RDY304")) << gap;
    for (const char* psi :
         {"PSI vs. training: 0.3 / 0.5, because the book is thin at weekends",
          "PSI: 0.3 / 0.5; the book is thin at weekends", "PSI vs. training: 0.3 / 0.5 (thin weekend books)",
          "PSI of each feature, 0.3 / 0.5, since 24 symbols are noisy",
          "PSI: 0.3 / 0.5. A thin book moves more.",
          "PSI: 0.3 / 0.5, over two quiet years it never passed 0.25",
          "PSI: 0.3 / 0.5 \u2014 measured noise is 0.25", "PSI: 0.3 / 0.5 \u2014 baseline noise is high",
          "PSI: 0.3 / 0.5 \u2014 source data flaps each weekend",
          "PSI: 0.3 / 0.5 \u2014 window too short for less"})
        EXPECT_THAT(found_in(with_drift(psi, usual)), IsEmpty()) << psi;
}

TEST(FieldEnds, thresholds_are_read_by_their_labels) {
    const std::string usual = "Performance gap: 0.05 / 0.10";
    for (const char* psi :
         {"PSI: crit 0.5 / warn 0.2", "PSI: crit 0.5, warn 0.2", "PSI: critical at 0.5, warning at 0.2",
          "PSI: 0.5 (crit) / 0.2 (warn)", "PSI: warn 0.2, crit 0.5", "PSI: 0.2 (warn) / 0.5 (crit)",
          "PSI: 0.2 / 0.5 (crit pages, warn posts)", "PSI: 0.2 / 0.5, crit pages, warn posts"})
        EXPECT_THAT(found_in(with_drift(psi, usual)), IsEmpty()) << psi;
    EXPECT_THAT(found_in(with_drift("PSI: warn 0.5, crit 0.2", usual)), ElementsAre("RDY303"));
    const auto metric = [](const std::string& by) {
        return found_in(judged(replaced(right_plan(), "0.52 / 0.50", by)));
    };
    for (const char* half : {"warn 0.60 and crit", "warn 0.60 crit", "0.60 / 0.40 / -"})
        EXPECT_THAT(metric(half), ElementsAre("RDY104")) << half;
    for (const char* whole : {"crit 0.40 / warn 0.60", "warn 0.60", "crit at 0.40", "0.60 / 0.40",
                              "40 s for warn and crit", "0.60 / 0.40, see docs/"})
        EXPECT_THAT(metric(whole), IsEmpty()) << whole;
}

TEST(FieldEnds, labels_without_a_number_are_no_thresholds_and_a_title_of_both_is_one) {
    const std::string gap = "Performance gap: 0.05 / 0.10";
    for (const char* none :
         {"warn / crit", "warn and crit, as in the dashboard", "warning and critical levels",
          "warn: crit:", "crit / warn", "Warn and Crit see Grafana"}) {
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "0.52 / 0.50", none))), ElementsAre("RDY104"))
            << none;
        EXPECT_THAT(found_in(judged(replaced(right_plan(), "0.2 / 0.5", none))), ElementsAre("RDY301"))
            << none;
        EXPECT_THAT(found_in(with_drift(std::string("PSI: ") + none, gap)), ElementsAre("RDY301")) << none;
    }
    for (const char* psi :
         {"PSI (warn / crit): 0.2 / 0.5", "PSI, warn and crit: 0.2 / 0.5",
          "Thresholds (warn / crit) of PSI: 0.2 / 0.5", "Warn and crit thresholds of PSI are 0.2 / 0.5"})
        EXPECT_THAT(found_in(with_drift(psi, gap)), IsEmpty()) << psi;
}

TEST(FieldEnds, a_person_with_a_handle_is_the_one_of_that_name_and_sections_may_be_a_range) {
    const std::string owned = replaced(right_plan(), "Owner: @maria", "Owner: Maria Silva");
    const auto found = [&](const std::string& dri) {
        return found_in(judged(replaced(owned, "- DRI: @maria", "- DRI: " + dri)));
    };
    EXPECT_THAT(found("Maria Silva (@maria)"), IsEmpty());
    EXPECT_THAT(found("@maria (Maria Silva)"), IsEmpty());
    EXPECT_THAT(found("Jonas Klein (@maria)"), Contains("RDY603"));

    const auto asked = [](const std::string& said) {
        return found_in(judged(
            replaced(right_plan(), "Owner: @maria\n", "Owner: @maria\nSections asked for: " + said + "\n")));
    };
    for (const char* all : {"§1–§6", "§1-§6", "1..6", "§1 to §6", "§1-§3, §4–§6", "§§1-6", "all"})
        EXPECT_THAT(asked(all), IsEmpty()) << all;
    for (const char* fewer : {"§1–§5", "§6-§1", "§1-", "§1, §6", "§1 and §2-§5"})
        EXPECT_THAT(asked(fewer), Contains("RDY016")) << fewer;
}

TEST(FieldEnds, a_file_of_code_is_no_lever_and_a_no_break_space_is_a_space) {
    const auto with_lever = [](const std::string& lever) {
        return found_in(judged(
            replaced(right_plan(),
                     "the key `feature_selection.method` of `ftf_config`, back to `mutual_info`", lever)));
    };
    for (const char* code :
         {"put `src/commun/pipeline/feature_selection.py` back", "revert `src/a.py`", "edit `constants.py`",
          "change `METHOD` in `src/commun/pipeline/feature_selection.py`",
          "flag `USE_EWMA` in `src/training/fit.py`", "run `rollback.sh`", "restore `backup.sql`",
          "flag `USE_EWMA` in src/training/fit.py"})
        EXPECT_THAT(with_lever(code), Contains("RDY502")) << code;
    for (const char* lever : {"flag `USE_EWMA` (read by `src/training/fit.py`) to false",
                              "the key `training.py_path` of `ftf_config`, back to `old`",
                              "flag `USE_EWMA` of `config/features.yaml` to false, no change of `src/a.py`"})
        EXPECT_THAT(with_lever(lever), IsEmpty()) << lever;
    for (const char* space : {"\u00a0", "\u202f"}) {
        std::string plan = right_plan();
        for (const char* label : {"Story", "Owner", "Filled on", "Reviewed by committee", "- Shadow",
                                  "- Canary", "- DRI", "- Sunset", "- Full rollout", "- Lever"})
            plan = replaced(plan, std::string("\n") + label + ": ",
                            std::string("\n") + label + space + ":" + space);
        EXPECT_THAT(found_in(judged(plan)), IsEmpty());
    }
}
