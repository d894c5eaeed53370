#pragma once

#include "tristrata/config/document.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/detection/plan.hpp"

namespace tristrata::detection {

/// The plan's tables [evidently], [nannyml] and [tests], and explain_difference.
[[nodiscard]] core::Status read_compatibility(config::Reader& root, Plan& plan);
/// usage: an unknown method or test (the nearest known one is named), an option of a peer that is out of
/// range.
[[nodiscard]] core::Status validate_compatibility(const Plan& plan);
/// What of these a digest has to know; nothing where the method is ours and no test is chosen.
void digest_compatibility(core::JsonWriter& json, const Plan& plan);

}  // namespace tristrata::detection
