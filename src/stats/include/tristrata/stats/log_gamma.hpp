#pragma once

namespace tristrata::stats {

/// ln |Γ(x)|. std::lgamma writes the sign into a global, which is a race where columns are looked at
/// on several threads; this does not.
[[nodiscard]] double log_gamma(double x) noexcept;

}  // namespace tristrata::stats
