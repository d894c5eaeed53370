#include "tristrata/stats/distances.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tristrata::stats {
namespace {

double total_of(std::span<const std::uint64_t> counts) noexcept {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

struct Totals {
    double n, m;
    [[nodiscard]] bool empty() const noexcept { return n == 0.0 || m == 0.0; }
};

Totals totals_of(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) noexcept {
    assert(reference.size() == current.size());
    return {total_of(reference), total_of(current)};
}

/// 1 - sum of sqrt(p q), as half the sum of (sqrt p - sqrt q)^2: near zero nothing cancels.
double affinity_complement(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current,
                           const Totals& totals) noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double gap = std::sqrt(static_cast<double>(reference[i]) / totals.n) -
                           std::sqrt(static_cast<double>(current[i]) / totals.m);
        sum += gap * gap;
    }
    return std::clamp(0.5 * sum, 0.0, 1.0);
}

}  // namespace

Statistic total_variation(std::span<const std::uint64_t> reference,
                          std::span<const std::uint64_t> current) noexcept {
    assert(reference.size() == current.size());
    const double n = total_of(reference), m = total_of(current);
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        sum += std::abs(static_cast<double>(reference[i]) / n - static_cast<double>(current[i]) / m);
    return 0.5 * sum;
}

Statistic jensen_shannon(std::span<const std::uint64_t> reference,
                         std::span<const std::uint64_t> current) noexcept {
    assert(reference.size() == current.size());
    const double n = total_of(reference), m = total_of(current);
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    double divergence = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = static_cast<double>(reference[i]) / n, q = static_cast<double>(current[i]) / m;
        const double middle = 0.5 * (p + q);
        if (p > 0.0) divergence += 0.5 * p * std::log2(p / middle);
        if (q > 0.0) divergence += 0.5 * q * std::log2(q / middle);
    }
    return std::sqrt(std::clamp(divergence, 0.0, 1.0));
}

Statistic kl_divergence(std::span<const std::uint64_t> reference,
                        std::span<const std::uint64_t> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    const double added = 0.5 * static_cast<double>(reference.size());
    double divergence = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = (static_cast<double>(reference[i]) + 0.5) / (totals.n + added);
        const double q = (static_cast<double>(current[i]) + 0.5) / (totals.m + added);
        divergence += p * std::log(p / q);
    }
    return std::max(0.0, divergence);
}

Statistic hellinger(std::span<const std::uint64_t> reference,
                    std::span<const std::uint64_t> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    return std::sqrt(affinity_complement(reference, current, totals));
}

Statistic bhattacharyya(std::span<const std::uint64_t> reference,
                        std::span<const std::uint64_t> current) noexcept {
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

Statistic l_infinity(std::span<const std::uint64_t> reference,
                     std::span<const std::uint64_t> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    double largest = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(reference[i]) / totals.n -
                                             static_cast<double>(current[i]) / totals.m));
    return largest;
}

Statistic histogram_intersection(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current) noexcept {
    const Totals totals = totals_of(reference, current);
    if (totals.empty()) return Undefined::empty_sample;
    double shared = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        shared += std::min(static_cast<double>(reference[i]) / totals.n,
                           static_cast<double>(current[i]) / totals.m);
    return std::clamp(1.0 - shared, 0.0, 1.0);
}

}  // namespace tristrata::stats
