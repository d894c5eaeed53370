#pragma once

#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/definition.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/severity.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::analyzer {

struct TimedValue {
    std::int64_t time = 0;
    double value = 0.0;
};

/// Why a window's values seem to be those of a source that is frozen, stuck, or fills in: one value in all
/// rows, where fewer than a quarter of the reference's windows hold one value alone; or values that repeat
/// one another far more often than in those windows, and than their step (the smallest distance of two values
/// of the reference) makes them do at the spread that they have now. By pairs of equal values: rounded
/// values, counts and flags repeat by their nature, and what has fallen together repeats more. Values that a
/// twentieth of the reference holds are its own: one that is stuck at such a value, and holds others too, is
/// not told. From the share on at which missing values are a warning, the share being that of one value that
/// would make as many pairs.
///
/// `reference`, `current`   ascending by time, finite
/// Absent                   nothing repeats that should not; fewer than five values; no reference
/// Cost                     O(n log n)
/// Example                  60 values of which 30 are 0, where a week of windows holds 60 different ones
/// each:
///                          435 of 1,770 pairs are equal.
[[nodiscard]] std::optional<std::string> stuck_values(std::span<const TimedValue> reference,
                                                      std::span<const TimedValue> current,
                                                      std::int64_t before, std::int64_t length,
                                                      detection::Season season,
                                                      const drift::SeverityPolicy& policy);

/// Of each column of an answer, of which these rows are the reference and those the window: a sentence for
/// each that is stuck.
[[nodiscard]] std::vector<std::string> stuck_columns(const Definition& definition, const Answer& answer,
                                                     std::span<const std::size_t> reference,
                                                     std::span<const std::size_t> current,
                                                     std::int64_t before);

}  // namespace tristrata::analyzer
