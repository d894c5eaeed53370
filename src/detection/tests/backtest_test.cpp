#include "tristrata/detection/backtest.hpp"

#include "comparing.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata;
using namespace tristrata::checking;
using detection::BacktestOptions;
using detection::Plan;

namespace {

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr std::int64_t monday_us = 1'672'617'600'000'000;  ///< 2023-01-02, a Monday.

std::vector<std::int64_t> hours(std::size_t days, std::int64_t from = monday_us) {
    std::vector<std::int64_t> times(days * 24);
    for (std::size_t i = 0; i < times.size(); ++i) times[i] = from + static_cast<std::int64_t>(i) * hour_us;
    return times;
}

/// Normal values of so many days of hours; those of days from `shifted_from` on are moved by `shift`.
std::vector<double> values(std::size_t days, std::uint64_t stream, std::size_t shifted_from = SIZE_MAX,
                           double shift = 0.0) {
    auto out = normal(days * 24, stream);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (i / 24 >= shifted_from) out[i] += shift;
    return out;
}

Plan chunk_plan(double alpha) {
    Plan plan;
    plan.time = "t";
    plan.null = detection::Null::chunks;
    plan.alpha = alpha;
    return plan;
}

BacktestOptions days_against(std::uint64_t window) {
    BacktestOptions options;
    options.window = window;
    return options;
}

core::Result<drift::Backtest> run(MemorySource& source, const Plan& plan, const BacktestOptions& options,
                                  const std::vector<drift::BacktestChunk>& state = {}, unsigned threads = 2) {
    core::Task task;
    task.limits.threads = threads;
    return detection::backtest(source, plan, options, state, created, task);
}

const drift::BacktestChunk& chunk(const drift::Backtest& backtest, std::string_view key) {
    for (const auto& one : backtest.chunks)
        if (one.key == key) return one;
    ADD_FAILURE() << key;
    return backtest.chunks.front();
}

std::vector<drift::Finding> findings_of(const drift::Report& report) {
    std::vector<drift::Finding> out;
    const auto add = [&](const std::string& column, const std::vector<drift::Signal>& signals) {
        for (const auto& signal : signals)
            if (signal.verdict == Verdict::drift)
                out.push_back({column, signal.kind, *signal.severity, std::nullopt, signal.reason});
    };
    for (const auto& one : report.columns)
        if (one.verdict == Verdict::drift)
            out.push_back({one.name, std::nullopt, *one.severity, one.test->p_adjusted, one.reason});
    for (const auto& one : report.columns) add(one.name, one.signals);
    add("", report.signals);
    return out;
}

std::uint64_t count(const drift::Report& report, Verdict verdict) {
    return static_cast<std::uint64_t>(
        std::ranges::count(report.columns, verdict, &drift::ColumnReport::verdict));
}

/// Every tested chunk of the backtest against a check of the same windows.
void expect_equal_to_checks(MemorySource& source, const Plan& plan, const BacktestOptions& options) {
    const auto whole = run(source, plan, options);
    RC_ASSERT(whole.has_value());
    std::size_t tested = 0;
    for (std::size_t i = 0; i < whole->chunks.size(); ++i) {
        const auto& one = whole->chunks[i];
        if (one.use != drift::ChunkUse::tested) continue;
        ++tested;
        const core::TimeRange reference{whole->chunks[i - options.window].from, one.from};
        const auto report = detection::check({&source, reference},
                                             {&source, core::TimeRange{one.from, one.to}}, plan, created, {});
        RC_ASSERT(report.has_value());
        RC_ASSERT(one.findings == findings_of(*report));
        RC_ASSERT(one.insufficient_data == count(*report, Verdict::insufficient_data));
        RC_ASSERT(one.not_tested == count(*report, Verdict::not_tested));
        RC_ASSERT(one.columns_tested == report->summary.tested);
    }
    RC_ASSERT(tested > 0);
}

}  // namespace

