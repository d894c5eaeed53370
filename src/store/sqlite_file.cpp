#include "sqlite_file.hpp"

#include "schema_text.hpp"

#include <fmt/format.h>

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
    auto tables = database.prepare(
        fmt::format("SELECT count(*) FROM {}.sqlite_schema WHERE name = 'reports'", schema_name(layer)));
    if (!tables) return propagate(tables);
    if (auto row = tables->step(); !row) return propagate(row);
    const bool is_drift = tables->integer(0) == 1;
    if (*version == 0 || is_drift == (layer == Layer::drift)) return {};
    return fail(ErrorKind::configuration,
                fmt::format("{} is the {} store; the {} store needs a file of its own", database.path(),
                            is_drift ? "drift" : "KPI", is_drift ? "KPI" : "drift"));
}

core::Result<std::int64_t> init_sqlite(const std::string& path, Layer layer, core::Clock& clock) {
    auto database = Sqlite::open(path, schema_name(layer), database::Access::write, true);
    if (!database) return propagate(database);
    if (auto status = require_layer(*database, layer); !status) return propagate(status);
    return database::migrate(*database, schema_name(layer), sqlite_migrations(layer), clock);
}

std::string sqlite_schema(Layer layer) {
    std::string text;
    for (const auto& migration : sqlite_migrations(layer))
        text += fmt::format("-- {} store, SQLite, version {}. The file is attached as {}.\n{}\n",
                            schema_name(layer), migration.number, schema_name(layer), migration.sql);
    return text;
}

}  // namespace tristrata::store
