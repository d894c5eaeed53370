#include "comparing.hpp"
#include "tristrata/detection/backtest.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <optional>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

constexpr std::size_t rows_a_day = 12;

/// Days whose rows share an effect of their own (sd 1) beside their noise (sd 1); from day `shifted_from` on
/// the effect is moved by `shift`. Days are exchangeable until then, rows are far from independent.
std::vector<double> days(std::size_t count, stats::Random& random, std::size_t shifted_from = SIZE_MAX,
                         double shift = 0.0) {
    std::vector<double> values;
    for (std::size_t day = 0; day < count; ++day) {
        const double effect = random.normal() + (day >= shifted_from ? shift : 0.0);
        for (std::size_t row = 0; row < rows_a_day; ++row) values.push_back(effect + random.normal());
    }
    return values;
}

core::Result<drift::Backtest> yearly(std::vector<double> values, double alpha, std::uint64_t seed = 0,
                                     const std::vector<drift::BacktestChunk>& state = {}) {
    MemorySource source({{"x", std::move(values)}});
    detection::Plan plan;
    plan.alpha = alpha;
    plan.null = detection::Null::chunks;
    plan.seed = seed;
    detection::BacktestOptions options;
    options.chunking = dataset::BySize{rows_a_day, dataset::Remainder::keep};
    options.yearly = true;
    return detection::backtest(source, plan, options, state, created, {});
}

/// Chunks from `from` on until the first alarm, 1 being the first of them.
std::optional<std::size_t> chunks_until_alarm(const drift::Backtest& result, std::size_t from) {
    for (std::size_t i = from; i < result.chunks.size(); ++i)
        if (result.chunks[i].yearly && result.chunks[i].yearly->alarm) return i - from + 1;
    return std::nullopt;
}

}  // namespace

TEST(Yearly, a_year_without_drift_raises_an_alarm_with_probability_at_most_alpha) {
    constexpr std::uint64_t seed = 40;
    SCOPED_TRACE(seed);
    constexpr double alpha = 0.05;
    constexpr int years = 100;
    int alarmed = 0;
    double p_sum = 0.0, p_count = 0.0;
    for (int year = 0; year < years; ++year) {
        stats::Random random(seed, 1, static_cast<std::uint64_t>(year));
        const auto result = yearly(days(60 + 365, random), alpha, static_cast<std::uint64_t>(year));
        ASSERT_TRUE(result) << result.error().message;
        alarmed += result->summary.alarms > 0;
        for (const auto& chunk : result->chunks)
            if (chunk.yearly) {
                p_sum += chunk.yearly->p;
                p_count += 1.0;
            }
    }
    const double error = std::sqrt(alpha * (1 - alpha) / years);
    EXPECT_LE(alarmed / static_cast<double>(years), alpha + 3 * error);
    EXPECT_NEAR(p_sum / p_count, 0.5, 4 * std::sqrt(1.0 / 12 / p_count)) << "smoothed ranks are uniform";
}

TEST(Yearly, finds_a_lasting_change_in_days_and_begins_anew_after_it) {
    constexpr std::uint64_t seed = 41;
    SCOPED_TRACE(seed);
    const auto median_delay = [&](double shift) {
        std::vector<std::size_t> delays;
        for (std::uint64_t run = 0; run < 21; ++run) {
            stats::Random random(seed, 2, run);
            const auto result = yearly(days(260, random, 160, shift), 0.05, run);
            delays.push_back(chunks_until_alarm(*result, 160).value_or(1000));
        }
        std::ranges::sort(delays);
        return delays[10];
    };
    const std::size_t moderate = median_delay(3.0);
    EXPECT_LE(moderate, 15u);
    EXPECT_LE(median_delay(12.0), moderate);
    EXPECT_GT(median_delay(0.0), 100u);
    stats::Random random(seed, 3);
    const auto result = yearly(days(260, random, 160, 12.0), 0.05);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->summary.alarms, 1u) << "after the alarm the new level is the reference";
}

TEST(Yearly, takes_over_the_steps_of_a_state_and_goes_on_as_if_it_had_made_them) {
    stats::Random random(42, 1);
    const auto values = days(200, random, 120, 8.0);
    const auto whole = yearly(values, 0.05);
    const auto part = yearly({values.begin(), values.begin() + 150 * static_cast<int>(rows_a_day)}, 0.05);
    ASSERT_TRUE(whole && part);
    const auto gone_on = yearly(values, 0.05, 0, part->chunks);
    ASSERT_TRUE(gone_on);
    EXPECT_EQ(gone_on->chunks, whole->chunks);
    EXPECT_GT(whole->summary.alarms, 0u);
    EXPECT_NE(yearly(values, 0.05, 1)->chunks, whole->chunks) << "another seed smooths otherwise";
}
