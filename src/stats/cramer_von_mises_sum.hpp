#pragma once

#include <cstdint>

namespace tristrata::stats {

/// T of the Cramér-von Mises test from the runs of equal values in ascending order. U's terms are 1e12 times
/// their remainder for a million rows; with f and g the shares halfway through a run, and d and e its shares,
///   T = n m / N (sum of (f - g)^2 (d + e) / 2 + sum of (d^3 + e^3) / 24 - sum of d e (d + e) / 8)
///       + ((A - n) / m + (B - m) / n + 2) / (12 N)
/// is the same number, and nothing large cancels in it. A and B are the sums of the runs' cubed counts.
class CramerVonMisesSum {
public:
    CramerVonMisesSum(double n, double m) noexcept : n_(n), m_(m) {}

    /// A run of values: so many of each side lie below it, and so many at most at it.
    void add(std::int64_t a_below, std::int64_t b_below, std::int64_t a_up_to,
             std::int64_t b_up_to) noexcept {
        const auto a = static_cast<double>(a_up_to - a_below), b = static_cast<double>(b_up_to - b_below);
        const double gap =
            static_cast<double>(a_below + a_up_to) * m_ - static_cast<double>(b_below + b_up_to) * n_;
        squares_ += gap * gap * (a * m_ + b * n_);
        a_cubes_ += a * a * a;
        b_cubes_ += b * b * b;
        shared_ += a * b * (a * m_ + b * n_);
    }
    /// Two stretches of the walk add.
    void merge(const CramerVonMisesSum& other) noexcept {
        squares_ += other.squares_;
        a_cubes_ += other.a_cubes_;
        b_cubes_ += other.b_cubes_;
        shared_ += other.shared_;
    }
    [[nodiscard]] double statistic() const noexcept {
        const double area = n_ * m_, all = n_ + m_;
        const double halves = squares_ / (8.0 * area * area * area);
        const double a = a_cubes_ / (n_ * n_ * n_), b = b_cubes_ / (m_ * m_ * m_);
        const double inner = halves + (a + b) / 24.0 - shared_ / (area * area) / 8.0;
        return area / all * inner + ((a_cubes_ - n_) / m_ + (b_cubes_ - m_) / n_ + 2.0) / (12.0 * all);
    }

private:
    double n_, m_, squares_ = 0.0, a_cubes_ = 0.0, b_cubes_ = 0.0, shared_ = 0.0;
};

}  // namespace tristrata::stats
