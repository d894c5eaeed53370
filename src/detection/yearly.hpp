#pragma once

#include "chunked_table.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/drift/backtest.hpp"

#include <map>
#include <string>
#include <vector>

namespace tristrata::detection {

/// The conformal e-process over the whole chunks of a backtest in order: ranks each tested chunk among all
/// before it since the last alarm, and writes its step. What `known` holds with the same inputs is taken
/// over. An alarm newly found counts as warn.
[[nodiscard]] core::Status run_yearly(
    const ChunkedTable& table, const Plan& plan, const std::string& question,
    const std::vector<std::string>& contents,
    const std::map<std::string, const drift::BacktestChunk*, std::less<>>& known, drift::Backtest& result,
    const core::Task& task);

}  // namespace tristrata::detection
