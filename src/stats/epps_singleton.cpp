#include "tristrata/stats/epps_singleton.hpp"

#include "permutation.hpp"
#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t parts = 4;  // Cosine and sine at two points.
using Vector = std::array<double, parts>;
using Matrix = std::array<Vector, parts>;

/// The four parts of one value.
Vector parts_at(double value, double centre, double unit) {
    // The double angle saves half of the sines and cosines.
    const double angle = 0.4 * ((value - centre) / unit);
    const double c = std::cos(angle), s = std::sin(angle);
    return {c, c * c - s * s, s, 2.0 * c * s};
}

/// Sums of the parts and, below and on the diagonal, of their products.
struct Sums {
    Vector sum{};
    Matrix products{};
    double count = 0.0;

    void add(const Vector& here) {
        for (std::size_t i = 0; i < parts; ++i) {
            sum[i] += here[i];
            for (std::size_t j = 0; j <= i; ++j) products[i][j] += here[i] * here[j];
        }
        count += 1.0;
    }
    [[nodiscard]] Sums with(const Sums& other, double sign) const {
        Sums out = *this;
        for (std::size_t i = 0; i < parts; ++i) {
            out.sum[i] += sign * other.sum[i];
            for (std::size_t j = 0; j <= i; ++j) out.products[i][j] += sign * other.products[i][j];
        }
        out.count += sign * other.count;
        return out;
    }
    [[nodiscard]] double mean(std::size_t i) const { return sum[i] / count; }
    /// Divided by the number of values.
    [[nodiscard]] double covariance(std::size_t i, std::size_t j) const {
        return products[std::max(i, j)][std::min(i, j)] / count - mean(i) * mean(j);
    }
};

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

/// The difference of the means in the metric of this covariance. Degrees 0: nothing varies.
EppsSingletonStatistic distance_in(Matrix covariance, const Sums& a, const Sums& b) {
    const Matrix vectors = diagonalise(covariance);
    double largest = 0.0;
    for (std::size_t i = 0; i < parts; ++i) largest = std::max(largest, covariance[i][i]);
    EppsSingletonStatistic found;
    if (!(largest > 0.0)) return found;
    // The generalised inverse leaves out the directions in which nothing varies.
    for (std::size_t i = 0; i < parts; ++i) {
        if (covariance[i][i] <= 1e-12 * largest) continue;
        double along = 0.0;
        for (std::size_t k = 0; k < parts; ++k) along += vectors[k][i] * (a.mean(k) - b.mean(k));
        found.statistic += along * along / covariance[i][i];
        found.degrees += 1.0;
    }
    found.statistic *= a.count + b.count;
    return found;
}

/// In the metric of both sides' own covariances; shrunk where they are small.
EppsSingletonStatistic by_own_covariances(const Sums& a, const Sums& b) {
    const double n = a.count, m = b.count, rows = n + m;
    Matrix covariance{};
    for (std::size_t i = 0; i < parts; ++i)
        for (std::size_t j = 0; j < parts; ++j)
            covariance[i][j] = rows / n * a.covariance(i, j) + rows / m * b.covariance(i, j);
    EppsSingletonStatistic found = distance_in(covariance, a, b);
    if (std::max(n, m) < 25.0)
        found.statistic /= 1.0 + std::pow(rows, -0.45) + 10.1 * (std::pow(n, -1.7) + std::pow(m, -1.7));
    return found;
}

EppsSingletonStatistic by_pooled_covariance(const Sums& a, const Sums& b) {
    const Sums both = a.with(b, 1.0);
    const double rows = both.count, scale = rows / a.count + rows / b.count;
    Matrix covariance{};
    for (std::size_t i = 0; i < parts; ++i)
        for (std::size_t j = 0; j < parts; ++j) covariance[i][j] = scale * both.covariance(i, j);
    return distance_in(covariance, a, b);
}

/// Where the pooled values lie: half their interquartile range is the unit.
struct Scale {
    double centre = 0.0;
    double unit = 1.0;

    [[nodiscard]] Sums sums(const SortedSample& side) const {
        Sums sums;
        for (const double value : side.values()) sums.add(parts_at(value, centre, unit));
        return sums;
    }
};

std::variant<Scale, Undefined> scale_of(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    if (reference.size() < 5 || current.size() < 5) return Undefined::too_few_values;
    const auto is_constant = [](std::span<const double> values) { return values.front() == values.back(); };
    if (is_constant(reference.values()) && is_constant(current.values())) return Undefined::constant_sample;
    std::vector<double> all(reference.size() + current.size());
    std::ranges::merge(reference.values(), current.values(), all.begin());
    const Scale scale{sorted_quantile(all, 0.5),
                      0.5 * (sorted_quantile(all, 0.75) - sorted_quantile(all, 0.25))};
    if (!(scale.unit > 0.0) || !std::isfinite(scale.unit)) return Undefined::constant_sample;
    return scale;
}

std::variant<EppsSingletonStatistic, Undefined> statistic_by(EppsSingletonStatistic (*metric)(const Sums&,
                                                                                              const Sums&),
                                                             const SortedSample& reference,
                                                             const SortedSample& current) {
    const auto found = scale_of(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& scale = std::get<Scale>(found);
    const EppsSingletonStatistic statistic = metric(scale.sums(reference), scale.sums(current));
    if (statistic.degrees == 0.0) return Undefined::constant_sample;
    return statistic;
}

}  // namespace

std::variant<EppsSingletonStatistic, Undefined> epps_singleton_statistic(const SortedSample& reference,
                                                                         const SortedSample& current) {
    return statistic_by(by_own_covariances, reference, current);
}

std::variant<EppsSingletonStatistic, Undefined> epps_singleton_pooled_statistic(const SortedSample& reference,
                                                                                const SortedSample& current) {
    return statistic_by(by_pooled_covariance, reference, current);
}

TestOutcome epps_singleton_test(const SortedSample& reference, const SortedSample& current) {
    const auto found = epps_singleton_statistic(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& [statistic, degrees] = std::get<EppsSingletonStatistic>(found);
    return TestResult{statistic, chi_square_survival(statistic, degrees), "asymptotic"};
}

TestOutcome epps_singleton_permutation_test(const SortedSample& reference, const SortedSample& current,
                                            std::uint64_t draws, Random random) {
    const auto found = scale_of(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& [centre, unit] = std::get<Scale>(found);
    std::vector<Vector> rows;
    rows.reserve(reference.size() + current.size());
    for (const auto* side : {&reference, &current})
        for (const double value : side->values()) rows.push_back(parts_at(value, centre, unit));
    std::array<Sums, 2> sides;
    for (std::size_t i = 0; i < rows.size(); ++i) sides[i < reference.size() ? 0 : 1].add(rows[i]);
    const EppsSingletonStatistic observed = by_own_covariances(sides[0], sides[1]);
    if (observed.degrees == 0.0) return Undefined::constant_sample;
    const double threshold = observed.statistic * (1.0 - 1e-9) - 1e-12;
    const Sums all = sides[0].with(sides[1], 1.0);
    const std::size_t few = std::min(reference.size(), current.size());
    return permutation_result(observed.statistic, draws, [&] {
        Sums drawn;
        for (std::size_t i = 0; i < few; ++i) {
            std::swap(rows[i], rows[i + random.below(rows.size() - i)]);
            drawn.add(rows[i]);
        }
        return by_own_covariances(all.with(drawn, -1.0), drawn).statistic >= threshold;
    });
}

}  // namespace tristrata::stats
