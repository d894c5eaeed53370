#pragma once

#include "options.hpp"
#include "tristrata/core/result.hpp"

namespace tristrata::cli {

/// drift backtest --detector: runs an online detector over each column in order of time and says where it
/// fired. The exit code, a drift being worth a warn.
[[nodiscard]] core::Result<int> drift_detect(const DriftBacktestOptions& options);

}  // namespace tristrata::cli
