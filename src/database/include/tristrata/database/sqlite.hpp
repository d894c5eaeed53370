#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::database {

enum class Access : std::uint8_t { read, write };

/// What one cell of a row holds: SQLite decides it value by value.
enum class Cell : std::uint8_t { null, integer, real, text, blob };

/// A prepared statement. Parameters and columns count from 1 and 0, as SQLite has them.
class Statement {
public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    void bind(int parameter, std::string_view text);
    void bind(int parameter, std::int64_t number);
    void bind(int parameter, double number);
    void bind_null(int parameter);
    /// Bytes that need not be text.
    void bind_blob(int parameter, std::string_view bytes);
    template <class Value>
    void bind(int parameter, const std::optional<Value>& value) {
        if (value) bind(parameter, *value);
        else bind_null(parameter);
    }
    /// True while there is a row.
    [[nodiscard]] core::Result<bool> step();
    /// For the next run with other parameters.
    void reset();

    /// Of the row at hand.
    [[nodiscard]] Cell cell(int column) const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::string column_name(int column) const;
    /// As the table declares it, such as "REAL"; empty for an expression.
    [[nodiscard]] std::string declared_type(int column) const;

    [[nodiscard]] bool null(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string blob(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::optional<std::string> maybe_text(int column) const;
    [[nodiscard]] std::optional<double> maybe_real(int column) const;
    [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;

private:
    friend class Sqlite;
    struct State;
    explicit Statement(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One SQLite file, attached under a schema's name, so that `FROM kpi.events` is the same SQL everywhere.
/// WAL, synchronous FULL, a busy timeout. Local disks only.
///
/// Errors    unavailable (locked by another process), storage (full, read-only, damaged), configuration (a
/// folder, a
///           folder that is not there). The foreign code is SQLite's extended one.
/// Threads   One at a time.
class Sqlite {
public:
    /// `create`: make the file where there is none; otherwise that is an error of kind not_found.
    [[nodiscard]] static core::Result<Sqlite> open(const std::string& path, std::string_view schema,
                                                   Access access, bool create,
                                                   core::Duration busy = {5'000'000});
    /// With no file: it is gone with its connection.
    [[nodiscard]] static core::Result<Sqlite> in_memory(std::string_view schema);
    Sqlite(Sqlite&&) noexcept;
    Sqlite& operator=(Sqlite&&) noexcept;
    ~Sqlite();

    [[nodiscard]] core::Status run(std::string_view sql);
    [[nodiscard]] core::Result<Statement> prepare(std::string_view sql);
    /// One statement that only reads, as a person wrote it. usage: more than one statement, one that writes,
    /// one that SQLite does not understand (its own words stand in the message).
    [[nodiscard]] core::Result<Statement> prepare_query(std::string_view sql);
    /// Statements end with an error of kind cancelled soon after `stop` says so; it is asked every few
    /// milliseconds.
    void stop_when(std::function<bool()> stop);
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const;
    /// BEGIN IMMEDIATE, body, COMMIT; ROLLBACK where either fails.
    template <class Body>
    [[nodiscard]] core::Status transaction(const Body& body) {
        if (auto status = run("BEGIN IMMEDIATE"); !status) return status;
        core::Status status = body();
        if (status) status = run("COMMIT");
        if (!status) (void)run("ROLLBACK");
        return status;
    }
    [[nodiscard]] const std::string& path() const noexcept;
    /// "sqlite 3.40.1".
    [[nodiscard]] static std::string version();

private:
    struct State;
    explicit Sqlite(std::unique_ptr<State> state);
    [[nodiscard]] static core::Result<Sqlite> attached(const std::string& path, std::string_view schema,
                                                       Access access, core::Duration busy);
    std::unique_ptr<State> state_;
};

}  // namespace tristrata::database
