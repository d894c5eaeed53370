#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/store/uninstall.hpp"

#include <span>
#include <string>
#include <vector>

namespace tristrata::store {

/// Copies a layer out of PostgreSQL into a SQLite store at `path`, which is not there yet, and reads it back:
/// every event by a digest over all of them, every profile and reference as it is, the other tables by their
/// number of rows. `locked` keeps writers out meanwhile; the events are read over a connection of their own,
/// from `event_tables`
/// ("kpi.events" first).
[[nodiscard]] core::Status export_layer(database::Postgres& locked, const database::PostgresOptions& options,
                                        Layer layer, std::span<const std::string> event_tables,
                                        const std::string& path, const core::Task& task,
                                        Uninstalled& outcome);

}  // namespace tristrata::store
