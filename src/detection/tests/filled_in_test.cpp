#include "tristrata/drift/missing.hpp"

#include "comparing.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

using Draw = std::function<double(stats::Random&)>;

std::vector<double> drawn(std::size_t n, std::uint64_t stream, const Draw& draw) {
    stats::Random random(17, stream);
    std::vector<double> values(n);
    for (auto& value : values) value = draw(random);
    return values;
}

/// Prices of two decimals.
Draw price(double times, double spread = 0.5) {
    return [=](stats::Random& random) {
        return std::round(100.0 * times * std::exp(spread * random.normal())) / 100.0;
    };
}

Draw with(double share, double value, const Draw& else_) {
    return [=](stats::Random& random) { return random.uniform() < share ? value : else_(random); };
}

Draw count(double mean) {
    return [=](stats::Random& random) {
        int n = 0;
        for (double left = std::exp(-mean), p = random.uniform(); p > left; p *= random.uniform()) ++n;
        return static_cast<double>(n);
    };
}

std::optional<std::string> said(const Draw& before, const Draw& now, std::size_t n = 20'000,
                                std::size_t m = 500) {
    auto report = compare({{"x", drawn(n, 1, before)}}, {{"x", drawn(m, 2, now)}}, {});
    EXPECT_TRUE(report) << report.error().message;
    return drift::filled_in(column(*report, "x"), drift::SeverityPolicy::defaults());
}

}  // namespace

TEST(FilledIn, one_value_among_prices_with_a_step_is_told_however_many_of_them_repeat_by_nature) {
    for (const double share : {0.2, 0.3, 0.5, 0.7})
        for (const double value : {0.0, 3.1, 0.9})
            EXPECT_TRUE(said(price(1), with(share, value, price(1)))) << share << ' ' << value;
    const Draw one = [](stats::Random& random) { return random.normal(); };
    EXPECT_TRUE(said(one, with(0.5, 0.0, one), 500, 100)) << "nothing repeats";
    const auto sentence = said(price(1), with(0.7, 3.1, price(1)));
    ASSERT_TRUE(sentence);
    EXPECT_NE(sentence->find("of \"x\" are one value, where of the reference no more than"),
              std::string::npos)
        << *sentence;
}

