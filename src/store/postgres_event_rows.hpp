#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/store/event_rows.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tristrata::store {

/// A time as whole microseconds in SQL, exactly: extract() gives a numeric.
[[nodiscard]] std::string micros(std::string_view time);

/// The rows of a table, or of a query in brackets with a name, that has the columns of a layer's events: as
/// the server sends them, over a connection of their own.
[[nodiscard]] core::Result<std::unique_ptr<EventRows>> read_postgres_events(database::PostgresOptions options,
                                                                            Layer layer,
                                                                            std::string_view from,
                                                                            std::string_view order);

}  // namespace tristrata::store
