#pragma once

#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

#include <string>

namespace tristrata::store {

/// The command that makes or migrates the store, as it can be pasted into a shell.
[[nodiscard]] std::string init_command(const std::string& path, Layer layer);

/// configuration: the file holds the tables of the other layer, or somebody else's.
[[nodiscard]] core::Status require_layer(database::Sqlite& database, Layer layer);

}  // namespace tristrata::store
