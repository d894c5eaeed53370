#include "tristrata/stats/scipy_p.hpp"

#include "cramer_von_mises_exact.hpp"
#include "tristrata/stats/log_gamma.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t exact_values_max = 20;
using std::numbers::pi;

/// U = n sum of (r_i - i)^2 + m sum of (s_j - j)^2 over the mid-ranks of both samples.
double rank_sum_of_squares(std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    double u = 0.0;
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t i0 = i, j0 = j;
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
        const double rank = (static_cast<double>(i0 + j0 + 1) + static_cast<double>(i + j)) / 2.0;
        for (std::size_t k = i0; k < i; ++k) u += n * std::pow(rank - static_cast<double>(k + 1), 2.0);
        for (std::size_t k = j0; k < j; ++k) u += m * std::pow(rank - static_cast<double>(k + 1), 2.0);
    }
    return u;
}

/// The share of the orderings of n + m distinct values whose sum of squared steps is at least that of U.
double exact_p(double u, std::int64_t n, std::int64_t m) {
    const std::int64_t divisor = std::gcd(n, m), multiple = n / divisor * m;
    const double product = static_cast<double>(n * m), square = static_cast<double>(multiple * multiple);
    const double zeta = std::floor(square * static_cast<double>(n + m) *
                                   (6.0 * u - product * (4.0 * product - 1.0)) / (6.0 * product * product));
    const std::vector<std::int64_t> distinct(static_cast<std::size_t>(n + m), 1);
    return share_of_orderings(distinct, n, m, static_cast<std::int64_t>(zeta) * divisor * divisor);
}

/// The limit's distribution by its series in K_1/4, ended where scipy ends it.
double truncated_limit(double x) {
    double sum = 0.0;
    for (double k = 0.0;; k += 1.0) {
        const double y = 4.0 * k + 1.0, q = y * y / (16.0 * x);
        const double term = std::exp(log_gamma(k + 0.5) - log_gamma(k + 1.0)) /
                            (std::pow(pi, 1.5) * std::sqrt(x)) * std::sqrt(y) * std::exp(-q) *
                            (q < 700.0 ? boost::math::cyl_bessel_k(0.25, q) : 0.0);
        sum += term;
        if (std::abs(term) < 1e-7) return sum;
    }
}

}  // namespace

TestOutcome scipy_cramer_von_mises_test(const SortedSample& reference, const SortedSample& current) {
    if (reference.size() < 2 || current.size() < 2) return Undefined::too_few_values;
    const double u = rank_sum_of_squares(reference.values(), current.values());
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double k = n * m, total = n + m;
    const double t = u / (k * total) - (4.0 * k - 1.0) / (6.0 * total);
    if (std::max(reference.size(), current.size()) <= exact_values_max)
        return TestResult{t,
                          exact_p(u, static_cast<std::int64_t>(reference.size()),
                                  static_cast<std::int64_t>(current.size())),
                          "exact"};
    const double mean = (1.0 + 1.0 / total) / 6.0;
    const double variance = (total + 1.0) * (4.0 * k * total - 3.0 * (n * n + m * m) - 2.0 * k) /
                            (45.0 * total * total * 4.0 * k);
    const double moved = 1.0 / 6.0 + (t - mean) / std::sqrt(45.0 * variance);
    const double p = moved < 0.003 ? 1.0 : std::max(0.0, 1.0 - truncated_limit(moved));
    return TestResult{t, p, "asymptotic"};
}

double scipy_anderson_darling_p(double statistic) {
    constexpr std::array critical{0.325, 1.226, 1.961, 2.718, 3.752, 4.592, 6.546};
    constexpr std::array level{0.25, 0.10, 0.05, 0.025, 0.01, 0.005, 0.001};
    if (statistic < critical.front()) return level.front();
    if (statistic > critical.back()) return level.back();
    // Least squares of c0 + c1 x + c2 x² against log level: the normal equations, solved by elimination.
    std::array<std::array<double, 4>, 3> rows{};
    for (std::size_t i = 0; i < critical.size(); ++i) {
        const std::array<double, 3> powers{1.0, critical[i], critical[i] * critical[i]};
        for (std::size_t r = 0; r < 3; ++r) {
            for (std::size_t c = 0; c < 3; ++c) rows[r][c] += powers[r] * powers[c];
            rows[r][3] += powers[r] * std::log(level[i]);
        }
    }
    for (std::size_t pivot = 0; pivot < 3; ++pivot)
        for (std::size_t r = 0; r < 3; ++r) {
            if (r == pivot) continue;
            const double factor = rows[r][pivot] / rows[pivot][pivot];
            for (std::size_t c = pivot; c < 4; ++c) rows[r][c] -= factor * rows[pivot][c];
        }
    const auto coefficient = [&](std::size_t i) { return rows[i][3] / rows[i][i]; };
    return std::exp(coefficient(0) + statistic * (coefficient(1) + statistic * coefficient(2)));
}

}  // namespace tristrata::stats
