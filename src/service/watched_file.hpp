#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"

#include <initializer_list>
#include <string_view>

namespace tristrata::service {

/// The setting that names a file of what is watched ("analyzers", "checks"); null where it is not set.
/// configuration: it is, and one of the stores is not that what they find goes to.
[[nodiscard]] core::Result<const config::Setting*> watched_file(
    const config::Settings& settings, std::string_view key, std::initializer_list<std::string_view> stores);
/// Of a file that is not there, or may not be read, also the setting that names it.
[[nodiscard]] core::Error named_by(const config::Setting& file, core::Error error);

}  // namespace tristrata::service
