#include "tristrata/store/event_target.hpp"

#include "event_arrays.hpp"
#include "schema_text.hpp"
#include "stored_time.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Postgres;
using database::Sqlite;

/// Rows as an array a column into one table of PostgreSQL.
class PostgresTarget final : public EventTarget {
public:
    PostgresTarget(Postgres database, Layer layer, std::string table)
        : database_(std::move(database)), layer_(layer), table_(std::move(table)) {}
    core::Status make(const std::string& schema);
    core::Result<std::uint64_t> insert(std::span<const EventRow> rows) override;
    [[nodiscard]] core::Status holds(const EventRow& /*row*/) const override { return {}; }
    [[nodiscard]] const std::string& where() const override { return where_; }

private:
    Postgres database_;
    Layer layer_;
    std::string table_;
    std::string where_;
};

core::Status PostgresTarget::make(const std::string& schema) {
    const std::string_view store = schema_name(layer_);
    auto owner = database_.query(
        "SELECT quote_ident(rolname) FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE "
        "nspname "
        "= $1",
        {std::string(store)});
    if (!owner) return propagate(owner);
    // Those who may use the store may use what was restored of it.
    auto readers = database_.query(
        "SELECT DISTINCT quote_ident(rolname) FROM pg_class, aclexplode(relacl) JOIN pg_roles ON "
        "pg_roles.oid "
        "= grantee WHERE pg_class.oid = $1::regclass AND privilege_type = 'SELECT'",
        {fmt::format("{}.events", store)});
    if (!readers) return propagate(readers);
    auto status = database_.transaction([&]() -> core::Status {
        if (auto lock = database_.query("SELECT pg_advisory_xact_lock(hashtext($1))", {table_}); !lock)
            return propagate(lock);
        auto done = database_.run(fmt::format(
            "CREATE SCHEMA IF NOT EXISTS {0}; CREATE TABLE IF NOT EXISTS {1} (LIKE {2}.events INCLUDING "
            "DEFAULTS INCLUDING CONSTRAINTS, UNIQUE ({3})); ALTER SCHEMA {0} OWNER TO {4}; ALTER TABLE {1} "
            "OWNER TO {4}",
            schema, table_, store,
            layer_ == Layer::kpi ? "event_id, time" : "event_id, detected_at, severity", owner->text(0, 0)));
        for (int i = 0; done && i < readers->count(); ++i)
            done = database_.run(fmt::format("GRANT USAGE ON SCHEMA {0} TO {2}; GRANT SELECT ON {1} TO {2}",
                                             schema, table_, readers->text(i, 0)));
        return done;
    });
    if (!status) return status;
    where_ = fmt::format("{} of {}", table_, database_.where());
    return {};
}

core::Result<std::uint64_t> PostgresTarget::insert(std::span<const EventRow> rows) {
    const EventArrays arrays(layer_, rows, 0);
    std::uint64_t fresh = 0;
    auto status = database_.transaction([&]() -> core::Status {
        auto done = database_.query(arrays.insert_into(table_), arrays.parameters());
        if (!done) return propagate(done);
        fresh = done->affected();
        return {};
    });
    if (!status) return propagate(status);
    return fresh;
}

class SqliteTarget final : public EventTarget {
public:
    SqliteTarget(Sqlite database, Layer layer) : database_(std::move(database)), layer_(layer) {}
    core::Result<std::uint64_t> insert(std::span<const EventRow> rows) override;
    [[nodiscard]] core::Status holds(const EventRow& row) const override;
    [[nodiscard]] const std::string& where() const override { return database_.path(); }

private:
    Sqlite database_;
    Layer layer_;
};

core::Status SqliteTarget::holds(const EventRow& row) const {
    const auto columns = event_columns(layer_);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto* number = std::get_if<double>(&row[i]);
        if (number == nullptr || !std::isnan(*number)) continue;
        const core::Timestamp time{std::get<std::int64_t>(row[time_column(layer_)])};
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} is NaN (event_id {}, {}), which SQLite does not hold", columns[i].name,
                                std::get<std::string>(row[id_column(layer_)]), core::to_string(time)));
    }
    return {};
}

