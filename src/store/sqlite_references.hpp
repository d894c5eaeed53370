#pragma once

#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

#include <string>
#include <string_view>

namespace tristrata::store {

// The references' half of the SQLite drift store: what Store says of each.

[[nodiscard]] core::Result<Reference> promote(database::Sqlite& database, const Promotion& promotion);
[[nodiscard]] core::Result<Reference> roll_back(database::Sqlite& database, const Rollback& rollback);
[[nodiscard]] core::Result<Page<Reference>> query(database::Sqlite& database, const ReferenceQuery& query);
[[nodiscard]] core::Result<Reference> current_reference(database::Sqlite& database, std::string_view module);
[[nodiscard]] core::Result<std::string> profile(database::Sqlite& database, std::string_view profile_sha256);

}  // namespace tristrata::store
