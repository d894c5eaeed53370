#include "comparing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata;
using namespace tristrata::checking;

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

TEST(CheckOverTime, a_class_too_rare_for_any_change_to_be_found_is_insufficient) {
    // A Saturday that is 100 deviations away, against seven weeks less all weekend days but `weekends` of
    // them.
    for (const auto& [weekends, verdict] :
         {std::pair{2u, Verdict::insufficient_data}, std::pair{14u, Verdict::drift}}) {
        stats::Random random(6, 6);
        std::vector<std::int64_t> times;
        std::vector<double> values;
        unsigned seen = 0;
        for (std::size_t day = 0; day < 49; ++day) {
            const bool weekend = day % 7 == 0 || day % 7 == 6;  // 2023-01-01 is a Sunday.
            if (weekend && day < 48 && seen++ >= weekends) continue;
            if (day == 48 || !weekend || seen <= weekends)
                for (std::size_t hour = 0; hour < 24; ++hour) {
                    times.push_back(1'672'531'200'000'000 +
                                    static_cast<std::int64_t>(day * 24 + hour) * 3'600'000'000);
                    values.push_back(random.normal() + (day == 48 ? 100.0 : 0.0));
                }
        }
        MemorySource source({{"t", times}, {"x", values}});
        detection::Plan plan;
        plan.season = detection::Season::weekend;
        plan.null = detection::Null::chunks;
        const auto report = by_time(source, "2023-01-01..2023-02-18", "2023-02-18..2023-02-19", plan);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(column(*report, "x").verdict, verdict) << weekends << column(*report, "x").reason;
        if (weekends == 2) {
            EXPECT_NE(column(*report, "x").reason.find("nly 2 of the reference's"), std::string::npos)
                << column(*report, "x").reason;
        }
    }
}

TEST(CheckOverTime, a_window_wider_than_the_data_is_no_change_of_the_rows_a_day) {
    auto source = hourly(40, [](std::size_t, stats::Random& random) { return random.normal(); });
    const auto rows = [&](const char* reference, const char* current) {
        const auto report = by_time(source, reference, current);
        return std::ranges::any_of(report->signals, [](const auto& signal) {
            return signal.kind == drift::SignalKind::rows && signal.verdict == Verdict::drift;
        });
    };
    EXPECT_FALSE(rows("2022-01-01..2023-02-05", "2023-02-05..2023-02-09")) << "the data begin in 2023";
    EXPECT_TRUE(rows("2023-01-01..2023-02-05", "2023-02-05..2023-03-09")) << "they may have stopped coming";
}

TEST(CheckOverTime, one_moment_covers_no_time_on_either_side) {
    const std::vector<std::int64_t> late{1'680'000'000'000'000, 1'680'000'000'000'000};
    auto many = hourly(30, [](std::size_t, stats::Random& random) { return random.normal(); });
    MemorySource moment({{"t", late}, {"x", std::vector<double>{0.1, 0.2}}});
    detection::Plan plan;
    plan.time = "t";
    for (const bool before : {false, true}) {
        detection::CheckSide one{&moment, std::nullopt}, other{&many, std::nullopt};
        const auto report = detection::check(before ? one : other, before ? other : one, plan, created, {});
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(report->signals.empty()) << report->signals.front().reason;
        EXPECT_EQ(column(*report, "x").verdict, Verdict::insufficient_data);
        EXPECT_FALSE((before ? report->reference : report->current).to);
    }
}

TEST(CheckOverTime, a_window_of_a_millisecond_is_answered_in_a_blink) {
    auto source = hourly(60, [](std::size_t, stats::Random& random) { return random.normal(); });
    const auto report =
        by_time(source, "2023-01-01..2023-02-20", "2023-02-21T00:00:00Z..2023-02-21T00:00:00.001Z");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "x").verdict, Verdict::insufficient_data);
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

