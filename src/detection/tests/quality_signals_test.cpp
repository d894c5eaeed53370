#include "comparing.hpp"
#include "tristrata/detection/bounds.hpp"
#include "tristrata/detection/profile.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <cmath>
#include <limits>

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
    EXPECT_THAT(signal->reason, HasSubstr("1 of 200 values beyond the bounds: 1 below 0, down to -0.5"));
    EXPECT_FALSE(detection::parse_plan("[column.x]\nminimum = 2\nmaximum = 1\n", "p").has_value());
}

TEST(Range, a_planned_bound_asks_for_no_number_of_values_on_either_side) {
    const auto plan = planned("[column.x]\nminimum = 0\nmaximum = 10\n");
    for (const std::size_t before : {1U, 4U, 5U, 29U, 30U})
        for (const std::size_t now : {1U, 4U, 5U, 29U, 30U}) {
            std::vector<double> current(now, 5.0);
            const auto within = compare({{"x", std::vector<double>(before, 5.0)}}, {{"x", current}}, plan);
            ASSERT_TRUE(within.has_value()) << within.error().message;
            EXPECT_FALSE(has_signal(column(*within, "x"), SignalKind::range)) << before << " " << now;
            current.back() = 10.5;
            const auto beyond = compare({{"x", std::vector<double>(before, 5.0)}}, {{"x", current}}, plan);
            const auto* signal = find(column(*beyond, "x").signals, SignalKind::range);
            ASSERT_NE(signal, nullptr) << before << " " << now;
            EXPECT_DOUBLE_EQ(*signal->current, 1.0 / static_cast<double>(now));
            EXPECT_EQ(signal->severity, now >= 29 ? drift::Severity::warn : drift::Severity::crit);
            EXPECT_THAT(signal->reason, HasSubstr("1 above 10, up to 10.5"));
        }
    // Of the range that the reference showed 30 and 5 values are asked for.
    EXPECT_FALSE(
        has_signal(column(*compare({{"x", normal(29, 1)}}, {{"x", std::vector<double>(30, 99.0)}}), "x"),
                   SignalKind::range));
    EXPECT_FALSE(
        has_signal(column(*compare({{"x", normal(30, 1)}}, {{"x", std::vector<double>(4, 99.0)}}), "x"),
                   SignalKind::range));
    EXPECT_TRUE(
        has_signal(column(*compare({{"x", normal(30, 1)}}, {{"x", std::vector<double>(30, 99.0)}}), "x"),
                   SignalKind::range));
}

TEST(Range, planned_bounds_need_no_value_of_the_reference_nor_its_rows) {
    const auto plan = planned("[column.x]\nmaximum = 10\n");
    const std::vector<double> none(40, std::nan(""));
    const auto report = compare({{"x", none}}, {{"x", std::vector<double>{11.0}}}, plan);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_TRUE(has_signal(column(*report, "x"), SignalKind::range));
    EXPECT_EQ(column(*report, "x").verdict, Verdict::insufficient_data);
    const auto no_value = compare({{"x", normal(40, 1)}}, {{"x", none}}, plan);
    EXPECT_FALSE(has_signal(column(*no_value, "x"), SignalKind::range));
    // Of a profile that kept counts there are no rows.
    MemorySource before({{"x", normal(5000, 1)}}), after({{"x", std::vector<double>{1.0, 11.0}}});
    detection::ProfileOptions counts;
    counts.column_bytes = 0;
    const auto saved = detection::profile({&before, std::nullopt}, plan, counts, {});
    ASSERT_TRUE(saved.has_value()) << saved.error().message;
    ASSERT_FALSE(saved->exact(0));
    const auto against = detection::check(*saved, {&after, std::nullopt}, plan, created, {});
    ASSERT_TRUE(against.has_value()) << against.error().message;
    EXPECT_TRUE(has_signal(column(*against, "x"), SignalKind::range));
}

TEST(BeyondBounds, counts_what_is_above_or_below_and_neither_the_bound_itself_nor_what_is_missing) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    detection::ColumnPlan bounds;
    const detection::Plan plan;
    const auto share = [&](const std::vector<double>& values) -> std::optional<double> {
        const auto signal = detection::beyond_bounds(values, bounds, plan);
        return signal ? signal->current : std::nullopt;
    };
    EXPECT_EQ(share({-1.0, inf}), std::nullopt) << "no bounds";
    bounds.minimum = 0.5;
    EXPECT_EQ(detection::beyond_bounds(std::vector{0.04}, bounds, plan)->reason,
              "1 of 1 value beyond the bounds: 1 below 0.5, down to 0.04");
    bounds.minimum = 0.0;
    bounds.maximum = 1.0;
    EXPECT_EQ(share({}), std::nullopt);
    EXPECT_EQ(share({std::nan(""), std::nan("")}), std::nullopt);
    EXPECT_EQ(share({0.0, 1.0, -0.0}), std::nullopt) << "on a bound";
    EXPECT_EQ(share({0.0, std::nextafter(1.0, 2.0)}), 0.5);
    EXPECT_EQ(share({std::nextafter(0.0, -1.0)}), 1.0);
    EXPECT_EQ(share({0.5, std::nan(""), inf, -inf}), 2.0 / 3.0);
    EXPECT_EQ(detection::beyond_bounds(std::vector{0.5, inf, -inf, -3.0}, bounds, plan)->reason,
              "3 of 4 values beyond the bounds: 2 below 0, down to -inf; 1 above 1, up to inf");
    bounds.maximum.reset();
    EXPECT_EQ(share({inf, 2.0}), std::nullopt) << "a side without a bound has none";
    auto reference = normal(1000, 1), current = normal(200, 2);
    for (double& x : reference) x = std::abs(x);
    for (double& x : current) x = 50.0 + std::abs(x);
    const auto report = compare({{"x", reference}}, {{"x", current}}, planned("[column.x]\nminimum = 0\n"));
    EXPECT_FALSE(has_signal(column(*report, "x"), SignalKind::range)) << "nor one of the reference's";
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
