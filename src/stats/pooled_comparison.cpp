#include "tristrata/stats/pooled_comparison.hpp"

#include "ks_gap.hpp"
#include "pooled_walk.hpp"
#include "squared_gaps.hpp"
#include "trimmed_area.hpp"
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/ks.hpp"

#include <array>
#include <cstdint>

namespace tristrata::stats {

PooledComparison compare_pooled(const SortedSample& reference, const SortedSample& current) {
    const auto a = reference.values(), b = current.values();
    if (const auto none = TrimmedArea::lacking(a.size(), b.size()))
        return {ks_distance(reference, current), anderson_darling_test(reference, current), *none};
    const KsGap no_gap{static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size())};
    const SquaredGaps no_gaps{static_cast<double>(a.size()), static_cast<double>(b.size())};
    const TrimmedArea no_area(a.size(), b.size());
    std::array<KsGap, 2> ks{no_gap, no_gap};
    std::array<SquaredGaps, 2> anderson_darling{no_gaps, no_gaps};
    std::array<TrimmedArea, 2> trimmed{no_area, no_area};
    walk_pooled(a, b, ks, anderson_darling, trimmed);
    PooledComparison compared{KsGap::distance(ks[0], ks[1]), Undefined::empty_sample,
                              TrimmedArea::distances(trimmed[0], trimmed[1], reference)};
    if (const auto none = SquaredGaps::lacking(a, b)) compared.anderson_darling = *none;
    else compared.anderson_darling = SquaredGaps::outcome(anderson_darling[0], anderson_darling[1]);
    return compared;
}

}  // namespace tristrata::stats