TEST(CheckTimes, a_further_time_column_is_ranked_among_the_windows) {
    std::vector<std::int64_t> order, still, office, slower;
    stats::Random random(80, 1);
    for (std::int64_t hour = 0; hour < 41 * 24; ++hour) {
        const std::int64_t at = 1'672'531'200'000'000 + hour * 3'600'000'000;
        const bool last_day = hour >= 40 * 24;
        const auto jitter = static_cast<std::int64_t>(random.below(3'000)) * 1'000'000;
        order.push_back(at);
        still.push_back(at + jitter);
        office.push_back(last_day ? at - (hour % 24) * 3'600'000'000 + 10 * 3'600'000'000 + jitter
                                  : at + jitter);
        slower.push_back(last_day ? at + 40 * (hour % 24) * 3'600'000'000 + jitter : at + jitter);
    }
    MemorySource source({{"t", order}, {"still", still}, {"office", office}, {"slower", slower}});
    detection::Plan plan;
    plan.null = detection::Null::chunks;
    const auto report = by_time(source, "2023-01-01..2023-02-10", "2023-02-10..2023-02-11", plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift) << column(*report, "still").reason;
    for (const char* name : {"office", "slower"}) {
        EXPECT_EQ(column(*report, name).verdict, Verdict::drift) << column(*report, name).reason;
        ASSERT_TRUE(column(*report, name).test);
        EXPECT_EQ(column(*report, name).test->null, "chunks");
        EXPECT_FALSE(column(*report, name).test->p) << "the p of another null says nothing here";
    }
}

TEST(CheckTimes, a_regular_step_is_no_constant_and_one_moment_is) {
    std::vector<std::int64_t> reference, current;
    stats::Random random(80, 2);
    std::int64_t at = 1'700'006'400'000'000;
    for (int i = 0; i < 1000; ++i)
        reference.push_back(at += 1'000'000 * static_cast<std::int64_t>(1 + random.below(50)));
    for (int i = 0; i < 200; ++i) current.push_back(at += 25'000'000);
    EXPECT_FALSE(
        has_signal(compare({{"at", reference}}, {{"at", current}})->columns[0], drift::SignalKind::constant));
    EXPECT_TRUE(
        has_signal(compare({{"at", reference}}, {{"at", std::vector<std::int64_t>(200, at)}})->columns[0],
                   drift::SignalKind::constant));
}

TEST(CheckTimes, whole_numbers_are_times_where_the_plan_says_so) {
    std::vector<double> seconds, days;
    for (int i = 0; i < 500; ++i) {
        seconds.push_back(1'700'006'400.0 + 977.0 * i);
        days.push_back(static_cast<double>(i % 7));
    }
    detection::Plan plan;
    plan.column["at"].kind = drift::Kind::time;
    plan.column["day"].kind = drift::Kind::time;
    const auto report = compare({{"at", seconds}, {"day", days}}, {{"at", seconds}, {"day", days}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "at").verdict, Verdict::no_drift) << column(*report, "at").reason;
    EXPECT_EQ(column(*report, "at").unit, "s between rows");
    EXPECT_EQ(column(*report, "day").verdict, Verdict::not_tested);
    EXPECT_EQ(column(*report, "day").reason.find("The plan says kind = \"time\""), 0u)
        << column(*report, "day").reason;
}

TEST(CheckOverTime, the_interval_of_psi_holds_its_excess_under_every_null) {
    for (const double shift : {0.0, 1.0, 4.0}) {
        double level = 0.0;
        auto source = hourly(60, [&](std::size_t hour, stats::Random& random) {
            level = 0.97 * level + random.normal();
            return level + (hour >= 58 * 24 ? shift * 4.0 : 0.0);
        });
        for (const auto null :
             {detection::Null::chunks, detection::Null::dependent, detection::Null::independent}) {
            detection::Plan plan;
            plan.null = null;
            const auto report = by_time(source, "2023-01-01..2023-02-28", "2023-02-28..2023-03-02", plan);
            ASSERT_TRUE(report) << report.error().message;
            const auto& effect = *column(*report, "x").effect;
            ASSERT_TRUE(effect.value && effect.low && effect.high);
            const double first_order = 9.0 * (1.0 / (58.0 * 24.0) + 1.0 / 48.0);
            EXPECT_GT(*column(*report, "x").measures[0].second - *effect.value, 1.5 * first_order)
                << "neighbours are alike, so that windows of the reference differ by more than draws would";
            EXPECT_LE(*effect.low, std::max(0.0, *effect.value)) << detection::name(null) << shift;
            EXPECT_GE(*effect.high, std::max(0.0, *effect.value)) << detection::name(null) << shift;
        }
    }
}

TEST(CheckOverTime, the_same_table_opened_twice_is_still_one_table) {
    auto first = hourly(10, [](std::size_t, stats::Random& random) { return random.normal(); });
    auto again = hourly(10, [](std::size_t, stats::Random& random) { return random.normal(); });
    detection::Plan plan;
    plan.time = "t";
    const auto compared_from = [&](const char* current) {
        return detection::check({&first, *core::parse_time_range("2023-01-01..2023-01-05")},
                                {&again, *core::parse_time_range(current)}, plan, created, {});
    };
    const auto refused = compared_from("2023-01-04..2023-01-06");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("overlap"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(compared_from("2023-01-05..2023-01-06")) << "they touch";
}

TEST(CheckOverTime, a_column_that_reads_like_an_epoch_is_named_as_the_one_that_could_order_the_rows) {
    std::vector<double> opened(100);
    for (std::size_t i = 0; i < opened.size(); ++i)
        opened[i] = 1'677'628'800'000.0 + 900'000.0 * static_cast<double>(i);
    const auto reason = [&](const std::vector<double>& times) {
        return compare({{"x", normal(100, 1)}, {"open_time", times}},
                       {{"x", normal(100, 2)}, {"open_time", times}})
            ->plan.null_reason;
    };
    EXPECT_NE(reason(opened).find("name \"open_time\" as the time column"), std::string::npos)
        << reason(opened);
    std::swap(opened[3], opened[4]);
    EXPECT_EQ(reason(opened).find("as the time column"), std::string::npos) << "in no order";
}
