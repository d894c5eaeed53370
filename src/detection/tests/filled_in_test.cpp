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
