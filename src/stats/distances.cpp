#include "tristrata/stats/distances.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <type_traits>

namespace tristrata::stats {
namespace {

template <class Weight>
double total_of(std::span<const Weight> weights) noexcept {
    return static_cast<double>(std::accumulate(weights.begin(), weights.end(), Weight{0}));
}

struct Totals {
    double n, m;
    [[nodiscard]] bool empty() const noexcept { return n == 0.0 || m == 0.0; }
};

template <class Weight>
Totals totals_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    assert(reference.size() == current.size());
    return {total_of(reference), total_of(current)};
}

/// 1 - sum of sqrt(p q), as half the sum of (sqrt p - sqrt q)^2: near zero nothing cancels.
template <class Weight>
double affinity_complement(std::span<const Weight> reference, std::span<const Weight> current,
                           const Totals& totals) noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double gap = std::sqrt(static_cast<double>(reference[i]) / totals.n) -
                           std::sqrt(static_cast<double>(current[i]) / totals.m);
        sum += gap * gap;
    }
    return std::clamp(0.5 * sum, 0.0, 1.0);
}

template <class Weight>
Statistic total_variation_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    const auto [n, m] = totals;
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        sum += std::abs(static_cast<double>(reference[i]) / n - static_cast<double>(current[i]) / m);
    return 0.5 * sum;
}

template <class Weight>
Statistic jensen_shannon_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    const auto [n, m] = totals;
    double divergence = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = static_cast<double>(reference[i]) / n, q = static_cast<double>(current[i]) / m;
        const double middle = 0.5 * (p + q);
        if (p > 0.0) divergence += 0.5 * p * std::log2(p / middle);
        if (q > 0.0) divergence += 0.5 * q * std::log2(q / middle);
    }
    return std::sqrt(std::clamp(divergence, 0.0, 1.0));
}

template <class Weight>
Statistic kl_divergence_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    // Shares have no count to halve.
    constexpr double half = std::is_integral_v<Weight> ? 0.5 : 0.0;
    const double added = half * static_cast<double>(reference.size());
    double divergence = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = (static_cast<double>(reference[i]) + half) / (totals.n + added);
        const double q = (static_cast<double>(current[i]) + half) / (totals.m + added);
        if (p > 0.0 && q == 0.0) return Undefined::no_overlap;
        if (p > 0.0) divergence += p * std::log(p / q);
    }
    return std::max(0.0, divergence);
}

template <class Weight>
Statistic hellinger_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    return std::sqrt(affinity_complement(reference, current, totals));
}

template <class Weight>
Statistic bhattacharyya_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    double affinity = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        affinity += std::sqrt(static_cast<double>(reference[i]) / totals.n) *
                    std::sqrt(static_cast<double>(current[i]) / totals.m);
    if (affinity == 0.0) return Undefined::no_overlap;
    // Near one the logarithm needs the complement, further off the affinity itself.
    return affinity > 0.5 ? -std::log1p(-affinity_complement(reference, current, totals))
                          : -std::log(affinity);
}

template <class Weight>
Statistic l_infinity_of(std::span<const Weight> reference, std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    double largest = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(reference[i]) / totals.n -
                                             static_cast<double>(current[i]) / totals.m));
    return largest;
}

template <class Weight>
Statistic histogram_intersection_of(std::span<const Weight> reference,
                                    std::span<const Weight> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    double shared = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        shared += std::min(static_cast<double>(reference[i]) / totals.n,
                           static_cast<double>(current[i]) / totals.m);
    return std::clamp(1.0 - shared, 0.0, 1.0);
}

}  // namespace

Statistic total_variation(std::span<const std::uint64_t> reference,
                          std::span<const std::uint64_t> current) noexcept {
    return total_variation_of(reference, current);
}
Statistic total_variation(std::span<const double> reference, std::span<const double> current) noexcept {
    return total_variation_of(reference, current);
}

Statistic jensen_shannon(std::span<const std::uint64_t> reference,
                         std::span<const std::uint64_t> current) noexcept {
    return jensen_shannon_of(reference, current);
}
Statistic jensen_shannon(std::span<const double> reference, std::span<const double> current) noexcept {
    return jensen_shannon_of(reference, current);
}

Statistic kl_divergence(std::span<const std::uint64_t> reference,
                        std::span<const std::uint64_t> current) noexcept {
    return kl_divergence_of(reference, current);
}
Statistic kl_divergence(std::span<const double> reference, std::span<const double> current) noexcept {
    return kl_divergence_of(reference, current);
}

Statistic hellinger(std::span<const std::uint64_t> reference,
                    std::span<const std::uint64_t> current) noexcept {
    return hellinger_of(reference, current);
}
Statistic hellinger(std::span<const double> reference, std::span<const double> current) noexcept {
    return hellinger_of(reference, current);
}

Statistic bhattacharyya(std::span<const std::uint64_t> reference,
                        std::span<const std::uint64_t> current) noexcept {
    return bhattacharyya_of(reference, current);
}
Statistic bhattacharyya(std::span<const double> reference, std::span<const double> current) noexcept {
    return bhattacharyya_of(reference, current);
}

Statistic l_infinity(std::span<const std::uint64_t> reference,
                     std::span<const std::uint64_t> current) noexcept {
    return l_infinity_of(reference, current);
}
Statistic l_infinity(std::span<const double> reference, std::span<const double> current) noexcept {
    return l_infinity_of(reference, current);
}

Statistic histogram_intersection(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current) noexcept {
    return histogram_intersection_of(reference, current);
}
Statistic histogram_intersection(std::span<const double> reference,
                                 std::span<const double> current) noexcept {
    return histogram_intersection_of(reference, current);
}

}  // namespace tristrata::stats
