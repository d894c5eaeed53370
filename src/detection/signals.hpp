#pragma once

#include "tristrata/dataset/column.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"

#include <span>
#include <vector>

namespace tristrata::detection {

struct Setting;

/// Missing and infinite shares, and a current side that has become constant. `columns` is how many columns
/// are looked at together: a share's p is held against alpha / columns.
[[nodiscard]] std::vector<drift::Signal> value_signals(const dataset::Column& reference,
                                                       const dataset::Column& current,
                                                       const Setting& setting);

/// Labels that only one side has. `reference` and `current` are counts over the same labels; the codes are in
/// the order of rows, so that a label that comes in runs is missed only where a run was due.
[[nodiscard]] std::vector<drift::Signal> category_signals(std::span<const std::string> labels,
                                                          std::span<const std::uint64_t> reference,
                                                          std::span<const std::uint64_t> current,
                                                          std::span<const std::uint32_t> reference_codes,
                                                          const Setting& setting);

/// A signal that fired, with the policy's severity (info where the policy says nothing).
[[nodiscard]] drift::Signal fired(drift::SignalKind kind, std::optional<double> reference,
                                  std::optional<double> current, double size, std::string reason,
                                  const Plan& plan);

}  // namespace tristrata::detection
