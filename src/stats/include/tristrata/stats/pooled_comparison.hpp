#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"
#include "tristrata/stats/trimmed_distances.hpp"

namespace tristrata::stats {

/// ks_distance, anderson_darling_test, wasserstein_trimmed and energy_coefficient of the same two samples.
struct PooledComparison {
    Statistic ks = Undefined::empty_sample;
    TestOutcome anderson_darling = Undefined::empty_sample;
    TrimmedDistances trimmed;
};

/// All in one walk over the samples, to the bit what each is alone. Cost: O(n + m). Pure.
[[nodiscard]] PooledComparison compare_pooled(const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
