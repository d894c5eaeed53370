#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"

#include <optional>

namespace tristrata::detection {

/// One side of a check: a source, and the window of it that is meant. The same source may stand on both
/// sides.
struct CheckSide {
    dataset::Source* source = nullptr;
    std::optional<core::TimeRange> window;
};

/// Compares current with reference, column by column, and says of each what moved, by how much, whether
/// chance explains it, and how bad it is (docs/verdicts.md).
///
/// Rows      A time column orders them (they are sorted if need be, and a note says so); without one they
/// keep
///           the source's order and only the null `independent` is possible.
/// Memory    Columns pass through: those of a by-column source one per thread, those of other sources in
/// groups
///           that fit task.limits.bytes.
/// Pure      No disk, clock or database of its own: `created_at` is an argument. The same bytes come out on
/// any
///           number of threads.
/// Errors    usage: windows that overlap or without a time column, alpha below 1/(K + 1) for chunks;
///           invalid_input: no column in common, no row in a window; what the sources return. One column's
///           trouble is a row of the report.
[[nodiscard]] core::Result<drift::Report> check(const CheckSide& reference, const CheckSide& current,
                                                const Plan& plan, core::Timestamp created_at,
                                                const core::Task& task);

}  // namespace tristrata::detection
