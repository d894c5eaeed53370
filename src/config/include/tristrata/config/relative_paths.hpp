#pragma once

#include "tristrata/config/settings.hpp"

#include <filesystem>

namespace tristrata::config {

/// Makes each path among the settings that is relative one from this folder: spool, files, SQLite's stores,
/// an archive of files, and the files that hold secrets. For a process whose working directory may change
/// between the reading of its settings and their use.
void resolve_paths(Settings& settings, const std::filesystem::path& folder);

}  // namespace tristrata::config
