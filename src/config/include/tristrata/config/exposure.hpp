#pragma once

#include "tristrata/config/settings.hpp"

#include <optional>
#include <string>

namespace tristrata::config {

/// What to say of a setting's file (its …_FILE twin) that everybody on the machine may read; nothing where
/// that is not so.
[[nodiscard]] std::optional<std::string> exposure_of(const Setting& setting);

}  // namespace tristrata::config
