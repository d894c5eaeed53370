#include "tristrata/incident/hypotheses.hpp"

#include "events.hpp"
#include "tristrata/incident/hypothesis_figures.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/store/store_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::incident;
using ::testing::HasSubstr;

namespace {

core::Timestamp on(std::string_view text) { return core::parse_timestamp(text).value(); }
core::Timestamp after(core::Timestamp time, std::int64_t days) {
    return {time.microseconds + days * 86'400'000'000};
}

const core::Timestamp begun = on("2026-01-01");

HypothesisFigures figures_at(std::string_view at) {
    HypothesisFigures figures;
    figures.at = on(at);
    figures.begun = begun;
    figures.begun_by = "--adopted";
    return figures;
}

Incident opened(std::string_view at, std::string layer) {
    Incident one;
    one.incident_id = core::uuid_v5(core::tristrata_namespace(), at);
    one.module = "m";
    one.opened_at = on(at);
    one.first_layer = std::move(layer);
    return one;
}

CheckFigures check(std::uint64_t rows, std::uint64_t columns, std::int64_t duration_ms) {
    CheckFigures one;
    one.module = "m";
    one.rows_reference = one.rows_current = rows;
    one.columns = columns;
    one.duration_ms = duration_ms;
    return one;
}

/// A sample a day from the first day on; `calls` of each day.
std::vector<StatementSample> samples(core::Timestamp from, const std::vector<std::uint64_t>& calls) {
    std::vector<StatementSample> all{{from, 0, 1, std::nullopt}};
    for (const std::uint64_t one : calls)
        all.push_back({after(all.back().day, 1), all.back().calls + one, 1, std::nullopt});
    return all;
}

/// `a_week` on the first day of each of so many weeks.
std::vector<std::uint64_t> weeks(std::size_t count, std::uint64_t a_week) {
    std::vector<std::uint64_t> calls(count * 7, 0);
    for (std::size_t i = 0; i < calls.size(); i += 7) calls[i] = a_week;
    return calls;
}

JudgedHypothesis judged(const HypothesisFigures& figures, std::size_t number) {
    return judge(figures).at(number - 1);
}

HypothesisVerdict verdict(const HypothesisFigures& figures, std::size_t number) {
    return judged(figures, number).verdict;
}

std::uint64_t figure(const JudgedHypothesis& one, std::string_view name) {
    for (const auto& [key, value] : one.figures)
        if (key == name) return value;
    ADD_FAILURE() << "no figure " << name;
    return 0;
}

}  // namespace

TEST(Hypotheses, months_end_where_the_month_does) {
    EXPECT_EQ(months_later(on("2026-01-01"), 6), on("2026-07-01"));
    EXPECT_EQ(months_later(on("2026-08-31"), 6), on("2027-02-28"));
    EXPECT_EQ(months_later(on("2023-11-30T12:30:00.000001Z"), 3), on("2024-02-29T12:30:00.000001Z"));
    EXPECT_EQ(months_later(on("1969-12-31T23:00"), 3), on("1970-03-31T23:00"));
}

TEST(Hypotheses, counts_are_taken_apart_across_resets) {
    const auto at = [](int days, std::uint64_t calls, std::uint64_t statements,
                       std::optional<core::Timestamp> since = std::nullopt) {
        return StatementSample{after(begun, days), calls, statements, since};
    };
    const auto calls = [](const std::vector<StatementSample>& samples) {
        std::vector<std::uint64_t> all;
        for (const auto& one : calls_between(samples)) all.push_back(one.calls);
        return all;
    };
    EXPECT_EQ(calls({at(0, 10, 1), at(1, 14, 1), at(2, 3, 1)}), (std::vector<std::uint64_t>{4, 3}));
    EXPECT_EQ(calls({at(0, 10, 3), at(1, 4, 2)}), std::vector<std::uint64_t>{0})
        << "which of them is not known";
    EXPECT_EQ(calls({at(0, 3, 1, begun), at(1, 9, 1, after(begun, 1))}), std::vector<std::uint64_t>{9})
        << "all were reset, and it grew beyond what it was";
    EXPECT_EQ(calls({at(0, 3, 1, begun), at(1, 9, 1, begun)}), std::vector<std::uint64_t>{6});
    EXPECT_TRUE(calls_between({at(0, 9, 2, begun), at(3, 2, 2, after(begun, 2))}).front().restarted);
    EXPECT_FALSE(calls_between({at(0, 9, 2, begun), at(3, 9, 2, begun)}).front().restarted);
    EXPECT_TRUE(calls({at(0, 10, 1)}).empty());
}

TEST(Hypotheses, H1_holds_by_an_incident_that_another_layer_saw_first_within_six_months) {
    auto figures = figures_at("2026-06-30");
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_yet);
    EXPECT_EQ(judged(figures, 1).known_at, on("2026-07-01"));
    figures.at = on("2026-07-01");
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_held);
    EXPECT_FALSE(judged(figures, 1).known_at);

    for (const char* layer : {"drift", "execution"}) {
        figures.incidents = {opened("2026-06-30T23:59:59.999999Z", layer)};
        EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::held) << layer;
        ASSERT_EQ(judged(figures, 1).incidents.size(), 1U);
    }
    figures.incidents = {opened("2026-07-01", "drift")};
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_held) << "a day too late";
    figures.incidents = {opened("2025-12-31T23:59:59Z", "drift")};
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_held) << "before it was used";
    figures.incidents = {opened("2026-01-01", "technical"), opened("2026-01-02", "drift")};
    figures.incidents[1].ending = Ending::false_alarm;
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_held);
    EXPECT_EQ(figure(judged(figures, 1), "false_alarms"), 1U);
    EXPECT_EQ(figure(judged(figures, 1), "incidents"), 2U);
}