RC_GTEST_PROP(Backtest, says_of_each_chunk_what_a_check_of_the_same_windows_says, ()) {
    const auto days = *rc::gen::inRange<std::size_t>(26, 31);
    const auto stream = *rc::gen::inRange<std::uint64_t>(0, 100'000);
    auto x = values(days, stream, *rc::gen::inRange<std::size_t>(20, 40), 2.0);
    auto y = normal(x.size(), stream + 1);
    auto words = labels(x.size(), stream + 2, {"a", "b", "c"});
    const auto unlike = *rc::gen::inRange<std::size_t>(480, 800);
    stats::Random random(stream, 3);
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (random.uniform() < (i > unlike ? 0.3 : 0.02)) y[i] = std::nan("");
        if (random.uniform() < 0.01) y[i] = std::numeric_limits<double>::infinity();
        if (i > unlike) words[i] = "a";
    }
    for (auto& value : x) value = std::round(8 * value) / 8;
    auto times = hours(days);
    const auto gap = *rc::gen::inRange<std::size_t>(1, times.size() - 30);
    times[gap] = times[gap - 1];  // One time twice, and so one hour missing.
    MemorySource source({{"t", times}, {"x", x}, {"y", y}, {"word", words}});
    Plan plan = chunk_plan(0.05);
    plan.season = *rc::gen::element(detection::Season::none, detection::Season::weekend);
    plan.null = *rc::gen::element(detection::Null::chunks, detection::Null::chunks, detection::Null::chunks,
                                  detection::Null::independent, detection::Null::dependent);
    expect_equal_to_checks(source, plan, days_against(24));
}

TEST(Backtest, finds_the_day_of_a_change_and_counts_from_its_event) {
    MemorySource source({{"t", hours(40)}, {"x", values(40, 1, 30, 4.0)}});
    BacktestOptions options = days_against(20);
    options.events = {{"change", core::Timestamp{monday_us + 30 * 24 * hour_us}, {}, {}, {}, {}, {}, {}},
                      {"nothing", core::Timestamp{monday_us + 90 * 24 * hour_us}, {}, {}, {}, {}, {}, {}}};
    const auto result = run(source, chunk_plan(0.05), options);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->summary.tested, 20u);
    EXPECT_EQ(result->reference_chunks, 20u);
    EXPECT_TRUE(drift::drifted(chunk(*result, "2023-02-01")));
    EXPECT_EQ(chunk(*result, "2023-01-21").use, drift::ChunkUse::reference);
    EXPECT_EQ(result->events[0].first_drift, "2023-02-01");
    EXPECT_EQ(result->events[0].time_to_drift, core::Duration{24 * hour_us});
    EXPECT_FALSE(result->events[1].first_drift);
    EXPECT_NEAR(*result->summary.drifted_a_week, static_cast<double>(result->summary.drifted) * 7 / 20,
                1e-12);
    EXPECT_NEAR(*result->plan.expected_false_days_a_year, 365.0 / 21, 1e-9);
    EXPECT_EQ(drift::to_json(*run(source, chunk_plan(0.05), options, {}, 1)), drift::to_json(*result))
        << "the same bytes on any number of threads";
}

TEST(Backtest, over_data_that_grew_by_one_chunk_tests_one_chunk) {
    auto x = values(40, 2, 35, 3.0);
    const auto times = hours(40);
    const auto first_days = [&](std::size_t days) {
        const auto rows = static_cast<std::ptrdiff_t>(days * 24);
        return MemorySource({{"t", std::vector<std::int64_t>(times.begin(), times.begin() + rows)},
                             {"x", std::vector<double>(x.begin(), x.begin() + rows)}});
    };
    BacktestOptions options = days_against(20);
    options.yearly = true;
    const Plan plan = chunk_plan(0.05);
    auto shorter = first_days(39), longer = first_days(40);
    const auto before = run(shorter, plan, options);
    ASSERT_TRUE(before) << before.error().message;
    const auto state = drift::parse_backtest_chunks(drift::to_json(*before));
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(before->chunks, *state) << "what is written is read back";
    const auto after = run(longer, plan, options, *state);
    const auto anew = run(longer, plan, options);
    ASSERT_TRUE(after && anew);
    EXPECT_EQ(after->summary.reused, 19u);
    EXPECT_EQ(after->summary.tested, 20u);
    EXPECT_EQ(after->chunks, anew->chunks);
    EXPECT_EQ(run(longer, plan, options, after->chunks)->summary.reused, 20u);

    x[3 * 24] += 1.0;  // The fourth day was corrected: it stood in the reference of three chunks.
    auto corrected = first_days(40);
    EXPECT_EQ(run(corrected, plan, options, after->chunks)->summary.reused, 16u);
    Plan stricter = plan;
    stricter.alpha = 0.06;
    EXPECT_EQ(run(longer, stricter, options, after->chunks)->summary.reused, 0u) << "another question";
}

