#pragma once

#include "pooled_walk.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tristrata::stats {

/// Visitor of walk_pooled: the integrals over x of K functions of the empirical CDFs, from the stretch's
/// smallest value to its largest.
template <std::size_t K, class Heights>
class StepIntegral {
public:
    /// Of samples of n and m values. `heights(gap, f, g)` gives the functions where the CDFs are f and g and
    /// gap = f - g, which is taken of whole numbers, so that it is 0 where they are equal.
    StepIntegral(std::size_t n, std::size_t m, Heights heights)
        : heights_(heights), n_(static_cast<double>(n)), m_(static_cast<double>(m)) {}

    void operator()(double x, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
        if (std::isnan(previous_)) {
            first_ = x;
            before_first_ = at(i0, j0);
        } else {
            add(x - previous_, std::make_index_sequence<K>{});
        }
        last_ = at(i, j);
        previous_ = x;
    }
    /// The integrals over both stretches and what lies between them.
    [[nodiscard]] static std::array<double, K> sums(const StepIntegral& low, const StepIntegral& high) {
        std::array<double, K> sums{};
        for (std::size_t k = 0; k < K; ++k) {
            sums[k] = low.area_[k] + high.area_[k];
            if (!std::isnan(low.previous_) && !std::isnan(high.first_))
                sums[k] += high.before_first_[k] * (high.first_ - low.previous_);
        }
        return sums;
    }

private:
    // Written out: what is indexed in a loop does not stay in registers.
    template <std::size_t... k>
    void add(double width, std::index_sequence<k...> /*all*/) {
        ((area_[k] += last_[k] * width), ...);
    }
    [[nodiscard]] std::array<double, K> at(std::int64_t i, std::int64_t j) const {
        const auto x = static_cast<double>(i), y = static_cast<double>(j);
        return heights_((x * m_ - y * n_) * gap_unit_, x * a_unit_, y * b_unit_);
    }

    Heights heights_;
    double n_, m_;
    double gap_unit_ = 1.0 / (n_ * m_), a_unit_ = 1.0 / n_, b_unit_ = 1.0 / m_;  // No division a value.
    std::array<double, K> area_{}, before_first_{}, last_{};
    double first_ = NAN, previous_ = NAN;
};

/// The integrals of K functions of the empirical CDFs, from the smallest value of both samples to the
/// largest. O(n + m).
template <std::size_t K, class Heights>
[[nodiscard]] std::array<double, K> integrate_between(std::span<const double> a, std::span<const double> b,
                                                      Heights heights) {
    const StepIntegral<K, Heights> zero(a.size(), b.size(), heights);
    std::array<StepIntegral<K, Heights>, 2> parts{zero, zero};
    walk_pooled(a, b, parts);
    return StepIntegral<K, Heights>::sums(parts[0], parts[1]);
}

}  // namespace tristrata::stats
