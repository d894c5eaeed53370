#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/database/migration.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::incident {

/// A value as text, or NULL.
using Value = std::optional<std::string>;
using Row = std::vector<Value>;

/// The schema `response`, and `drift` to read, of either database by the same SQL. Parameters are $1, $2, …,
/// each first named in this order. Times go in as stored_time() and come out as time() makes them.
class Connection {
public:
    virtual ~Connection() = default;
    [[nodiscard]] virtual core::Result<std::vector<Row>> query(const std::string& sql,
                                                               const std::vector<Value>& parameters = {}) = 0;
    /// With the row of the lease held: whoever else changes something waits. Nothing is kept where `body`
    /// fails.
    [[nodiscard]] virtual core::Status locked(const std::function<core::Status()>& body) = 0;
    [[nodiscard]] virtual core::Status check() = 0;

    /// A column of time as a SELECT reads it.
    [[nodiscard]] virtual std::string time(const std::string& column) const = 0;
    /// A column of JSON, likewise.
    [[nodiscard]] virtual std::string json(const std::string& column) const = 0;
    /// In FROM, as `element`: what an array in an object of JSON holds;
    [[nodiscard]] virtual std::string elements(const std::string& column, const std::string& key) const = 0;
    /// and as text, or NULL, what such an element, an object, has at a path: "payload.analyzer".
    [[nodiscard]] virtual std::string of_element(const std::string& path) const = 0;
    /// The moment by which a lease ends: the server's, where there is one.
    [[nodiscard]] virtual std::string lease_now(core::Timestamp now, core::Duration ahead = {}) const = 0;
    /// drift.events and, where there are any, rows beside it whose time has no partition.
    [[nodiscard]] virtual std::vector<std::string> event_tables() const = 0;
    [[nodiscard]] virtual const std::string& where() const = 0;
};

[[nodiscard]] core::Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path,
                                                                       const std::string& drift_path);
[[nodiscard]] std::unique_ptr<Connection> connect_postgres(core::SecretSource url);

/// Always six digits of a second, so that text order is time order.
[[nodiscard]] std::string stored_time(core::Timestamp time);
[[nodiscard]] core::Result<core::Timestamp> time_of(const Value& value);

/// src/incident/migrations, put into the program when it was built.
[[nodiscard]] std::span<const database::Migration> sqlite_migrations() noexcept;
[[nodiscard]] std::span<const database::Migration> postgres_migrations() noexcept;

}  // namespace tristrata::incident