TEST(Hypotheses, H1_counts_what_data_showed_and_says_the_others_apart) {
    const auto found = [](std::string_view at, std::string payload, bool of_report = false) {
        Incident one = opened(at, "drift");
        one.first_seen = one.opened_at;
        Finding finding;
        finding.first_seen = one.first_seen;
        finding.payload = std::move(payload);
        if (of_report) finding.report_id = one.incident_id;
        one.findings.push_back(finding);
        return one;
    };
    auto figures = figures_at("2026-06-30");
    figures.incidents = {found("2026-01-02", R"({"analyzer":"a","finding":"source"})"),
                         found("2026-01-03", R"({"analyzer":"a","finding":"clock_skew"})"),
                         found("2026-01-04", R"({"check":"c","finding":"source"})"),
                         found("2026-01-05", R"({"received":true,"labels":{}})"),
                         found("2026-01-06", "{}"),
                         found("2026-01-07", R"({"reason":"I saw it"})"),
                         found("2026-01-08", R"({"decision":"engaged"})")};
    figures.incidents.back().module = "kill_switch";
    auto none = judged(figures, 1);
    EXPECT_EQ(none.verdict, HypothesisVerdict::not_yet);
    EXPECT_TRUE(none.incidents.empty());
    EXPECT_EQ(figure(none, "incidents"), 7U);
    EXPECT_EQ(figure(none, "of_the_watcher_itself"), 4U);
    EXPECT_EQ(figure(none, "alerts_of_other_tools"), 1U);
    EXPECT_EQ(figure(none, "pushed_by_hand"), 2U);

    for (const char* payload :
         {R"({"analyzer":"a","finding":"distribution"})", R"({"check":"c","finding":"row_count"})",
          R"({"report_id":"x","kind":"check"})"}) {
        figures.incidents = {found("2026-01-02", payload)};
        EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::held) << payload;
    }
    figures.incidents = {found("2026-01-02", "{}", true)};
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::held) << "a column of a report";
    // The watcher's own came first, and data only later.
    figures.incidents = {found("2026-01-02", R"({"analyzer":"a","finding":"source"})")};
    Finding later = figures.incidents.front().findings.front();
    later.payload = R"({"analyzer":"a","finding":"combination"})";
    later.first_seen = after(later.first_seen, 1);
    figures.incidents.front().findings.push_back(later);
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::not_yet);
    figures.incidents.front().findings.back().first_seen = figures.incidents.front().first_seen;
    EXPECT_EQ(verdict(figures, 1), HypothesisVerdict::held) << "at once";
}