TEST(Backtest, a_state_that_forged_its_verdicts_is_what_is_believed_of_equal_inputs_only) {
    MemorySource source({{"t", hours(30)}, {"x", values(30, 3)}});
    const auto plan = chunk_plan(0.05);
    auto state = run(source, plan, days_against(20))->chunks;
    for (auto& one : state) one.inputs = std::string(64, '0');
    EXPECT_EQ(run(source, plan, days_against(20), state)->summary.reused, 0u);
}

TEST(Backtest, what_cannot_be_is_refused_with_the_number_needed) {
    MemorySource source({{"t", hours(30)}, {"x", values(30, 4)}});
    const auto message = [&](const Plan& plan, const BacktestOptions& options) {
        const auto result = run(source, plan, options);
        return result ? std::string("accepted") : result.error().message;
    };
    EXPECT_NE(message(chunk_plan(0.02), days_against(20)).find("49 windows are needed"), std::string::npos);
    EXPECT_NE(message(chunk_plan(0.05), days_against(30)).find("31 are needed"), std::string::npos);
    EXPECT_NE(message(chunk_plan(0.05), days_against(0)).find("at least one"), std::string::npos);
    BacktestOptions fixed;
    fixed.reference = *core::parse_time_range("2023-01-02..2023-01-25");
    fixed.yearly = true;
    EXPECT_NE(message(chunk_plan(0.05), fixed).find("grows"), std::string::npos);
    fixed.yearly = false;
    fixed.reference = *core::parse_time_range("2024-01-02..2024-01-25");
    EXPECT_NE(message(chunk_plan(0.05), fixed).find("no whole chunk"), std::string::npos);
    Plan grouped = chunk_plan(0.05);
    grouped.by = "x";
    EXPECT_NE(message(grouped, days_against(20)).find("groups"), std::string::npos);
}

TEST(Backtest, a_fixed_reference_is_one_for_all_that_comes_after_it) {
    MemorySource source({{"t", hours(40)}, {"x", values(40, 5, 35, 5.0)}});
    BacktestOptions options;
    options.reference = *core::parse_time_range("2023-01-04..2023-01-28");
    const auto result = run(source, chunk_plan(0.05), options);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->reference_chunks, 24u);
    EXPECT_EQ(result->summary.tested, 14u);
    EXPECT_EQ(chunk(*result, "2023-01-03").use, drift::ChunkUse::unused);
    EXPECT_EQ(chunk(*result, "2023-01-04").use, drift::ChunkUse::reference);
    for (const char* day : {"2023-02-06", "2023-02-07", "2023-02-10"})
        EXPECT_TRUE(drift::drifted(chunk(*result, day))) << day << ": a lasting change fires every day";
}

TEST(Backtest, periods_that_the_data_cut_short_are_not_tested) {
    auto times = hours(30);
    auto x = values(30, 6);
    times.erase(times.begin(), times.begin() + 5);
    x.erase(x.begin(), x.begin() + 5);
    times.resize(times.size() - 3);
    x.resize(x.size() - 3);
    MemorySource source({{"t", times}, {"x", x}});
    const auto result = run(source, chunk_plan(0.05), days_against(20));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->chunks.front().use, drift::ChunkUse::unused);
    EXPECT_NE(result->chunks.front().reason.find("begin in the middle"), std::string::npos);
    EXPECT_EQ(result->chunks.back().use, drift::ChunkUse::unused);
    EXPECT_EQ(result->summary.unused, 2u);
    EXPECT_EQ(result->summary.tested, 8u);
}

