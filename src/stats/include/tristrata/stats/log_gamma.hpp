#pragma once

#include <math.h>  // lgamma_r is POSIX's, not the standard's.

namespace tristrata::stats {

/// ln |Γ(x)|. std::lgamma writes the sign into a global, which is a race where columns are looked at on
/// several threads.
[[nodiscard]] inline double log_gamma(double x) noexcept {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

}  // namespace tristrata::stats
