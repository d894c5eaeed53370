#include "tristrata/stats/test_dependence.hpp"

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

using namespace tristrata::stats;

namespace {

std::vector<double> autoregressive(double phi, std::size_t n, Random& random) {
    std::vector<double> series(n);
    double value = random.normal();
    for (double& x : series) x = value = phi * value + std::sqrt(1.0 - phi * phi) * random.normal();
    return series;
}

double tau_of_mean(const std::vector<double>& series, std::size_t window) {
    return std::get<Dependence>(autocorrelation_time_of_mean(series, window)).tau;
}
double tau_of_ranks(const std::vector<double>& series, std::size_t window) {
    return std::get<Dependence>(mann_whitney_dependence(series, window)).tau;
}
CramerVonMisesDependence of_parts(const std::vector<double>& series, std::size_t window) {
    return std::get<CramerVonMisesDependence>(cramer_von_mises_dependence(series, window));
}

/// The share below a value and half of that at it.
std::vector<double> shares(const std::vector<double>& series) {
    std::vector<double> out;
    for (const double x : series) {
        const auto below = std::ranges::count_if(series, [x](double y) { return y < x; });
        const auto at = std::ranges::count(series, x);
        out.push_back((static_cast<double>(below) + 0.5 * static_cast<double>(at)) /
                      static_cast<double>(series.size()));
    }
    return out;
}

}  // namespace

TEST(MannWhitneyDependence, is_that_of_the_shares_and_knows_order_alone) {
    constexpr std::uint64_t seed = 31;
    SCOPED_TRACE(seed);
    for (const double phi : {0.0, 0.6, 0.9}) {
        Random random(seed, static_cast<std::uint64_t>(100.0 * phi));
        auto series = autoregressive(phi, 500, random);
        for (double& x : series) x = std::round(3.0 * x);
        const double tau = tau_of_ranks(series, 50);
        EXPECT_NEAR(tau, tau_of_mean(shares(series), 50), 1e-9) << phi;
        for (double& x : series) x = std::exp(x);
        EXPECT_EQ(tau_of_ranks(series, 50), tau);
        *std::ranges::max_element(series) = 1e12;
        EXPECT_NEAR(tau_of_ranks(series, 50), tau, 0.05 * tau) << "one wild value is one rank";
    }
}

TEST(CramerVonMisesDependence, is_the_weighted_mean_of_its_parts) {
    constexpr std::uint64_t seed = 32;
    SCOPED_TRACE(seed);
    for (const double phi : {0.0, 0.6, 0.9}) {
        Random random(seed, static_cast<std::uint64_t>(100.0 * phi));
        const auto series = autoregressive(phi, 600, random);
        const auto share = shares(series);
        double mean = 0.0, square = 0.0, weights = 0.0, squared_weights = 0.0, variance = 0.0;
        for (int j = 1; j <= 4; ++j) {
            auto part = share;
            for (double& x : part) x = std::cos(j * std::numbers::pi * x);
            const auto found = std::get<Dependence>(autocorrelation_time_of_mean(part, 60));
            const double weight = std::pow(j, -2.0);
            mean += weight * found.tau;
            weights += weight;
            square += weight * weight * found.tau * found.tau;
            squared_weights += weight * weight;
            variance = std::max(variance, found.log_variance);
        }
        const auto all = of_parts(series, 60);
        EXPECT_NEAR(all.of_deviation.tau, std::sqrt(square / squared_weights), 1e-9) << phi;
        EXPECT_NEAR(all.mean_ratio * all.of_deviation.tau, mean / weights, 1e-9) << phi;
        EXPECT_EQ(all.of_deviation.log_variance, variance) << "as uncertain as the part that is known worst";
    }
}

TEST(CramerVonMisesDependence, clusters_of_spread_are_seen_where_the_level_repeats_nothing) {
    constexpr std::uint64_t seed = 33;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    auto series = autoregressive(0.95, 4000, random);
    for (double& x : series) x = std::exp(0.7 * x) * random.normal();
    EXPECT_LT(tau_of_ranks(series, 96), 1.5);
    EXPECT_GT(of_parts(series, 96).of_deviation.tau, 1.3 * tau_of_ranks(series, 96));
    // What swings slowly has a mean of T that grows by less than its deviation.
    EXPECT_LT(of_parts(autoregressive(0.9, 4000, random), 96).mean_ratio, 0.95);
    EXPECT_NEAR(of_parts(autoregressive(0.0, 4000, random), 96).mean_ratio, 1.0, 0.1);
}

TEST(KuiperDependence, is_the_root_mean_square_of_the_circles_two_parts) {
    constexpr std::uint64_t seed = 34;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    const auto series = autoregressive(0.8, 600, random);
    auto cosine = shares(series), sine = cosine;
    for (double& x : cosine) x = std::cos(2.0 * std::numbers::pi * x);
    for (double& x : sine) x = std::sin(2.0 * std::numbers::pi * x);
    const double first = tau_of_mean(cosine, 60), second = tau_of_mean(sine, 60);
    EXPECT_NEAR(std::get<Dependence>(kuiper_dependence(series, 60)).tau,
                std::sqrt(0.5 * (first * first + second * second)), 1e-9);
}

TEST(EppsSingletonDependence, is_the_largest_of_its_parts_and_knows_no_unit) {
    constexpr std::uint64_t seed = 35;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    auto series = autoregressive(0.8, 600, random);
    const SortedSample sorted{std::span<const double>(series)};
    double largest = 0.0;
    for (const double t : {0.4, 0.8})
        for (const bool cosine : {true, false}) {
            auto part = series;
            for (double& x : part) {
                const double angle = t * (x - sorted.median()) / (0.5 * sorted.iqr());
                x = cosine ? std::cos(angle) : std::sin(angle);
            }
            largest = std::max(largest, tau_of_mean(part, 60));
        }
    const auto tau = [&] { return std::get<Dependence>(epps_singleton_dependence(series, 60)).tau; };
    EXPECT_NEAR(tau(), largest, 1e-9);
    for (double& x : series) x = 1024.0 * x - 3.0;
    EXPECT_NEAR(tau(), largest, 1e-9);
    std::vector<double> mostly_zero(100, 0.0);
    mostly_zero.front() = 1.0;
    EXPECT_EQ(std::get<Undefined>(epps_singleton_dependence(mostly_zero, 10)), Undefined::constant_sample);
}

TEST(TestDependence, little_and_constants_have_none) {
    const std::vector<double> few(9, 1.0), constant(50, 3.0), none;
    for (const auto& series : {few, none}) {
        EXPECT_EQ(std::get<Undefined>(mann_whitney_dependence(series, 10)), Undefined::too_few_values);
        EXPECT_EQ(std::get<Undefined>(cramer_von_mises_dependence(series, 10)), Undefined::too_few_values);
    }
    EXPECT_EQ(std::get<Undefined>(mann_whitney_dependence(constant, 10)), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(cramer_von_mises_dependence(constant, 10)), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(kuiper_dependence(constant, 10)), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(epps_singleton_dependence(none, 10)), Undefined::too_few_values);
}
