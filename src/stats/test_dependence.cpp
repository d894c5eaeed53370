#include "tristrata/stats/test_dependence.hpp"

#include "ranks.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace tristrata::stats {

std::variant<Dependence, Undefined> mann_whitney_dependence(std::span<const double> series,
                                                            std::size_t window) {
    return autocorrelation_time_of_mean(mid_ranks(series), window);
}

std::variant<CramerVonMisesDependence, Undefined> cramer_von_mises_dependence(std::span<const double> series,
                                                                              std::size_t window) {
    constexpr int parts = 4;
    const auto n = static_cast<double>(series.size());
    const auto ranks = mid_ranks(series);
    std::vector<double> part(series.size());
    double mean = 0.0, square = 0.0, mean_weight = 0.0, square_weight = 0.0;
    CramerVonMisesDependence all;
    for (int j = 1; j <= parts; ++j) {
        std::ranges::transform(ranks, part.begin(), [&](double rank) {
            return std::cos(j * std::numbers::pi * (rank - 0.5) / n);
        });
        const auto outcome = autocorrelation_time_of_mean(part, window);
        if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
        const auto& found = std::get<Dependence>(outcome);
        const double weight = 1.0 / (static_cast<double>(j) * static_cast<double>(j));
        mean += weight * found.tau;
        mean_weight += weight;
        square += weight * weight * found.tau * found.tau;
        square_weight += weight * weight;
        if (found.truncation_lag >= all.of_deviation.truncation_lag) all.of_deviation = found;
    }
    // The τ that is known worst says how well T's is.
    all.of_deviation.tau = std::sqrt(square / square_weight);
    all.mean_ratio = mean / mean_weight / all.of_deviation.tau;
    return all;
}

}  // namespace tristrata::stats
