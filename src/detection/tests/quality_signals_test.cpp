#include "comparing.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::checking;
using drift::SignalKind;
using testing::HasSubstr;

namespace {

const drift::Signal* find(const std::vector<drift::Signal>& signals, SignalKind kind) {
    const auto found = std::ranges::find_if(
        signals, [&](const auto& one) { return one.kind == kind && one.verdict == Verdict::drift; });
    return found == signals.end() ? nullptr : &*found;
}

detection::Plan planned(std::string_view text) {
    auto plan = detection::parse_plan(text, "plan.toml");
    EXPECT_TRUE(plan.has_value()) << plan.error().message;
    return plan.value_or(detection::Plan{});
}

std::vector<std::int64_t> minutes(std::size_t n, std::int64_t from = 0) {
    std::vector<std::int64_t> times(n);
    for (std::size_t i = 0; i < n; ++i) times[i] = (from + static_cast<std::int64_t>(i)) * 60'000'000;
    return times;
}

}  // namespace

TEST(Dispersion, a_spread_that_collapses_is_said_and_one_value_is_left_to_constant) {
    auto collapsed = normal(200, 2);
    for (double& x : collapsed) x = 1.000291 + 1e-6 * x;
    const auto report = compare({{"score", normal(500, 1)}}, {{"score", collapsed}});
    ASSERT_TRUE(report.has_value());
    const auto* signal = find(column(*report, "score").signals, SignalKind::dispersion);
    ASSERT_NE(signal, nullptr);
    EXPECT_EQ(signal->severity, drift::Severity::warn);
    EXPECT_THAT(signal->reason, HasSubstr("hardly differ any more"));
    const auto same = compare({{"score", normal(500, 1)}}, {{"score", std::vector<double>(200, 1.000291)}});
    EXPECT_EQ(find(column(*same, "score").signals, SignalKind::dispersion), nullptr);
    EXPECT_TRUE(has_signal(column(*same, "score"), SignalKind::constant));
}

TEST(Dispersion, values_that_were_mostly_alike_before_may_be_alike_now) {
    std::vector<double> before(500, 0.0), now(8, 0.0);
    for (std::size_t i = 0; i < 50; ++i) before[i] = static_cast<double>(i);
    now[0] = 1e-9;
    const auto report = compare({{"x", before}}, {{"x", now}});
    EXPECT_EQ(find(column(*report, "x").signals, SignalKind::dispersion), nullptr);
}

TEST(Dispersion, the_plan_may_ask_for_a_spread_that_no_reference_knows) {
    std::vector<double> dead(100);
    for (std::size_t i = 0; i < dead.size(); ++i) dead[i] = 1.000291 + 1e-9 * static_cast<double>(i);
    const auto plan = planned("[column.score]\ndispersion_min = 0.001\n");
    const auto report = compare({{"score", dead}}, {{"score", dead}}, plan);
    ASSERT_TRUE(report.has_value());
    const auto* signal = find(column(*report, "score").signals, SignalKind::dispersion);
    ASSERT_NE(signal, nullptr);
    EXPECT_THAT(signal->reason, HasSubstr("the plan asks for at least 0.001"));
    EXPECT_EQ(
        find(column(*compare({{"score", dead}}, {{"score", dead}}), "score").signals, SignalKind::dispersion),
        nullptr);
}

TEST(Range, one_value_beyond_is_chance_and_many_are_not) {
    const auto reference = normal(1000, 1);
    auto one = normal(200, 2);
    for (double& x : one) x = std::clamp(x, -2.0, 2.0);
    auto many = one;
    one[0] = 50.0;
    for (std::size_t i = 0; i < 10; ++i) many[i] = 50.0 + static_cast<double>(i);
    EXPECT_EQ(find(column(*compare({{"x", reference}}, {{"x", one}}), "x").signals, SignalKind::range),
              nullptr);
    const auto report = compare({{"x", reference}}, {{"x", many}});
    const auto* signal = find(column(*report, "x").signals, SignalKind::range);
    ASSERT_NE(signal, nullptr);
    EXPECT_DOUBLE_EQ(*signal->current, 0.05);
    EXPECT_EQ(signal->severity, drift::Severity::info);  // A bound that nobody asked for wakes nobody.
    EXPECT_THAT(signal->reason, HasSubstr("up to 59"));
}

TEST(Range, undrifted_columns_seldom_leave_it) {
    std::size_t fired = 0;
    constexpr std::size_t repeats = 600;
    for (std::uint64_t seed = 0; seed < repeats; ++seed) {
        const auto report =
            compare({{"x", normal(300, 10 + 2 * seed)}}, {{"x", normal(100, 11 + 2 * seed)}}, {}, 1);
        fired += has_signal(column(*report, "x"), SignalKind::range);
    }
    EXPECT_LE(static_cast<double>(fired) / repeats, 0.05 + 3.0 * std::sqrt(0.05 * 0.95 / repeats));
}

