#include "tristrata/stats/fisher.hpp"

#include "tristrata/stats/log_gamma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tristrata::stats {
namespace {

/// log n! minus Stirling's formula for it (Loader, 2000).
double stirling_error(double n) {
    if (n < 16.0) {
        static const auto table = [] {
            std::array<double, 16> errors{};
            for (std::size_t i = 1; i < errors.size(); ++i) {
                const auto x = static_cast<double>(i);
                errors[i] = log_gamma(x + 1.0) - (x + 0.5) * std::log(x) + x - 0.91893853320467274178;
            }
            return errors;
        }();
        return table[static_cast<std::size_t>(n)];
    }
    const double square = n * n;
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / n;
}

/// x log(x / mean) + mean - x, without cancellation where x is near its mean.
double deviance(double x, double mean) {
    const double v = (x - mean) / (x + mean);
    if (std::abs(v) >= 0.1) return x * std::log(x / mean) + mean - x;
    double sum = (x - mean) * v, power = 2.0 * x * v;
    for (int term = 3;; term += 2) {
        power *= v * v;
        const double next = sum + power / term;
        if (next == sum) return sum;
        sum = next;
    }
}

/// log of the binomial probability of x out of n, the share p being neither 0 nor 1.
double log_binomial(double x, double n, double p) {
    if (x == 0.0) return n * std::log1p(-p);
    if (x == n) return n * std::log(p);
    return stirling_error(n) - stirling_error(x) - stirling_error(n - x) - deviance(x, n * p) -
           deviance(n - x, n * (1.0 - p)) - 0.5 * std::log(6.28318530717958647693 * x * (n - x) / n);
}

/// The tables with given margins, each named by its count of marked rows in the reference.
struct Tables {
    double n, m, marked;

    [[nodiscard]] double log_probability(double x) const {
        const double p = marked / (n + m);
        return log_binomial(x, n, p) + log_binomial(marked - x, m, p) - log_binomial(marked, n + m, p);
    }
    /// Probability of x + 1 over that of x.
    [[nodiscard]] double ratio_up(double x) const {
        return (n - x) * (marked - x) / ((x + 1.0) * (m - marked + x + 1.0));
    }
    /// The sum of all probabilities from x on, away from the mode, in units of that of x.
    [[nodiscard]] double tail(double x, double last, bool upwards) const {
        double sum = 1.0, weight = 1.0;
        while (x != last && weight > 1e-18 * sum) {
            weight = upwards ? weight * ratio_up(x) : weight / ratio_up(x - 1.0);
            x += upwards ? 1.0 : -1.0;
            sum += weight;
        }
        return sum;
    }
};

}  // namespace

TestOutcome fisher_test(std::uint64_t reference, std::uint64_t reference_rest, std::uint64_t current,
                        std::uint64_t current_rest) {
    const auto a = static_cast<double>(reference), c = static_cast<double>(current);
    const Tables tables{a + static_cast<double>(reference_rest), c + static_cast<double>(current_rest),
                        a + c};
    const auto [n, m, marked] = tables;
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    const double statistic = c / m - a / n;
    const double low = std::max(0.0, marked - m), high = std::min(n, marked);
    if (low == high) return TestResult{statistic, 1.0, "exact"};
    const double mode = std::clamp(std::floor((n + 1.0) * (marked + 1.0) / (n + m + 2.0)), low, high);
    const bool above = a >= mode;
    const double observed = tables.log_probability(a);
    double p = std::exp(observed) * tables.tail(a, above ? high : low, above);
    // On the other side of the mode probabilities fall: the first table no likelier than the observed one.
    const double limit = observed + 1e-7, last = above ? low : high;
    if (tables.log_probability(last) <= limit && last != a) {
        double inside = above ? std::min(a, mode) : std::max(a, mode), outside = last;
        while (std::abs(outside - inside) > 1.0) {
            const double middle = std::floor(0.5 * (inside + outside));
            (tables.log_probability(middle) <= limit ? outside : inside) = middle;
        }
        if (inside != a && tables.log_probability(inside) <= limit) outside = inside;
        p += std::exp(tables.log_probability(outside)) * tables.tail(outside, last, !above);
    }
    return TestResult{statistic, std::clamp(p, std::numeric_limits<double>::min(), 1.0), "exact"};
}

}  // namespace tristrata::stats
