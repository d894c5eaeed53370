#include "tristrata/stats/epps_singleton.hpp"

#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t parts = 4;  // Cosine and sine at two points.
using Vector = std::array<double, parts>;
using Matrix = std::array<Vector, parts>;

struct Parts {
    Vector mean{};
    Matrix covariance{};  ///< Divided by the number of values.
};

Parts parts_of(std::span<const double> values, double centre, double unit) {
    const auto count = static_cast<double>(values.size());
    Parts parts_found;
    Matrix products{};
    for (const double value : values) {
        // The double angle saves half of the sines and cosines.
        const double angle = 0.4 * ((value - centre) / unit);
        const double c = std::cos(angle), s = std::sin(angle);
        const Vector here{c, c * c - s * s, s, 2.0 * c * s};
        for (std::size_t i = 0; i < parts; ++i) {
            parts_found.mean[i] += here[i];
            for (std::size_t j = 0; j <= i; ++j) products[i][j] += here[i] * here[j];
        }
    }
    for (double& mean : parts_found.mean) mean /= count;
    for (std::size_t i = 0; i < parts; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            parts_found.covariance[i][j] = parts_found.covariance[j][i] =
                products[i][j] / count - parts_found.mean[i] * parts_found.mean[j];
    return parts_found;
}

/// Eigenvalues on the diagonal, eigenvectors in the columns of `vectors`: Jacobi's rotations.
Matrix diagonalise(Matrix& matrix) {
    Matrix vectors{};
    for (std::size_t i = 0; i < parts; ++i) vectors[i][i] = 1.0;
    for (int sweep = 0; sweep < 30; ++sweep) {
        double off = 0.0;
        for (std::size_t p = 0; p < parts; ++p)
            for (std::size_t q = p + 1; q < parts; ++q) off += matrix[p][q] * matrix[p][q];
        if (off == 0.0) break;
        for (std::size_t p = 0; p < parts; ++p)
            for (std::size_t q = p + 1; q < parts; ++q) {
                if (matrix[p][q] == 0.0) continue;
                const double theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                const double t = (theta >= 0.0 ? 1.0 : -1.0) / (std::abs(theta) + std::hypot(theta, 1.0));
                const double c = 1.0 / std::hypot(t, 1.0), s = t * c;
                for (std::size_t k = 0; k < parts; ++k) {
                    const double kp = matrix[k][p], kq = matrix[k][q];
                    matrix[k][p] = c * kp - s * kq;
                    matrix[k][q] = s * kp + c * kq;
                }
                for (std::size_t k = 0; k < parts; ++k) {
                    const double pk = matrix[p][k], qk = matrix[q][k];
                    matrix[p][k] = c * pk - s * qk;
                    matrix[q][k] = s * pk + c * qk;
                    const double vp = vectors[k][p], vq = vectors[k][q];
                    vectors[k][p] = c * vp - s * vq;
                    vectors[k][q] = s * vp + c * vq;
                }
                matrix[p][q] = matrix[q][p] = 0.0;
            }
    }
    return vectors;
}

std::vector<double> pooled(const SortedSample& reference, const SortedSample& current) {
    std::vector<double> all(reference.size() + current.size());
    std::ranges::merge(reference.values(), current.values(), all.begin());
    return all;
}

}  // namespace

std::variant<EppsSingletonStatistic, Undefined> epps_singleton_statistic(const SortedSample& reference,
                                                                         const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    if (reference.size() < 5 || current.size() < 5) return Undefined::too_few_values;
    const auto is_constant = [](std::span<const double> values) { return values.front() == values.back(); };
    if (is_constant(reference.values()) && is_constant(current.values())) return Undefined::constant_sample;
    const std::vector<double> all = pooled(reference, current);
    const double unit = 0.5 * (sorted_quantile(all, 0.75) - sorted_quantile(all, 0.25));
    const double centre = sorted_quantile(all, 0.5);
    if (!(unit > 0.0) || !std::isfinite(unit)) return Undefined::constant_sample;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size()),
               rows = n + m;
    const Parts a = parts_of(reference.values(), centre, unit);
    const Parts b = parts_of(current.values(), centre, unit);
    Matrix covariance{};
    for (std::size_t i = 0; i < parts; ++i)
        for (std::size_t j = 0; j < parts; ++j)
            covariance[i][j] = rows / n * a.covariance[i][j] + rows / m * b.covariance[i][j];
    const Matrix vectors = diagonalise(covariance);
    double largest = 0.0;
    for (std::size_t i = 0; i < parts; ++i) largest = std::max(largest, covariance[i][i]);
    if (!(largest > 0.0)) return Undefined::constant_sample;
    // The generalised inverse leaves out the directions in which nothing varies.
    double statistic = 0.0, rank = 0.0;
    for (std::size_t i = 0; i < parts; ++i) {
        if (covariance[i][i] <= 1e-12 * largest) continue;
        double along = 0.0;
        for (std::size_t k = 0; k < parts; ++k) along += vectors[k][i] * (a.mean[k] - b.mean[k]);
        statistic += along * along / covariance[i][i];
        rank += 1.0;
    }
    statistic *= rows;
    if (std::max(n, m) < 25.0)
        statistic /= 1.0 + std::pow(rows, -0.45) + 10.1 * (std::pow(n, -1.7) + std::pow(m, -1.7));
    return EppsSingletonStatistic{statistic, rank};
}

TestOutcome epps_singleton_test(const SortedSample& reference, const SortedSample& current) {
    const auto found = epps_singleton_statistic(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& [statistic, degrees] = std::get<EppsSingletonStatistic>(found);
    return TestResult{statistic, chi_square_survival(statistic, degrees), "asymptotic"};
}

}  // namespace tristrata::stats
