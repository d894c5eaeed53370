#include "tristrata/database/sqlite.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tristrata::database {
namespace {

using core::ErrorKind;
using core::fail;

/// Whether this process may write hardly more to a file or to what SQLite keeps beside it.
bool is_at_size_limit(const std::string& path) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
    constexpr std::uintmax_t write_bytes_max = 65'536;  // A page, or the log's index.
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        std::error_code code;
        const auto bytes = std::filesystem::file_size(path + ending, code);
        if (!code && bytes + write_bytes_max > limit.rlim_cur) return true;
    }
    return false;
}

/// What the system said of a read or write that failed, where SQLite only says that one did.
tl::unexpected<core::Error> failed_by_system(int code, const std::string& words, const std::string& path,
                                             const std::string& number) {
    // What was done since may have left another word than that of the write.
    if (code == EFBIG || is_at_size_limit(path))
        return fail(
            ErrorKind::storage,
            fmt::format("{} or the log beside it would grow beyond what this process may write to a "
                        "file (ulimit -f, LimitFSIZE); raise that limit; nothing of this write was kept",
                        path),
            number);
    if (code == EDQUOT)
        return fail(ErrorKind::storage,
                    fmt::format("the quota of this user on the disk of {} is used up; nothing of this write "
                                "was kept",
                                path),
                    number);
    return fail(
        ErrorKind::storage,
        fmt::format("{} or the log beside it cannot be read or written: {}; is the disk full or gone?", path,
                    words),
        number);
}

tl::unexpected<core::Error> foreign(sqlite3* handle, int code, const std::string& path) {
    const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
    const std::string number = std::to_string(extended);
    const std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(
                ErrorKind::unavailable,
                fmt::format("{} is locked by another process; try again, or find out who holds it open",
                            path),
                number);
        case SQLITE_FULL:
            return fail(ErrorKind::storage,
                        fmt::format("the disk of {} is full; nothing of this write was kept", path), number);
        case SQLITE_READONLY:
            return fail(
                ErrorKind::storage,
                fmt::format(
                    "{} or the log beside it may not be written: {}; reading needs the log too, so give "
                    "the right to write its folder, or copy the store with its -wal file elsewhere",
                    path, words),
                number);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(
                ErrorKind::storage,
                fmt::format("{} is damaged or no SQLite file: {}; restore it from a backup", path, words),
                number);
        case SQLITE_IOERR:
            return failed_by_system(handle != nullptr ? sqlite3_system_errno(handle) : 0, words, path,
                                    number);
        case SQLITE_CANTOPEN:
            return fail(ErrorKind::storage, fmt::format("{} cannot be opened: {}", path, words), number);
        case SQLITE_INTERRUPT:
            return fail(ErrorKind::cancelled, fmt::format("the query on {} was stopped before its end", path),
                        number);
        case SQLITE_CONSTRAINT:
            return fail(ErrorKind::invalid_input, fmt::format("{} refuses a row: {}", path, words), number);
        default:
            return fail(ErrorKind::internal, fmt::format("{}: {}", path, words), number);
    }
}

core::Status check_path(const std::string& path, bool create) {
    namespace fs = std::filesystem;
    std::error_code code;
    const auto status = fs::status(path, code);
    if (fs::is_directory(status))
        return fail(ErrorKind::configuration,
                    fmt::format("{} is a folder; expected a file for the store, such as {}", path,
                                (fs::path(path) / "kpi.db").string()));
    if (fs::exists(status)) return {};
    if (code && code != std::errc::no_such_file_or_directory)
        return fail(ErrorKind::storage,
                    fmt::format("{} cannot be looked at: {}; this user needs the right to enter its folder",
                                path, code.message()),
                    std::to_string(code.value()));
    const auto parent = fs::path(path).parent_path();
    if (!parent.empty() && !fs::is_directory(parent, code))
        return fail(
            ErrorKind::configuration,
            fmt::format("the folder {} of the store {} is not there; make it first", parent.string(), path));
    if (!create) return fail(ErrorKind::not_found, fmt::format("there is no SQLite file {}", path));
    const std::string folder = parent.empty() ? "." : parent.string();
    if (::access(folder.c_str(), W_OK) != 0)
        return fail(ErrorKind::storage,
                    fmt::format("the folder {} of the store {} may not be written to: {}", folder, path,
                                std::strerror(errno)),
                    std::to_string(errno));
    return {};
}

}  // namespace

struct Statement::State {
    sqlite3* handle = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::string path;
    ~State() { sqlite3_finalize(statement); }
};

struct Sqlite::State {
    sqlite3* handle = nullptr;
    std::string path;
    std::function<bool()> stop;
    ~State() { sqlite3_close_v2(handle); }
};

Statement::Statement(std::unique_ptr<State> state) : state_(std::move(state)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

void Statement::bind(int parameter, std::string_view text) {
    sqlite3_bind_text64(state_->statement, parameter, text.data() != nullptr ? text.data() : "", text.size(),
                        SQLITE_TRANSIENT, SQLITE_UTF8);
}
void Statement::bind(int parameter, std::int64_t number) {
    sqlite3_bind_int64(state_->statement, parameter, number);
}
void Statement::bind(int parameter, double number) {
    sqlite3_bind_double(state_->statement, parameter, number);
}
void Statement::bind_blob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(state_->statement, parameter, bytes.data() != nullptr ? bytes.data() : "",
                        bytes.size(), SQLITE_TRANSIENT);
}
void Statement::bind_null(int parameter) { sqlite3_bind_null(state_->statement, parameter); }

