#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tristrata::cli {

/// Opens what the command line calls DATA as the plan reads it: kinds that it knows better than the first
/// rows do, and the columns that it derives. `read_as` is the reference's schema, for the current side.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_data(
    const std::string& path, const detection::Plan& plan, const std::optional<dataset::Schema>& read_as,
    const core::Task& task);

}  // namespace tristrata::cli
