#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tristrata::stats {

/// A stretch of two ascending samples, and how far a walk has come in it.
class PooledStretch {
public:
    PooledStretch(std::span<const double> a, std::span<const double> b, std::size_t a_from, std::size_t a_to,
                  std::size_t b_from, std::size_t b_to)
        : a_(a), b_(b), i_(a_from), a_to_(a_to), a_below_(a_from), j_(b_from), b_to_(b_to), b_below_(b_from) {
        if (done()) return;
        x_ = i_ == a_to_ || (j_ != b_to_ && b_[j_] < a_[i_]) ? b_[j_] : a_[i_];
    }

    [[nodiscard]] bool done() const { return i_ == a_to_ && j_ == b_to_; }
    /// So many steps find a value on both sides.
    [[nodiscard]] std::size_t steps_with_both() const { return std::min(a_to_ - i_, b_to_ - j_); }

    /// Which side is next is a coin flip to a branch predictor: arithmetic, not a branch, takes the step.
    template <class Visit>
    void step_with_both(Visit& visit) {
        const double first = a_[i_], second = b_[j_];
        reach(std::min(first, second), visit);
        const auto from_a = static_cast<std::size_t>(first <= second);
        i_ += from_a;
        j_ += 1 - from_a;
    }

    template <class Visit>
    void finish(Visit& visit) {
        if (done() && a_below_ == a_to_ && b_below_ == b_to_) return;
        while (i_ < a_to_ && j_ < b_to_) step_with_both(visit);
        for (; i_ < a_to_; ++i_) reach(a_[i_], visit);
        for (; j_ < b_to_; ++j_) reach(b_[j_], visit);
        leave(visit);
    }

private:
    // Signed, because an unsigned number takes a branch to become a double.
    template <class Visit>
    void leave(Visit& visit) {
        visit(x_, static_cast<std::int64_t>(a_below_), static_cast<std::int64_t>(b_below_),
              static_cast<std::int64_t>(i_), static_cast<std::int64_t>(j_));
    }
    template <class Visit>
    void reach(double next, Visit& visit) {
        if (next == x_) return;
        leave(visit);
        x_ = next;
        a_below_ = i_;
        b_below_ = j_;
    }

    std::span<const double> a_, b_;
    std::size_t i_, a_to_, a_below_;
    std::size_t j_, b_to_, b_below_;
    double x_ = 0.0;
};

/// Calls visitor(x, a_below, b_below, a_up_to, b_up_to) for every distinct value x of two ascending samples:
/// how many values of each side lie below x, and how many at most at x. The range is cut into two stretches
/// that are walked in turn, for a step waits for the one before it; each has a visitor of its own, and within
/// a stretch x ascends. O(n + m).
template <class Visitor>
void walk_pooled(std::span<const double> a, std::span<const double> b, std::array<Visitor, 2>& visitors) {
    // No value stands in both stretches.
    const double cut = a.empty() ? 0.0 : a[a.size() / 2];
    const auto below_cut = [cut](std::span<const double> values) {
        return static_cast<std::size_t>(std::ranges::lower_bound(values, cut) - values.begin());
    };
    const std::size_t a_cut = below_cut(a), b_cut = below_cut(b);
    PooledStretch low(a, b, 0, a_cut, 0, b_cut), high(a, b, a_cut, a.size(), b_cut, b.size());
    while (const std::size_t steps = std::min(low.steps_with_both(), high.steps_with_both()))
        for (std::size_t step = 0; step < steps; ++step) {
            low.step_with_both(visitors[0]);
            high.step_with_both(visitors[1]);
        }
    low.finish(visitors[0]);
    high.finish(visitors[1]);
}

}  // namespace tristrata::stats
