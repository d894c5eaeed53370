#include "tristrata/stats/log_gamma.hpp"

#include <cmath>

namespace tristrata::stats {

double log_gamma(double x) noexcept {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

}  // namespace tristrata::stats