TEST(Backtest, a_day_of_23_hours_is_a_day_like_the_others) {
    // Berlin's days from 2023-03-01 on; clocks went forward on the 26th.
    const auto from = core::parse_timestamp("2023-02-28T23:00Z")->microseconds;
    auto times = hours(40, from);
    MemorySource source({{"t", times}, {"x", normal(times.size(), 7)}});
    BacktestOptions options = days_against(20);
    options.chunking = dataset::ByPeriod{dataset::Period::day, "Europe/Berlin"};
    const auto result = run(source, chunk_plan(0.05), options);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(chunk(*result, "2023-03-26").rows, 23u);
    EXPECT_EQ(chunk(*result, "2023-03-26").use, drift::ChunkUse::tested);
    EXPECT_EQ(result->summary.signalled, 0u) << "no gap and no loss of rows";
}

TEST(Backtest, chunks_of_one_row_and_of_no_value_have_too_little_data) {
    MemorySource source({{"t", hours(3)}, {"x", values(3, 8)}});
    BacktestOptions options = days_against(30);
    options.chunking = dataset::BySize{1, dataset::Remainder::keep};
    const auto single = run(source, chunk_plan(0.05), options);
    ASSERT_TRUE(single) << single.error().message;
    EXPECT_EQ(single->summary.tested, 42u);
    EXPECT_EQ(single->summary.without_verdict, 42u);
    EXPECT_EQ(single->summary.insufficient_data, 42u);
    EXPECT_EQ(single->summary.signalled, 0u) << "one row an hour as before";
    auto irregular = hours(3);
    for (std::size_t i = 0; i < irregular.size(); ++i) irregular[i] += static_cast<std::int64_t>(i * i) * 977;
    MemorySource bursts({{"t", irregular}, {"x", values(3, 8)}});
    EXPECT_EQ(run(bursts, chunk_plan(0.05), options)->summary.signalled, 0u);
    auto x = values(30, 9);
    for (std::size_t i = 24 * 24; i < 25 * 24; ++i) x[i] = std::nan("");
    MemorySource empty({{"t", hours(30)}, {"x", x}});
    const auto result = run(empty, chunk_plan(0.05), days_against(20));
    ASSERT_TRUE(result) << result.error().message;
    const auto& missing = chunk(*result, "2023-01-26");
    EXPECT_EQ(missing.insufficient_data, 1u);
    ASSERT_EQ(missing.findings.size(), 1u);
    EXPECT_EQ(missing.findings[0].signal, drift::SignalKind::missing_share);
}

TEST(Backtest, empty_periods_a_single_class_and_times_that_stand_twice_are_said) {
    auto times = hours(40);
    for (std::size_t i = 33 * 24; i < times.size(); ++i)
        times[i] += 72 * hour_us;  // Three days without a row.
    for (const std::size_t hour : {5u, 9u, 14u}) times[30 * 24 + hour] = times[30 * 24 + hour - 1];
    auto words = labels(times.size(), 10, {"yes", "no"});
    for (std::size_t i = 31 * 24; i < 32 * 24; ++i) words[i] = "no";
    MemorySource source({{"t", times}, {"word", words}});
    const auto result = run(source, chunk_plan(0.05), days_against(20));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->summary.empty_periods, 3u);
    const auto signals = [&](const char* day) {
        std::vector<drift::SignalKind> kinds;
        for (const auto& finding : chunk(*result, day).findings)
            if (finding.signal) kinds.push_back(*finding.signal);
        return kinds;
    };
    EXPECT_THAT(signals("2023-02-01"), testing::Contains(drift::SignalKind::duplicate_times));
    EXPECT_THAT(signals("2023-02-02"),
                testing::IsSupersetOf({drift::SignalKind::constant, drift::SignalKind::vanished_category}));
    EXPECT_TRUE(drift::drifted(chunk(*result, "2023-02-02")));
}

TEST(Backtest, rows_without_times_are_cut_by_number_and_a_remainder_is_not_tested) {
    MemorySource source({{"x", normal(24 * 24 + 7, 11)}});
    Plan plan = chunk_plan(0.05);
    plan.time = "";
    BacktestOptions options = days_against(20);
    options.chunking = dataset::BySize{24, dataset::Remainder::keep};
    const auto result = run(source, plan, options);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->summary.tested, 4u);
    EXPECT_EQ(result->chunks.back().use, drift::ChunkUse::unused);
    EXPECT_FALSE(result->summary.drifted_a_week);
    EXPECT_FALSE(result->plan.expected_false_days_a_year);
    options.chunking = dataset::ByPeriod{};
    EXPECT_FALSE(run(source, plan, options)) << "a calendar needs times";
}

