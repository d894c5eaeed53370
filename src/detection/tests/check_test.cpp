#include "tristrata/detection/check.hpp"
#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata;
using dataset::MemoryColumn;
using dataset::MemorySource;
using drift::Verdict;

namespace {

constexpr core::Timestamp created{1'679'443'200'000'000};

std::vector<double> normal(std::size_t n, std::uint64_t stream, double shift = 0.0) {
    stats::Random random(77, stream);
    std::vector<double> values(n);
    for (auto& x : values) x = shift + random.normal();
    return values;
}

std::vector<std::string> labels(std::size_t n, std::uint64_t stream, std::vector<std::string> words) {
    stats::Random random(78, stream);
    std::vector<std::string> values(n);
    for (auto& x : values) x = words[random.below(words.size())];
    return values;
}

core::Result<drift::Report> compare(std::vector<MemoryColumn> reference, std::vector<MemoryColumn> current,
                                    const detection::Plan& plan = {}, unsigned threads = 2) {
    MemorySource before(std::move(reference)), after(std::move(current));
    core::Task task;
    task.limits.threads = threads;
    return detection::check({&before, std::nullopt}, {&after, std::nullopt}, plan, created, task);
}

const drift::ColumnReport& column(const drift::Report& report, std::string_view name) {
    for (const auto& one : report.columns)
        if (one.name == name) return one;
    ADD_FAILURE() << name;
    return report.columns.front();
}

bool has_signal(const drift::ColumnReport& column, drift::SignalKind kind) {
    for (const auto& signal : column.signals)
        if (signal.kind == kind && signal.verdict == Verdict::drift) return true;
    return false;
}

}  // namespace

TEST(Check, a_shift_is_drift_and_its_absence_is_not) {
    const auto report = compare({{"still", normal(2000, 1)}, {"moved", normal(2000, 2)}},
                                {{"still", normal(800, 3)}, {"moved", normal(800, 4, 1.0)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift);
    EXPECT_EQ(column(*report, "moved").verdict, Verdict::drift);
    EXPECT_EQ(column(*report, "moved").severity, drift::Severity::crit);
    EXPECT_NE(column(*report, "moved").reason.find("rose"), std::string::npos);
    EXPECT_EQ(report->summary.drifted, 1u);
    EXPECT_EQ(report->plan.null_reason.rfind("independent", 0), 0u);
}

TEST(Check, one_wild_value_on_either_side_changes_no_verdict) {
    for (const double shift : {0.0, 2.0}) {
        auto reference = normal(1000, 5), current = normal(300, 6, shift);
        const auto plain = compare({{"x", reference}}, {{"x", current}})->columns[0].verdict;
        reference[3] = 1e6;
        EXPECT_EQ(compare({{"x", reference}}, {{"x", current}})->columns[0].verdict, plain);
        reference[3] = 0.0;
        current[3] = 1e6;
        EXPECT_EQ(compare({{"x", reference}}, {{"x", current}})->columns[0].verdict, plain);
    }
}

TEST(Check, the_same_bytes_come_out_on_any_number_of_threads) {
    std::vector<MemoryColumn> reference, current;
    for (std::uint64_t i = 0; i < 12; ++i) {
        reference.push_back({"c" + std::to_string(i), labels(300, i, {"a", "b", "c", "d", "e", "f", "g"})});
        current.push_back(
            {"c" + std::to_string(i), labels(20, 100 + i, {"a", "b", "c", "d", "e", "f", "g"})});
    }
    EXPECT_EQ(drift::to_json(*compare(reference, current, {}, 1)),
              drift::to_json(*compare(reference, current, {}, 4)));
}

TEST(Check, categories_that_change_come_and_go_are_named) {
    const auto report =
        compare({{"c", labels(2000, 1, {"a", "b", "gone"})}}, {{"c", labels(1000, 2, {"a", "b", "new"})}});
    const auto& c = report->columns[0];
    EXPECT_EQ(c.verdict, Verdict::drift);
    EXPECT_TRUE(has_signal(c, drift::SignalKind::new_category));
    EXPECT_TRUE(has_signal(c, drift::SignalKind::vanished_category));
    const auto same =
        compare({{"c", labels(2000, 3, {"a", "b", "c"})}}, {{"c", labels(1000, 4, {"a", "b", "c"})}});
    EXPECT_EQ(same->columns[0].verdict, Verdict::no_drift);
    EXPECT_FALSE(has_signal(same->columns[0], drift::SignalKind::new_category));
}

TEST(Check, a_zero_inflated_column_is_looked_at_in_two_parts) {
    stats::Random random(3, 3);
    const auto inflated = [&](std::size_t n, double zeros, double scale) {
        std::vector<double> values(n);
        for (auto& x : values) x = random.uniform() < zeros ? 0.0 : scale * std::exp(random.normal());
        return values;
    };
    const auto zeros = compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.7, 1)}});
    EXPECT_EQ(zeros->columns[0].test->method, "two_part");
    EXPECT_EQ(zeros->columns[0].verdict, Verdict::drift);
    EXPECT_EQ(compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.9, 5)}})->columns[0].verdict,
              Verdict::drift);
    EXPECT_EQ(compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.9, 1)}})->columns[0].verdict,
              Verdict::no_drift);
}

