#include "tristrata/stats/dependence.hpp"

#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

std::vector<double> autoregressive(double phi, std::size_t n, Random& random) {
    std::vector<double> series(n);
    double value = random.normal();
    const double noise = std::sqrt(1.0 - phi * phi);
    for (double& x : series) x = value = phi * value + noise * random.normal();
    return series;
}

double tau_of(const std::vector<double>& series, std::size_t window) {
    return std::get<Dependence>(integrated_autocorrelation_time(series, window)).tau;
}

/// The definition with sums over values.
double naive_tau_of_mean(const std::vector<double>& series, std::size_t window) {
    const auto n = static_cast<double>(series.size());
    double mean = 0.0;
    for (const double x : series) mean += x / n;
    const auto rho = [&](std::size_t lag) {
        double covariance = 0.0, variance = 0.0;
        for (std::size_t i = 0; i < series.size(); ++i) {
            variance += (series[i] - mean) * (series[i] - mean);
            if (i + lag < series.size()) covariance += (series[i] - mean) * (series[i + lag] - mean);
        }
        return covariance / variance;
    };
    double tau = -1.0, ceiling = INFINITY;
    for (std::size_t lag = 0; lag + 1 < std::min(window, series.size() / 2); lag += 2) {
        const double pair = rho(lag) + rho(lag + 1);
        if (pair <= 0.0) break;
        const auto weight = [&](std::size_t k) {
            return 1.0 - static_cast<double>(k) / static_cast<double>(window);
        };
        tau +=
            2.0 * std::min(1.0, ceiling / pair) * (weight(lag) * rho(lag) + weight(lag + 1) * rho(lag + 1));
        ceiling = std::min(ceiling, pair);
    }
    return std::max(1.0, tau);
}

/// The root mean square over the deciles' indicators.
double naive_tau(const std::vector<double>& series, std::size_t window) {
    std::vector<double> sorted(series);
    std::ranges::sort(sorted);
    double squares = 0.0, used = 0.0;
    for (std::size_t decile = 1; decile <= 9; ++decile) {
        const double threshold = sorted[decile * series.size() / 10];
        if (threshold == sorted.back()) continue;
        std::vector<double> indicator;
        for (const double x : series) indicator.push_back(x <= threshold ? 1.0 : 0.0);
        const double tau = naive_tau_of_mean(indicator, window);
        squares += tau * tau;
        used += 1.0;
    }
    return std::sqrt(squares / used);
}

}  // namespace

