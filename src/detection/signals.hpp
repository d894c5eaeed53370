#pragma once

#include "tristrata/dataset/column.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/stats/dependence.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::detection {

struct Setting;

/// What one signal's p is held against: a twenty-fifth of alpha, over the number of columns looked at
/// together. A column has five signals that chance can raise, and together they get a fifth of alpha.
[[nodiscard]] double signal_level(const Plan& plan, std::size_t columns) noexcept;

/// Missing and infinite shares.
[[nodiscard]] std::vector<drift::Signal> value_signals(const dataset::Column& reference,
                                                       const dataset::Column& current,
                                                       const Setting& setting);

/// Counts of both sides over the same labels.
struct CategoryTable {
    std::span<const std::string> labels;
    std::span<const std::uint64_t> reference;
    std::span<const std::uint64_t> current;
    std::span<const std::uint32_t> reference_codes;  ///< In the order of rows; empty where nobody has them.
    std::optional<stats::Dependence> dependence;     ///< What a row of the reference is worth.
};

/// Labels that only one side has, where chance does not explain it. In ordered rows a label that comes in
/// runs is missed only where a run was due.
[[nodiscard]] std::vector<drift::Signal> category_signals(const CategoryTable& table, const Setting& setting);

/// A current side that holds one value only.
struct Constancy {
    std::uint64_t reference = 0;  ///< Values of the reference ...
    std::uint64_t others = 0;     ///< ... that are not current's one value ...
    std::uint64_t distinct = 0;   ///< ... and how many different ones it has.
    std::uint64_t current = 0;
    std::optional<stats::Dependence> dependence;
    std::size_t constant_windows = 0;  ///< Of the reference, for the null `chunks`.
};

/// Fires where chance does not explain that every other value of the reference is gone.
[[nodiscard]] std::optional<drift::Signal> constant_signal(const Constancy& found, const Setting& setting);

/// The probability that none of the `times` marked rows of n + m lies among the m of current, where n and
/// `times` are those of the reference and tau says how many rows are worth one: by hypergeometric law, at the
/// rows' worth.
///
/// Example   8 of 100, m 100: .0034; at tau 2 .060 (tests/signals_test.cpp).
[[nodiscard]] double p_unseen(std::uint64_t times, std::uint64_t n, std::uint64_t m, double tau);

/// A signal that fired, with the policy's severity (info where the policy says nothing).
[[nodiscard]] drift::Signal fired(drift::SignalKind kind, std::optional<double> reference,
                                  std::optional<double> current, double size, std::string reason,
                                  const Plan& plan);

}  // namespace tristrata::detection
