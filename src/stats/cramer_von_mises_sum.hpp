#pragma once

#include <cstdint>

namespace tristrata::stats {

/// T of the Cramér-von Mises test and its null's mean and variance, from the runs of equal values in
/// ascending order. With h the share of all values up to a run and w the run's own share, the permutations
/// have
///   E T = N / (N - 1) sum of w h (1 - h),
/// exactly, and to first order Var T = 2 sum over pairs of runs of w w' (min(h, h') - h h')^2.
class CramerVonMisesSum {
public:
    CramerVonMisesSum(double n, double m) noexcept : n_(n), m_(m) {}

    /// A run: so many values of each side lie below it, and so many at most at it.
    void add(std::int64_t a_below, std::int64_t b_below, std::int64_t a_up_to,
             std::int64_t b_up_to) noexcept {
        const double all = n_ + m_;
        const auto i = static_cast<double>(a_up_to), j = static_cast<double>(b_up_to);
        const double weight = static_cast<double>(a_up_to - a_below + b_up_to - b_below) / all;
        const double gap = i * m_ - j * n_, share = (i + j) / all, rest = 1.0 - share;
        squares_ += weight * gap * gap;
        shares_ += weight * share * rest;
        own_ += weight * weight * share * share * rest * rest;
        pairs_ += lower_ * weight * rest * rest;
        lower_ += weight * share * share;
        upper_ += weight * rest * rest;
    }
    /// Adds a stretch whose values all lie above those so far.
    void append(const CramerVonMisesSum& above) noexcept {
        squares_ += above.squares_;
        shares_ += above.shares_;
        own_ += above.own_;
        pairs_ += above.pairs_ + lower_ * above.upper_;
        lower_ += above.lower_;
        upper_ += above.upper_;
    }
    /// n m / N times the mean of (F - G)^2 over all values: whole numbers are squared, and nothing cancels.
    [[nodiscard]] double statistic() const noexcept { return squares_ / (n_ * m_ * (n_ + m_)); }
    [[nodiscard]] double mean() const noexcept {
        const double all = n_ + m_;
        return all > 1.0 ? shares_ * all / (all - 1.0) : 0.0;
    }
    /// Exact without ties; with them, what the first order makes of it.
    [[nodiscard]] double variance() const noexcept {
        const double square = (n_ + m_) * (n_ + m_);
        const double first_order = (square - 1.0) * (2.0 * square + 7.0) / (90.0 * square * square);
        return untied_variance(n_, m_) * 2.0 * (own_ + 2.0 * pairs_) / first_order;
    }
    [[nodiscard]] static double untied_variance(double n, double m) noexcept {
        const double all = n + m, area = n * m;
        return (all + 1.0) / (all * all) * (4.0 * area * all - 3.0 * (n * n + m * m) - 2.0 * area) /
               (180.0 * area);
    }

private:
    double n_, m_, squares_ = 0.0, shares_ = 0.0;
    double own_ = 0.0, pairs_ = 0.0, lower_ = 0.0, upper_ = 0.0;  ///< Of the double sum.
};

}  // namespace tristrata::stats
