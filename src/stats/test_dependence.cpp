#include "tristrata/stats/test_dependence.hpp"

#include "tristrata/stats/ranks.hpp"
#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace tristrata::stats {

namespace {

/// Of what `part_of(j)` makes of each value, for j from 1 to `parts`.
template <class PartOf>
std::variant<std::vector<Dependence>, Undefined> dependences(std::span<const double> values, int parts,
                                                             std::size_t window, const PartOf& part_of) {
    std::vector<Dependence> found;
    std::vector<double> part(values.size());
    for (int j = 1; j <= parts; ++j) {
        std::ranges::transform(values, part.begin(), [&](double x) { return part_of(j, x); });
        const auto outcome = autocorrelation_time_of_mean(part, window);
        if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
        found.push_back(std::get<Dependence>(outcome));
    }
    return found;
}

/// As uncertain as the part that is known worst.
Dependence known_worst(const std::vector<Dependence>& parts, double tau) {
    Dependence worst = *std::ranges::max_element(parts, {}, &Dependence::truncation_lag);
    worst.tau = tau;
    return worst;
}

/// The shares up to the middle of each value's ties.
std::vector<double> shares_of(std::span<const double> series) {
    auto shares = mid_ranks(series);
    for (double& x : shares) x = (x - 0.5) / static_cast<double>(shares.size());
    return shares;
}

}  // namespace

std::variant<Dependence, Undefined> mann_whitney_dependence(std::span<const double> series,
                                                            std::size_t window) {
    return autocorrelation_time_of_mean(mid_ranks(series), window);
}

std::variant<CramerVonMisesDependence, Undefined> cramer_von_mises_dependence(std::span<const double> series,
                                                                              std::size_t window) {
    const auto outcome = dependences(shares_of(series), 4, window, [](int j, double share) {
        return std::cos(j * std::numbers::pi * share);
    });
    if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
    const auto& parts = std::get<std::vector<Dependence>>(outcome);
    double mean = 0.0, square = 0.0, mean_weight = 0.0, square_weight = 0.0, j = 0.0;
    for (const Dependence& part : parts) {
        j += 1.0;
        const double weight = 1.0 / (j * j);
        mean += weight * part.tau;
        mean_weight += weight;
        square += weight * weight * part.tau * part.tau;
        square_weight += weight * weight;
    }
    const double tau = std::sqrt(square / square_weight);
    return CramerVonMisesDependence{known_worst(parts, tau), mean / mean_weight / tau};
}

std::variant<Dependence, Undefined> kuiper_dependence(std::span<const double> series, std::size_t window) {
    const auto outcome = dependences(shares_of(series), 2, window, [](int j, double share) {
        const double angle = 2.0 * std::numbers::pi * share;
        return j == 1 ? std::cos(angle) : std::sin(angle);
    });
    if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
    const auto& parts = std::get<std::vector<Dependence>>(outcome);
    return known_worst(parts, std::sqrt(0.5 * (parts[0].tau * parts[0].tau + parts[1].tau * parts[1].tau)));
}

std::variant<Dependence, Undefined> epps_singleton_dependence(std::span<const double> series,
                                                              std::size_t window) {
    if (series.size() < 2) return Undefined::too_few_values;
    const SortedSample sorted(series);
    const double centre = sorted.median(), unit = 0.5 * sorted.iqr();
    if (!(unit > 0.0)) return Undefined::constant_sample;
    const auto outcome = dependences(series, 4, window, [&](int j, double x) {
        const double angle = (j <= 2 ? 0.4 : 0.8) * (x - centre) / unit;
        return j % 2 == 1 ? std::cos(angle) : std::sin(angle);
    });
    if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
    const auto& parts = std::get<std::vector<Dependence>>(outcome);
    return known_worst(parts, std::ranges::max(parts, {}, &Dependence::tau).tau);
}

}  // namespace tristrata::stats
