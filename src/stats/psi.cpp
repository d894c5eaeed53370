#include "tristrata/stats/psi.hpp"

#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/tools/roots.hpp>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

/// Boost computes in long double unless told otherwise: four times as slow, for digits nobody reads.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using ChiSquared = boost::math::chi_squared_distribution<double, InDouble>;
using NoncentralChiSquared = boost::math::non_central_chi_squared_distribution<double, InDouble>;

/// The noncentrality at which `statistic` has the share `below` of the distribution under it; 0 where even
/// the central one has less.
double noncentrality(double statistic, double degrees, double below) {
    using boost::math::cdf;
    // Laurent and Massart (2000): P(X <= d - 2 sqrt(d t)) <= exp(-t). Boost overflows that far down.
    if (!(statistic > 0.0) || statistic <= degrees - 2.0 * std::sqrt(-degrees * std::log(below))) return 0.0;
    if (cdf(ChiSquared(degrees), statistic) <= below) return 0.0;
    // Far out the noncentral distribution is normal to many digits, and the series would be slow.
    const auto share = [&](double lambda) {
        if (lambda > 2000.0 || statistic > 4000.0) {
            const double h = 1.0 - 2.0 * (degrees + lambda) * (degrees + 3.0 * lambda) /
                                       (3.0 * (degrees + 2.0 * lambda) * (degrees + 2.0 * lambda));
            const double mean =
                1.0 + h * (h - 1.0) * (degrees + 2.0 * lambda) / ((degrees + lambda) * (degrees + lambda));
            const double sd = h * std::sqrt(2.0 * (degrees + 2.0 * lambda)) / (degrees + lambda);
            const double z = (std::pow(statistic / (degrees + lambda), h) - mean) / sd;
            return 0.5 * std::erfc(-z / std::sqrt(2.0));  // Sankaran (1959).
        }
        if (lambda == 0.0) return cdf(ChiSquared(degrees), statistic);
        return cdf(NoncentralChiSquared(degrees, lambda), statistic);
    };
    const double high = statistic + 10.0 * std::sqrt(statistic + degrees) + 50.0;
    const auto above = [&](double lambda) { return share(lambda) - below; };
    const double at_zero = above(0.0), at_high = above(high);
    if (at_zero <= 0.0) return 0.0;
    if (at_high >= 0.0) return high;
    std::uintmax_t steps = 100;
    const auto [from, to] = boost::math::tools::toms748_solve(
        above, 0.0, high, at_zero, at_high, boost::math::tools::eps_tolerance<double>(40), steps, InDouble());
    return 0.5 * (from + to);
}

}  // namespace

Statistic psi(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) noexcept {
    assert(reference.size() == current.size());
    double n = 0.0, m = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        n += static_cast<double>(reference[i]);
        m += static_cast<double>(current[i]);
    }
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    const double half = 0.5 * static_cast<double>(reference.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = (static_cast<double>(reference[i]) + 0.5) / (n + half);
        const double q = (static_cast<double>(current[i]) + 0.5) / (m + half);
        sum += (q - p) * std::log(q / p);
    }
    return sum;
}

double psi_null_mean(std::size_t bins, double n, double m) noexcept {
    return bins < 2 ? 0.0 : static_cast<double>(bins - 1) * (1.0 / n + 1.0 / m);
}

std::optional<PsiNull> psi_drawn_null(std::span<const std::uint64_t> reference,
                                      std::span<const std::uint64_t> current, double n, double m,
                                      double alpha, std::size_t draws, Random random) {
    assert(reference.size() == current.size() && draws >= 20);
    std::vector<std::uint64_t> pooled(reference.size()), first(pooled.size()), second(pooled.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto rows = std::accumulate(pooled.begin(), pooled.end(), std::uint64_t{0});
    const auto m_rows = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::llround(m)), rows);
    const auto n_rows = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::llround(n)), rows - m_rows);
    if (n_rows == 0 || m_rows == 0) return std::nullopt;
    std::vector<double> drawn;
    drawn.reserve(draws);
    std::vector<std::uint64_t> rest(pooled.size());
    for (std::size_t draw = 0; draw < draws; ++draw) {
        draw_hypergeometric(pooled, m_rows, second, random);
        std::ranges::transform(pooled, second, rest.begin(), std::minus<>{});
        if (n_rows == rows - m_rows) first = rest;
        else draw_hypergeometric(rest, n_rows, first, random);
        if (const auto one = value_of(psi(first, second))) drawn.push_back(*one);
    }
    if (drawn.empty()) return std::nullopt;
    std::ranges::sort(drawn);
    const auto at = [&](double share) {
        return drawn[static_cast<std::size_t>(std::llround(share * static_cast<double>(drawn.size() - 1)))];
    };
    return PsiNull{std::accumulate(drawn.begin(), drawn.end(), 0.0) / static_cast<double>(drawn.size()),
                   at(alpha / 2.0), at(1.0 - alpha / 2.0)};
}

std::optional<Interval> psi_interval(double psi, std::size_t bins, double n, double m, double alpha) {
    if (bins < 2 || !(n > 0.0) || !(m > 0.0)) return std::nullopt;
    const double scale = 1.0 / n + 1.0 / m;
    const double statistic = psi / scale, degrees = static_cast<double>(bins - 1);
    return Interval{scale * noncentrality(statistic, degrees, 1.0 - alpha / 2.0),
                    scale * noncentrality(statistic, degrees, alpha / 2.0)};
}

}  // namespace tristrata::stats