TEST(Hypotheses, without_a_beginning_nothing_is_known_yet) {
    auto figures = figures_at("2026-07-01");
    figures.begun.reset();
    figures.incidents = {opened("2026-02-01", "drift")};
    for (const std::size_t number : {1U, 2U, 4U}) {
        const auto one = judged(figures, number);
        EXPECT_EQ(one.verdict, HypothesisVerdict::not_yet) << one.name;
        EXPECT_FALSE(one.known_at);
        EXPECT_THAT(one.what_to_do, HasSubstr("--adopted"));
    }
}

TEST(Hypotheses, H2_needs_a_query_and_somebody_who_says_so_within_three_months) {
    auto figures = figures_at("2026-03-31");
    figures.ad_hoc = samples(begun, std::vector<std::uint64_t>(89, 0));
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_yet);
    EXPECT_EQ(judged(figures, 2).known_at, on("2026-04-01"));
    figures.ad_hoc = samples(begun, std::vector<std::uint64_t>(90, 0));
    figures.at = on("2026-04-01");
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_held) << "counted throughout, and none";

    figures.words = {{"H2", on("2026-03-31T23:59:59Z"), "eve", "folds of ETH are half as long"}};
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_held) << "no query was counted";
    figures.ad_hoc = samples(begun, weeks(13, 1));
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::held);
    EXPECT_THAT(judged(figures, 2).reason, HasSubstr("folds of ETH"));
    EXPECT_EQ(figure(judged(figures, 2), "queries"), 13U);

    figures.words = {{"H2", on("2026-04-01"), "eve", "too late"}, {"H3", begun, "eve", "of another"}};
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_held);
    EXPECT_THAT(judged(figures, 2).what_to_do, HasSubstr("--found H2"));
    figures.at = on("2026-03-31");
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_yet);

    figures.at = on("2026-04-01");
    figures.ad_hoc = samples(on("2026-02-01"), std::vector<std::uint64_t>(10, 0));
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::unmeasurable) << "ten days of ninety were counted";
    figures.ad_hoc.clear();
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::unmeasurable);
    figures.at = on("2026-02-01");
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::not_yet);
    EXPECT_THAT(judged(figures, 2).what_to_do, HasSubstr("--sample"));
    figures.no_statements = "put it into shared_preload_libraries";
    EXPECT_EQ(verdict(figures, 2), HypothesisVerdict::unmeasurable);
    EXPECT_EQ(judged(figures, 2).reason, "put it into shared_preload_libraries");
}

TEST(Hypotheses, H3_is_about_reports_of_up_to_ten_thousand_rows_and_fifty_columns) {
    auto figures = figures_at("2026-01-02");
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::not_yet);
    figures.no_checks = "no KPI store";
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::unmeasurable);
    figures.no_checks.reset();

    figures.checks = {check(10'000, 50, 59'999)};
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::held);
    EXPECT_EQ(judged(figures, 3).reason.find("none was as large"), std::string::npos);
    figures.checks = {check(10'000, 50, 60'000)};
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::not_held);
    figures.checks = {check(10'001, 50, 60'000), check(10'000, 51, 60'000)};
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::not_yet) << "larger than it claims, and slow";
    figures.checks.push_back(check(10, 2, 5));
    const auto small = judged(figures, 3);
    EXPECT_EQ(small.verdict, HypothesisVerdict::held);
    EXPECT_THAT(small.reason, HasSubstr("none was as large"));
    ASSERT_EQ(small.checks.size(), 2U) << "the largest up to the size, and the largest beyond";
    EXPECT_EQ(small.checks[0].rows_current, 10U);
    EXPECT_EQ(small.checks[1].columns, 51U);
    figures.checks = {check(1'000'000, 50, 59'000)};
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::held) << "what is larger and quick says it too";
    figures.checks = {check(9'000, 50, 100), check(10, 2, 70'000)};
    EXPECT_EQ(verdict(figures, 3), HypothesisVerdict::not_held) << "also a small one that is slow";
    EXPECT_EQ(judged(figures, 3).checks.size(), 2U);
    EXPECT_EQ(figure(judged(figures, 3), "duration_ms_max"), 70'000U);
}

TEST(Hypotheses, H4_wants_five_times_a_week_in_four_weeks_on_end_within_ninety_days) {
    auto figures = figures_at("2026-03-31");  // Day 89.
    figures.opened = samples(begun, weeks(12, 4));
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::not_yet);
    EXPECT_EQ(judged(figures, 4).known_at, on("2026-04-01"));
    figures.at = on("2026-04-01");
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::not_held);
    EXPECT_EQ(judged(figures, 4).weeks.size(), 12U) << "whole weeks of ninety days";
    EXPECT_EQ(figure(judged(figures, 4), "opened"), 48U);

    auto calls = weeks(12, 4);
    for (const std::size_t week : {8U, 9U, 10U, 11U}) calls[week * 7 + 6] = 1;
    figures.opened = samples(begun, calls);
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::held) << "the last four";
    EXPECT_THAT(judged(figures, 4).reason, HasSubstr("2026-02-26"));
    calls[9 * 7 + 6] = 0;
    figures.opened = samples(begun, calls);
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::not_held) << "not on end";
    figures.opened = samples(begun, weeks(4, 5));
    figures.at = on("2026-01-29");
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::held) << "as soon as it is known";
    figures.opened = samples(after(begun, 7 * 9), weeks(4, 9));
    figures.at = on("2026-05-01");
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::unmeasurable)
        << "three whole weeks of it lie in the horizon, and what was before was not counted";
}

