#include "tristrata/stats/t_test.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace tristrata::stats {
namespace {

/// The mean, and the sum of squared deviations from it.
struct Moments {
    double mean = 0.0, squares = 0.0;
};

/// Deviations from the median first, then from their mean: 1e6 ± 1 keeps its digits.
Moments moments_of(const SortedSample& sample) {
    const auto values = sample.values();
    const double centre = values[values.size() / 2], count = static_cast<double>(values.size());
    double sum = 0.0;
    for (const double value : values) sum += value - centre;
    const double offset = sum / count;
    double squares = 0.0, rest = 0.0;
    for (const double value : values) {
        const double deviation = value - centre - offset;
        squares += deviation * deviation;
        rest += deviation;
    }
    return {centre + offset, std::max(0.0, squares - rest * rest / count)};
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
    const Moments a = moments_of(reference), b = moments_of(current);
    const double of_a = a.squares / (n - 1.0) / n, of_b = b.squares / (m - 1.0) / m, both = of_a + of_b;
    if (!(both > 0.0) || !std::isfinite(both)) return Undefined::constant_sample;
    const double t = (a.mean - b.mean) / std::sqrt(both);
    const double share_a = of_a / both, share_b = of_b / both;  // Squares of tiny variances would vanish.
    return WelchStatistic{t, 1.0 / (share_a * share_a / (n - 1.0) + share_b * share_b / (m - 1.0))};
}

TestOutcome welch_t_test(const SortedSample& reference, const SortedSample& current) {
    const auto found = welch_statistic(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& [t, degrees] = std::get<WelchStatistic>(found);
    return TestResult{t, student_t_two_sided_p(t, degrees), "asymptotic"};
}

TestOutcome student_t_test(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double degrees = n + m - 2.0;
    if (degrees < 1.0) return Undefined::too_few_values;
    if (is_constant(reference) && is_constant(current)) return Undefined::constant_sample;
    const Moments a = moments_of(reference), b = moments_of(current);
    const double error = std::sqrt((a.squares + b.squares) / degrees * (1.0 / n + 1.0 / m));
    if (!(error > 0.0) || !std::isfinite(error)) return Undefined::constant_sample;
    const double t = (a.mean - b.mean) / error;
    return TestResult{t, student_t_two_sided_p(t, degrees), "exact"};
}

}  // namespace tristrata::stats
