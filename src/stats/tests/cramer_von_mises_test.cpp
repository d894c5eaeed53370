#include "tristrata/stats/cramer_von_mises.hpp"

#include "cramer_von_mises_sum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

/// T as its comment defines it.
double naive_statistic(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    double sum = 0.0;
    for (const auto* side : {&a, &b})
        for (const double x : *side) {
            double f = 0.0, g = 0.0;
            for (const double v : a) f += v <= x;
            for (const double v : b) g += v <= x;
            sum += (f / n - g / m) * (f / n - g / m);
        }
    return n * m / ((n + m) * (n + m)) * sum;
}

/// Every choice of as many values as the reference has: the share with a T at least as large.
double share_of_choices(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all(a);
    all.insert(all.end(), b.begin(), b.end());
    std::vector<int> side(all.size(), 1);
    std::fill_n(side.begin(), a.size(), 0);
    const double observed = naive_statistic(a, b);
    double reached = 0.0, choices = 0.0;
    do {
        std::vector<double> x, y;
        for (std::size_t i = 0; i < all.size(); ++i) (side[i] == 0 ? x : y).push_back(all[i]);
        choices += 1.0;
        reached += naive_statistic(x, y) >= observed - 1e-9;
    } while (std::next_permutation(side.begin(), side.end()));
    return reached / choices;
}

std::vector<double> ladder(int count, double step, double from = 0.0) {
    std::vector<double> values;
    for (int i = 1; i <= count; ++i) values.push_back(from + step * i);
    return values;
}

TestResult result(const std::vector<double>& a, const std::vector<double>& b) {
    return std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b)));
}

}  // namespace

TEST(CramerVonMises, worked_example) {
    const auto test = std::get<TestResult>(cramer_von_mises_test(sample({1, 2, 3}), sample({4, 5, 6})));
    EXPECT_NEAR(test.statistic, 19.0 / 36.0, 1e-14);
    EXPECT_NEAR(test.p, 0.1, 1e-14);
    EXPECT_EQ(test.how, "exact");
}

TEST(CramerVonMises, golden) {
    // scipy 1.14.1, stats.cramervonmises_2samp(x, y): x = 1..20, y = .25 + 1.5 * 1..15; 1..40 and .25 + 1.5
    // * 1..35.
    const auto small = result(ladder(20, 1.0), ladder(15, 1.5, 0.25));
    EXPECT_NEAR(small.statistic, 0.06809523809523821, 1e-13);
    EXPECT_NEAR(small.p, 0.7941991614163593, 1e-13);
    const auto large = result(ladder(40, 1.0), ladder(35, 1.5, 0.25));
    EXPECT_NEAR(large.statistic, 0.40168253968253964, 1e-13);
    EXPECT_NEAR(large.p, 0.07176936598665595, 1e-8) << "scipy leaves its series at terms of 1e-7";
    EXPECT_EQ(large.how, "asymptotic");
}

TEST(CramerVonMises, survival_of_the_limit_keeps_its_digits_in_the_tail) {
    // The same series in 30 digits with mpmath 1.3. scipy 1.14.1 has 7.09e-10 at 4.
    const std::vector<std::pair<double, double>> points{
        {0.01, 0.99999413556719013},  {0.05, 0.87628093104134899},   {0.1, 0.58487343840679491},
        {0.2, 0.26747043054077489},   {0.3, 0.1351712688051058},     {0.46136, 0.050000383132651276},
        {1.0, 0.0024604521801339639}, {4.0, 4.7344530322753717e-10}, {8.0, 9.0197562599259815e-19}};
    for (const auto& [x, p] : points) EXPECT_NEAR(cramer_von_mises_survival(x) / p, 1.0, 1e-10) << x;
    EXPECT_NEAR(cramer_von_mises_survival(0.2 - 1e-13), cramer_von_mises_survival(0.2), 1e-11) << "the seam";
    EXPECT_EQ(cramer_von_mises_survival(0.0), 1.0);
    EXPECT_EQ(cramer_von_mises_survival(-1.0), 1.0);
}

