#include "tristrata/core/time.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>

namespace tristrata::database {

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

core::Result<std::int64_t> migrate(Sqlite& database, std::string_view schema,
                                   std::span<const Migration> migrations, core::Clock& clock) {
    std::int64_t applied = 0;
    auto status = database.transaction([&]() -> core::Status {
        // Within the lock: of two that start at once, the second finds the work done.
        auto version = schema_version(database, schema);
        if (!version) return propagate(version);
        const std::int64_t newest = migrations.empty() ? 0 : migrations.back().number;
        if (*version > newest)
            return core::fail(
                core::ErrorKind::conflict,
                fmt::format("{} has schema version {}, made by a newer program; this one knows {}",
                            database.path(), *version, newest));
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

}  // namespace tristrata::database
