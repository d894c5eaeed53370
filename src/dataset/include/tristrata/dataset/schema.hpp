#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::dataset {

/// What a column's values are, as far as drift is concerned.
enum class Type : std::uint8_t {
    integer,  ///< Signed or unsigned, any width; read as double (exact below 2^53).
    real,     ///< float16, float32, float64, decimal.
    boolean,
    text,         ///< UTF-8 strings and dictionaries of them.
    timestamp,    ///< Any unit, with or without a zone; date32 and date64. Read as microseconds UTC.
    null,         ///< A column without a single value: its type is unknown.
    unsupported,  ///< Lists, structs, binary: named in the report, never guessed.
};
[[nodiscard]] std::string_view name(Type type) noexcept;
[[nodiscard]] constexpr bool is_number(Type type) noexcept {
    return type == Type::integer || type == Type::real;
}

struct Field {
    std::string name;
    Type type = Type::null;
    std::string foreign_type;  ///< As the source calls it: "int64", "timestamp[ms, UTC]".
    /// What speaks against this type: a word where it was asked to read numbers, numbers among its words;
    /// empty where nothing does.
    std::string remark = {};
    bool operator==(const Field&) const = default;
};

/// Columns in the order of the source. Names are unique: a source with a repeated name is refused.
struct Schema {
    std::vector<Field> fields;
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept;
};

}  // namespace tristrata::dataset
