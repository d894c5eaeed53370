#pragma once

#include "evidence.hpp"
#include "tristrata/stats/sample.hpp"

#include <functional>
#include <vector>

namespace tristrata::detection {

/// What a numeric column's values say of themselves, whatever its distribution's verdict: a spread that
/// collapsed, and where no bounds are planned values beyond all that the reference showed. `tau` is asked
/// only where something else already speaks for a signal: how many rows one independent value takes.
[[nodiscard]] std::vector<drift::Signal> spread_and_range_signals(const stats::SortedSample& reference,
                                                                  const stats::SortedSample& current,
                                                                  const ColumnPlan& column,
                                                                  const std::function<double()>& tau,
                                                                  const Setting& setting);

/// Keys that stand more than once: in current only, or in a larger share of its rows than chance explains.
[[nodiscard]] std::vector<drift::Signal> key_signals(const dataset::Column& reference,
                                                     const dataset::Column& current, const Setting& setting);

/// A feature that nearly is the target: |rank correlation| of at least leak_floor in current. Numbers and
/// booleans only; `target` and `feature` are of the same rows, up to leak_rows_max of them evenly spaced.
inline constexpr double leak_floor = 0.95;
inline constexpr std::size_t leak_rows_max = 20'000;
struct Targets {
    dataset::Column reference;
    dataset::Column current;
};
[[nodiscard]] std::vector<drift::Signal> leak_signals(const Targets& target, const dataset::Column& reference,
                                                      const dataset::Column& current, const Setting& setting);

}  // namespace tristrata::detection
