#include "tristrata/stats/t_test.hpp"

#include "permutation.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace tristrata::stats {
namespace {

/// The mean, and the sum of squared deviations from it.
struct Moments {
    double mean = 0.0, squares = 0.0;
};

/// Of the values times a unit. Deviations from the median first, then from their mean: 1e6 ± 1 keeps its
/// digits.
Moments moments_of(const SortedSample& sample, double unit) {
    const auto values = sample.values();
    const double centre = values[values.size() / 2] * unit, count = static_cast<double>(values.size());
    double sum = 0.0;
    for (const double value : values) sum += value * unit - centre;
    const double offset = sum / count;
    double squares = 0.0, rest = 0.0;
    for (const double value : values) {
        const double deviation = value * unit - centre - offset;
        squares += deviation * deviation;
        rest += deviation;
    }
    return {centre + offset, std::max(0.0, squares - rest * rest / count)};
}

/// A power of two that brings values whose squares would be infinite, or nothing, near 1; 1 for all others.
double unit_of(const SortedSample& reference, const SortedSample& current) {
    double largest = 0.0;
    for (const auto* sample : {&reference, &current})
        for (const double end : {sample->values().front(), sample->values().back()})
            largest = std::max(largest, std::abs(end));
    const int exponent = std::max(std::ilogb(largest), -1000);
    return std::abs(exponent) > 400 ? std::ldexp(1.0, -exponent) : 1.0;
}

bool is_constant(const SortedSample& sample) { return sample.values().front() == sample.values().back(); }

}  // namespace

double student_t_two_sided_p(double t, double degrees) {
    return boost::math::ibeta(0.5 * degrees, 0.5, degrees / (degrees + t * t));
}

std::variant<WelchStatistic, Undefined> welch_statistic(const SortedSample& reference,
                                                        const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    if (reference.size() < 2 || current.size() < 2) return Undefined::too_few_values;
    if (is_constant(reference) && is_constant(current)) return Undefined::constant_sample;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double unit = unit_of(reference, current);
    const Moments a = moments_of(reference, unit), b = moments_of(current, unit);
    const double of_a = a.squares / (n - 1.0) / n, of_b = b.squares / (m - 1.0) / m, both = of_a + of_b;
    if (!(both > 0.0) || !std::isfinite(both)) return Undefined::constant_sample;
    const double t = (a.mean - b.mean) / std::sqrt(both);
    return WelchStatistic{t, of_a / both, n, m};
}

double welch_degrees(const WelchStatistic& welch, double tau) noexcept {
    const double of_a = welch.n / tau - 1.0, of_b = welch.m / tau - 1.0;
    if (!(of_a > 0.0) || !(of_b > 0.0)) return 0.0;
    const double a = welch.reference_share, b = 1.0 - a;
    return 1.0 / (a * a / of_a + b * b / of_b);
}

double welch_p(const WelchStatistic& welch, double tau) {
    const double degrees = welch_degrees(welch, tau);
    return degrees > 0.0 ? student_t_two_sided_p(welch.t / std::sqrt(tau), degrees) : 1.0;
}

TestOutcome welch_t_test(const SortedSample& reference, const SortedSample& current) {
    const auto found = welch_statistic(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& welch = std::get<WelchStatistic>(found);
    return TestResult{welch.t, welch_p(welch), "asymptotic"};
}

TestOutcome welch_permutation_test(const SortedSample& reference, const SortedSample& current,
                                   std::uint64_t draws, Random random) {
    const auto found = welch_statistic(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const bool reference_is_few = reference.size() < current.size();
    const SortedSample& few = reference_is_few ? reference : current;
    const SortedSample& many = reference_is_few ? current : reference;
    std::vector<double> rows(many.values().begin(), many.values().end());
    rows.insert(rows.end(), few.values().begin(), few.values().end());
    const double centre = many.median();
    for (double& x : rows) x -= centre;
    struct Sums {
        double values = 0.0, squares = 0.0;
        void add(double x) {
            values += x;
            squares += x * x;
        }
    };
    Sums all, own;
    for (const double x : rows) all.add(x);
    for (const double x : std::span(rows).subspan(many.size())) own.add(x);
    const auto n = static_cast<double>(many.size()), m = static_cast<double>(few.size());
    // What the other side has is a difference. Where a wild value makes it inexact, that value stands on the
    // drawn side, beside whose variance the other's is nothing.
    const double towards = reference_is_few ? -1.0 : 1.0;
    const auto t_of = [&](const Sums& drawn) {
        const double rest = all.values - drawn.values, rest_squares = all.squares - drawn.squares;
        const double gap = towards * (rest / n - drawn.values / m);
        const double of_rest = std::max(0.0, rest_squares - rest * rest / n) / (n - 1.0) / n;
        const double of_drawn =
            std::max(0.0, drawn.squares - drawn.values * drawn.values / m) / (m - 1.0) / m;
        return of_rest + of_drawn > 0.0 ? gap / std::sqrt(of_rest + of_drawn) : std::copysign(INFINITY, gap);
    };
    TestResult result = two_tailed_permutation_result(t_of(own), draws, [&] {
        Sums drawn;
        for (std::size_t i = 0; i < few.size(); ++i) {
            std::swap(rows[i], rows[i + random.below(rows.size() - i)]);
            drawn.add(rows[i]);
        }
        return t_of(drawn);
    });
    const auto& welch = std::get<WelchStatistic>(found);
    result.statistic = welch.t;  // In more digits.
    result.p = std::max(result.p, welch_p(welch));
    return result;
}

TestOutcome student_t_test(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double degrees = n + m - 2.0;
    if (degrees < 1.0) return Undefined::too_few_values;
    if (is_constant(reference) && is_constant(current)) return Undefined::constant_sample;
    const double unit = unit_of(reference, current);
    const Moments a = moments_of(reference, unit), b = moments_of(current, unit);
    const double error = std::sqrt((a.squares + b.squares) / degrees * (1.0 / n + 1.0 / m));
    if (!(error > 0.0) || !std::isfinite(error)) return Undefined::constant_sample;
    const double t = (a.mean - b.mean) / error;
    return TestResult{t, student_t_two_sided_p(t, degrees), "exact"};
}

}  // namespace tristrata::stats