TEST(CramerVonMises, little_nothing_and_constants) {
    EXPECT_EQ(std::get<Undefined>(cramer_von_mises_test(sample({}), sample({1, 2}))),
              Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(cramer_von_mises_test(sample({1}), sample({1, 2}))),
              Undefined::too_few_values);
    EXPECT_EQ(result({5, 5}, {5, 5, 5}).p, 1.0);
    EXPECT_EQ(result(std::vector<double>(30, 5.0), std::vector<double>(20, 5.0)).p, 1.0)
        << "mid-ranks would make it .013";
    EXPECT_LT(result(std::vector<double>(60, 5.0), std::vector<double>(40, 6.0)).p, 1e-9);
}

TEST(CramerVonMises, holds_its_size_where_most_values_are_equal) {
    // Zero with this chance, else exponential or one of two numbers. With mid-ranks every run of the second
    // and the third kind is flagged (scipy 1.14.1).
    constexpr int repeats = 1000;
    for (const double zeros : {0.5, 0.8, 0.9})
        for (const bool continuous : {true, false}) {
            int flagged = 0;
            for (std::uint64_t run = 0; run < repeats; ++run) {
                Random random(23, 1, run);
                const auto draw = [&](int count) {
                    std::vector<double> values;
                    for (int i = 0; i < count; ++i) {
                        const bool zero = random.uniform() < zeros;
                        const double rest = random.uniform();
                        values.push_back(zero         ? 0.0
                                         : continuous ? -std::log1p(-rest)
                                                      : std::ceil(2.0 * rest));
                    }
                    return values;
                };
                const auto a = draw(300), b = draw(100);
                flagged += result(a, b).p <= 0.05;
            }
            EXPECT_NEAR(flagged, repeats * 0.05, repeats * 4 * 0.0069) << zeros << ' ' << continuous;
        }
}

TEST(CramerVonMises, rows_worth_half_are_compared_at_half_the_statistic) {
    const auto moments = std::get<CramerVonMisesMoments>(
        cramer_von_mises_moments(sample(ladder(50, 1.0)), sample(ladder(60, 1.0, 0.4))));
    const auto whole = result(ladder(50, 1.0), ladder(60, 1.0, 0.4));
    EXPECT_EQ(cramer_von_mises_asymptotic_p(moments), whole.p);
    EXPECT_GT(cramer_von_mises_asymptotic_p(moments, 2.0), whole.p);
    EXPECT_NEAR(cramer_von_mises_asymptotic_p(whole.statistic, 50.0, 60.0), whole.p, 1e-12) << "no ties";
    EXPECT_EQ(cramer_von_mises_asymptotic_p(whole.statistic, 0.0, 60.0), 1.0);
    auto halved = moments;
    halved.statistic /= 2.0;
    EXPECT_EQ(cramer_von_mises_asymptotic_p(moments, 2.0), cramer_von_mises_asymptotic_p(halved));
    auto smaller_mean = moments;
    smaller_mean.mean /= 2.0;
    EXPECT_EQ(cramer_von_mises_asymptotic_p(moments, 1.0, 2.0), cramer_von_mises_asymptotic_p([&] {
                  auto other = moments;
                  other.variance *= 4.0;
                  return other;
              }()));
    EXPECT_EQ(cramer_von_mises_asymptotic_p(moments, 0.5, 1.0), cramer_von_mises_asymptotic_p(smaller_mean));
    EXPECT_EQ(std::get<Undefined>(cramer_von_mises_moments(sample({}), sample({1, 2}))),
              Undefined::empty_sample);
}

TEST(CramerVonMises, one_outlier_of_a_million_moves_one_rank) {
    auto a = ladder(50, 1.0), b = ladder(50, 1.0);
    const double before = std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b))).statistic;
    b[10] = 1e6;
    EXPECT_LT(std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b))).statistic - before, 0.05);
}

RC_GTEST_PROP(CramerVonMisesProperty, is_the_definition_and_symmetric_and_blind_to_monotone_changes, ()) {
    const auto distinct = *rc::gen::element(3, 1000);
    const auto size = [] { return *rc::gen::inRange<std::size_t>(2, 30); };
    const auto draw = [&](std::size_t count) {
        return *rc::gen::container<std::vector<double>>(
            count, rc::gen::map(rc::gen::inRange(0, distinct), [](int x) { return static_cast<double>(x); }));
    };
    auto a = draw(size()), b = draw(size());
    const auto statistic = [&] {
        return std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b))).statistic;
    };
    const double t = statistic();
    RC_ASSERT(std::abs(t - naive_statistic(a, b)) < 1e-10);
    std::swap(a, b);
    RC_ASSERT(std::abs(t - statistic()) < 1e-12);
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = std::exp(0.01 * x) - 7.0;
    RC_ASSERT(std::abs(t - statistic()) < 1e-12);
}

