#include "gates.hpp"

#include "comparing.hpp"
#include "null_choice.hpp"
#include "tristrata/detection/method.hpp"

#include <fmt/format.h>
#include <array>
#include <cmath>
#include <numeric>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

std::vector<double> counting(std::size_t n, double from) {
    std::vector<double> values(n);
    std::iota(values.begin(), values.end(), from);
    return values;
}

std::int64_t day(std::int64_t since_1970) { return since_1970 * 86'400'000'000; }

}  // namespace

TEST(Gates, a_distance_on_the_floor_matters_and_one_below_it_does_not) {
    // Of 4,000 different values 200 are out of the other side's reach: D is .05 to the last digit.
    const auto verdict = [](double shift) {
        return compare({{"x", counting(4000, 0)}}, {{"x", counting(4000, shift)}})->columns[0];
    };
    EXPECT_EQ(verdict(200).verdict, Verdict::drift) << verdict(200).reason;
    EXPECT_EQ(verdict(199).verdict, Verdict::no_drift);
    EXPECT_NE(verdict(199).reason.find("too little to matter"), std::string::npos) << verdict(199).reason;
}

// .056 of KS with 2,000 rows a side is more than chance, and PSI .013, of which .009 come without drift.
TEST(Gates, what_passed_the_gate_is_told_where_psi_shows_nothing) {
    std::vector<double> reference(2000), current(2000);
    for (std::size_t i = 0; i < 2000; ++i) {
        const double u = (static_cast<double>(i) + 0.5) / 2000.0;
        reference[i] = u;
        current[i] = u < 0.556 ? u / 1.112 : 0.5 + (u - 0.556) / 0.888;
    }
    const auto column = compare({{"x", reference}}, {{"x", current}})->columns[0];
    EXPECT_EQ(column.verdict, Verdict::drift);
    EXPECT_TRUE(column.reason.ends_with(", KS distance 0.06, though PSI is not above its undrifted mean."))
        << column.reason;
}

TEST(Gates, one_share_matters_from_a_factor_of_a_quarter_on) {
    // One in a thousand of 1e8 rows: the interval of a ratio of 1.265 ends at 1.2545, that of 1.259
    // at 1.2486.
    const auto matters = [](std::uint64_t current) {
        const std::array<std::uint64_t, 2> before{100'000, 99'900'000}, after{current, 100'000'000 - current};
        return detection::category_gate(before, after, 1.0);
    };
    EXPECT_TRUE(matters(126'500));
    EXPECT_FALSE(matters(125'900));
    // Five in a hundred rows change their label: total variation is .05.
    const auto moves = [](std::uint64_t rows) {
        const std::array<std::uint64_t, 2> before{500, 500}, after{500 + rows, 500 - rows};
        return detection::category_gate(before, after, 1.0);
    };
    EXPECT_TRUE(moves(50));
    EXPECT_FALSE(moves(49));
}

TEST(Gates, the_table_of_methods_states_the_floors_that_are_used) {
    const auto effect = [](std::string_view name) {
        return std::string(detection::find_method(name)->effect);
    };
    EXPECT_NE(effect("ks").find(fmt::format("{}", detection::ks_floor)), std::string::npos) << effect("ks");
    for (const double floor : {detection::total_variation_floor, detection::share_factor_floor})
        EXPECT_NE(effect("chi_square").find(fmt::format("{}", floor)), std::string::npos)
            << effect("chi_square");
}

TEST(Gates, a_p_of_exactly_alpha_is_drift) {
    std::vector<std::int64_t> times;
    std::vector<double> values = normal(20 * 24, 1);
    for (std::int64_t hour = 0; hour < 20 * 24; ++hour) times.push_back(day(19'358) + hour * 3'600'000'000);
    for (std::size_t i = 19 * 24; i < values.size(); ++i) values[i] += 5.0;
    MemorySource source({{"t", times}, {"x", values}});
    detection::Plan plan;
    plan.time = "t";
    plan.null = detection::Null::chunks;
    const auto report =
        detection::check({&source, *core::parse_time_range("2023-01-01..2023-01-20")},
                         {&source, *core::parse_time_range("2023-01-20..2023-01-21")}, plan, created, {});
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(column(*report, "x").test->p_adjusted, plan.alpha) << "one of 20 windows";
    EXPECT_EQ(column(*report, "x").verdict, Verdict::drift) << column(*report, "x").reason;
}

TEST(Gates, days_of_the_week_begin_on_monday_and_end_on_sunday) {
    using detection::Season;
    // 1970-01-01 was a Thursday.
    for (std::int64_t since = -7; since < 14; ++since) {
        const int weekday = static_cast<int>((since + 10) % 7);
        EXPECT_EQ(detection::season_class(day(since), Season::weekday), weekday) << since;
        EXPECT_EQ(detection::season_class(day(since + 1) - 1, Season::weekday), weekday) << since;
        EXPECT_EQ(detection::season_class(day(since), Season::weekend), weekday == 5 || weekday == 6)
            << since;
    }
    EXPECT_EQ(detection::season_class(day(3) + 86'399'999'999, Season::hour), 23);
}

TEST(Gates, a_time_column_has_twice_the_smaller_p_of_its_parts) {
    const auto side = [](std::size_t n, std::uint64_t stream, double longest) {
        stats::Random random(93, stream);
        std::vector<std::int64_t> times;
        std::int64_t at = day(19'358);
        for (std::size_t i = 0; i < n; ++i)
            times.push_back(at += static_cast<std::int64_t>(random.uniform() * longest * 3.6e9));
        return times;
    };
    const auto gaps = [](const std::vector<std::int64_t>& times) {
        std::vector<double> out;
        for (std::size_t i = 1; i < times.size(); ++i)
            out.push_back(static_cast<double>(times[i] - times[i - 1]) * 1e-6);
        return out;
    };
    const auto hours = [](const std::vector<std::int64_t>& times) {
        std::vector<double> out;
        for (const auto time : times) out.push_back(static_cast<double>(time % day(1)) / 3.6e9);
        return out;
    };
    const auto before = side(1500, 1, 2.0), after = side(700, 2, 2.1);
    const auto p_of = [](MemoryColumn reference, MemoryColumn current) {
        return *compare({std::move(reference)}, {std::move(current)})->columns[0].test->p;
    };
    const double p_gaps = p_of({"x", gaps(before)}, {"x", gaps(after)});
    const double p_hours = p_of({"x", hours(before)}, {"x", hours(after)});
    ASSERT_LT(std::min(p_gaps, p_hours), 0.5);
    EXPECT_DOUBLE_EQ(p_of({"x", before}, {"x", after}), 2.0 * std::min(p_gaps, p_hours));
}
