#include "cramer_von_mises_exact.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace tristrata::stats {
namespace {

/// What a run of equal values gives to each side.
struct Run {
    std::int64_t a, b;
};

double ways_of(std::int64_t n, std::int64_t k) {
    double ways = 1.0;
    for (std::int64_t i = 1; i <= k; ++i)
        ways = ways * static_cast<double>(n - k + i) / static_cast<double>(i);
    return std::round(ways);
}

struct Orderings {
    std::int64_t sum;
    double ways;
};

/// How far the sum may still rise from a state to the end.
struct Rest {
    std::int64_t low = std::numeric_limits<std::int64_t>::max(), high = -1;
};

/// The share of the orderings of all values, runs kept together, whose sum is at least the observed one.
class ExactShare {
public:
    ExactShare(std::span<const std::int64_t> runs, std::int64_t n, std::int64_t m)
        : runs_(runs), n_(n), m_(m), below_{0} {
        for (const auto run : runs_) below_.push_back(below_.back() + run);
        find_rests();
    }

    [[nodiscard]] double at_least(std::int64_t observed) const {
        double reached = 0.0;
        std::vector<std::vector<Orderings>> states(1, {{0, 1.0}});
        for (std::size_t run = 0; run < runs_.size(); ++run) {
            std::vector<std::vector<Orderings>> next(static_cast<std::size_t>(n_) + 1);
            for (std::size_t i = 0; i < states.size(); ++i) {
                if (states[i].empty()) continue;
                each_step(run, static_cast<std::int64_t>(i), [&](Run step, std::int64_t rise, double ways) {
                    const std::int64_t to = static_cast<std::int64_t>(i) + step.a;
                    const Rest& rest = rests_[run + 1][static_cast<std::size_t>(to)];
                    const double endings = ways_of(n_ + m_ - below_[run + 1], n_ - to);
                    std::vector<Orderings> moved;
                    for (const auto& [sum, count] : states[i]) {
                        const std::int64_t here = sum + rise;
                        // What is sure to reach the observed sum is counted now, what cannot is dropped.
                        if (here + rest.low >= observed) reached += count * ways * endings;
                        else if (here + rest.high >= observed) moved.push_back({here, count * ways});
                    }
                    merge_into(next[static_cast<std::size_t>(to)], moved);
                });
            }
            states = std::move(next);
        }
        return reached / ways_of(n_ + m_, n_);
    }

private:
    /// Calls step(counts, rise of the sum, ways) for each way to give a run's values to the sides.
    template <class Step>
    void each_step(std::size_t run, std::int64_t i, Step&& step) const {
        const std::int64_t j = below_[run] - i, size = runs_[run];
        for (std::int64_t a = std::max<std::int64_t>(0, size - (m_ - j)); a <= std::min(size, n_ - i); ++a)
            step(Run{a, size - a}, squared_gap(i + a, j + size - a, size, n_, m_), ways_of(size, a));
    }
    void find_rests() {
        rests_.assign(runs_.size() + 1, std::vector<Rest>(static_cast<std::size_t>(n_) + 1));
        rests_.back()[static_cast<std::size_t>(n_)] = {0, 0};
        for (std::size_t run = runs_.size(); run-- > 0;)
            for (std::int64_t i = std::max<std::int64_t>(0, below_[run] - m_); i <= std::min(n_, below_[run]);
                 ++i) {
                Rest& rest = rests_[run][static_cast<std::size_t>(i)];
                each_step(run, i, [&](Run step, std::int64_t rise, double) {
                    const Rest& after = rests_[run + 1][static_cast<std::size_t>(i + step.a)];
                    rest.low = std::min(rest.low, rise + after.low);
                    rest.high = std::max(rest.high, rise + after.high);
                });
            }
    }
    static void merge_into(std::vector<Orderings>& into, const std::vector<Orderings>& from) {
        std::vector<Orderings> both;
        both.reserve(into.size() + from.size());
        std::size_t i = 0, j = 0;
        while (i < into.size() || j < from.size()) {
            const bool left = j == from.size() || (i < into.size() && into[i].sum <= from[j].sum);
            const Orderings& next = left ? into[i++] : from[j++];
            if (!both.empty() && both.back().sum == next.sum) both.back().ways += next.ways;
            else both.push_back(next);
        }
        into = std::move(both);
    }

    std::span<const std::int64_t> runs_;
    std::int64_t n_, m_;
    std::vector<std::int64_t> below_;       ///< Values below each run.
    std::vector<std::vector<Rest>> rests_;  ///< By run and values of a so far.
};

}  // namespace

double share_of_orderings(std::span<const std::int64_t> runs, std::int64_t n, std::int64_t m,
                          std::int64_t sum) {
    return ExactShare(runs, n, m).at_least(sum);
}

}  // namespace tristrata::stats
