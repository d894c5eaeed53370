#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cassert>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

using Quad = boost::multiprecision::cpp_bin_float_quad;

/// b^2, b^4 and b^6 in falling factorials of b, from the first on (Stirling numbers of the second kind).
constexpr std::array second{1, 1};
constexpr std::array fourth{1, 7, 6, 1};
constexpr std::array sixth{1, 31, 90, 65, 15, 1};

/// One category of t rows: the weights of E[(m)_a / (N)_a] in E[(b^2/t)^power], a from 1 on.
template <std::size_t terms>
std::array<Quad, terms> weights(const std::array<int, terms>& stirling, double t) {
    std::array<Quad, terms> out;
    Quad falling = 1;
    for (std::size_t a = 0; a < terms; ++a) {
        falling *= t - static_cast<double>(a);
        out[a] = falling * stirling[a];
        for (std::size_t power = 0; 2 * power < terms; ++power) out[a] /= t;
    }
    return out;
}

/// E[sum], E[sum^2], E[sum^3] of sum b_i^2/t_i: every product of categories runs over distinct ones, which is
/// the product of the sums less where indices meet.
std::array<Quad, 3> raw_moments(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& sizes,
                                std::uint64_t draws, std::uint64_t rows) {
    std::array<Quad, 7> falling;  // E of the a-th falling factorial of a count, over that of its t.
    falling[0] = 1;
    for (std::size_t a = 1; a < falling.size(); ++a) {
        const bool possible = draws >= a && rows >= a;
        falling[a] = possible ? Quad(falling[a - 1] * Quad(draws - a + 1) / Quad(rows - a + 1)) : Quad(0);
    }
    std::array<Quad, 3> moments{0, 0, 0};
    std::array<Quad, 2> one{0, 0};
    std::array<std::array<Quad, 2>, 2> pairs{};
    std::array<std::array<std::array<Quad, 2>, 2>, 2> triples{};
    std::array<Quad, 4> square{};
    std::array<std::array<Quad, 2>, 4> square_one{};
    for (const auto& [t, categories] : sizes) {
        const auto size = static_cast<double>(t);
        const auto first = weights(second, size);
        const auto squared = weights(fourth, size);
        const auto cubed = weights(sixth, size);
        const Quad many = categories;
        for (std::size_t a = 0; a < 2; ++a) {
            one[a] += many * first[a];
            for (std::size_t b = 0; b < 2; ++b) {
                pairs[a][b] += many * first[a] * first[b];
                for (std::size_t c = 0; c < 2; ++c) triples[a][b][c] += many * first[a] * first[b] * first[c];
            }
        }
        for (std::size_t a = 0; a < 4; ++a) {
            square[a] += many * squared[a];
            for (std::size_t b = 0; b < 2; ++b) square_one[a][b] += many * squared[a] * first[b];
        }
        for (std::size_t a = 0; a < 6; ++a) moments[2] += many * falling[a + 1] * cubed[a];
    }
    for (std::size_t a = 0; a < 2; ++a) {
        moments[0] += falling[a + 1] * one[a];
        for (std::size_t b = 0; b < 2; ++b) {
            moments[1] += falling[a + b + 2] * (one[a] * one[b] - pairs[a][b]);
            for (std::size_t c = 0; c < 2; ++c)
                moments[2] += falling[a + b + c + 3] *
                              (one[a] * one[b] * one[c] - pairs[a][b] * one[c] - pairs[a][c] * one[b] -
                               pairs[b][c] * one[a] + 2 * triples[a][b][c]);
        }
    }
    for (std::size_t a = 0; a < 4; ++a) {
        moments[1] += falling[a + 1] * square[a];
        for (std::size_t b = 0; b < 2; ++b)
            moments[2] += 3 * falling[a + b + 2] * (square[a] * one[b] - square_one[a][b]);
    }
    return moments;
}

}  // namespace

std::variant<ChiSquareMoments, Undefined> chi_square_moments(std::span<const std::uint64_t> reference,
                                                             std::span<const std::uint64_t> current,
                                                             double tau) {
    assert(reference.size() == current.size() && tau >= 1.0);
    std::uint64_t m = 0, rows_given = 0, n_and_m = 0;
    std::vector<std::uint64_t> pooled;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const std::uint64_t t = reference[i] + current[i];
        if (t == 0) continue;
        m += current[i];
        rows_given += t;
        const auto worth = static_cast<double>(t) / tau;
        pooled.push_back(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(worth))));
        n_and_m += pooled.back();
    }
    if (m == 0 || m == rows_given) return Undefined::empty_sample;
    if (n_and_m < 2) return ChiSquareMoments{};
    const double share = static_cast<double>(m) / static_cast<double>(rows_given);
    m = std::clamp<std::uint64_t>(
        static_cast<std::uint64_t>(std::llround(share * static_cast<double>(n_and_m))), 1, n_and_m - 1);
    const std::uint64_t n = n_and_m - m;
    std::ranges::sort(pooled);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> sizes;  // A size, and how many categories have it.
    for (const auto t : pooled) {
        if (sizes.empty() || sizes.back().first != t) sizes.emplace_back(t, 0);
        ++sizes.back().second;
    }
    const auto [first, second_moment, third] = raw_moments(sizes, m, n + m);
    // The statistic is N^2 / (n m) (sum - m^2 / N).
    const Quad rows = n + m;
    const Quad scale = rows * rows / (Quad(n) * Quad(m));
    const Quad variance = second_moment - first * first;
    const Quad third_central = third - 3 * first * second_moment + 2 * first * first * first;
    ChiSquareMoments moments;
    moments.mean = static_cast<double>(Quad(scale * (first - Quad(m) * Quad(m) / rows)));
    moments.variance = static_cast<double>(Quad(scale * scale * variance));
    // One size of one row each: the sum cannot vary, and rounding is all that is left.
    if (variance <= first * first * 1e-25) moments.variance = 0.0;
    else moments.skewness = static_cast<double>(Quad(third_central / (variance * sqrt(variance))));
    return moments;
}

double chi_square_survival(double statistic, const ChiSquareMoments& moments) {
    if (!(moments.variance > 0.0)) return 1.0;
    const double z = (statistic - moments.mean) / std::sqrt(moments.variance);
    if (std::abs(moments.skewness) < 1e-4) return 0.5 * std::erfc(z / std::sqrt(2.0));
    const double shape = 4.0 / (moments.skewness * moments.skewness);
    const double at = shape + (moments.skewness > 0.0 ? z : -z) * std::sqrt(shape);
    if (moments.skewness > 0.0) return at <= 0.0 ? 1.0 : boost::math::gamma_q(shape, at);
    return at <= 0.0 ? 0.0 : boost::math::gamma_p(shape, at);
}

}  // namespace tristrata::stats
