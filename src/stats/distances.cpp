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

}  // namespace tristrata::stats
