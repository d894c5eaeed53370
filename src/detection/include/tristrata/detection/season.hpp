#pragma once

#include "tristrata/detection/plan.hpp"

#include <cstdint>

namespace tristrata::detection {

/// The class of a window that begins at this moment, in microseconds of the clock that decides: UTC, or a
/// zone's.
[[nodiscard]] int season_class(std::int64_t time, Season season) noexcept;

}  // namespace tristrata::detection