core::Result<bool> Statement::step() {
    const int code = sqlite3_step(state_->statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return foreign(state_->handle, code, state_->path);
}
void Statement::reset() {
    sqlite3_reset(state_->statement);
    sqlite3_clear_bindings(state_->statement);
}

Cell Statement::cell(int column) const {
    switch (sqlite3_column_type(state_->statement, column)) {
        case SQLITE_INTEGER:
            return Cell::integer;
        case SQLITE_FLOAT:
            return Cell::real;
        case SQLITE_TEXT:
            return Cell::text;
        case SQLITE_BLOB:
            return Cell::blob;
        default:
            return Cell::null;
    }
}
int Statement::columns() const { return sqlite3_column_count(state_->statement); }
std::string Statement::column_name(int column) const {
    const char* name = sqlite3_column_name(state_->statement, column);
    return name == nullptr ? std::string() : std::string(name);
}
std::string Statement::declared_type(int column) const {
    const char* type = sqlite3_column_decltype(state_->statement, column);
    return type == nullptr ? std::string() : std::string(type);
}

bool Statement::null(int column) const {
    return sqlite3_column_type(state_->statement, column) == SQLITE_NULL;
}
std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(state_->statement, column));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(state_->statement, column)));
}
std::string Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(state_->statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(state_->statement, column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(state_->statement, column); }
double Statement::real(int column) const { return sqlite3_column_double(state_->statement, column); }
std::optional<std::string> Statement::maybe_text(int column) const {
    return null(column) ? std::nullopt : std::optional(text(column));
}
std::optional<double> Statement::maybe_real(int column) const {
    return null(column) ? std::nullopt : std::optional(real(column));
}
std::optional<std::int64_t> Statement::maybe_integer(int column) const {
    return null(column) ? std::nullopt : std::optional(integer(column));
}

Sqlite::Sqlite(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sqlite::Sqlite(Sqlite&&) noexcept = default;
Sqlite& Sqlite::operator=(Sqlite&&) noexcept = default;
Sqlite::~Sqlite() = default;

core::Result<Sqlite> Sqlite::open(const std::string& path, std::string_view schema, Access access,
                                  bool create, core::Duration busy) {
    if (auto status = check_path(path, create && access == Access::write); !status) return propagate(status);
    return attached(path, schema, access, busy);
}

core::Result<Sqlite> Sqlite::in_memory(std::string_view schema) {
    return attached(":memory:", schema, Access::write, {});
}

core::Result<Sqlite> Sqlite::attached(const std::string& path, std::string_view schema, Access access,
                                      core::Duration busy) {
    auto state = std::make_unique<State>();
    state->path = path;
    // The main database is empty and in memory: the file is attached under the layer's name.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (const int code = sqlite3_open_v2(":memory:", &state->handle, flags, nullptr); code != SQLITE_OK)
        return foreign(state->handle, code, path);
    sqlite3_extended_result_codes(state->handle, 1);
    sqlite3_busy_timeout(state->handle, static_cast<int>(busy.microseconds / 1000));
    Sqlite database(std::move(state));
    const std::string name(schema);
    auto attach = database.prepare(fmt::format("ATTACH DATABASE ? AS {}", name));
    if (!attach) return propagate(attach);
    attach->bind(1, path);
    if (auto attached = attach->step(); !attached) return propagate(attached);
    const auto settings =
        access == Access::write
            ? fmt::format(
                  "PRAGMA {0}.journal_mode = WAL; PRAGMA {0}.synchronous = FULL; PRAGMA foreign_keys = ON;",
                  name)
            : std::string("PRAGMA query_only = ON;");
    if (auto status = database.run(settings); !status) return propagate(status);
    return database;
}

core::Status Sqlite::run(std::string_view sql) {
    const int code = sqlite3_exec(state_->handle, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return foreign(state_->handle, code, state_->path);
    return {};
}

core::Result<Statement> Sqlite::prepare(std::string_view sql) {
    auto state = std::make_unique<Statement::State>();
    state->handle = state_->handle;
    state->path = state_->path;
    const int code = sqlite3_prepare_v2(state_->handle, sql.data(), static_cast<int>(sql.size()),
                                        &state->statement, nullptr);
    if (code != SQLITE_OK) return foreign(state_->handle, code, state_->path);
    return Statement(std::move(state));
}

core::Result<Statement> Sqlite::prepare_query(std::string_view sql) {
    auto state = std::make_unique<Statement::State>();
    state->handle = state_->handle;
    state->path = state_->path;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v2(state_->handle, sql.data(), static_cast<int>(sql.size()),
                                        &state->statement, &rest);
    if ((code & 0xff) == SQLITE_ERROR)
        return fail(ErrorKind::usage, fmt::format("the query cannot be run on {}: {}", state_->path,
                                                  sqlite3_errmsg(state_->handle)));
    if (code != SQLITE_OK) return foreign(state_->handle, code, state_->path);
    const std::string_view left(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
    if (state->statement == nullptr || left.find_first_not_of(" \t\r\n;") != std::string_view::npos)
        return fail(ErrorKind::usage, "the query is not one statement; expected a single SELECT");
    if (sqlite3_stmt_readonly(state->statement) == 0 || sqlite3_column_count(state->statement) == 0)
        return fail(ErrorKind::usage, "the query writes, or returns no columns; expected a single SELECT");
    return Statement(std::move(state));
}

void Sqlite::stop_when(std::function<bool()> stop) {
    constexpr int instructions = 20'000;
    state_->stop = std::move(stop);
    sqlite3_progress_handler(
        state_->handle, instructions,
        [](void* context) { return static_cast<State*>(context)->stop() ? 1 : 0; }, state_.get());
}

std::int64_t Sqlite::changes() const { return sqlite3_changes64(state_->handle); }
const std::string& Sqlite::path() const noexcept { return state_->path; }
std::string Sqlite::version() { return std::string("sqlite ") + sqlite3_libversion(); }

}  // namespace tristrata::database
