#include "sqlite_file.hpp"

#include "schema_text.hpp"
#include "tristrata/core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cstdio>
#include <filesystem>

namespace tristrata::store {

using core::ErrorKind;
using core::fail;
using database::Sqlite;

std::string init_command(const std::string& path, Layer layer) {
    std::string url = "sqlite:///" + path;
    if (url.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-") !=
        url.npos) {
        std::string quoted = "'";
        for (const char c : url) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
        url = quoted + "'";
    }
    return fmt::format("tristrata store init --{}-url {}", schema_name(layer), url);
}

core::Status require_layer(Sqlite& database, Layer layer) {
    auto version = database::schema_version(database, schema_name(layer));
    if (!version) return propagate(version);
    auto tables = database.prepare(fmt::format(
        "SELECT count(*) FILTER (WHERE name = 'reports'), count(*), min(name) FROM {}.sqlite_schema "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        schema_name(layer)));
    if (!tables) return propagate(tables);
    if (auto row = tables->step(); !row) return propagate(row);
    const bool is_drift = tables->integer(0) == 1;
    if (*version == 0 && tables->integer(1) > 0)
        return fail(
            ErrorKind::configuration,
            fmt::format("{} is no store: it holds something else, the table {} among it; a store needs a "
                        "file of its own: name another",
                        database.path(), core::quoted(tables->text(2))));
    if (*version == 0 || is_drift == (layer == Layer::drift)) return {};
    return fail(ErrorKind::configuration,
                fmt::format("{} is the {} store; the {} store needs a file of its own", database.path(),
                            is_drift ? "drift" : "KPI", is_drift ? "KPI" : "drift"));
}

namespace {

/// A file that was made for a store, and goes again where no store came of it: by this process or by another
/// one that began at the same time.
class FreshFile {
public:
    explicit FreshFile(const std::string& path) : path_(path) {
        const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        made_ = file >= 0;
        if (made_) ::close(file);
    }
    FreshFile(const FreshFile&) = delete;
    FreshFile& operator=(const FreshFile&) = delete;
    ~FreshFile() {
        // The first page alone holds no table; what another process wrote stands in the log.
        if (!made_ || size_of(path_) > page_bytes || size_of(path_ + "-wal") > 0) return;
        for (const char* ending : {"", "-wal", "-shm", "-journal"}) std::remove((path_ + ending).c_str());
    }

private:
    static constexpr std::uintmax_t page_bytes = 4096;
    static std::uintmax_t size_of(const std::string& path) {
        std::error_code code;
        const auto size = std::filesystem::file_size(path, code);
        return code ? 0 : size;
    }

    std::string path_;
    bool made_;
};

}  // namespace

core::Result<std::int64_t> init_sqlite(const std::string& path, Layer layer, core::Clock& clock) {
    const FreshFile fresh(path);
    auto database = Sqlite::open(path, schema_name(layer), database::Access::write, true);
    if (!database) return propagate(database);
    if (auto status = require_layer(*database, layer); !status) return propagate(status);
    return database::migrate(*database, schema_name(layer), sqlite_migrations(layer), clock);
}

core::Result<std::string> sqlite_schema(Layer layer) {
    const std::string_view schema = schema_name(layer);
    // The migrations as one: what they leave in a database of their own, each thing made where it is missing.
    auto database = Sqlite::in_memory(schema);
    if (!database) return propagate(database);
    auto applied = database::migrate(*database, schema, sqlite_migrations(layer), core::system_clock());
    if (!applied) return propagate(applied);
    auto things = database->prepare(
        fmt::format("SELECT sql, instr(upper(sql), ' ' || upper(type) || ' ') + length(type) + 1, name FROM "
                    "{}.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid",
                    schema));
    if (!things) return propagate(things);
    std::string text = fmt::format(
        "-- {0} store, SQLite, version {1}, for a file that is attached as {0}: one transaction, which may "
        "be run "
        "again.\n-- docs/formats/store.md says what a column holds. A store of an older version is brought "
        "forward by tristrata\n-- store init, and not by this: run it with sqlite3 -bail, which ends there "
        "and "
        "changes nothing.\nBEGIN IMMEDIATE;\n",
        schema, *applied);
    for (;;) {
        auto row = things->step();
        if (!row) return propagate(row);
        if (!*row) break;
        const std::string sql = things->text(0);
        const auto name = static_cast<std::size_t>(things->integer(1));
        text += fmt::format("{}IF NOT EXISTS {}.{};\n", sql.substr(0, name), schema, sql.substr(name));
        if (things->text(2) != "schema_version") continue;
        // What is no JSON path is SQLite's error, with these words in it.
        text += fmt::format(
            "SELECT json_extract('{{}}', 'this store has version ' || version || ': bring it forward by "
            "tristrata store init')\n  FROM (SELECT max(version) AS version FROM {0}.schema_version) WHERE "
            "version < "
            "{1};\n",
            schema, *applied);
    }
    text += fmt::format(
        "WITH RECURSIVE numbers (version) AS (SELECT 1 UNION ALL SELECT version + 1 FROM numbers "
        "WHERE version < {1})\nINSERT INTO {0}.schema_version (version, applied_at) SELECT "
        "version, strftime('%Y-%m-%dT%H:%M:%fZ') FROM numbers\nWHERE NOT EXISTS (SELECT 1 FROM "
        "{0}.schema_version);\nCOMMIT;\n\n",
        schema, *applied);
    return text;
}

}  // namespace tristrata::store
