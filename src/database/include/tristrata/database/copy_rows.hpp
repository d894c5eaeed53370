#pragma once

#include "tristrata/core/identifier.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::database {

/// The bytes of COPY … WITH (FORMAT binary), PostgreSQL 15: fields in the order of the columns, each row
/// begun with how many there are.
///
/// Example   row(1), integer(7) gives, behind the header of 19 bytes, 00 01 · 00 00 00 08 · 00 … 07.
/// Source    PostgreSQL 15 manual, COPY, "Binary Format".
class CopyRows {
public:
    CopyRows();
    void row(std::int16_t fields);
    void null();
    void uuid(const core::Uuid& value);
    void text(std::string_view value);
    /// jsonb: its version, 1, stands before the text.
    void json(std::string_view value);
    void time(core::Timestamp value);
    void real(double value);
    void integer(std::int64_t value);
    void small(std::int16_t value);
    void boolean(bool value);
    void maybe_text(std::optional<std::string_view> value) { value ? text(*value) : null(); }
    void maybe_real(const std::optional<double>& value) { value ? real(*value) : null(); }
    void maybe_integer(const std::optional<std::int64_t>& value) { value ? integer(*value) : null(); }
    void maybe_boolean(const std::optional<bool>& value) { value ? boolean(*value) : null(); }
    void maybe_uuid(const std::optional<core::Uuid>& value) { value ? uuid(*value) : null(); }

    /// The whole, with its end; begins anew.
    [[nodiscard]] std::string finish();

private:
    template <class Number>
    void big_endian(Number value);
    std::string bytes_;
};

}  // namespace tristrata::database
