#include "tristrata/stats/scipy_p.hpp"

#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/log_gamma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::uint64_t exact_values_max = 10'000;
using std::numbers::pi;

/// Both sides of one size: 2 sum of (-1)^(k+1) C(2n, n - k h) / C(2n, n), nested so that no term is rounded
/// off.
double equal_sizes(std::uint64_t n, std::uint64_t h) {
    double p = 0.0;
    for (std::uint64_t k = n / h; k >= 1; --k) {
        // The ratio of the binomial at k h to that at (k - 1) h.
        double ratio = 1.0;
        for (std::uint64_t j = (k - 1) * h; j < k * h; ++j)
            ratio *= static_cast<double>(n - j) / static_cast<double>(n + j + 1);
        p = ratio * (1.0 - p);
    }
    return 2.0 * p;
}

/// P(D+ >= d) of n values: d sum of C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j), j up to n (1 - d).
double one_sided(double d, double n) {
    double sum = 0.0;
    for (double j = 0.0; j <= std::floor(n * (1.0 - d)); j += 1.0) {
        const double up = d + j / n, down = 1.0 - up;
        if (!(down > 0.0)) {
            if (j == n) sum += std::pow(up, n - 1.0);
            continue;
        }
        sum += std::exp(log_gamma(n + 1.0) - log_gamma(j + 1.0) - log_gamma(n - j + 1.0) +
                        (j - 1.0) * std::log(up) + (n - j) * std::log1p(-up));
    }
    return std::min(1.0, d * sum);
}

using Matrix = std::vector<double>;

/// a b of size x size, scaled back by 1e140 where it grows; the exponents of ten are kept beside.
void multiply(const Matrix& a, const Matrix& b, Matrix& out, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) {
            double sum = 0.0;
            for (std::size_t k = 0; k < size; ++k) sum += a[i * size + k] * b[k * size + j];
            out[i * size + j] = sum;
        }
}

/// P(D < d) by the middle element of the n-th power of Durbin's matrix.
double by_matrix(double d, std::uint64_t n) {
    const double steps = static_cast<double>(n) * d;
    const auto k = static_cast<std::size_t>(steps) + 1;
    const std::size_t size = 2 * k - 1;
    const double h = static_cast<double>(k) - steps;
    Matrix matrix(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < std::min(size, i + 2); ++j) matrix[i * size + j] = 1.0;
    for (std::size_t i = 0; i < size; ++i) {
        matrix[i * size] -= std::pow(h, static_cast<double>(i + 1));
        matrix[(size - 1) * size + i] -= std::pow(h, static_cast<double>(size - i));
    }
    if (2.0 * h > 1.0) matrix[(size - 1) * size] += std::pow(2.0 * h - 1.0, static_cast<double>(size));
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < std::min(size, i + 2); ++j)
            for (std::size_t g = 2; g <= i + 1 - j; ++g) matrix[i * size + j] /= static_cast<double>(g);
    Matrix power(size * size, 0.0), scratch(size * size);
    for (std::size_t i = 0; i < size; ++i) power[i * size + i] = 1.0;
    int power_exponent = 0, matrix_exponent = 0;
    const auto shrink = [&](Matrix& of, int& exponent) {
        if (of[(k - 1) * size + k - 1] <= 1e140) return;
        for (double& x : of) x *= 1e-140;
        exponent += 140;
    };
    for (std::uint64_t left = n; left > 0; left /= 2) {
        if (left % 2 == 1) {
            multiply(power, matrix, scratch, size);
            power.swap(scratch);
            power_exponent += matrix_exponent;
            shrink(power, power_exponent);
        }
        multiply(matrix, matrix, scratch, size);
        matrix.swap(scratch);
        matrix_exponent *= 2;
        shrink(matrix, matrix_exponent);
    }
    double p = power[(k - 1) * size + k - 1];
    for (std::uint64_t i = 1; i <= n; ++i) {
        p *= static_cast<double>(i) / static_cast<double>(n);
        if (p < 1e-140) {
            p *= 1e140;
            power_exponent -= 140;
        }
    }
    return p * std::pow(10.0, power_exponent);
}

