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

/// The definition with sums over values in place of bits.
double naive_tau(const std::vector<double>& series, std::size_t window) {
    std::vector<double> sorted(series);
    std::ranges::sort(sorted);
    const auto n = static_cast<double>(series.size());
    double squares = 0.0, used = 0.0;
    for (std::size_t decile = 1; decile <= 9; ++decile) {
        std::vector<double> indicator;
        double mean = 0.0;
        for (const double x : series)
            indicator.push_back(x <= sorted[decile * series.size() / 10] ? 1.0 : 0.0);
        for (const double x : indicator) mean += x / n;
        if (mean > 1.0 - 0.5 / n) continue;
        const auto rho = [&](std::size_t lag) {
            double covariance = 0.0, variance = 0.0;
            for (std::size_t i = 0; i < indicator.size(); ++i) {
                variance += (indicator[i] - mean) * (indicator[i] - mean);
                if (i + lag < indicator.size())
                    covariance += (indicator[i] - mean) * (indicator[i + lag] - mean);
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
            tau += 2.0 * std::min(1.0, ceiling / pair) *
                   (weight(lag) * rho(lag) + weight(lag + 1) * rho(lag + 1));
            ceiling = std::min(ceiling, pair);
        }
        squares += std::max(1.0, tau) * std::max(1.0, tau);
        used += 1.0;
    }
    return std::sqrt(squares / used);
}

}  // namespace

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
