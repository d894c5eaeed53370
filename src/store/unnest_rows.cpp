#include "unnest_rows.hpp"

#include "stored_time.hpp"
#include "tristrata/core/json_writer.hpp"

#include <cassert>
#include <cmath>

namespace tristrata::store {

void UnnestRows::append(std::string_view element) {
    assert(column_ < arrays_.size());
    std::string& array = arrays_[column_++];
    if (!array.empty()) array += ',';
    array += element;
}

void UnnestRows::text(std::string_view value) {
    std::string quoted = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    append(quoted + '"');
}

void UnnestRows::time(core::Timestamp value) { append('"' + stored_time(value) + '"'); }

void UnnestRows::real(double value) {
    append(std::isnan(value)   ? "NaN"
           : std::isinf(value) ? (value < 0 ? "-Infinity" : "Infinity")
                               : core::shortest(value));
}

std::vector<database::PostgresValue> UnnestRows::parameters() const {
    std::vector<database::PostgresValue> all;
    for (const std::string& array : arrays_) all.emplace_back('{' + array + '}');
    return all;
}

}  // namespace tristrata::store
