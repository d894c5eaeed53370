#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

namespace tristrata::store {

/// Fills in what has left, what is about to, and how much came in a week.
[[nodiscard]] core::Status add_archive_status(database::Postgres& database, Layer layer, StoreStatus& status);
[[nodiscard]] core::Status add_archive_status(database::Sqlite& database, Layer layer, core::Timestamp now,
                                              StoreStatus& status);

/// Which of the parked rows stay parked until a day that is far, or for good.
[[nodiscard]] core::Result<ParkedRest> parked_rest(database::Postgres& database, Layer layer);

}  // namespace tristrata::store