core::Result<std::uint64_t> SqliteTarget::insert(std::span<const EventRow> rows) {
    // `id` is the order of arrival, kept where it is free: two parts may carry the same one.
    const auto columns = event_columns(layer_);
    std::string places;
    for (std::size_t i = 1; i <= columns.size(); ++i)
        places += fmt::format("{}{}", i == 1 ? "" : ", ",
                              i == 1 && layer_ == Layer::drift
                                  ? "CASE WHEN EXISTS (SELECT 1 FROM drift.events WHERE id = ?1) THEN NULL "
                                    "ELSE ?1 END"
                                  : fmt::format("?{}", i));
    std::uint64_t fresh = 0;
    auto status = database_.transaction([&]() -> core::Status {
        auto statement =
            database_.prepare(fmt::format("INSERT OR IGNORE INTO {}.events ({}) VALUES ({})",
                                          schema_name(layer_), event_column_names(layer_, 0), places));
        if (!statement) return propagate(statement);
        std::optional<database::Statement> series;
        if (layer_ == Layer::kpi) {
            auto prepared =
                database_.prepare("INSERT OR IGNORE INTO kpi.series (module, metric_name) VALUES (?1, ?2)");
            if (!prepared) return propagate(prepared);
            series.emplace(std::move(*prepared));
        }
        for (const EventRow& row : rows) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const int place = static_cast<int>(i) + 1;
                if (row[i].index() == 0) statement->bind_null(place);
                else if (columns[i].type == ColumnType::time)
                    statement->bind(place, std::string_view(stored_time({std::get<std::int64_t>(row[i])})));
                else if (const auto* number = std::get_if<std::int64_t>(&row[i]))
                    statement->bind(place, *number);
                else if (const auto* real = std::get_if<double>(&row[i])) statement->bind(place, *real);
                else statement->bind(place, std::string_view(std::get<std::string>(row[i])));
            }
            if (auto done = statement->step(); !done) return propagate(done);
            fresh += static_cast<std::uint64_t>(database_.changes());
            statement->reset();
            if (!series) continue;
            series->bind(1, std::string_view(std::get<std::string>(row[2])));
            series->bind(2, std::string_view(std::get<std::string>(row[4])));
            if (auto done = series->step(); !done) return propagate(done);
            series->reset();
        }
        return {};
    });
    if (!status) return propagate(status);
    return fresh;
}

}  // namespace

core::Result<std::unique_ptr<EventTarget>> restore_into_postgres(const core::SecretSource& url, Layer layer,
                                                                 const std::string& id) {
    const bool fits = std::ranges::all_of(
        id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    constexpr std::size_t longest = 40;
    if (!fits || id.empty() || id.size() > longest)
        return fail(
            ErrorKind::usage,
            fmt::format("a restore's name holds lower-case letters, digits and _, 1 to {} of them, not "
                        "{}",
                        longest, core::quoted(id)));
    database::PostgresOptions options;
    options.url = url;
    options.application = "tristrata restore";
    const std::string schema = "restore_" + id;
    auto target = std::make_unique<PostgresTarget>(Postgres(std::move(options)), layer,
                                                   fmt::format("{}.{}_events", schema, schema_name(layer)));
    if (auto made = target->make(schema); !made) return propagate(made);
    return target;
}

core::Result<std::unique_ptr<EventTarget>> restore_into_sqlite(const std::string& path, Layer layer,
                                                               core::Clock& clock) {
    if (auto made = init_sqlite(path, layer, clock); !made) return propagate(made);
    auto database = Sqlite::open(path, schema_name(layer), database::Access::write, false);
    if (!database) return propagate(database);
    return std::make_unique<SqliteTarget>(std::move(*database), layer);
}

}  // namespace tristrata::store
