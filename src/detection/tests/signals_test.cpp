#include "signals.hpp"

#include "comparing.hpp"

#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::checking;
using drift::SignalKind;

namespace {

std::vector<std::string> rarely(std::size_t n, std::uint64_t stream, double share) {
    stats::Random random(91, stream);
    std::vector<std::string> values(n);
    for (auto& value : values) value = random.uniform() < share ? "rare" : "usual";
    return values;
}

std::vector<std::string> with(std::size_t n, std::string label, std::size_t times,
                              const char* other = "usual") {
    std::vector<std::string> values(n, other);
    std::fill_n(values.begin(), times, label);
    return values;
}

const drift::Signal* find(const std::vector<drift::Signal>& signals, SignalKind kind) {
    const auto found = std::ranges::find(signals, kind, &drift::Signal::kind);
    return found == signals.end() ? nullptr : &*found;
}

bool fires(const std::vector<drift::Signal>& signals, SignalKind kind) {
    const auto* signal = find(signals, kind);
    return signal != nullptr && signal->verdict == Verdict::drift;
}

/// A check of two tables in order of `t`, each with a column of normal numbers.
drift::Report in_order(std::vector<std::int64_t> reference, std::vector<std::int64_t> current,
                       detection::Null null) {
    detection::Plan plan;
    plan.time = "t";
    plan.null = null;
    const auto n = reference.size(), m = current.size();
    auto report = compare({{"t", std::move(reference)}, {"x", normal(n, 1)}},
                          {{"t", std::move(current)}, {"x", normal(m, 2)}}, plan);
    EXPECT_TRUE(report) << report.error().message;
    return *report;
}

constexpr std::int64_t second = 1'000'000;

/// Every second from `start` seconds on, without those that `leaves_out` names.
std::vector<std::int64_t> seconds(std::int64_t start, std::size_t n,
                                  const std::function<bool(std::int64_t)>& leaves_out) {
    std::vector<std::int64_t> times;
    for (std::int64_t at = start; times.size() < n; ++at)
        if (!leaves_out(at)) times.push_back(at * second);
    return times;
}

}  // namespace

TEST(Signals, worked_example_of_what_is_unseen_by_chance) {
    double expected = 1.0;
    for (int i = 0; i < 8; ++i) expected *= (100.0 - i) / (200.0 - i);
    EXPECT_NEAR(detection::p_unseen(8, 100, 100, 1.0), expected, 1e-12);
    EXPECT_NEAR(expected, 0.0034, 0.00005);
    expected = 1.0;
    for (int i = 0; i < 4; ++i) expected *= (50.0 - i) / (100.0 - i);
    EXPECT_NEAR(detection::p_unseen(8, 100, 100, 2.0), expected, 1e-12);
    EXPECT_NEAR(expected, 0.0587, 0.00005);
    EXPECT_EQ(detection::p_unseen(0, 100, 100, 1.0), 1.0) << "nothing was there";
    EXPECT_NEAR(detection::p_unseen(100, 100, 1, 1.0), 1.0 / 101.0, 1e-12) << "all of the reference";
}

TEST(Signals, a_side_too_short_to_show_a_rare_value_is_not_constant) {
    int constant = 0, new_label = 0;
    for (std::uint64_t run = 0; run < 200; ++run) {
        const auto labels =
            compare({{"c", rarely(300, 2 * run, 0.003)}}, {{"c", rarely(30, 2 * run + 1, 0.003)}});
        constant += has_signal(labels->columns[0], SignalKind::constant);
        const auto more =
            compare({{"c", rarely(100, 2 * run, 0.01)}}, {{"c", rarely(100, 2 * run + 1, 0.01)}});
        constant += has_signal(more->columns[0], SignalKind::constant);
        new_label += has_signal(more->columns[0], SignalKind::new_category);
    }
    EXPECT_LE(constant, 2) << "of 400";
    EXPECT_LE(new_label, 2) << "of 200";
}

TEST(Signals, a_number_is_constant_where_chance_does_not_explain_it) {
    const auto mostly = [](std::size_t n, std::size_t others) {
        std::vector<double> values(n, 1.0);
        for (std::size_t i = 0; i < others; ++i) values[i] = 2.0 + static_cast<double>(i);
        return values;
    };
    const std::vector<double> current(100, 1.0);
    // One of 300 rows in 100 that none has: .75 of the time. 30 of 300: 1 in 6,000.
    EXPECT_FALSE(
        has_signal(compare({{"x", mostly(300, 1)}}, {{"x", current}})->columns[0], SignalKind::constant));
    EXPECT_TRUE(
        has_signal(compare({{"x", mostly(300, 30)}}, {{"x", current}})->columns[0], SignalKind::constant));
    EXPECT_TRUE(
        has_signal(compare({{"x", normal(300, 1)}}, {{"x", current}})->columns[0], SignalKind::constant))
        << "a value that the reference never had";
}

TEST(Signals, a_label_seen_by_chance_is_told_and_one_that_is_new_is_a_signal) {
    const auto reference = std::vector<std::string>(1000, "usual");
    const auto once = compare({{"c", reference}}, {{"c", with(100, "new", 1)}});
    const auto* quiet = find(once->columns[0].signals, SignalKind::new_category);
    ASSERT_NE(quiet, nullptr);
    EXPECT_EQ(quiet->verdict, Verdict::no_drift) << "one row in eleven lies in current anyway";
    EXPECT_NE(quiet->reason.find("chance"), std::string::npos) << quiet->reason;
    const auto often = compare({{"c", reference}}, {{"c", with(100, "new", 10)}});
    EXPECT_TRUE(has_signal(often->columns[0], SignalKind::new_category));
}

