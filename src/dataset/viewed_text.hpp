#pragma once

#include "tristrata/dataset/arrow_c.hpp"

#include <cstdint>
#include <string_view>

namespace tristrata::dataset {

/// A string of the view layout: up to twelve bytes stand in the view, longer ones in one of the buffers
/// behind.
[[nodiscard]] std::string_view viewed_text(const ArrowArray& array, std::int64_t row);

}  // namespace tristrata::dataset
