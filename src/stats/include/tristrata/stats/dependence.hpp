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

/// The mean of p(τ) over τ's lognormal distribution around its estimate (mean of log τ = log tau, variance
/// log_variance), so that an uncertain τ does not make the far tail of p too thin. 41 equal-step nodes over
/// ±5 s. τ is not taken below 1.
[[nodiscard]] double averaged_p(const std::function<double(double)>& p_of_tau, const Dependence& dependence);

}  // namespace tristrata::stats