TEST(Range, a_bound_of_the_plan_counts_every_value_beyond_it) {
    auto current = normal(200, 2);
    for (double& x : current) x = std::abs(x);
    current[7] = -0.5;
    const auto plan = planned("[column.x]\nminimum = 0\n");
    auto reference = normal(300, 1);
    for (double& x : reference) x = std::abs(x);
    const auto report = compare({{"x", reference}}, {{"x", current}}, plan);
    const auto* signal = find(column(*report, "x").signals, SignalKind::range);
    ASSERT_NE(signal, nullptr);
    EXPECT_THAT(signal->reason, HasSubstr("the plan allows: 0.5 % below 0, down to -0.5"));
    EXPECT_FALSE(detection::parse_plan("[column.x]\nminimum = 2\nmaximum = 1\n", "p").has_value());
}

TEST(Keys, a_key_that_stands_twice_is_said) {
    std::vector<std::string> unique(300), twice(300);
    for (std::size_t i = 0; i < unique.size(); ++i) {
        unique[i] = "id" + std::to_string(i);
        twice[i] = "id" + std::to_string(1000 + i / 2);
    }
    const auto plan = planned("[column.id]\nrole = \"key\"\n");
    const auto report =
        compare({{"id", unique}, {"x", normal(300, 1)}}, {{"id", twice}, {"x", normal(300, 2)}}, plan);
    ASSERT_TRUE(report.has_value());
    const auto* signal = find(column(*report, "id").signals, SignalKind::duplicate_keys);
    ASSERT_NE(signal, nullptr);
    EXPECT_DOUBLE_EQ(*signal->current, 0.5);
    EXPECT_EQ(signal->severity, drift::Severity::crit);
    const auto as_before =
        compare({{"id", twice}, {"x", normal(300, 1)}}, {{"id", twice}, {"x", normal(300, 2)}}, plan);
    EXPECT_EQ(find(column(*as_before, "id").signals, SignalKind::duplicate_keys), nullptr);
}

TEST(Leak, a_feature_that_becomes_the_target_is_said_and_a_good_one_is_not) {
    const auto y = normal(400, 1), noise = normal(400, 2), other = normal(400, 3);
    std::vector<double> good(400), leaking(400);
    for (std::size_t i = 0; i < y.size(); ++i) {
        good[i] = y[i] + noise[i];
        leaking[i] = std::exp(y[i]);
    }
    const auto plan = planned("[column.y]\nrole = \"target\"\n");
    const auto report = compare({{"y", y}, {"good", good}, {"odd", other}},
                                {{"y", y}, {"good", good}, {"odd", leaking}}, plan);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(find(column(*report, "good").signals, SignalKind::leak), nullptr);
    EXPECT_EQ(find(column(*report, "y").signals, SignalKind::leak), nullptr);
    const auto* signal = find(column(*report, "odd").signals, SignalKind::leak);
    ASSERT_NE(signal, nullptr);
    EXPECT_DOUBLE_EQ(*signal->current, 1.0);
    EXPECT_EQ(signal->severity, drift::Severity::warn);
    // In the reference already: told, and no news.
    const auto old = compare({{"y", y}, {"odd", leaking}}, {{"y", y}, {"odd", leaking}}, plan);
    EXPECT_EQ(find(column(*old, "odd").signals, SignalKind::leak)->severity, drift::Severity::info);
}

TEST(TableBounds, rows_and_age_are_held_against_the_plan) {
    const auto plan = planned("time = \"t\"\nnull = \"independent\"\nrows_min = 150\nmax_age = \"1h\"\n");
    const auto start = created.microseconds / 60'000'000 - 400;
    const auto side = [&](std::size_t n, std::int64_t from) {
        return std::vector<MemoryColumn>{{"t", minutes(n, from)}, {"x", normal(n, 1)}};
    };
    const auto fresh = compare(side(200, start), side(200, start + 200), plan);
    ASSERT_TRUE(fresh.has_value()) << fresh.error().message;
    EXPECT_EQ(find(fresh->signals, SignalKind::row_count), nullptr);
    EXPECT_EQ(find(fresh->signals, SignalKind::freshness), nullptr);
    const auto stale = compare(side(200, start), side(100, start + 200), plan);
    const auto* rows = find(stale->signals, SignalKind::row_count);
    ASSERT_NE(rows, nullptr);
    EXPECT_THAT(rows->reason, HasSubstr("100 rows; the plan asks for at least 150"));
    const auto* age = find(stale->signals, SignalKind::freshness);
    ASSERT_NE(age, nullptr);
    EXPECT_EQ(age->severity, drift::Severity::warn);
    EXPECT_FALSE(detection::parse_plan("max_age = \"soon\"\n", "p").has_value());
    EXPECT_FALSE(detection::parse_plan("rows_min = 0\n", "p").has_value());
}
