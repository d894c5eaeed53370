#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::database {

class Sqlite;
class Postgres;

/// One step of a schema: numbers ascend from 1 and are never changed once released.
struct Migration {
    std::int64_t number = 0;
    std::string_view sql;
};

/// The version recorded in `<schema>.schema_version`; 0 where nothing was ever applied.
[[nodiscard]] core::Result<std::int64_t> schema_version(Sqlite& database, std::string_view schema);
[[nodiscard]] core::Result<std::int64_t> schema_version(Postgres& database, std::string_view schema);

/// Whether a program whose newest migration is `known` may work on a schema of a newer version: it may where
/// what came since only added, as `<schema>.schema_version.min_writer` says (the greatest counts). conflict
/// where it may not, or where that column is not there.
[[nodiscard]] core::Status require_known(Sqlite& database, std::string_view schema, std::int64_t version,
                                         std::int64_t known);
[[nodiscard]] core::Status require_known(Postgres& database, std::string_view schema, std::int64_t version,
                                         std::int64_t known);

/// Applies what is missing, in order, in one transaction; safe to run twice and at once. conflict where the
/// database is newer than the last migration known here. Returns how many were applied.
[[nodiscard]] core::Result<std::int64_t> migrate(Sqlite& database, std::string_view schema,
                                                 std::span<const Migration> migrations, core::Clock& clock);

/// The same on PostgreSQL, under pg_advisory_xact_lock. The first migration makes the schema, its
/// schema_version and what fills that; `:prefix:` in a migration becomes `role_prefix`, which holds letters,
/// digits and _ only (asserted).
[[nodiscard]] core::Result<std::int64_t> migrate(Postgres& database, std::string_view schema,
                                                 std::span<const Migration> migrations,
                                                 std::string_view role_prefix);

/// A migration's text with the prefix in its place.
[[nodiscard]] std::string with_role_prefix(std::string_view sql, std::string_view role_prefix);

}  // namespace tristrata::database
