#pragma once

#include "tristrata/drift/backtest.hpp"
#include "tristrata/report/table.hpp"

#include <string>

namespace tristrata::report {

/// A backtest for a terminal: how much fired, what that is a week and what chance alone would make of a year;
/// a line a chunk that fired, its columns and signals apart; each dated event with the time until something
/// fired; what could not be tested.
[[nodiscard]] std::string to_table(const drift::Backtest& backtest, const TableStyle& style);

}  // namespace tristrata::report
