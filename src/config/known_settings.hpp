#pragma once

#include "tristrata/config/settings.hpp"

#include <vector>

namespace tristrata::config {

/// A setting, with what this room alone needs to know of it.
struct KnownSetting {
    SettingName name;
    bool is_path = false;  ///< Of a file or a folder: a relative one is from the working directory.
};
/// The one list of settings.
[[nodiscard]] const std::vector<KnownSetting>& known_settings();

}  // namespace tristrata::config
