#pragma once

#include "step_integral.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/trimmed_distances.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tristrata::stats {

/// Visitor of a walk over all values of two samples of at least four each: the integrals of the trimmed
/// distances, of which the smallest and the largest value of each side are no part. Those are counted out, so
/// that one walk does for the distances and for what is taken of all values.
class TrimmedArea {
public:
    TrimmedArea(std::size_t n, std::size_t m)
        : integral_(n - 2, m - 2, {}),
          n_(static_cast<std::int64_t>(n) - 2),
          m_(static_cast<std::int64_t>(m) - 2) {}

    void operator()(double x, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
        if (below_a_ < 0) {
            below_a_ = inner(i0, n_);
            below_b_ = inner(j0, m_);
        }
        const std::int64_t a = inner(i, n_), b = inner(j, m_);
        // Not even a step of height 0: its width may be infinite. One question, for which side x is of is a
        // coin flip to a branch predictor.
        if (((a ^ below_a_) | (b ^ below_b_)) == 0) return;
        integral_(x, below_a_, below_b_, a, b);
        below_a_ = a;
        below_b_ = b;
    }
    /// What there is without a walk, if samples of n and m values have no distances.
    [[nodiscard]] static std::optional<TrimmedDistances> lacking(std::size_t n, std::size_t m);
    /// The distances of what both stretches found.
    [[nodiscard]] static TrimmedDistances distances(const TrimmedArea& low, const TrimmedArea& high,
                                                    const SortedSample& reference);

private:
    /// |gap|, its square, and the share of pairs that x parts.
    struct Heights {
        std::array<double, 3> operator()(double gap, double f, double g) const {
            return {std::abs(gap), gap * gap, f * (1.0 - g) + g * (1.0 - f)};
        }
    };
    using Integral = StepIntegral<3, Heights>;

    static std::int64_t inner(std::int64_t count, std::int64_t all) {
        return std::clamp<std::int64_t>(count - 1, 0, all);
    }

    Integral integral_;
    std::int64_t n_, m_;
    std::int64_t below_a_ = -1, below_b_ = -1;  // Of what is left; -1 until the walk begins.
};

}  // namespace tristrata::stats
