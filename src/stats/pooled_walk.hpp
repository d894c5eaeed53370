#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tristrata::stats {

/// A stretch of two ascending samples, how far a walk has come in it, and the distinct values that it found
/// since they were last shown. Finding and showing take turns: a step waits for the one before it, and what a
/// visitor keeps would be in its way.
class PooledStretch {
public:
    PooledStretch(std::span<const double> a, std::span<const double> b, std::size_t a_from, std::size_t a_to,
                  std::size_t b_from, std::size_t b_to)
        : a_(a.data()), b_(b.data()), a_to_(a_to), b_to_(b_to), at_{a_from, b_from} {
        up_to_a_[0] = static_cast<std::int64_t>(a_from);
        up_to_b_[0] = static_cast<std::int64_t>(b_from);
    }

    /// So many steps find a value on both sides and a place for it.
    [[nodiscard]] std::size_t steps_with_both() const {
        return std::min({a_to_ - at_.i, b_to_ - at_.j, room()});
    }
    /// Takes so many steps in two stretches, one here and one there.
    static void step_with_both(PooledStretch& low, PooledStretch& high, std::size_t steps) {
        Place here = low.at_, there = high.at_;
        for (; steps > 0; --steps) {
            low.step(here);
            high.step(there);
        }
        low.at_ = here;
        high.at_ = there;
    }
    void step_with_both(std::size_t steps) {
        Place here = at_;
        for (; steps > 0; --steps) step(here);
        at_ = here;
    }
    /// Takes what one side has behind the other's end, as far as there is room; false where nothing is left.
    bool step_with_one() {
        Place here = at_;
        for (std::size_t left = room(); left > 0 && here.j == b_to_ && here.i < a_to_; --left) {
            const double next = a_[here.i++];
            put(here, next);
        }
        for (std::size_t left = room(); left > 0 && here.i == a_to_ && here.j < b_to_; --left) {
            const double next = b_[here.j++];
            put(here, next);
        }
        at_ = here;
        return at_.i < a_to_ || at_.j < b_to_;
    }

    /// Shows what was found, but for the last, of which more may come; that too `at_the_end`.
    template <class Visitor>
    void show(Visitor& visitor, bool at_the_end) const {
        const std::size_t found = at_.k + static_cast<std::size_t>(at_the_end);
        Visitor own = std::move(visitor);  // In registers.
        for (std::size_t k = 1; k < found; ++k)
            own(x_[k], up_to_a_[k - 1], up_to_b_[k - 1], up_to_a_[k], up_to_b_[k]);
        visitor = std::move(own);
    }
    void forget_shown() {
        if (at_.k < 2) return;
        for (const std::size_t kept : {std::size_t{0}, std::size_t{1}}) {
            const std::size_t from = at_.k - 1 + kept;
            x_[kept] = x_[from];
            up_to_a_[kept] = up_to_a_[from];
            up_to_b_[kept] = up_to_b_[from];
        }
        at_.k = 1;
    }

private:
    static constexpr std::size_t places = 256;  // Of both stretches together they stay in the nearest cache.

    /// The next value of each side, and the last distinct value with its place.
    struct Place {
        std::size_t i, j, k = 0;
        double x = NAN;
    };

    [[nodiscard]] std::size_t room() const { return places - 1 - at_.k; }
    /// Which side is next is a coin flip to a branch predictor, and so are ties: arithmetic takes the step.
    void step(Place& here) {
        const double first = a_[here.i], second = b_[here.j];
        const auto from_a = static_cast<std::size_t>(first <= second);
        here.i += from_a;
        here.j += 1 - from_a;
        put(here, std::min(first, second));
    }
    void put(Place& here, double next) {
        here.k += static_cast<std::size_t>(next != here.x);
        here.x = next;
        x_[here.k] = next;
        up_to_a_[here.k] = static_cast<std::int64_t>(here.i);
        up_to_b_[here.k] = static_cast<std::int64_t>(here.j);
    }

    const double* a_;
    const double* b_;
    std::size_t a_to_, b_to_;
    Place at_;
    // The first place is that of the value before. Signed, because an unsigned number takes a branch to
    // become a double.
    std::array<double, places> x_;
    std::array<std::int64_t, places> up_to_a_, up_to_b_;
};

/// Calls each visitor(x, a_below, b_below, a_up_to, b_up_to) for every distinct value x of two ascending
/// samples: how many values of each side lie below x, and how many at most at x. The range is cut into two
/// stretches that are walked in turn, for a step waits for the one before it; each has a visitor of its own,
/// and within a stretch x ascends. O(n + m).
template <class... Visitor>
void walk_pooled(std::span<const double> a, std::span<const double> b, std::array<Visitor, 2>&... visitors) {
    // No value stands in both stretches.
    const double cut = a.empty() ? 0.0 : a[a.size() / 2];
    const auto below_cut = [cut](std::span<const double> values) {
        return static_cast<std::size_t>(std::ranges::lower_bound(values, cut) - values.begin());
    };
    const std::size_t a_cut = below_cut(a), b_cut = below_cut(b);
    PooledStretch low(a, b, 0, a_cut, 0, b_cut), high(a, b, a_cut, a.size(), b_cut, b.size());
    const auto show_low = [&](bool at_the_end) {
        (low.show(visitors[0], at_the_end), ...);
        low.forget_shown();
    };
    const auto show_high = [&](bool at_the_end) {
        (high.show(visitors[1], at_the_end), ...);
        high.forget_shown();
    };
    while (const std::size_t steps = std::min(low.steps_with_both(), high.steps_with_both())) {
        PooledStretch::step_with_both(low, high, steps);
        show_low(false);
        show_high(false);
    }
    const auto finish = [](PooledStretch& stretch, const auto& show) {
        while (const std::size_t steps = stretch.steps_with_both()) {
            stretch.step_with_both(steps);
            show(false);
        }
        while (stretch.step_with_one()) show(false);
        show(true);
    };
    finish(low, show_low);
    finish(high, show_high);
}

}  // namespace tristrata::stats
