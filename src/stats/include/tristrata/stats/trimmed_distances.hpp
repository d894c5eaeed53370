#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

namespace tristrata::stats {

/// wasserstein_trimmed and energy_coefficient of the same two samples.
struct TrimmedDistances {
    Statistic wasserstein = Undefined::empty_sample;
    Statistic energy = Undefined::empty_sample;
};

/// Both in one walk over the samples, to the bit what each is alone. Cost: O(n + m). Pure.
[[nodiscard]] TrimmedDistances trimmed_distances(const SortedSample& reference, const SortedSample& current);

}  // namespace tristrata::stats
