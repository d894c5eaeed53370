#pragma once

#include "chunked_table.hpp"
#include "evidence.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/drift/backtest.hpp"

#include <cstddef>

namespace tristrata::detection {

/// The chunks of a backtest that NannyML's rules look at: [reference_first, reference_last] is what its
/// methods and thresholds are fitted on, [first, last] what they measure.
struct PeerChunks {
    std::size_t reference_first = 0, reference_last = 0;
    std::size_t first = 0, last = 0;
};

/// NannyML's methods over the chunks of a table: values, bounds and alerts as find_by_nannyml() has them of
/// the same chunks. Fills result.columns, and the findings and counts of the measured chunks.
[[nodiscard]] core::Status run_nannyml(const ChunkedTable& table, const PeerChunks& chunks,
                                       const Setting& common, drift::Backtest& result,
                                       const core::Task& task);

}  // namespace tristrata::detection
