#pragma once

#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::detection {

/// The signal `range` of a column's planned bounds: values below its minimum or above its maximum, each one
/// and however few. They need no reference; check() tells them of its columns of numbers.
///
/// Edges     A value on a bound lies within it. NaN is no value; an infinite one is a value.
/// Returns   Nothing where no value lies beyond, or no bound is planned. Its size, for the severity, is the
///           share of the values.
/// Example   0.04 against a minimum of 0.5: 1 of 1 (tests/quality_signals_test.cpp).
[[nodiscard]] std::optional<drift::Signal> beyond_bounds(std::span<const double> values,
                                                         const ColumnPlan& column, const Plan& plan);

/// What is said of a bound that is nan or inf: "minimum is nan; expected a finite number, …".
[[nodiscard]] std::string not_finite(std::string_view key, double bound);

}  // namespace tristrata::detection
