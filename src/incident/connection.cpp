#include "connection.hpp"

#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view take_lock = "UPDATE response.lease SET epoch = epoch WHERE name = 'incidents'";
constexpr std::string_view init_words = "run: tristrata store init";

class SqliteConnection final : public Connection {
public:
    explicit SqliteConnection(database::Sqlite database) : database_(std::move(database)) {}

    core::Result<std::vector<Row>> query(const std::string& sql, const std::vector<Value>& values) override {
        auto statement = database_.prepare(sql);
        if (!statement) return propagate(statement);
        for (std::size_t i = 0; i < values.size(); ++i)
            statement->bind(static_cast<int>(i) + 1, values[i] ? std::optional<std::string_view>(*values[i])
                                                               : std::optional<std::string_view>());
        std::vector<Row> rows;
        for (;;) {
            auto step = statement->step();
            if (!step) return propagate(step);
            if (!*step) return rows;
            Row& row = rows.emplace_back();
            for (int column = 0; column < statement->columns(); ++column)
                row.push_back(statement->maybe_text(column));
        }
    }

    core::Status locked(const std::function<core::Status()>& body) override {
        // Not IMMEDIATE, which would lock the drift store's file too: the first statement takes the lock.
        if (auto status = database_.run("BEGIN"); !status) return status;
        core::Status status = database_.run(take_lock);
        if (status) status = body();
        if (status) status = database_.run("COMMIT");
        if (!status) (void)database_.run("ROLLBACK");
        return status;
    }

    core::Status check() override {
        auto version = database::schema_version(database_, "response");
        if (!version) return propagate(version);
        if (*version == 0)
            return fail(ErrorKind::configuration,
                        fmt::format("{} holds no incidents; {}", database_.path(), init_words));
        return database::require_known(database_, "response", *version, sqlite_migrations().back().number);
    }

    std::string time(const std::string& column) const override { return column; }
    std::string json(const std::string& column) const override { return column; }
    std::string elements(const std::string& column, const std::string& key) const override {
        return fmt::format("json_each({}, '$.{}') AS element", column, key);
    }
    std::string of_element(const std::string& path) const override {
        return fmt::format("json_extract(element.value, '$.{}')", path);
    }
    std::string lease_now(core::Timestamp now, core::Duration ahead) const override {
        return fmt::format("'{}'", stored_time(now + ahead));
    }
    std::vector<std::string> event_tables() const override { return {"drift.events"}; }
    const std::string& where() const override { return database_.path(); }

private:
    database::Sqlite database_;
};

class PostgresConnection final : public Connection {
public:
    explicit PostgresConnection(database::PostgresOptions options) : database_(std::move(options)) {}

    core::Result<std::vector<Row>> query(const std::string& sql, const std::vector<Value>& values) override {
        auto found = database_.query(sql, values);
        if (!found) return propagate(found);
        std::vector<Row> rows;
        for (int i = 0; i < found->count(); ++i) {
            Row& row = rows.emplace_back();
            for (int column = 0; column < found->columns(); ++column)
                row.push_back(found->maybe_text(i, column));
        }
        return rows;
    }

    core::Status locked(const std::function<core::Status()>& body) override {
        return database_.transaction([&]() -> core::Status {
            if (auto lock = database_.query(take_lock); !lock) return propagate(lock);
            // Compiling a look at 300,000 events takes seconds, and running it a fraction of one.
            if (auto plain = database_.query("SELECT set_config('jit', 'off', true)"); !plain)
                return propagate(plain);
            return body();
        });
    }

    core::Status check() override {
        auto version = database::schema_version(database_, "response");
        if (!version) return propagate(version);
        if (*version == 0)
            return fail(ErrorKind::configuration,
                        fmt::format("{} holds no incidents; {}", database_.where(), init_words));
        return database::require_known(database_, "response", *version, postgres_migrations().back().number);
    }

    std::string time(const std::string& column) const override {
        return fmt::format("(extract(epoch FROM {}) * 1000000)::bigint", column);
    }
    std::string json(const std::string& column) const override { return column + "::text"; }
    std::string elements(const std::string& column, const std::string& key) const override {
        return fmt::format("jsonb_array_elements({} -> '{}') AS element(value)", column, key);
    }
    std::string of_element(const std::string& path) const override {
        std::string keys = path;
        std::ranges::replace(keys, '.', ',');
        return fmt::format("(element.value #>> '{{{}}}')", keys);
    }
    std::string lease_now(core::Timestamp, core::Duration ahead) const override {
        return fmt::format("clock_timestamp() + interval '{} microseconds'", ahead.microseconds);
    }
    std::vector<std::string> event_tables() const override { return {"drift.events", "drift.events_parked"}; }
    const std::string& where() const override { return database_.where(); }

private:
    database::Postgres database_;
};

}  // namespace

core::Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path,
                                                         const std::string& drift_path) {
    auto database = database::Sqlite::open(path, "response", database::Access::write, false);
    if (!database && database.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::configuration, fmt::format("there is no file {}; {}", path, init_words));
    if (!database) return propagate(database);
    // Asked first: ATTACH would make the file.
    if (auto there = database::Sqlite::open(drift_path, "drift", database::Access::read, false); !there)
        return fail(ErrorKind::configuration, fmt::format("the drift store: {}", there.error().message));
    auto attach = database->prepare("ATTACH DATABASE ? AS drift");
    if (!attach) return propagate(attach);
    attach->bind(1, drift_path);
    if (auto done = attach->step(); !done) return propagate(done);
    return std::make_unique<SqliteConnection>(std::move(*database));
}

std::unique_ptr<Connection> connect_postgres(core::SecretSource url) {
    database::PostgresOptions options;
    options.url = std::move(url);
    options.application = "tristrata incident";
    return std::make_unique<PostgresConnection>(std::move(options));
}

std::string stored_time(core::Timestamp time) {
    const std::int64_t fraction = ((time.microseconds % 1'000'000) + 1'000'000) % 1'000'000;
    const std::string whole = core::to_string(core::Timestamp{time.microseconds - fraction});
    return fmt::format("{}.{:06}Z", whole.substr(0, 19), fraction);
}

core::Result<core::Timestamp> time_of(const Value& value) {
    if (!value) return fail(ErrorKind::storage, "a time that must be there is NULL in the schema response");
    if (value->find('T') != std::string::npos) return core::parse_timestamp(*value);
    core::Timestamp time;
    const auto* end = value->data() + value->size();
    if (const auto read = std::from_chars(value->data(), end, time.microseconds); read.ptr != end)
        return fail(ErrorKind::storage,
                    fmt::format("the schema response holds the time {}, which was never written", *value));
    return time;
}

}  // namespace tristrata::incident
