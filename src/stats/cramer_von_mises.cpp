#include "tristrata/stats/cramer_von_mises.hpp"

#include "cramer_von_mises_sum.hpp"
#include "permutation.hpp"
#include "pooled_walk.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t exact_values_max = 20;

/// A run of equal values: how many of each side.
struct Run {
    std::int64_t a, b;
};

/// What a run adds to the sum of squares, in whole units: i and j of the sides lie at most at it.
std::int64_t added(std::int64_t i, std::int64_t j, Run run, std::int64_t n, std::int64_t m) {
    const std::int64_t gap = i * m - j * n;
    return (run.a + run.b) * gap * gap;
}

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
    ExactShare(std::vector<std::int64_t> runs, std::int64_t n, std::int64_t m)
        : runs_(std::move(runs)), n_(n), m_(m), below_{0} {
        for (const auto run : runs_) below_.push_back(below_.back() + run);
        find_rests();
    }

    [[nodiscard]] double at_least(std::int64_t observed) const {
        double reached = 0.0;
        std::vector<std::vector<Orderings>> states(1, {{0, 1.0}});
        for (std::size_t run = 0; run < runs_.size(); ++run) {
            std::vector<std::vector<Orderings>> next(static_cast<std::size_t>(n_) + 1);
            for (std::size_t i = 0; i < states.size(); ++i)
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
            step(Run{a, size - a}, added(i + a, j + size - a, {a, size - a}, n_, m_), ways_of(size, a));
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

    std::vector<std::int64_t> runs_;
    std::int64_t n_, m_;
    std::vector<std::int64_t> below_;       ///< Values below each run.
    std::vector<std::vector<Rest>> rests_;  ///< By run and values of a so far.
};

double exact_p(std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<std::int64_t>(a.size()), m = static_cast<std::int64_t>(b.size());
    struct Runs {
        std::int64_t n, m, sum = 0;
        std::vector<std::int64_t> sizes;
        void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            sum += added(i, j, {i - i0, j - j0}, n, m);
            sizes.push_back(i - i0 + j - j0);
        }
    };
    std::array<Runs, 2> stretches{Runs{n, m, 0, {}}, Runs{n, m, 0, {}}};
    walk_pooled(a, b, stretches);
    auto& [low, high] = stretches;
    low.sizes.insert(low.sizes.end(), high.sizes.begin(), high.sizes.end());
    return ExactShare(std::move(low.sizes), n, m).at_least(low.sum + high.sum);
}

/// T, divided by tau, is moved to the limit's mean and variance.
double asymptotic_p(const CramerVonMisesSum& sum, double tau) {
    const double variance = sum.variance();
    if (!(variance > 0.0)) return 1.0;
    return cramer_von_mises_survival(1.0 / 6.0 +
                                     (sum.statistic() / tau - sum.mean()) / std::sqrt(45.0 * variance));
}

}  // namespace

TestOutcome cramer_von_mises_test(const SortedSample& reference, const SortedSample& current, double tau) {
    const auto a = reference.values(), b = current.values();
    if (a.empty() || b.empty()) return Undefined::empty_sample;
    if (a.size() < 2 || b.size() < 2) return Undefined::too_few_values;
    struct Stretch {
        CramerVonMisesSum sum;
        void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            sum.add(i0, j0, i, j);
        }
    };
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    std::array<Stretch, 2> stretches{Stretch{{n, m}}, Stretch{{n, m}}};
    walk_pooled(a, b, stretches);
    CramerVonMisesSum& sum = stretches[0].sum;
    sum.append(stretches[1].sum);
    const double statistic = sum.statistic();
    if (tau == 1.0 && std::max(a.size(), b.size()) <= exact_values_max)
        return TestResult{statistic, exact_p(a, b), "exact"};
    return TestResult{statistic, asymptotic_p(sum, tau), "asymptotic"};
}

TestOutcome cramer_von_mises_permutation_test(std::span<const std::uint64_t> reference,
                                              std::span<const std::uint64_t> current, std::uint64_t draws,
                                              Random random) {
    std::vector<std::uint64_t> pooled(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return Undefined::empty_sample;
    if (n < 2 || m < 2) return Undefined::too_few_values;
    const auto statistic_of = [&](std::span<const std::uint64_t> drawn) {
        CramerVonMisesSum sum(static_cast<double>(n), static_cast<double>(m));
        std::int64_t i = 0, j = 0;
        for (std::size_t value = 0; value < drawn.size(); ++value) {
            const auto from_b = static_cast<std::int64_t>(drawn[value]);
            const auto from_a = static_cast<std::int64_t>(pooled[value] - drawn[value]);
            sum.add(i, j, i + from_a, j + from_b);
            i += from_a;
            j += from_b;
        }
        return sum.statistic();
    };
    const double observed = statistic_of(current);
    const double threshold = observed * (1.0 - 1e-9);
    std::vector<std::uint64_t> drawn(pooled.size());
    return permutation_result(observed, draws, [&] {
        draw_hypergeometric(pooled, m, drawn, random);
        return statistic_of(drawn) >= threshold;
    });
}

}  // namespace tristrata::stats