RC_GTEST_PROP(CramerVonMisesProperty, the_exact_p_is_the_share_of_all_orderings_with_and_without_ties, ()) {
    const auto distinct = *rc::gen::element(2, 4, 1000);
    const auto draw = [&](std::size_t count) {
        return *rc::gen::container<std::vector<double>>(
            count, rc::gen::map(rc::gen::inRange(0, distinct), [](int x) { return static_cast<double>(x); }));
    };
    const auto a = draw(*rc::gen::inRange<std::size_t>(2, 6)), b = draw(*rc::gen::inRange<std::size_t>(2, 6));
    const auto test = std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b)));
    RC_ASSERT(std::abs(test.p - share_of_choices(a, b)) < 1e-12);
}

TEST(CramerVonMises, a_million_values_around_a_million_keep_their_digits) {
    // Values that alternate between the sides: T falls as 1/n, and the definition still holds for a thousand.
    std::vector<double> a, b;
    for (int i = 0; i < 1000000; ++i) {
        a.push_back(1e6 + 1e-6 * i);
        b.push_back(1e6 + 1e-6 * i + 5e-7);
    }
    std::vector<double> a_few(a.begin(), a.begin() + 1000), b_few(b.begin(), b.begin() + 1000);
    const double few = naive_statistic(a_few, b_few);
    const double many = std::get<TestResult>(cramer_von_mises_test(sample(a), sample(b))).statistic;
    EXPECT_NEAR(many, few / 1000.0, 1e-9);
}

RC_GTEST_PROP(CramerVonMisesProperty, its_mean_is_that_of_all_orderings, ()) {
    const auto distinct = *rc::gen::element(2, 4, 1000);
    auto all = *rc::gen::container<std::vector<double>>(
        *rc::gen::inRange<std::size_t>(5, 10),
        rc::gen::map(rc::gen::inRange(0, distinct), [](int x) { return static_cast<double>(x); }));
    const auto count = *rc::gen::inRange<std::size_t>(2, 4);
    std::vector<int> side(all.size(), 1);
    std::fill_n(side.begin(), count, 0);
    double sum = 0.0, choices = 0.0;
    do {
        std::vector<double> x, y;
        for (std::size_t i = 0; i < all.size(); ++i) (side[i] == 0 ? x : y).push_back(all[i]);
        choices += 1.0;
        sum += naive_statistic(x, y);
    } while (std::next_permutation(side.begin(), side.end()));
    std::ranges::sort(all);
    CramerVonMisesSum runs(static_cast<double>(count), static_cast<double>(all.size() - count));
    for (std::size_t i = 0; i < all.size();) {
        std::size_t j = i;
        while (j < all.size() && all[j] == all[i]) ++j;
        // Which side the values are on does not enter the mean.
        runs.add(static_cast<std::int64_t>(i), 0, static_cast<std::int64_t>(j), 0);
        i = j;
    }
    RC_ASSERT(std::abs(runs.mean() - sum / choices) < 1e-12);
}

TEST(CramerVonMisesPermutation, agrees_with_the_exact_p) {
    const std::vector<std::uint64_t> a{5, 3, 2, 1}, b{1, 2, 4, 4};
    std::vector<double> x, y;
    for (std::size_t value = 0; value < a.size(); ++value) {
        x.insert(x.end(), a[value], static_cast<double>(value));
        y.insert(y.end(), b[value], static_cast<double>(value));
    }
    const auto exact = std::get<TestResult>(cramer_von_mises_test(sample(x), sample(y)));
    const auto drawn = std::get<TestResult>(cramer_von_mises_permutation_test(a, b, 20000, Random(7, 1)));
    EXPECT_NEAR(drawn.statistic, exact.statistic, 1e-12);
    EXPECT_NEAR(drawn.p, exact.p, 3.0 * exact.p / std::sqrt(60.0));
}