TEST(Hypotheses, H4_counts_no_call_of_which_the_week_is_not_known) {
    auto figures = figures_at("2026-04-01");
    figures.opened = samples(begun, weeks(12, 5));
    EXPECT_EQ(verdict(figures, 4), HypothesisVerdict::held);
    // serve stood still over the end of each week: its last day and the next one's first have no sample.
    std::erase_if(figures.opened, [](const StatementSample& one) {
        const auto days = (one.day - begun).microseconds / 86'400'000'000;
        return days > 0 && days % 7 == 0;
    });
    const auto gaps = judged(figures, 4);
    EXPECT_EQ(gaps.verdict, HypothesisVerdict::unmeasurable);
    EXPECT_FALSE(gaps.weeks.at(0).whole);
    EXPECT_EQ(gaps.weeks.at(0).calls, 5U) << "between its own samples";
    EXPECT_EQ(gaps.weeks.at(1).calls, 0U);
    EXPECT_EQ(figure(gaps, "opened"), 60U);
}

TEST(Hypotheses, H4_goes_on_across_a_reset) {
    auto figures = figures_at("2026-02-01");
    figures.opened = samples(begun, weeks(4, 6));
    const std::uint64_t before = figures.opened[14].calls;
    for (std::size_t i = 15; i < figures.opened.size(); ++i) figures.opened[i].calls -= before;
    const auto one = judged(figures, 4);
    EXPECT_EQ(one.verdict, HypothesisVerdict::held);
    EXPECT_EQ(figure(one, "opened"), 24U);
    EXPECT_EQ(figure(one, "counts_restarted"), 1U);
}

TEST(FirstEvent, one_of_a_clock_that_was_not_set_is_not_the_first_and_is_counted) {
    const auto file = std::filesystem::temp_directory_path() / fmt::format("first_event_{}.db", ::getpid());
    ASSERT_TRUE(store::init_sqlite(file.string(), store::Layer::drift, core::system_clock()));
    auto store = store::open_sqlite(file.string(), store::Layer::drift, store::OpenMode::write).value();
    const auto put = [&](std::string_view at) {
        const sink::Record record = drift::encode({std::nullopt, {event_at(on(at), drift::Severity::info)}});
        ASSERT_TRUE(store::StoreSink(*store, sink::RecordClass::drift).append({&record, 1}));
    };
    EXPECT_FALSE(first_event(*store)->at);
    for (const char* at : {"0001-01-01", "1970-01-01"}) put(at);
    EXPECT_FALSE(first_event(*store)->at) << "those alone are no beginning";
    // In any order and place within the time that is looked through by halves.
    for (const char* at :
         {"2026-03-02T10:00", "2026-03-01T09:00", "2026-03-01T08:00:00.000001", "2026-10-01", "9999-12-31"})
        put(at);
    const auto first = first_event(*store);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->at, std::optional(on("2026-03-01T08:00:00.000001")));
    EXPECT_EQ(first->left_out, 2u);
    std::filesystem::remove(file);
}
