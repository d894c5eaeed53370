#pragma once

#include "tristrata/core/secret.hpp"
#include "tristrata/store/event_rows.hpp"

#include <memory>
#include <span>
#include <string>

namespace tristrata::store {

/// A table that rows are put into as they are: of a restore, or of another store.
///
/// Threads   One caller at a time.
class EventTarget {
public:
    virtual ~EventTarget() = default;
    /// In one transaction; a row that is there already is left. Returns how many are new.
    [[nodiscard]] virtual core::Result<std::uint64_t> insert(std::span<const EventRow> rows) = 0;
    /// invalid_input, with the row and the reason: it cannot be kept here as it is. SQLite holds no NaN.
    [[nodiscard]] virtual core::Status holds(const EventRow& row) const = 0;
    /// As a person finds it: "restore_x.kpi_events of db:5432/observability", "folder/kpi.db".
    [[nodiscard]] virtual const std::string& where() const = 0;
};

/// The table restore_<id>.<layer>_events, made where it is missing, by who owns the store and for those who
/// may read it. `id` holds lower-case letters, digits and _ (usage otherwise).
[[nodiscard]] core::Result<std::unique_ptr<EventTarget>> restore_into_postgres(const core::SecretSource& url,
                                                                               Layer layer,
                                                                               const std::string& id);
/// A store in a SQLite file, made where it is missing.
[[nodiscard]] core::Result<std::unique_ptr<EventTarget>> restore_into_sqlite(const std::string& path,
                                                                             Layer layer, core::Clock& clock);

}  // namespace tristrata::store
