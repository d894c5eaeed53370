#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/database/migration.hpp"

#include <span>
#include <string>
#include <string_view>

namespace tristrata::database {

/// What migrate() does on PostgreSQL, as SQL for a DBA: a transaction a migration, which is passed over where
/// its version is there, so that all of it may be run again. usage: a prefix that migrate() refuses.
[[nodiscard]] core::Result<std::string> script_of(std::string_view schema,
                                                  std::span<const Migration> migrations,
                                                  std::string_view role_prefix);

}  // namespace tristrata::database