TEST(PeerBacktest, a_chunk_is_measured_as_a_check_of_the_same_chunks_measures_it) {
    std::vector<std::string> words(30 * 24);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = i % 3 == 0 || i > 27 * 24 ? "a" : "b";
    auto x = values(30, 12, 25, 3.0);
    std::fill(x.begin() + 22 * 24, x.begin() + 23 * 24, std::numeric_limits<double>::quiet_NaN());
    MemorySource source({{"t", hours(30)}, {"x", x}, {"word", words}});
    Plan plan = chunk_plan(0.05);
    plan.method = "nannyml";
    plan.null = detection::Null::automatic;
    plan.nannyml.continuous_methods = {"wasserstein", "jensen_shannon"};
    plan.nannyml.categorical_methods = {"chi2"};
    plan.nannyml.chunking = dataset::ByPeriod{};
    BacktestOptions options;
    const core::Timestamp bound{monday_us + 20 * 24 * hour_us};
    options.reference = core::TimeRange{core::Timestamp{monday_us}, bound};
    const auto result = run(source, plan, options);
    ASSERT_TRUE(result) << result.error().message;
    core::Task task;
    const auto report = detection::check({&source, options.reference}, {&source, core::TimeRange{bound, {}}},
                                         plan, created, task);
    ASSERT_TRUE(report) << report.error().message;

    ASSERT_EQ(result->columns.size(), report->columns.size());
    EXPECT_EQ(result->summary.tested, 10u);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < result->columns.size(); ++i) {
        const auto& found = result->columns[i].tests;
        const auto& wanted = report->columns[i].peer;
        ASSERT_EQ(found.size(), wanted.size()) << result->columns[i].column;
        for (std::size_t m = 0; m < found.size(); ++m) {
            EXPECT_EQ(found[m].lower, wanted[m].lower);
            EXPECT_EQ(found[m].upper, wanted[m].upper);
            EXPECT_EQ(found[m].alerts, wanted[m].alerts);
            ASSERT_EQ(found[m].chunks.size(), wanted[m].chunks.size());
            for (std::size_t k = 0; k < found[m].chunks.size(); ++k) {
                EXPECT_EQ(found[m].chunks[k].key, wanted[m].chunks[k].key);
                EXPECT_EQ(found[m].chunks[k].value, wanted[m].chunks[k].value);
                EXPECT_EQ(found[m].chunks[k].alert, wanted[m].chunks[k].alert);
                ++compared;
            }
        }
    }
    EXPECT_EQ(compared, 30u) << "two methods of x and one of word, ten days each";
    const auto& moved = chunk(*result, "2023-01-28");
    ASSERT_FALSE(moved.findings.empty());
    EXPECT_EQ(moved.findings[0].column, "x");
    EXPECT_EQ(moved.findings[0].severity, drift::Severity::warn);
    EXPECT_THAT(moved.findings[0].reason, testing::HasSubstr("upper bound"));
    EXPECT_EQ(chunk(*result, "2023-01-24").not_tested, 2u) << "the times, and x without a value on that day";
    EXPECT_FALSE(result->plan.expected_false_days_a_year) << "a peer's thresholds promise nothing";
}

TEST(PeerBacktest, what_a_peer_cannot_answer_over_time_is_refused) {
    MemorySource source({{"t", hours(30)}, {"x", values(30, 13)}});
    Plan plan = chunk_plan(0.05);
    BacktestOptions options = days_against(20);
    const auto said = [&] {
        const auto result = run(source, plan, options);
        return result ? std::string() : result.error().message;
    };
    plan.method = "evidently";
    EXPECT_THAT(said(), testing::HasSubstr("knows no chunks over time"));
    plan.method = "nannyml";
    EXPECT_THAT(said(), testing::HasSubstr("--reference FROM..TO"));
    options.reference = core::TimeRange{core::Timestamp{monday_us}, {}};
    plan.explain_difference = true;
    EXPECT_THAT(said(), testing::HasSubstr("does not explain differences"));
}