TEST(AutocorrelationTimeOfMean, worked_example_and_the_definition) {
    const std::vector<double> step{0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
    EXPECT_NEAR(std::get<Dependence>(autocorrelation_time_of_mean(step, 10)).tau, 3.04, 1e-12);
    constexpr std::uint64_t seed = 20240608;
    SCOPED_TRACE(seed);
    for (const std::size_t n : {10u, 63u, 300u})
        for (const double phi : {0.0, 0.5, 0.95})
            for (const std::size_t window : {2u, 7u, 96u}) {
                Random random(seed, n, window);
                const auto series = autoregressive(phi, n, random);
                EXPECT_NEAR(std::get<Dependence>(autocorrelation_time_of_mean(series, window)).tau,
                            naive_tau_of_mean(series, window), 1e-9)
                    << n << ' ' << phi << ' ' << window;
            }
}

TEST(AutocorrelationTimeOfMean, is_that_of_the_process_and_knows_no_unit) {
    constexpr std::uint64_t seed = 20240609;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    auto series = autoregressive(0.9, 200'000, random);
    const auto tau = [&] { return std::get<Dependence>(autocorrelation_time_of_mean(series, 96)).tau; };
    // 1 + 2 sum of (1 - k/96) .9^k; its log has a standard deviation of sqrt(2 (2 M + 1) / n), some .04.
    double process = 1.0;
    for (int k = 1; k < 96; ++k) process += 2.0 * (1.0 - k / 96.0) * std::pow(0.9, k);
    const double before = tau();
    EXPECT_NEAR(before, process, 0.12 * process);
    EXPECT_GT(before, 1.4 * tau_of(series, 96)) << "the level repeats itself longer than the deciles do";
    for (double& x : series) x = 1e150 * x - 3e150;
    EXPECT_NEAR(tau(), before, 1e-6);
}

TEST(AutocorrelationTimeOfMean, little_and_constants_have_none) {
    const auto reason = [](std::vector<double> series, std::size_t window) {
        return std::get<Undefined>(autocorrelation_time_of_mean(series, window));
    };
    EXPECT_EQ(reason({}, 10), Undefined::too_few_values);
    EXPECT_EQ(reason(std::vector<double>(9, 1.0), 10), Undefined::too_few_values);
    EXPECT_EQ(reason({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1), Undefined::too_few_values);
    EXPECT_EQ(reason(std::vector<double>(100, 0.1), 10), Undefined::constant_sample);
}

TEST(Dependence, bits_and_sums_give_the_same_tau) {
    constexpr std::uint64_t seed = 20240607;
    SCOPED_TRACE(seed);
    for (const std::size_t n : {10u, 63u, 64u, 65u, 128u, 300u})
        for (const double phi : {0.0, 0.5, 0.95})
            for (const std::size_t window : {2u, 7u, 96u}) {
                Random random(seed, n, window);
                auto series = autoregressive(phi, n, random);
                for (double& x : series) x = std::round(4.0 * x);  // Ties at the deciles.
                EXPECT_NEAR(tau_of(series, window), naive_tau(series, window), 1e-9)
                    << n << ' ' << phi << ' ' << window;
            }
}

TEST(Dependence, only_the_order_of_values_counts_not_their_size) {
    Random random(5, 1);
    auto series = autoregressive(0.8, 2000, random);
    const double tau = tau_of(series, 96);
    for (double& x : series) x = std::exp(3.0 * x) + 1e6;
    EXPECT_EQ(tau_of(series, 96), tau);
    std::ranges::sort(series);
    EXPECT_GT(tau_of(series, 96), 30.0) << "a trend repeats itself most";
}

TEST(Dependence, constants_and_short_series_have_no_answer) {
    const std::vector<double> constant(100, 3.0), few{1, 2, 3};
    EXPECT_EQ(std::get<Undefined>(integrated_autocorrelation_time(constant, 10)), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(integrated_autocorrelation_time(few, 10)), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(integrated_autocorrelation_time({}, 10)), Undefined::too_few_values);
}

TEST(AveragedP, is_p_itself_where_tau_is_certain_and_the_lognormal_mean_elsewhere) {
    const Dependence certain{5.0, 0.0, 0.0}, uncertain{50.0, 10.0, 0.04};
    EXPECT_EQ(averaged_p([](double tau) { return 1.0 / tau; }, certain), 0.2);
    // E[1 / τ] = exp(-log 50 + s²/2).
    EXPECT_NEAR(averaged_p([](double tau) { return 1.0 / tau; }, uncertain), std::exp(0.02) / 50.0, 1e-7);
    EXPECT_NEAR(averaged_p([](double) { return 0.3; }, uncertain), 0.3, 1e-14);
}

TEST(AveragedP, an_uncertain_tau_thickens_the_far_tail) {
    const auto p = [](double tau) { return std::exp(-200.0 / tau); };
    EXPECT_GT(averaged_p(p, Dependence{10.0, 20.0, 0.09}), 3.0 * p(10.0));
}

TEST(DependentNull, keeps_its_size_where_plain_ks_does_not) {
    constexpr std::uint64_t seed = 20240607;
    SCOPED_TRACE(seed);
    constexpr int runs = 400;
    int flagged = 0, plain = 0;
    for (int run = 0; run < runs; ++run) {
        Random random(seed, 9, static_cast<std::uint64_t>(run));
        const auto reference = autoregressive(0.9, 8640, random), current = autoregressive(0.9, 96, random);
        const auto found = std::get<Dependence>(integrated_autocorrelation_time(reference, 96));
        const double d = *value_of(ks_distance(SortedSample(reference), SortedSample(current)));
        const auto p = [&](double tau) { return ks_asymptotic_p(d, 8640.0 / tau, 96.0 / tau); };
        flagged += averaged_p(p, found) <= 0.05;
        plain += p(1.0) <= 0.05;
    }
    EXPECT_LE(flagged, 0.06 * runs);
    EXPECT_GE(flagged, 1);
    EXPECT_GE(plain, 0.6 * runs) << "the simulation is hard enough to tell";
}
