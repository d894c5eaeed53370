#pragma once

#include "tristrata/drift/severity.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tristrata::analyzer {

/// Why a window seems to have fewer rows than it should, by its size alone: the windows before it may hold as
/// few already, and then no rank finds it. Either of the regular step of the reference more is left out than
/// there, or the window holds fewer rows than the median one, by more than three times what those scatter (of
/// five or more, by the median distance). Both from the share on at which missing values are a warning.
///
/// `reference`, `current`   times in microseconds, ascending
/// `before`                 where current begins; the reference is whole windows of `length` up to there
/// Absent                   nothing is missing that could be told
[[nodiscard]] std::optional<std::string> missing_rows(std::span<const std::int64_t> reference,
                                                      std::span<const std::int64_t> current,
                                                      std::int64_t before, std::int64_t length,
                                                      const drift::SeverityPolicy& policy);

}  // namespace tristrata::analyzer
