#include "tristrata/database/cursor.hpp"

#include "postgres_state.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tristrata::database {
namespace {

using core::ErrorKind;
using core::fail;

class SqliteCursor final : public Cursor {
public:
    SqliteCursor(Sqlite database, Statement statement)
        : database_(std::move(database)), statement_(std::move(statement)) {}
    core::Result<bool> step() override { return statement_.step(); }
    [[nodiscard]] Cell cell(int column) const override { return statement_.cell(column); }
    [[nodiscard]] double real(int column) const override { return statement_.real(column); }
    [[nodiscard]] std::string text(int column) const override { return statement_.text(column); }
    [[nodiscard]] int columns() const override { return statement_.columns(); }
    [[nodiscard]] std::string column_name(int column) const override {
        return statement_.column_name(column);
    }
    [[nodiscard]] std::string declared_type(int column) const override {
        return statement_.declared_type(column);
    }

private:
    Sqlite database_;
    Statement statement_;
};

/// PostgreSQL's types by number (pg_type.dat): those that are not text.
constexpr Oid type_bool = 16, type_bytea = 17, type_int8 = 20, type_int2 = 21, type_int4 = 23, type_oid = 26,
              type_float4 = 700, type_float8 = 701, type_timestamptz = 1184, type_numeric = 1700;

Cell cell_of(Oid type) {
    switch (type) {
        case type_bool:
        case type_int8:
        case type_int2:
        case type_int4:
        case type_oid:
            return Cell::integer;
        case type_float4:
        case type_float8:
        case type_numeric:
            return Cell::real;
        case type_bytea:
            return Cell::blob;
        default:
            return Cell::text;
    }
}

/// A query's error is its writer's, unless rights or the server are at fault.
core::Error as_written(core::Error error) {
    const std::string& code = error.foreign_code;
    if (code == "25006") {
        error.message = "the query writes; expected a single SELECT";
    } else if ((!code.starts_with("42") || code == "42501") && !code.starts_with("22")) {
        return error;
    } else {
        const auto advice = error.message.find("; make or migrate");
        error.message = fmt::format("the query cannot be run on {}", error.message.substr(0, advice));
    }
    error.kind = ErrorKind::usage;
    return error;
}

}  // namespace

class PostgresCursor final : public Cursor {
public:
    PostgresCursor(PostgresOptions options, std::function<bool()> stop)
        : database_(std::move(options)), stop_(std::move(stop)) {}

    core::Status open(const std::string& sql, core::Duration time_max) {
        auto begun = database_.run(fmt::format(
            "BEGIN READ ONLY; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL "
            "extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = {}",
            time_max.microseconds / 1000));
        if (!begun) return begun;
        auto& state = *database_.state_;
        const std::string marked = fmt::format("{}{}", own_mark, sql);
        if (PQsendQueryParams(state.connection, marked.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) !=
                1 ||
            PQsetSingleRowMode(state.connection) != 1)
            return state.lost("sending");
        if (auto sent = state.flush(); !sent) return sent;
        if (auto first = take(); !first) return first;
        if (PQnfields(row_.get()) == 0)
            return fail(ErrorKind::usage, "the query returns no columns; expected a single SELECT");
        return {};
    }

    core::Result<bool> step() override {
        if (std::exchange(is_first_, false)) return has_row();
        if (!has_row()) return false;
        if (auto next = take(); !next) return propagate(next);
        return has_row();
    }

    [[nodiscard]] Cell cell(int column) const override {
        if (PQgetisnull(row_.get(), 0, column) == 1) return Cell::null;
        return cell_of(PQftype(row_.get(), column));
    }
    [[nodiscard]] double real(int column) const override {
        const std::string value = raw(column);
        if (PQftype(row_.get(), column) == type_bool) return value == "t" ? 1 : 0;
        double number = 0;
        (void)std::from_chars(value.data(), value.data() + value.size(), number);
        return number;
    }
    [[nodiscard]] std::string text(int column) const override {
        std::string value = raw(column);
        if (PQftype(row_.get(), column) == type_timestamptz && value.ends_with("+00"))
            value.replace(value.size() - 3, 3, "Z");
        return value;
    }
    [[nodiscard]] int columns() const override { return PQnfields(row_.get()); }
    [[nodiscard]] std::string column_name(int column) const override { return PQfname(row_.get(), column); }
    [[nodiscard]] std::string declared_type(int column) const override {
        const Cell kind = cell_of(PQftype(row_.get(), column));
        return kind == Cell::integer || kind == Cell::real ? "REAL" : "TEXT";
    }

private:
    [[nodiscard]] bool has_row() const { return PQntuples(row_.get()) > 0; }
    [[nodiscard]] std::string raw(int column) const {
        return {PQgetvalue(row_.get(), 0, column),
                static_cast<std::size_t>(PQgetlength(row_.get(), 0, column))};
    }
    /// The next row, or the empty result that ends them.
    core::Status take() {
        auto& state = *database_.state_;
        auto result = state.next_result(stop_);
        if (!result) return propagate(result);
        if (!*result) return state.lost("reading rows");
        if (PQresultStatus(result->get()) == PGRES_FATAL_ERROR) {
            auto refused = state.refused(result->get());
            return tl::unexpected(as_written(std::move(refused.value())));
        }
        row_ = std::move(*result);
        return {};
    }

    Postgres database_;
    std::function<bool()> stop_;
    ResultHandle row_;
    bool is_first_ = true;
};

core::Result<std::unique_ptr<Cursor>> open_cursor(Sqlite database, const std::string& sql,
                                                  std::function<bool()> stop) {
    database.stop_when(std::move(stop));
    auto statement = database.prepare_query(sql);
    if (!statement) return propagate(statement);
    return std::make_unique<SqliteCursor>(std::move(database), std::move(*statement));
}

core::Result<std::unique_ptr<Cursor>> open_cursor(PostgresOptions options, const std::string& sql,
                                                  std::function<bool()> stop, core::Duration time_max) {
    options.any_server = true;
    // The server's bound and `stop` end a query; a row may take its time.
    options.answer_timeout = {time_max.microseconds + 60'000'000};
    auto cursor = std::make_unique<PostgresCursor>(std::move(options), std::move(stop));
    if (auto status = cursor->open(sql, time_max); !status) return propagate(status);
    return cursor;
}

}  // namespace tristrata::database
