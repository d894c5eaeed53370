#pragma once

#include "tristrata/store/event_rows.hpp"
#include "unnest_rows.hpp"

#include <span>
#include <string>
#include <vector>

namespace tristrata::store {

/// "time, run_id, …": the columns from `first` on.
[[nodiscard]] std::string event_column_names(Layer layer, std::size_t first);

/// Rows of a layer's events on their way into a table of PostgreSQL, as an array a column; the columns before
/// `first` are left out.
class EventArrays {
public:
    EventArrays(Layer layer, std::span<const EventRow> rows, std::size_t first);
    /// INSERT … ON CONFLICT DO NOTHING, with a place for each array.
    [[nodiscard]] std::string insert_into(const std::string& table) const;
    [[nodiscard]] std::vector<database::PostgresValue> parameters() const { return arrays_.parameters(); }

private:
    Layer layer_;
    std::size_t first_;
    UnnestRows arrays_;
};

}  // namespace tristrata::store
