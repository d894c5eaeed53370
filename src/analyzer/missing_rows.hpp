#pragma once

#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/severity.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tristrata::analyzer {

/// Why a window seems to have fewer rows than it should, by its size alone: the windows before it may hold as
/// few already, and then no rank finds it. Either more of the regular step is left out than in the
/// reference's windows, or the window holds fewer rows than three quarters of them, or none for a longer
/// stretch, by more than three times what those scatter (of five or more windows, by the median distance).
/// All from the share on at which missing values are a warning, and held against windows of its own season
/// class alone.
///
/// `reference`, `current`   times in microseconds, ascending
/// `before`                 where current begins; the reference is whole windows of `length` up to there
/// Absent                   nothing is missing that could be told
[[nodiscard]] std::optional<std::string> missing_rows(std::span<const std::int64_t> reference,
                                                      std::span<const std::int64_t> current,
                                                      std::int64_t before, std::int64_t length,
                                                      detection::Season season,
                                                      const drift::SeverityPolicy& policy);

}  // namespace tristrata::analyzer