TEST(Check, missing_and_infinite_values_are_signals_of_their_own) {
    auto current = normal(1000, 7);
    for (std::size_t i = 0; i < 300; ++i) current[i] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 300; i < 320; ++i) current[i] = std::numeric_limits<double>::infinity();
    const auto report = compare({{"x", normal(2000, 8)}}, {{"x", current}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::no_drift) << "the values that are there did not move";
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::missing_share));
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::infinite_share));
    EXPECT_EQ(report->summary.severity, drift::Severity::crit);
}

TEST(Check, a_column_that_became_constant_drifts_and_says_so) {
    const auto report = compare({{"x", normal(2000, 9)}}, {{"x", std::vector<double>(500, 1.000291)}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::drift);
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::constant));
    EXPECT_EQ(compare({{"x", std::vector<double>(500, 3)}}, {{"x", std::vector<double>(500, 3)}})
                  ->columns[0]
                  .verdict,
              Verdict::no_drift);
}

TEST(Check, one_bad_column_never_costs_the_others) {
    const auto report = compare({{"good", normal(500, 1)},
                                 {"typed", normal(500, 2)},
                                 {"gone", normal(500, 3)},
                                 {"void", std::vector<double>(500, NAN)}},
                                {{"good", normal(200, 4)},
                                 {"typed", labels(200, 5, {"a", "b"})},
                                 {"void", normal(200, 6)},
                                 {"extra", normal(200, 7)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "good").verdict, Verdict::no_drift);
    EXPECT_EQ(column(*report, "typed").verdict, Verdict::not_tested);
    EXPECT_TRUE(has_signal(column(*report, "typed"), drift::SignalKind::type_changed));
    EXPECT_TRUE(has_signal(column(*report, "gone"), drift::SignalKind::column_removed));
    EXPECT_EQ(column(*report, "void").verdict, Verdict::insufficient_data);
    ASSERT_EQ(report->signals.size(), 1u);
    EXPECT_EQ(report->signals[0].kind, drift::SignalKind::column_added);
}

TEST(Check, too_little_data_is_an_answer) {
    const auto report = compare({{"x", normal(29, 1)}}, {{"x", normal(100, 2)}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::insufficient_data);
    EXPECT_NE(report->columns[0].reason.find("30 are needed"), std::string::npos)
        << report->columns[0].reason;
    EXPECT_EQ(compare({{"x", normal(30, 1)}}, {{"x", normal(5, 2)}})->columns[0].verdict, Verdict::no_drift)
        << "on the edge";
    EXPECT_EQ(compare({{"x", normal(30, 1)}}, {{"x", normal(4, 2)}})->columns[0].verdict,
              Verdict::insufficient_data);
}

TEST(Check, roles_decide_the_drift_type_and_keys_are_left_alone) {
    detection::Plan plan;
    plan.column["p"].role = drift::Role::prediction;
    plan.column["id"].role = drift::Role::key;
    const auto report = compare({{"p", normal(500, 1)}, {"id", normal(500, 2)}},
                                {{"p", normal(300, 3, 2)}, {"id", normal(300, 4, 9)}}, plan);
    EXPECT_EQ(column(*report, "p").drift_type, drift::DriftType::prediction_drift);
    EXPECT_EQ(column(*report, "id").verdict, Verdict::not_tested);
}

TEST(Check, labels_of_a_sensitive_column_never_leave_it) {
    detection::Plan plan;
    plan.column["c"].sensitive = true;
    const auto report =
        compare({{"c", labels(500, 1, {"alice", "bob"})}}, {{"c", labels(300, 2, {"alice", "carol"})}}, plan);
    const std::string json = drift::to_json(*report);
    for (const char* name : {"alice", "bob", "carol"}) EXPECT_EQ(json.find(name), std::string::npos) << name;
}

TEST(Check, a_million_labels_are_names_and_not_categories) {
    std::vector<std::string> ids;
    for (int i = 0; i < 1'000'000; ++i) ids.push_back("id" + std::to_string(i));
    const auto many = compare({{"id", ids}}, {{"id", ids}});
    ids.resize(20'000);
    const auto once = compare({{"id", ids}}, {{"id", ids}});
    for (const auto* report : {&*many, &*once}) {
        const auto& id = report->columns[0];
        EXPECT_EQ(id.verdict, Verdict::not_tested);
        for (const char* word : {"distinct values", "role = \"key\"", "ignore = true", "hash"})
            EXPECT_NE(id.reason.find(word), std::string::npos) << id.reason;
    }
    EXPECT_NE(many->columns[0].reason.find("1,000,000"), std::string::npos) << many->columns[0].reason;
    EXPECT_NE(once->columns[0].reason.find("stands once"), std::string::npos) << once->columns[0].reason;
}

TEST(Check, twenty_thousand_labels_that_repeat_are_compared_in_a_blink) {
    std::vector<std::string> words;
    for (int i = 0; i < 20'000; ++i) words.push_back("shop " + std::to_string(i));
    const auto half = std::vector<std::string>(words.begin(), words.begin() + 14'000);
    const auto report = compare({{"still", labels(100'000, 1, words)}, {"moved", labels(100'000, 2, words)}},
                                {{"still", labels(40'000, 3, words)}, {"moved", labels(40'000, 4, half)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift) << column(*report, "still").reason;
    EXPECT_EQ(column(*report, "moved").verdict, Verdict::drift) << column(*report, "moved").reason;
    EXPECT_EQ(column(*report, "moved").test->how, "moments");
}

TEST(Check, asks_that_cannot_be_met_are_refused) {
    EXPECT_EQ(compare({{"a", normal(50, 1)}}, {{"b", normal(50, 2)}}).error().kind,
              core::ErrorKind::invalid_input);
    detection::Plan plan;
    plan.null = detection::Null::dependent;
    EXPECT_NE(compare({{"a", normal(50, 1)}}, {{"a", normal(50, 2)}}, plan).error().message.find("--time"),
              std::string::npos);
    plan = {};
    plan.alpha = 2;
    EXPECT_FALSE(compare({{"a", normal(50, 1)}}, {{"a", normal(50, 2)}}, plan));
    plan = {};
    plan.columns = {"tradse"};
    EXPECT_NE(compare({{"trades", normal(50, 1)}}, {{"trades", normal(50, 2)}}, plan)
                  .error()
                  .message.find("did you mean \"trades\"?"),
              std::string::npos);
}

namespace {

/// Hourly rows from 2023-01-01 (a Sunday), one column.
MemorySource hourly(std::size_t days, const std::function<double(std::size_t, stats::Random&)>& value) {
    stats::Random random(5, 5);
    std::vector<std::int64_t> times;
    std::vector<double> values;
    for (std::size_t hour = 0; hour < days * 24; ++hour) {
        times.push_back(1'672'531'200'000'000 + static_cast<std::int64_t>(hour) * 3'600'000'000);
        values.push_back(value(hour, random));
    }
    return MemorySource({{"t", times}, {"x", values}});
}

core::Result<drift::Report> by_time(MemorySource& source, const char* reference, const char* current,
                                    detection::Plan plan = {}) {
    plan.time = "t";
    return detection::check({&source, *core::parse_time_range(reference)},
                            {&source, *core::parse_time_range(current)}, plan, created, {});
}

}  // namespace

TEST(CheckOverTime, many_reference_windows_choose_the_chunk_null) {
    auto source = hourly(40, [](std::size_t hour, stats::Random& random) {
        return random.normal() + (hour >= 39 * 24 ? 3.0 : 0.0);
    });
    const auto report = by_time(source, "2023-01-01..2023-02-09", "2023-02-09..2023-02-10");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->plan.null_reason.rfind("chunks", 0), 0u) << report->plan.null_reason;
    EXPECT_EQ(column(*report, "x").verdict, Verdict::drift);
    EXPECT_EQ(*column(*report, "x").test->p_adjusted, 1.0 / 40.0);
    EXPECT_TRUE(report->plan.expected_false_days_high);
    EXPECT_EQ(column(*report, "t").verdict, Verdict::not_tested);
}

TEST(CheckOverTime, an_alpha_the_windows_cannot_reach_is_refused_with_their_number) {
    auto source = hourly(12, [](std::size_t, stats::Random& random) { return random.normal(); });
    detection::Plan plan;
    plan.null = detection::Null::chunks;
    const auto report = by_time(source, "2023-01-01..2023-01-11", "2023-01-11..2023-01-12", plan);
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().message.find("19 windows are needed"), std::string::npos)
        << report.error().message;
}

TEST(CheckOverTime, a_random_walk_has_too_little_data_for_a_verdict) {
    double level = 0.0;
    auto source = hourly(28, [&](std::size_t, stats::Random& random) { return level += random.normal(); });
    const auto report = by_time(source, "2023-01-01..2023-01-15", "2023-01-15..2023-01-29");
    EXPECT_EQ(column(*report, "x").verdict, Verdict::insufficient_data);
    EXPECT_NE(column(*report, "x").reason.find("alike"), std::string::npos);
}

TEST(CheckOverTime, windows_that_overlap_or_hold_nothing_are_refused) {
    auto source = hourly(10, [](std::size_t, stats::Random& random) { return random.normal(); });
    EXPECT_NE(
        by_time(source, "2023-01-01..2023-01-05", "2023-01-04..2023-01-06").error().message.find("overlap"),
        std::string::npos);
    EXPECT_NE(
        by_time(source, "2023-01-01..2023-01-05", "2024-01-04..2024-01-06").error().message.find("no row"),
        std::string::npos);
    EXPECT_TRUE(by_time(source, "2023-01-01..2023-01-05", "2023-01-05..2023-01-06"))
        << "half open: they touch and do not overlap";
}

TEST(CheckOverTime, a_column_that_few_windows_hold_is_insufficient_and_never_undrifted) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    auto source = hourly(40, [&](std::size_t hour, stats::Random& random) {
        return hour / 24 < 30 ? none : random.normal() + (hour >= 39 * 24 ? 9.0 : 0.0);
    });
    const auto report = by_time(source, "2023-01-01..2023-02-09", "2023-02-09..2023-02-10");
    ASSERT_TRUE(report) << report.error().message;
    const auto& x = column(*report, "x");
    EXPECT_EQ(x.verdict, Verdict::insufficient_data);
    EXPECT_NE(x.reason.find("9 of the reference's 39 windows"), std::string::npos) << x.reason;
    EXPECT_NE(x.reason.find("19 are needed"), std::string::npos) << x.reason;
}

TEST(CheckOverTime, outages_that_come_in_runs_as_before_are_no_signal) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    int fired = 0, naive = 0;
    constexpr int runs = 100;
    for (int run = 0; run < runs; ++run) {
        stats::Random chain(4, static_cast<std::uint64_t>(run));
        bool out = false;
        auto source = hourly(60, [&](std::size_t, stats::Random& random) {
            out = chain.uniform() < (out ? 0.95 : 0.01);  // Some 17 % of the rows, twenty hours at a time.
            return out ? none : random.normal();
        });
        const auto missing = [&](detection::Null null) {
            detection::Plan plan;
            plan.null = null;
            const auto report = by_time(source, "2023-01-01..2023-02-25", "2023-02-25..2023-03-02", plan);
            EXPECT_TRUE(report) << report.error().message;
            return report && has_signal(column(*report, "x"), drift::SignalKind::missing_share);
        };
        fired += missing(detection::Null::dependent);
        naive += missing(detection::Null::independent);
    }
    EXPECT_LE(fired, runs / 10);
    EXPECT_GE(naive, runs / 3) << "the runs are long enough to fool a test of draws";
}

TEST(CheckOverTime, a_bad_day_like_every_tenth_before_is_no_signal_under_chunks) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    constexpr std::size_t rows_a_day = 96, days = 63;
    constexpr int runs = 60;
    int fired = 0;
    for (int run = 0; run < runs; ++run) {
        stats::Random random(14, static_cast<std::uint64_t>(run));
        std::vector<std::int64_t> times;
        std::vector<double> values;
        for (std::size_t row = 0; row < days * rows_a_day; ++row) {
            times.push_back(1'672'531'200'000'000 + static_cast<std::int64_t>(row) * 900'000'000);
            const bool bad_day = (days - 1 - row / rows_a_day) % 10 == 0;  // The last one, and six before.
            values.push_back(bad_day && random.uniform() < 0.1 ? none : random.normal());
        }
        MemorySource source({{"t", times}, {"x", values}});
        detection::Plan plan;
        plan.alpha = 0.02;
        const auto report = by_time(source, "2023-01-01..2023-03-04", "2023-03-04..2023-03-05", plan);
        ASSERT_TRUE(report) << report.error().message;
        ASSERT_EQ(column(*report, "x").test->null, "chunks");
        fired += has_signal(column(*report, "x"), drift::SignalKind::missing_share);
    }
    EXPECT_LE(fired, 16) << "the worst of seven alike, of " << runs << ", and three standard errors";
}

TEST(CheckOverTime, a_first_outage_is_a_signal_under_every_null) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    auto source = hourly(40, [&](std::size_t hour, stats::Random& random) {
        return hour >= 39 * 24 && hour < 39 * 24 + 8 ? none : random.normal();
    });
    for (const auto null :
         {detection::Null::dependent, detection::Null::independent, detection::Null::chunks}) {
        detection::Plan plan;
        plan.null = null;
        const auto report = by_time(source, "2023-01-01..2023-02-09", "2023-02-09..2023-02-10", plan);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(has_signal(column(*report, "x"), drift::SignalKind::missing_share));
    }
}

TEST(CheckOverTime, a_column_whose_windows_are_all_alike_does_not_drift_under_any_null) {
    std::vector<std::int64_t> times;
    std::vector<std::string> hours;
    for (std::int64_t hour = 0; hour < 40 * 24; ++hour) {
        times.push_back(1'672'531'200'000'000 + hour * 3'600'000'000);
        hours.push_back("hour " + std::to_string(hour % 24));
    }
    MemorySource source({{"t", times},
                         {"hour", hours},
                         {"label", std::vector<std::string>(times.size(), "same")},
                         {"number", std::vector<double>(times.size(), 3.0)}});
    for (const auto null :
         {detection::Null::chunks, detection::Null::dependent, detection::Null::independent}) {
        detection::Plan plan;
        plan.null = null;
        const auto report = by_time(source, "2023-01-01..2023-02-09", "2023-02-09..2023-02-10", plan);
        ASSERT_TRUE(report) << report.error().message;
        for (const char* name : {"hour", "label", "number"})
            EXPECT_EQ(column(*report, name).verdict, Verdict::no_drift) << column(*report, name).reason;
    }
}

TEST(CheckOverTime, a_label_that_comes_in_long_runs_has_not_vanished_between_two) {
    std::vector<std::int64_t> times;
    std::vector<std::string> regime;
    stats::Random random(12, 3);
    for (std::int64_t hour = 0; hour < 60 * 24; ++hour) {
        times.push_back(1'672'531'200'000'000 + hour * 3'600'000'000);
        // Four days of every twelve are "wet" in two hours of three; the last days are between two such
        // spells.
        const bool spell = (hour / 24) % 12 < 4 && hour < 56 * 24;
        regime.push_back(spell && random.uniform() < 0.67 ? "wet" : random.uniform() < 0.5 ? "dry" : "mild");
    }
    MemorySource source({{"t", times}, {"regime", regime}});
    const auto vanished = [&](detection::Null null) {
        detection::Plan plan;
        plan.null = null;
        const auto report = by_time(source, "2023-01-01..2023-02-26", "2023-02-26..2023-02-28", plan);
        EXPECT_TRUE(report) << report.error().message;
        return report && has_signal(column(*report, "regime"), drift::SignalKind::vanished_category);
    };
    EXPECT_FALSE(vanished(detection::Null::dependent));
    EXPECT_FALSE(vanished(detection::Null::chunks));
    EXPECT_TRUE(vanished(detection::Null::independent)) << "taken as draws the label is gone";
}

TEST(CheckOverTime, a_label_of_every_day_that_is_gone_has_vanished_under_every_null) {
    std::vector<std::int64_t> times;
    std::vector<std::string> word;
    stats::Random random(12, 4);
    for (std::int64_t hour = 0; hour < 60 * 24; ++hour) {
        times.push_back(1'672'531'200'000'000 + hour * 3'600'000'000);
        word.push_back(hour < 58 * 24 && random.uniform() < 0.5 ? "here" : "other");
    }
    std::vector<std::string> version(times.size(), "v1");
    std::fill(version.begin() + std::ptrdiff_t{58} * 24, version.end(), "v2");
    MemorySource source({{"t", times}, {"word", word}, {"version", version}});
    for (const auto null :
         {detection::Null::chunks, detection::Null::dependent, detection::Null::independent}) {
        detection::Plan plan;
        plan.null = null;
        const auto report = by_time(source, "2023-01-01..2023-02-28", "2023-02-28..2023-03-02", plan);
        ASSERT_TRUE(report) << report.error().message;
        for (const char* name : {"word", "version"})
            EXPECT_TRUE(has_signal(column(*report, name), drift::SignalKind::vanished_category)) << name;
    }
}

TEST(CheckOverTime, many_rare_labels_are_not_flagged_too_often_under_the_dependent_null) {
    constexpr std::uint64_t seed = 31;
    SCOPED_TRACE(seed);
    constexpr std::size_t rows = 360 * 24, categories = 300;
    std::vector<double> up_to(categories);  // Shares fall as 1 / rank; most are expected less than once.
    double total = 0.0;
    for (std::size_t i = 0; i < categories; ++i) up_to[i] = total += 1.0 / static_cast<double>(i + 1);
    std::vector<std::int64_t> times;
    for (std::size_t hour = 0; hour < rows; ++hour)
        times.push_back(1'672'531'200'000'000 + static_cast<std::int64_t>(hour) * 3'600'000'000);
    constexpr int runs = 100;
    int flagged = 0;
    for (int run = 0; run < runs; ++run) {
        stats::Random random(seed, static_cast<std::uint64_t>(run));
        std::vector<std::string> words(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const auto at = std::ranges::lower_bound(up_to, random.uniform() * total);
            const bool stays = i > 0 && random.uniform() < 0.5;
            words[i] = stays ? words[i - 1] : std::to_string(at - up_to.begin());
        }
        MemorySource source({{"t", times}, {"word", words}});
        detection::Plan plan;
        plan.null = detection::Null::dependent;
        const auto report = by_time(source, "2023-01-01..2023-12-22", "2023-12-22..2023-12-26", plan);
        ASSERT_TRUE(report) << report.error().message;
        const auto& word = column(*report, "word");
        ASSERT_TRUE(word.test) << word.reason;
        flagged += *word.test->p <= 0.05;
    }
    EXPECT_LE(flagged, 12) << "of 100; .05 and three standard errors";
}

namespace {

/// Moments on 300 days, between these hours of the day, in order or not.
std::vector<std::int64_t> moments(std::size_t n, std::uint64_t stream, double first, double last,
                                  bool sorted) {
    stats::Random random(79, stream);
    std::vector<std::int64_t> times(n);
    for (auto& time : times)
        time = 1'700'006'400'000'000 + static_cast<std::int64_t>(random.below(300)) * 86'400'000'000 +
               static_cast<std::int64_t>((first + (last - first) * random.uniform()) * 3.6e9);
    if (sorted) std::ranges::sort(times);
    return times;
}

}  // namespace

TEST(CheckTimes, fewer_rows_of_the_same_moments_are_no_drift_and_other_hours_are) {
    const auto same =
        compare({{"seen", moments(6000, 1, 0, 24, false)}}, {{"seen", moments(900, 2, 0, 24, false)}});
    EXPECT_EQ(same->columns[0].verdict, Verdict::no_drift) << same->columns[0].reason;
    EXPECT_EQ(same->columns[0].kind, drift::Kind::time);
    const auto moved =
        compare({{"seen", moments(6000, 1, 0, 24, false)}}, {{"seen", moments(900, 2, 8, 18, false)}});
    EXPECT_EQ(moved->columns[0].verdict, Verdict::drift);
    EXPECT_NE(moved->columns[0].reason.find("time of day"), std::string::npos) << moved->columns[0].reason;
}

TEST(CheckTimes, rows_in_order_are_compared_by_their_gaps_too) {
    const auto slower =
        compare({{"at", moments(6000, 1, 0, 24, true)}}, {{"at", moments(2000, 2, 0, 24, true)}});
    EXPECT_EQ(slower->columns[0].verdict, Verdict::drift) << "a third of the rows in the same time";
    EXPECT_EQ(slower->columns[0].unit, "s between rows");
    const auto alike =
        compare({{"at", moments(6000, 1, 0, 24, true)}}, {{"at", moments(6000, 2, 0, 24, true)}});
    EXPECT_EQ(alike->columns[0].verdict, Verdict::no_drift) << alike->columns[0].reason;
    const auto office =
        compare({{"at", moments(6000, 1, 0, 24, true)}}, {{"at", moments(6000, 2, 9, 17, true)}});
    EXPECT_EQ(office->columns[0].verdict, Verdict::drift);
}
