#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

namespace tristrata::store {

/// Fills in what has left, what is about to, and how much came in a week.
[[nodiscard]] core::Status add_archive_status(database::Postgres& database, Layer layer, StoreStatus& status);
[[nodiscard]] core::Status add_archive_status(database::Sqlite& database, Layer layer, core::Timestamp now,
                                              StoreStatus& status);

}  // namespace tristrata::store
