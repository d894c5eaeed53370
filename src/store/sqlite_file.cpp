#include "sqlite_file.hpp"

#include "schema_text.hpp"

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

std::string sqlite_schema(Layer layer) {
    std::string text;
    for (const auto& migration : sqlite_migrations(layer))
        text += fmt::format("-- {} store, SQLite, version {}. The file is attached as {}.\n{}\n",
                            schema_name(layer), migration.number, schema_name(layer), migration.sql);
    return text;
}

}  // namespace tristrata::store
