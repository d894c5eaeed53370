#include "feature_choice.hpp"

#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::model_quality;
using dataset::Column;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr std::size_t rows = 3000;

Column of_numbers(std::vector<double> values) {
    Column column;
    column.type = dataset::Type::real;
    column.rows = values.size();
    column.numbers = std::move(values);
    return column;
}

template <class Draw>
Column drawn(Draw draw, std::size_t n = rows) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(draw(i));
    return of_numbers(std::move(values));
}

/// A label a row, each its own code.
template <class Draw>
Column of_text(Draw draw, std::size_t n = rows) {
    Column column;
    column.type = dataset::Type::text;
    column.rows = n;
    for (std::size_t i = 0; i < n; ++i) {
        column.codes.push_back(static_cast<std::uint32_t>(i));
        column.labels.push_back(draw(i));
    }
    return column;
}

/// 0 .. n - 1 in an order of no meaning.
std::vector<double> shuffled(std::size_t n) {
    stats::Random random(5, 0);
    std::vector<double> out(n);
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = static_cast<double>(i);
        std::swap(out[i], out[static_cast<std::size_t>(random.uniform() * static_cast<double>(i + 1))]);
    }
    return out;
}

double row_number(std::size_t row) { return static_cast<double>(row); }

}  // namespace

TEST(WhyNoFeature, a_rows_number_is_a_key_in_any_order_sparse_or_with_a_few_twice) {
    const auto now = drawn([](std::size_t row) { return row_number(row) + 1000.0; });
    EXPECT_THAT(why_no_feature(drawn(row_number), now), HasSubstr("as those of a key"));
    EXPECT_THAT(why_no_feature(of_numbers(shuffled(rows)), now), HasSubstr("as those of a key"));
    auto tens = shuffled(rows);
    for (auto& value : tens) value *= 10.0;
    tens[7] = tens[8];
    tens[9] = std::nan("");
    EXPECT_THAT(why_no_feature(of_numbers(tens), now), HasSubstr("as those of a key"));
}

TEST(WhyNoFeature, an_amount_in_whole_numbers_stays_dense_or_wide) {
    stats::Random random(1, 0);
    for (const double range : {70.0, 5000.0, 50000.0, 1e7, 1e12}) {
        const auto amount = [&](std::size_t) { return std::floor(random.uniform() * range); };
        for (const std::size_t n : {std::size_t{120}, rows})
            EXPECT_THAT(why_no_feature(drawn(amount, n), drawn(amount, n)), IsEmpty()) << range << " " << n;
    }
    const auto skew = [&](std::size_t) { return std::floor(9000.0 * std::exp(2.0 * random.uniform())); };
    EXPECT_THAT(why_no_feature(drawn(skew), drawn(skew)), IsEmpty());
}

TEST(WhyNoFeature, a_continuous_column_stays_though_no_value_repeats_and_the_file_is_sorted_by_it) {
    stats::Random random(2, 0);
    const auto uniform = [&](std::size_t) { return random.uniform(); };
    auto before = drawn(uniform);
    const auto now = drawn(uniform);
    EXPECT_THAT(why_no_feature(before, now), IsEmpty());
    std::ranges::sort(before.numbers);
    EXPECT_THAT(why_no_feature(before, now), IsEmpty());
}

TEST(WhyNoFeature, what_goes_with_the_rows_on_both_sides_tells_the_row) {
    stats::Random random(3, 0);
    const auto clock = [&](std::size_t row) { return row_number(row) + 20.0 * random.uniform(); };
    const auto down = [&](std::size_t row) { return -row_number(row) - 20.0 * random.uniform(); };
    EXPECT_THAT(why_no_feature(drawn(clock), drawn(clock)), HasSubstr("goes with the rows"));
    EXPECT_THAT(why_no_feature(drawn(down), drawn(down)), HasSubstr("goes with the rows"));
    EXPECT_THAT(why_no_feature(drawn(clock), drawn(down, 1)), HasSubstr("goes with the rows"));
    const auto level = [](std::size_t row) { return std::floor(row_number(row) / 600.0); };
    EXPECT_THAT(why_no_feature(drawn(level), drawn(level)), IsEmpty()) << "five groups, one after the other";
    const auto constant = [](std::size_t) { return 4.0; };
    EXPECT_THAT(why_no_feature(drawn(constant), drawn(constant)), IsEmpty());
}

TEST(WhyNoFeature, what_drifted_out_of_the_references_range_is_said_with_its_count) {
    stats::Random random(4, 0);
    const auto uniform = [&](std::size_t) { return random.uniform(); };
    const auto moved = [&](double share) {
        return [&random, share](std::size_t row) {
            return row_number(row) < share * static_cast<double>(rows) ? 2.0 + random.uniform()
                                                                       : 0.1 + 0.8 * random.uniform();
        };
    };
    EXPECT_THAT(why_no_feature(drawn(uniform), drawn(moved(0.94))), IsEmpty());
    EXPECT_THAT(why_no_feature(drawn(uniform), drawn(moved(0.95))),
                HasSubstr("2850 of current's 3000 values lie outside"));
    const auto old = of_text([](std::size_t row) { return fmt::format("shop {}", row % 10); });
    const auto fresh = of_text([](std::size_t row) { return fmt::format("store {}", row % 10); });
    EXPECT_THAT(why_no_feature(old, old), IsEmpty());
    EXPECT_THAT(why_no_feature(old, fresh), HasSubstr("3000 of current's 3000 labels stand nowhere"));
}

TEST(WhyNoFeature, texts_that_nearly_all_differ_and_texts_that_are_times_are_none) {
    const auto key = of_text([](std::size_t row) { return fmt::format("customer {}", row); });
    EXPECT_THAT(why_no_feature(key, key), HasSubstr("3000 of its 3000 texts"));
    const auto day = of_text([](std::size_t row) { return fmt::format("2016-05-{:02}", 1 + row % 28); });
    EXPECT_THAT(why_no_feature(day, day), HasSubstr("times"));
    Column time;
    time.type = dataset::Type::timestamp;
    time.rows = 1;
    time.times = {0};
    EXPECT_THAT(why_no_feature(time, time), HasSubstr("times"));
}

TEST(WhyNoFeature, a_side_without_a_value_gives_no_reason) {
    const auto none = of_numbers({}), some = drawn([](std::size_t row) { return row % 2 == 0 ? 1.5 : 2.5; });
    EXPECT_THAT(why_no_feature(none, some), IsEmpty());
    EXPECT_THAT(why_no_feature(some, none), IsEmpty());
    Column unknown = of_text([](std::size_t) { return "a"; }, 2);
    unknown.codes = {Column::missing_code, Column::missing_code};
    EXPECT_THAT(why_no_feature(unknown, unknown), IsEmpty());
}
