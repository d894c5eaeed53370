#pragma once

#include "tristrata/drift/backtest.hpp"

#include <string>

namespace tristrata::report {

/// A backtest as one self-contained HTML page (docs/backtest.md), under the rules of to_html() of a drift
/// report: a picture of all chunks in order, a line a column that fired; each dated event; and a table of the
/// chunks that fired or have no verdict. A quiet chunk is in the picture only. Of very many columns or
/// findings the page shows the worst and says how many more there are.
[[nodiscard]] std::string to_html(const drift::Backtest& backtest);

}  // namespace tristrata::report
