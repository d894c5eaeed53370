#pragma once

#include "tristrata/drift/backtest.hpp"
#include "tristrata/report/table.hpp"

#include <string>

namespace tristrata::report {

/// A backtest for a terminal: how much fired, what that is a week and what chance alone would make of a year;
/// a line a chunk that fired, its columns and signals apart; each dated event with the time until something
/// fired; what could not be tested.
[[nodiscard]] std::string to_table(const drift::Backtest& backtest, const TableStyle& style);

/// What fired, in words: "6 of 40 tested chunks drifted; 1 had a signal. That is 1.1 and 0.17 a week."
[[nodiscard]] std::string headline(const drift::Backtest& backtest);

}  // namespace tristrata::report
