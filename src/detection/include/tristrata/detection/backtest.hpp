#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/dataset/chunk.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/backtest.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tristrata::detection {

struct BacktestOptions {
    dataset::Chunking chunking = dataset::ByPeriod{};
    std::uint64_t window = 60;  ///< Chunks of reference before each, where no reference is fixed.
    std::optional<core::TimeRange> reference;  ///< One for all; chunks before its end are not tested.
    bool yearly = false;                       ///< The e-process for lasting change, too.
    std::vector<drift::BacktestEvent> events;  ///< Name and time; the rest is found.
};

/// Holds every chunk of a table against the chunks before it, or against one reference, as `check` would:
/// what would have fired, and when (docs/backtest.md).
///
/// Chunks    A first or last period that the data do not fill, and a remainder, are cut short: not tested, in
///           no reference, and said. A chunk's season class is by the clock of the chunking's zone.
/// State     Chunks of an earlier run: whose inputs are the same is not tested again.
/// Verdict   Of a chunk as check() has it of the same windows, under every null; signals as well, but for
///           unsorted_times, which is a note.
/// Peer      With the method nannyml its methods and thresholds are fitted on the fixed reference, cut like
/// the
///           rest, and every chunk after it is measured: values, bounds and alerts as check() has them of the
///           same chunks. Chunks that are cut short are left out, as above; NannyML would keep them.
/// Yearly    Each tested chunk is ranked among all chunks before it; an e-process over the ranks reaches
///           1 / alpha with probability at most alpha where chunks are exchangeable, however long it runs.
///           After an alarm it begins anew, with the chunks after the alarm as reference.
/// Memory    The columns of the plan in memory, and each chunk's values of a numeric column sorted, once.
/// Errors    usage: Evidently's method, which knows no chunks; nannyml without a fixed reference; an alpha
/// that the reference cannot reach, with the number of chunks that could; too few
///           chunks; a fixed reference with `yearly`; a plan split by groups; what cut_into_chunks refuses.
[[nodiscard]] core::Result<drift::Backtest> backtest(dataset::Source& source, const Plan& plan,
                                                     const BacktestOptions& options,
                                                     const std::vector<drift::BacktestChunk>& state,
                                                     core::Timestamp created_at, const core::Task& task);

}  // namespace tristrata::detection