/// P(D < d) by Pelz and Good's expansion in 1/sqrt n, four terms of it.
double by_expansion(double d, std::uint64_t count) {
    const auto n = static_cast<double>(count);
    const double z = std::sqrt(n) * d, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4;
    const double pi2 = pi * pi, pi4 = pi2 * pi2, pi6 = pi4 * pi2;
    const double half_width = -pi2 / (8.0 * z2);
    std::array<double, 4> terms{};
    const int last = static_cast<int>(std::ceil(16.0 * z / pi));
    for (int i = 1; i <= last; ++i) {
        const double odd = 2.0 * i - 1.0, o2 = odd * odd, o4 = o2 * o2, o6 = o4 * o2;
        const double weight = std::exp(half_width * o2);
        terms[0] += weight;
        terms[1] += weight * (-z2 + pi2 / 4.0 * o2);
        terms[2] += weight * (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * o2 +
                              pi4 * (1.0 - 2.0 * z2) / 16.0 * o4);
        terms[3] +=
            weight * (-30.0 * z6 - 90.0 * z8 + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * o2 +
                      pi4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * o4 + pi6 * (5.0 - 30.0 * z2) / 64.0 * o6);
    }
    const double root = std::sqrt(2.0 * pi);
    terms[0] *= root / z;
    terms[1] *= root / (6.0 * z4);
    terms[2] *= root / (72.0 * z6 * z);
    terms[3] *= root / (6480.0 * z8 * z2);
    double second = 0.0, third = 0.0;
    for (int i = 1; i <= last; ++i) {
        const double k2 = static_cast<double>(i) * i, weight = std::exp(-pi2 * k2 / (2.0 * z2));
        second += k2 * weight;
        third += (3.0 * z2 - pi2 * k2) * k2 * weight;
    }
    terms[2] -= second * pi2 * root / (36.0 * z2 * z);
    terms[3] += third * pi2 * root / (216.0 * z6);
    return terms[0] + terms[1] / std::sqrt(n) + terms[2] / n + terms[3] / (n * std::sqrt(n));
}

}  // namespace

double kolmogorov_one_sample_survival(double d, std::uint64_t count) {
    const auto n = static_cast<double>(count);
    if (count == 0 || d <= 0.0) return 1.0;
    if (d >= 1.0) return 0.0;
    const double steps = n * d, square = steps * d;
    if (steps <= 0.5) return 1.0;
    if (steps <= 1.0)  // Ruben and Gambino.
        return 1.0 - std::exp(log_gamma(n + 1.0) - n * std::log(n) + n * std::log(2.0 * steps - 1.0));
    if (steps >= n - 1.0) return 2.0 * std::pow(1.0 - d, n);
    if (square >= 370.0) return 0.0;
    if (d >= 0.5 || square > 4.0 || (count > 140 && square >= 2.2))
        return std::min(1.0, 2.0 * one_sided(d, n));
    const bool small = count <= 140 || (count <= 100'000 && n * std::pow(d, 1.5) <= 1.4);
    return std::clamp(1.0 - (small ? by_matrix(d, count) : by_expansion(d, count)), 0.0, 1.0);
}

double scipy_ks_p(double d, std::uint64_t n, std::uint64_t m) {
    if (n == 0 || m == 0) return 1.0;
    if (std::max(n, m) > exact_values_max) {
        const double larger = static_cast<double>(std::max(n, m)),
                     smaller = static_cast<double>(std::min(n, m));
        const double worth = larger * smaller / (larger + smaller);
        return kolmogorov_one_sample_survival(d, static_cast<std::uint64_t>(std::nearbyint(worth)));
    }
    const std::uint64_t multiple = std::lcm(n, m);
    const auto h = static_cast<std::uint64_t>(std::nearbyint(d * static_cast<double>(multiple)));
    if (h == 0) return 1.0;
    const double p =
        n == m ? equal_sizes(n, h) : ks_exact_p(static_cast<double>(h) / static_cast<double>(multiple), n, m);
    return std::clamp(p, 0.0, 1.0);
}

}  // namespace tristrata::stats
