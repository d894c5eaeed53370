#include "event_arrays.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

std::string_view postgres_type(ColumnType type) {
    switch (type) {
        case ColumnType::time:
            return "timestamptz";
        case ColumnType::text:
            return "text";
        case ColumnType::json:
            return "jsonb";
        case ColumnType::real:
            return "float8";
        case ColumnType::integer:
            return "bigint";
        case ColumnType::boolean:
            return "boolean";
        case ColumnType::uuid:
            return "uuid";
    }
    return "text";
}

void write(UnnestRows& rows, ColumnType type, const EventValue& value) {
    if (value.index() == 0) {
        rows.null();
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
        if (type == ColumnType::time) rows.time({*number});
        else if (type == ColumnType::boolean) rows.boolean(*number != 0);
        else rows.integer(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        rows.real(*real);
    } else {
        rows.text(std::get<std::string>(value));
    }
}

}  // namespace

std::string event_column_names(Layer layer, std::size_t first) {
    std::string names;
    for (const auto& column : event_columns(layer).subspan(first))
        names += (names.empty() ? "" : ", ") + std::string(column.name);
    return names;
}

EventArrays::EventArrays(Layer layer, std::span<const EventRow> rows, std::size_t first)
    : layer_(layer), first_(first), arrays_(event_columns(layer).size() - first) {
    const auto columns = event_columns(layer);
    for (const EventRow& row : rows) {
        arrays_.row(static_cast<std::int16_t>(columns.size() - first));
        for (std::size_t i = first; i < columns.size(); ++i) write(arrays_, columns[i].type, row[i]);
    }
}

std::string EventArrays::insert_into(const std::string& table) const {
    const auto columns = event_columns(layer_);
    std::string types;
    for (std::size_t i = first_; i < columns.size(); ++i)
        types += fmt::format("{}${}::{}[]", i == first_ ? "" : ", ", i - first_ + 1,
                             postgres_type(columns[i].type));
    return fmt::format("INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT DO NOTHING", table,
                       event_column_names(layer_, first_), types);
}

}  // namespace tristrata::store
