#include "tristrata/stats/mann_whitney.hpp"

#include "pooled_walk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t exact_values_max = 8;
constexpr double exact_cells_max = 4e6;

struct Ranks {
    double twice_u = 0.0;            ///< Of the reference; whole.
    double tie_term = 0.0;           ///< Sum of t^3 - t over the runs of equal values.
    std::vector<std::int64_t> runs;  ///< Only where asked for.
    bool keep_runs = false;

    void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
        const auto run = static_cast<double>(i - i0 + j - j0);
        twice_u += static_cast<double>((i - i0) * (j0 + j));
        tie_term += run * run * run - run;
        if (keep_runs) runs.push_back(i - i0 + j - j0);
    }
};

Ranks ranks_of(const SortedSample& reference, const SortedSample& current, bool keep_runs) {
    std::array<Ranks, 2> stretches;
    for (auto& stretch : stretches) stretch.keep_runs = keep_runs;
    walk_pooled(reference.values(), current.values(), stretches);
    auto& [low, high] = stretches;
    low.twice_u += high.twice_u;
    low.tie_term += high.tie_term;
    low.runs.insert(low.runs.end(), high.runs.begin(), high.runs.end());
    return low;
}

double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// Twice the sum of k mid-ranks, for every choice of k of the values: its counts, as shares of all choices.
/// `sums[k][s - lowest]`: the shift algorithm takes one value after another.
std::vector<double> rank_sum_shares(const std::vector<std::int64_t>& runs, std::size_t k,
                                    std::size_t sum_max) {
    std::vector<std::vector<double>> counts(k + 1, std::vector<double>(sum_max + 1, 0.0));
    counts[0][0] = 1.0;
    std::int64_t below = 0;
    double values = 0.0;
    for (const std::int64_t run : runs) {
        const auto twice_rank = static_cast<std::size_t>(2 * below + run + 1);
        for (std::int64_t value = 0; value < run; ++value) {
            values += 1.0;
            // Shares of the choices so far: value by value, so that no number grows beyond a double.
            for (std::size_t chosen = std::min(k, static_cast<std::size_t>(values)); chosen >= 1; --chosen) {
                const double taken = static_cast<double>(chosen) / values;
                auto& here = counts[chosen];
                const auto& before = counts[chosen - 1];
                for (std::size_t sum = sum_max + 1; sum-- > 0;)
                    here[sum] = here[sum] * (1.0 - taken) +
                                (sum >= twice_rank ? before[sum - twice_rank] * taken : 0.0);
            }
        }
        below += run;
    }
    return counts[k];
}

}  // namespace

std::variant<MannWhitneyCounts, Undefined> mann_whitney_counts(const SortedSample& reference,
                                                               const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const Ranks ranks = ranks_of(reference, current, false);
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double all = n + m;
    return MannWhitneyCounts{0.5 * ranks.twice_u, n, m, ranks.tie_term / (all * all * all - all)};
}

double mann_whitney_asymptotic_p(const MannWhitneyCounts& counts, Alternative alternative,
                                 double tau) noexcept {
    const double n = counts.n / tau, m = counts.m / tau;
    const double variance = n * m * (n + m + 1.0) / 12.0 * (1.0 - counts.tied);
    if (counts.tied >= 1.0 || !(variance > 0.0)) return 1.0;
    const double from_mean = (counts.u / (counts.n * counts.m) - 0.5) * n * m, sd = std::sqrt(variance);
    const double p = alternative == Alternative::less ? upper_tail((-from_mean - 0.5) / sd)
                                                      : 2.0 * upper_tail((std::abs(from_mean) - 0.5) / sd);
    return std::min(1.0, p);
}

TestOutcome mann_whitney_asymptotic_test(const SortedSample& reference, const SortedSample& current,
                                         Alternative alternative, double tau) {
    const auto found = mann_whitney_counts(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& counts = std::get<MannWhitneyCounts>(found);
    return TestResult{counts.u, mann_whitney_asymptotic_p(counts, alternative, tau), "asymptotic"};
}

TestOutcome mann_whitney_test(const SortedSample& reference, const SortedSample& current,
                              Alternative alternative) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const std::size_t n = reference.size(), m = current.size(), few = std::min(n, m);
    // The smaller side's rank sum is distributed over the choices of as many values.
    const double all = static_cast<double>(n + m);
    const double sum_max = 2.0 * all * static_cast<double>(few);
    if (few > exact_values_max || sum_max * all * static_cast<double>(few) > exact_cells_max)
        return mann_whitney_asymptotic_test(reference, current, alternative);
    const Ranks ranks = ranks_of(reference, current, true);
    const auto whole = [](std::size_t count) { return static_cast<std::int64_t>(count); };
    const auto twice_u = static_cast<std::int64_t>(ranks.twice_u);
    const bool reference_is_few = n <= m;
    const std::int64_t twice_u_of_few = reference_is_few ? twice_u : 2 * whole(n) * whole(m) - twice_u;
    const auto observed = static_cast<std::size_t>(twice_u_of_few + whole(few) * (whole(few) + 1));
    const auto shares = rank_sum_shares(ranks.runs, few, static_cast<std::size_t>(sum_max));
    double at_most = 0.0, at_least = 0.0;
    for (std::size_t sum = 0; sum < shares.size(); ++sum) {
        if (sum <= observed) at_most += shares[sum];
        if (sum >= observed) at_least += shares[sum];
    }
    const double u = 0.5 * ranks.twice_u;
    if (alternative == Alternative::less)
        return TestResult{u, std::min(1.0, reference_is_few ? at_most : at_least), "exact"};
    return TestResult{u, std::min(1.0, 2.0 * std::min(at_most, at_least)), "exact"};
}

}  // namespace tristrata::stats
