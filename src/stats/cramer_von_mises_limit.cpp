#include "tristrata/stats/cramer_von_mises.hpp"

#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <numbers>

namespace tristrata::stats {
namespace {

using std::numbers::pi;
constexpr double series_up_to = 0.2;

/// P(W <= x) = 1 / (pi sqrt x) sum over k of (-1)^k C(-1/2, k) sqrt(4k+1) exp(-q) K_1/4(q),
/// q = (4k+1)^2 / (16 x): at small x one term is all there is.
double distribution(double x) {
    double sum = 0.0, weight = 1.0;
    for (double k = 0.0; k < 100.0; k += 1.0) {
        const double y = 4.0 * k + 1.0, q = y * y / (16.0 * x);
        if (q > 350.0) break;
        sum += weight * std::sqrt(y) * std::exp(-q) * boost::math::cyl_bessel_k(0.25, q);
        weight *= (k + 0.5) / (k + 1.0);
    }
    return sum / (pi * std::sqrt(x));
}

/// P(W > x) = 2 / pi sum over k of (-1)^(k+1) times the integral from (2k-1) pi to 2k pi of
/// exp(-x u^2 / 2) / sqrt(u |sin u|) du. Both ends are inverse square roots: Gauss-Chebyshev's weight.
double tail(double x) {
    constexpr int nodes = 64;
    double sum = 0.0;
    for (int k = 1; k <= 6; ++k) {
        double part = 0.0;
        for (int node = 0; node < nodes; ++node) {
            const double c = std::cos((2.0 * node + 1.0) * pi / (2.0 * nodes));
            const double v = 0.5 * pi * c, u = (2.0 * k - 0.5) * pi + v;
            // (pi/2)^2 - v^2 over cos v, both of which vanish at the ends.
            const double from_end = 0.5 * pi - std::abs(v);
            const double ratio = from_end < 1e-9 ? pi : (0.25 * pi * pi - v * v) / std::sin(from_end);
            part += std::exp(-0.5 * x * u * u) * std::sqrt(ratio / u);
        }
        sum += (k % 2 == 1 ? 1.0 : -1.0) * part * pi / nodes;
    }
    return 2.0 / pi * sum;
}

}  // namespace

double cramer_von_mises_survival(double x) {
    if (!(x > 0.0)) return 1.0;
    return std::clamp(x < series_up_to ? 1.0 - distribution(x) : tail(x), 0.0, 1.0);
}

}  // namespace tristrata::stats
