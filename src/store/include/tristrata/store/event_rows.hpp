#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/store/store.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tristrata::store {

/// What a column of kpi.events or drift.events holds, on every backend alike: a time as microseconds since
/// 1970, a truth value as 0 or 1, a UUID in lower case with hyphens, JSON as compact text.
enum class ColumnType : std::uint8_t { time, text, json, real, integer, boolean, uuid };

struct EventColumn {
    std::string_view name;
    ColumnType type;
    bool nullable;
};

/// The columns of a layer's events, in the order of their table.
[[nodiscard]] std::span<const EventColumn> event_columns(Layer layer) noexcept;
/// The place of the time, of the event's id, and of the severity (drift).
[[nodiscard]] std::size_t time_column(Layer layer) noexcept;
[[nodiscard]] std::size_t id_column(Layer layer) noexcept;

/// Nothing for NULL.
using EventValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using EventRow = std::vector<EventValue>;

/// Rows of a layer's events, one at a time.
class EventRows {
public:
    virtual ~EventRows() = default;
    /// False behind the last; `row` is filled otherwise.
    [[nodiscard]] virtual core::Result<bool> next(EventRow& row) = 0;
};

/// SHA-256 of rows in their order, whatever database or file they stand in. A value is a byte for its kind
/// and its bytes, all integers big-endian: 0 for NULL; 1 and eight bytes for a whole number, a time, a truth
/// value; 2 and the eight bytes of a double; 3, the length in eight bytes, and UTF-8 for everything else.
///
/// Example   One row (7, NULL, "ab") is the SHA-256 of 01 0000000000000007 00 03 0000000000000002 6162.
class RowDigest {
public:
    void add(const EventRow& row);
    [[nodiscard]] std::string finish() { return sha256_.finish(); }

private:
    core::Sha256 sha256_;
    std::string bytes_;
};

}  // namespace tristrata::store
