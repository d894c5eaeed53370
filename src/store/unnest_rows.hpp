#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/database/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::store {

/// Rows as an array a column, for INSERT … SELECT FROM unnest($1::…[], …): one statement for a few rows,
/// without a temporary table. It is filled as database::CopyRows is, field by field.
class UnnestRows {
public:
    explicit UnnestRows(std::size_t columns) : arrays_(columns) {}
    void row(std::int16_t) { column_ = 0; }
    void null() { append("NULL"); }
    void uuid(const core::Uuid& value) { append(core::to_string(value)); }
    void text(std::string_view value);
    void json(std::string_view value) { text(value); }
    void time(core::Timestamp value);
    void real(double value);
    void integer(std::int64_t value) { append(std::to_string(value)); }
    void small(std::int16_t value) { append(std::to_string(value)); }
    void boolean(bool value) { append(value ? "t" : "f"); }
    void maybe_text(std::optional<std::string_view> value) { value ? text(*value) : null(); }
    void maybe_real(const std::optional<double>& value) { value ? real(*value) : null(); }
    void maybe_integer(const std::optional<std::int64_t>& value) { value ? integer(*value) : null(); }
    void maybe_boolean(const std::optional<bool>& value) { value ? boolean(*value) : null(); }
    void maybe_uuid(const std::optional<core::Uuid>& value) { value ? uuid(*value) : null(); }

    /// The arrays' literals, in the order of the columns.
    [[nodiscard]] std::vector<database::PostgresValue> parameters() const;

private:
    void append(std::string_view element);
    std::vector<std::string> arrays_;
    std::size_t column_ = 0;
};

}  // namespace tristrata::store
