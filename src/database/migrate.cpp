#include "tristrata/core/time.hpp"
#include "tristrata/database/migration.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cassert>
#include <optional>

namespace tristrata::database {
namespace {

/// Of all advisory locks of a database, the one under which its schemas change.
constexpr std::int64_t migration_lock = 0x7472'6973'7472'6174;  // "tristrat"

tl::unexpected<core::Error> newer(const std::string& where, std::int64_t found, std::int64_t known) {
    return core::fail(core::ErrorKind::conflict,
                      fmt::format("{} has schema version {}, made by a newer program; this one knows {}",
                                  where, found, known));
}

/// `least`: absent where the schema does not say which program it takes.
core::Status taken_by(const std::string& where, std::int64_t version, std::int64_t known,
                      std::optional<std::int64_t> least) {
    if (least && known >= *least) return {};
    return core::fail(
        core::ErrorKind::conflict,
        fmt::format(
            "{} has schema version {}, made by a newer program{}; this one knows {}: install the newer "
            "program here too, what is spooled waits until then",
            where, version,
            least ? fmt::format(", and takes programs that know version {} or newer", *least) : "", known));
}

std::int64_t newest_of(std::span<const Migration> migrations) {
    return migrations.empty() ? 0 : migrations.back().number;
}

}  // namespace

core::Result<std::int64_t> schema_version(Sqlite& database, std::string_view schema) {
    auto table = database.prepare(
        fmt::format("SELECT count(*) FROM {}.sqlite_schema WHERE name = 'schema_version'", schema));
    if (!table) return propagate(table);
    if (auto row = table->step(); !row) return propagate(row);
    if (table->integer(0) == 0) return 0;
    auto version =
        database.prepare(fmt::format("SELECT coalesce(max(version), 0) FROM {}.schema_version", schema));
    if (!version) return propagate(version);
    if (auto row = version->step(); !row) return propagate(row);
    return version->integer(0);
}

core::Status require_known(Sqlite& database, std::string_view schema, std::int64_t version,
                           std::int64_t known) {
    if (version <= known) return {};
    auto column = database.prepare(fmt::format(
        "SELECT count(*) FROM pragma_table_info('schema_version', '{}') WHERE name = 'min_writer'", schema));
    if (!column) return propagate(column);
    if (auto row = column->step(); !row) return propagate(row);
    if (column->integer(0) == 0) return taken_by(database.path(), version, known, std::nullopt);
    auto least = database.prepare(fmt::format("SELECT max(min_writer) FROM {}.schema_version", schema));
    if (!least) return propagate(least);
    if (auto row = least->step(); !row) return propagate(row);
    return taken_by(database.path(), version, known, least->integer(0));
}

core::Result<std::int64_t> migrate(Sqlite& database, std::string_view schema,
                                   std::span<const Migration> migrations, core::Clock& clock) {
    std::int64_t applied = 0;
    auto status = database.transaction([&]() -> core::Status {
        // Within the lock: of two that start at once, the second finds the work done.
        auto version = schema_version(database, schema);
        if (!version) return propagate(version);
        if (*version > newest_of(migrations)) return newer(database.path(), *version, newest_of(migrations));
        for (const Migration& migration : migrations) {
            if (migration.number <= *version) continue;
            if (auto done = database.run(migration.sql); !done) return done;
            auto record = database.prepare(
                fmt::format("INSERT INTO {}.schema_version (version, applied_at) VALUES (?, ?)", schema));
            if (!record) return propagate(record);
            record->bind(1, migration.number);
            record->bind(2, core::to_string(clock.now()));
            if (auto row = record->step(); !row) return propagate(row);
            ++applied;
        }
        return {};
    });
    if (!status) return propagate(status);
    return applied;
}

core::Result<std::int64_t> schema_version(Postgres& database, std::string_view schema) {
    auto table =
        database.query("SELECT to_regclass($1) IS NOT NULL", {fmt::format("{}.schema_version", schema)});
    if (!table) return propagate(table);
    if (!table->boolean(0, 0)) return 0;
    auto version =
        database.query(fmt::format("SELECT coalesce(max(version), 0) FROM {}.schema_version", schema));
    if (!version) return propagate(version);
    return version->integer(0, 0);
}

core::Status require_known(Postgres& database, std::string_view schema, std::int64_t version,
                           std::int64_t known) {
    if (version <= known) return {};
    auto column = database.query(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'min_writer'",
        {fmt::format("{}.schema_version", schema)});
    if (!column) return propagate(column);
    if (column->integer(0, 0) == 0) return taken_by(database.where(), version, known, std::nullopt);
    auto least = database.query(fmt::format("SELECT max(min_writer) FROM {}.schema_version", schema));
    if (!least) return propagate(least);
    return taken_by(database.where(), version, known, least->integer(0, 0));
}

std::string with_role_prefix(std::string_view sql, std::string_view role_prefix) {
    assert(std::ranges::all_of(
        role_prefix, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }));
    constexpr std::string_view place = ":prefix:";
    std::string text(sql);
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + role_prefix.size()))
        text.replace(at, place.size(), role_prefix);
    return text;
}

core::Result<std::int64_t> migrate(Postgres& database, std::string_view schema,
                                   std::span<const Migration> migrations, std::string_view role_prefix) {
    std::int64_t applied = 0;
    auto status = database.transaction([&]() -> core::Status {
        auto locked = database.query("SELECT pg_advisory_xact_lock($1)", {std::to_string(migration_lock)});
        if (!locked) return propagate(locked);
        auto version = schema_version(database, schema);
        if (!version) return propagate(version);
        if (*version > newest_of(migrations)) return newer(database.where(), *version, newest_of(migrations));
        for (const Migration& migration : migrations) {
            if (migration.number <= *version) continue;
            if (auto done = database.run(with_role_prefix(migration.sql, role_prefix)); !done) return done;
            auto record =
                database.query(fmt::format("INSERT INTO {}.schema_version (version) VALUES ($1)", schema),
                               {std::to_string(migration.number)});
            if (!record) return propagate(record);
            ++applied;
        }
        return {};
    });
    if (!status) return propagate(status);
    return applied;
}

}  // namespace tristrata::database
