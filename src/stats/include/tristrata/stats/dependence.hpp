#pragma once

#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <variant>

namespace tristrata::stats {

/// How much neighbouring rows repeat each other. n rows are worth n / tau independent ones.
struct Dependence {
    double tau = 1.0;             ///< Integrated autocorrelation time, >= 1.
    double truncation_lag = 0.0;  ///< M, the largest over the deciles.
    double log_variance = 0.0;    ///< s² = 2 (2 M + 1) / n: the variance of log τ as estimated.
};

/// τ of a time-ordered series: the root mean square over its nine deciles q of 1 + 2 Σ (1 - k/m) ρ_q(k), ρ_q
/// being the autocorrelation of 1{x <= x_q}, summed over Geyer's initial monotone positive sequence of pairs
/// of lags, below lag `window` (m). Where only the tails repeat themselves (clusters of volatility) the plain
/// mean is too small (docs/adr/0005).
///
/// Returns   Undefined::too_few_values below 10 values; constant_sample where no decile cuts the series.
/// Cost      O(n M / 64) an indicator: bits are packed and counted.
/// Source    Geyer (1992), doi:10.1214/ss/1177011137.
[[nodiscard]] std::variant<Dependence, Undefined> integrated_autocorrelation_time(
    std::span<const double> series, std::size_t window);

/// τ of the series' mean, which varies as that of n / tau independent values: 1 + 2 Σ (1 - k/m) ρ(k), ρ being
/// the autocorrelation of the values themselves, summed as above. A level that moves slowly moves the mean
/// more than any decile's share: for AR(1), φ = .9, it is 17 where the deciles have 11.
///
/// Edges     One wild value hides what the others repeat: of data with such, take the ranks.
/// Returns   As integrated_autocorrelation_time; constant_sample where no value differs.
/// Cost      O(n M).
/// Example   {0, 0, 0, 0, 0, 1, 1, 1, 1, 1} at window 10: 3.04 (tests/dependence_test.cpp).
[[nodiscard]] std::variant<Dependence, Undefined> autocorrelation_time_of_mean(std::span<const double> series,
                                                                               std::size_t window);

/// The mean of p(τ) over τ's lognormal distribution around its estimate (mean of log τ = log tau, variance
/// log_variance), so that an uncertain τ does not make the far tail of p too thin. 41 equal-step nodes over
/// ±5 s. τ is not taken below 1.
[[nodiscard]] double averaged_p(const std::function<double(double)>& p_of_tau, const Dependence& dependence);

}  // namespace tristrata::stats