TEST(Signals, labels_seen_once_foretell_new_ones_and_labels_seen_twice_do_not) {
    // Thirty rows of labels of their own, or fifteen labels of two rows each, beside the usual one.
    const auto tail = [](std::size_t rows, std::size_t each, std::size_t label_rows, const char* stem) {
        std::vector<std::string> values(rows, "usual");
        for (std::size_t i = 0; i < label_rows; ++i) values[i] = stem + std::to_string(i / each);
        return values;
    };
    const auto current = tail(300, 1, 30, "now ");
    EXPECT_FALSE(has_signal(compare({{"c", tail(300, 1, 30, "then ")}}, {{"c", current}})->columns[0],
                            SignalKind::new_category));
    EXPECT_TRUE(has_signal(compare({{"c", tail(300, 2, 30, "then ")}}, {{"c", current}})->columns[0],
                           SignalKind::new_category));
}

TEST(Signals, a_label_has_vanished_where_chance_does_not_explain_it) {
    // Of two labels: the level is alpha / 25 / 2 = .001. 9 of 100 in 100: .0015; 10: .0007.
    const std::vector<std::string> current(100, "usual");
    EXPECT_FALSE(has_signal(compare({{"c", with(100, "gone", 9)}}, {{"c", current}})->columns[0],
                            SignalKind::vanished_category));
    EXPECT_TRUE(has_signal(compare({{"c", with(100, "gone", 10)}}, {{"c", current}})->columns[0],
                           SignalKind::vanished_category));
}

TEST(Signals, a_configuration_that_changes_every_week_is_constant_every_day) {
    std::vector<std::int64_t> times;
    std::vector<double> version, noise = normal(63 * 24, 3);
    for (std::int64_t hour = 0; hour < 63 * 24; ++hour) {
        times.push_back(1'672'531'200 * second + hour * 3600 * second);
        version.push_back(static_cast<double>(hour / (7 * 24)));
    }
    std::fill(noise.end() - 24, noise.end(), 0.5);
    MemorySource source({{"t", times}, {"version", version}, {"stuck", noise}});
    detection::Plan plan;
    plan.time = "t";
    for (const auto null : {detection::Null::chunks, detection::Null::dependent}) {
        plan.null = null;
        const auto report =
            detection::check({&source, *core::parse_time_range("2023-01-01..2023-03-04")},
                             {&source, *core::parse_time_range("2023-03-04..2023-03-05")}, plan, created, {});
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_FALSE(has_signal(column(*report, "version"), SignalKind::constant)) << detection::name(null);
        EXPECT_TRUE(has_signal(column(*report, "stuck"), SignalKind::constant)) << detection::name(null);
    }
}

TEST(Signals, gaps_and_repeated_times_as_before_are_no_signal_and_more_of_them_are) {
    int fired = 0;
    for (std::uint64_t run = 0; run < 60; ++run) {
        stats::Random random(92, run);
        const auto rarely_out = [&](std::int64_t) { return random.uniform() < 0.02; };
        auto reference = seconds(0, 1000, rarely_out), current = seconds(2000, 200, rarely_out);
        for (auto* times : {&reference, &current})
            for (std::size_t i = 1; i < times->size(); ++i)
                if (random.uniform() < 0.02) (*times)[i] = (*times)[i - 1];
        for (const auto null : {detection::Null::independent, detection::Null::dependent}) {
            const auto report = in_order(reference, current, null);
            fired +=
                fires(report.signals, SignalKind::gap) + fires(report.signals, SignalKind::duplicate_times);
        }
    }
    EXPECT_LE(fired, 4) << "of 240";
    const auto never = [](std::int64_t) { return false; };
    const auto halted = [](std::int64_t at) { return at >= 2050 && at < 2060; };
    auto twice = seconds(2000, 200, never);
    for (std::size_t i = 20; i < 40; i += 2) twice[i] = twice[i + 1];
    std::ranges::sort(twice);
    for (const auto null : {detection::Null::independent, detection::Null::dependent}) {
        const auto report = in_order(seconds(0, 1000, never), seconds(2000, 200, halted), null);
        ASSERT_TRUE(fires(report.signals, SignalKind::gap)) << "the first outage";
        EXPECT_NEAR(*find(report.signals, SignalKind::gap)->current, 10.0 / 210.0, 1e-12);
        EXPECT_TRUE(
            fires(in_order(seconds(0, 1000, never), twice, null).signals, SignalKind::duplicate_times));
    }
}

TEST(Signals, few_rows_scatter_and_many_do_not) {
    const auto every = [](std::int64_t start, std::size_t n, std::int64_t step) {
        std::vector<std::int64_t> times(n);
        for (std::size_t i = 0; i < n; ++i) times[i] = (start + static_cast<std::int64_t>(i) * step) * second;
        return times;
    };
    // 7 rows where 16 were due is chance once in 50; 70 where 160 were due is not.
    EXPECT_FALSE(
        fires(in_order(every(0, 400, 60), every(24'000, 7, 140), detection::Null::independent).signals,
              SignalKind::rows));
    EXPECT_TRUE(
        fires(in_order(every(0, 4000, 60), every(240'000, 70, 140), detection::Null::independent).signals,
              SignalKind::rows));
}