TEST(FilledIn, a_shift_on_the_same_step_is_not_nor_are_counts_and_flags) {
    EXPECT_FALSE(said(price(1), price(1)));
    EXPECT_FALSE(said(price(1), price(3)));
    EXPECT_FALSE(said(price(3), price(1)));
    EXPECT_FALSE(said(price(1), price(3), 100, 2'000));
    EXPECT_FALSE(said(price(1), price(3), 2'000, 2'000));
    EXPECT_FALSE(said(price(1), price(1, 0.05))) << "a tenth of the spread";
    EXPECT_FALSE(said(price(1), price(0.05))) << "few steps are left";
    EXPECT_FALSE(said(count(100), count(2)));
    EXPECT_FALSE(said(count(100), count(0.1)));
    EXPECT_FALSE(said(count(2), count(6)));
    EXPECT_FALSE(said(with(0.02, 1.0, [](auto&) { return 0.0; }), with(0.6, 1.0, [](auto&) { return 0.0; })));
}

namespace {

/// Each value for so many rows, as a source that sticks by turns; or the first of them over and over.
std::vector<double> held(std::vector<double> values, std::size_t rows) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = values[i / rows * rows];
    return values;
}
std::vector<double> replayed(std::vector<double> values, std::size_t block) {
    for (std::size_t i = block; i < values.size(); ++i) values[i] = values[i % block];
    return values;
}

std::optional<std::string> turns(std::vector<double> before, std::vector<double> now) {
    auto report = compare({{"x", std::move(before)}}, {{"x", std::move(now)}}, {});
    EXPECT_TRUE(report) << report.error().message;
    return drift::held_in_turns(column(*report, "x"));
}

/// Fees of three tiers on amounts that scatter.
Draw fee(double times) {
    return [=](stats::Random& random) {
        const double tier = random.uniform() < 0.5 ? 0.001 : random.uniform() < 0.6 ? 0.00075 : 0.0005;
        return std::round(1e4 * times * tier * std::exp(3.0 + random.normal())) / 1e4;
    };
}

std::optional<std::string> filled(std::vector<std::string> now) {
    auto report = compare({{"venue", labels(5'000, 3, {"binance", "kraken", "okx", "bybit"})}},
                          {{"venue", std::move(now)}}, {});
    EXPECT_TRUE(report) << report.error().message;
    return drift::filled_in_label(column(*report, "venue"));
}

}  // namespace

TEST(FilledIn, values_held_in_turns_or_a_block_that_is_replayed_are_told) {
    for (const Draw& one : {price(1), fee(1), price(1, 1.0), count(300)}) {
        const auto before = drawn(20'000, 1, one);
        for (const std::size_t rows : {25u, 50u})
            EXPECT_TRUE(turns(before, held(drawn(500, 2, one), rows))) << rows;
        for (const std::size_t block : {4u, 8u, 12u})
            for (const std::size_t rows : {500u, 5'000u})
                EXPECT_TRUE(turns(before, replayed(drawn(rows, 2, one), block))) << block << ' ' << rows;
    }
    const auto sentence = turns(drawn(20'000, 1, price(1)), held(drawn(500, 2, price(1)), 50));
    ASSERT_TRUE(sentence);
    EXPECT_NE(sentence->find("500 values of \"x\" are "), std::string::npos) << *sentence;
    EXPECT_NE(sentence->find("held in turns, or a few of them replayed"), std::string::npos) << *sentence;
}

TEST(FilledIn, what_moved_by_itself_holds_as_many_different_values_as_it_could) {
    for (const std::size_t rows : {500u, 5'000u}) {
        for (const double times : {0.1, 0.5, 1.0, 2.0, 10.0}) {
            EXPECT_FALSE(turns(drawn(20'000, 1, price(1)), drawn(rows, 2, price(times)))) << times;
            EXPECT_FALSE(turns(drawn(20'000, 1, price(1, 1.5)), drawn(rows, 2, price(times, 1.5)))) << times;
            EXPECT_FALSE(turns(drawn(20'000, 1, fee(1)), drawn(rows, 2, fee(times)))) << times;
        }
        for (const double mean : {150.0, 600.0})
            EXPECT_FALSE(turns(drawn(20'000, 1, count(300)), drawn(rows, 2, count(mean)))) << mean;
        EXPECT_FALSE(turns(drawn(20'000, 1, price(1)), drawn(rows, 2, price(1, 0.05))))
            << "a tenth of the spread";
        const Draw shifted = [one = price(1)](stats::Random& random) { return 3.0 + one(random); };
        EXPECT_FALSE(turns(drawn(20'000, 1, price(1)), drawn(rows, 2, shifted)));
    }
    EXPECT_FALSE(turns(drawn(20'000, 1, count(2)), held(drawn(500, 2, count(2)), 50))) << "it holds few";
}

TEST(FilledIn, one_label_that_is_new_and_fills_a_quarter_of_the_rows_is_told) {
    const auto with_unknown = [](double share) {
        auto all = labels(500, 4, {"binance", "kraken", "okx", "bybit"});
        for (std::size_t i = 0; i < all.size(); ++i)
            if (static_cast<double>(i % 100) < 100.0 * share) all[i] = "unknown";
        return all;
    };
    const auto sentence = filled(with_unknown(0.45));
    ASSERT_TRUE(sentence);
    EXPECT_EQ(*sentence,
              "45 % of \"venue\" are \"unknown\", which the reference never held: a new name, or "
              "filled in where none came");
    EXPECT_FALSE(filled(with_unknown(0.2)));
    EXPECT_FALSE(filled(labels(500, 4, {"binance", "binance", "kraken"}))) << "a shift among names it held";
    auto each = with_unknown(0.0);
    for (std::size_t i = 0; i < each.size(); i += 2) each[i] = "id " + std::to_string(i);
    EXPECT_FALSE(filled(each)) << "many that are new";
}
