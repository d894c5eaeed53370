#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tristrata::database {

/// The rows of one query that only reads, as a person wrote it, one at a time: memory holds a row, whatever
/// the query gives. Columns count from 0 and are known before the first step.
///
/// Errors    usage: more than one statement, one that writes or gives no columns, one that the database does
/// not
///           understand (its own words stand in the message); cancelled: `stop` said so, or its time ran out.
class Cursor {
public:
    virtual ~Cursor() = default;
    /// True while there is a row.
    [[nodiscard]] virtual core::Result<bool> step() = 0;

    /// Of the row at hand. A truth value is a number, a time of PostgreSQL is ISO 8601 in UTC.
    [[nodiscard]] virtual Cell cell(int column) const = 0;
    [[nodiscard]] virtual double real(int column) const = 0;
    [[nodiscard]] virtual std::string text(int column) const = 0;

    [[nodiscard]] virtual int columns() const = 0;
    [[nodiscard]] virtual std::string column_name(int column) const = 0;
    /// "REAL" and the like where the column holds numbers whatever its rows are; else what the table
    /// declares.
    [[nodiscard]] virtual std::string declared_type(int column) const = 0;
};

/// `stop` is asked every few milliseconds.
[[nodiscard]] core::Result<std::unique_ptr<Cursor>> open_cursor(Sqlite database, const std::string& sql,
                                                                std::function<bool()> stop);

/// In a transaction of its own that is READ ONLY, by the extended protocol: the query cannot end it and go
/// on. `time_max` is the server's own bound.
[[nodiscard]] core::Result<std::unique_ptr<Cursor>> open_cursor(PostgresOptions options,
                                                                const std::string& sql,
                                                                std::function<bool()> stop,
                                                                core::Duration time_max = {3'600'000'000});

}  // namespace tristrata::database
