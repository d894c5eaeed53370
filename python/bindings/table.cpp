#include "table.hpp"

#include "arrow_stream.hpp"
#include "failure.hpp"
#include "tristrata/dataset/column_batch.hpp"
#include "tristrata/dataset/imported_source.hpp"
#include "unlocked.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <unordered_map>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using dataset::Batch;
using dataset::Column;
using dataset::Type;

struct Imported {
    Batch schema;
    std::vector<Batch> batches;
};

template <class Struct>
Struct* pointer_in(nb::handle capsule, const char* name) {
    auto* const found = static_cast<Struct*>(PyCapsule_GetPointer(capsule.ptr(), name));
    if (found == nullptr) throw nb::python_error();
    return found;
}

/// A schema alone; its arrays come as batches without one.
Batch only(ArrowSchema schema) { return {schema, ArrowArray{}, 1}; }
Batch only(ArrowArray array) { return {ArrowSchema{}, array, 1}; }

core::Result<Imported> drained(ArrowArrayStream& stream) {
    if (stream.release == nullptr)
        return core::fail(
            core::ErrorKind::invalid_input,
            "the table's stream has been read before, and is there once: give a table, or a new stream");
    const auto failed = [&](int code) {
        const char* said = stream.get_last_error(&stream);
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("the table cannot be read: {}", said == nullptr ? "no reason given" : said),
            std::to_string(code));
    };
    ArrowSchema schema{};
    if (const int code = stream.get_schema(&stream, &schema); code != 0) return failed(code);
    Imported all{only(schema), {}};
    while (true) {
        ArrowArray array{};
        if (const int code = stream.get_next(&stream, &array); code != 0) return failed(code);
        if (array.release == nullptr) return all;
        all.batches.push_back(only(array));
    }
}

Imported streamed(nb::handle data) {
    const nb::object capsule = data.attr("__arrow_c_stream__")();
    auto* const stream = pointer_in<ArrowArrayStream>(capsule, "arrow_array_stream");
    return value_or_raise(unlocked([&] {
        auto all = drained(*stream);
        // Marked as read: what hands the same capsule out again is refused.
        if (stream->release != nullptr) stream->release(stream);
        stream->release = nullptr;
        return all;
    }));
}

Imported of_one_array(nb::handle data) {
    const nb::object pair = data.attr("__arrow_c_array__")();
    const nb::object schema_capsule = pair[0], array_capsule = pair[1];
    auto* const schema = pointer_in<ArrowSchema>(schema_capsule, "arrow_schema");
    auto* const array = pointer_in<ArrowArray>(array_capsule, "arrow_array");
    Imported one{only(*schema), {}};
    one.batches.push_back(only(*array));
    schema->release = nullptr;  // They are ours now.
    array->release = nullptr;
    return one;
}

template <class Value>
std::span<const Value> values_in(nb::handle object, const std::string& name) {
    Py_buffer view{};
    if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
    const std::span<const Value> values(static_cast<const Value*>(view.buf),
                                        static_cast<std::size_t>(view.len) / sizeof(Value));
    const bool whole = static_cast<std::size_t>(view.len) % sizeof(Value) == 0;
    PyBuffer_Release(&view);  // The caller holds the object.
    if (!whole) raise_type(fmt::format("the column {} is no buffer of values", name));
    return values;
}

void fill_texts(Column& column, const std::string& name, nb::handle values) {
    const std::string what = fmt::format("a value of the column '{}'", name);
    std::unordered_map<std::string, std::uint32_t> code_of;
    for (nb::handle value : nb::borrow<nb::list>(values)) {
        if (value.is_none()) {
            column.codes.push_back(Column::missing_code);
            ++column.missing;
            continue;
        }
        const auto [at, fresh] =
            code_of.try_emplace(text_of(value, what), static_cast<std::uint32_t>(column.labels.size()));
        if (fresh) column.labels.push_back(at->first);
        column.codes.push_back(at->second);
    }
    column.rows = column.codes.size();
}

Column column_of(const std::string& name, const std::string& kind, nb::handle values) {
    Column column;
    if (kind == "real" || kind == "integer") {
        column.type = kind == "real" ? Type::real : Type::integer;
        const auto given = values_in<double>(values, name);
        column.numbers.assign(given.begin(), given.end());
        for (const double value : given) {
            column.missing += std::isnan(value) ? 1 : 0;
            column.infinite += std::isinf(value) ? 1 : 0;
        }
        column.rows = given.size();
    } else if (kind == "time") {
        column.type = Type::timestamp;
        const auto given = values_in<std::int64_t>(values, name);
        column.times.assign(given.begin(), given.end());
        for (const auto value : given) column.missing += value == Column::missing_time ? 1 : 0;
        column.rows = given.size();
    } else if (kind == "boolean") {
        column.type = Type::boolean;
        const auto given = values_in<std::uint8_t>(values, name);
        for (const auto value : given) column.codes.push_back(value > 1 ? Column::missing_code : value);
        column.missing = static_cast<std::uint64_t>(std::ranges::count(column.codes, Column::missing_code));
        column.labels = {"false", "true"};
        column.rows = given.size();
    } else if (kind == "null") {
        column.type = Type::null;
        column.rows = column.missing = nb::len(values);
    } else {
        column.type = Type::text;
        fill_texts(column, name, values);
    }
    return column;
}

Imported copied(const nb::list& columns) {
    std::vector<std::string> names;
    std::vector<Column> values;
    for (nb::handle one : columns) {
        names.push_back(text_of(one[0], "a column's name"));
        values.push_back(column_of(names.back(), text_of(one[1], "a column's kind"), one[2]));
        if (values.back().rows != values.front().rows)
            raise({core::ErrorKind::invalid_input,
                   fmt::format("the column '{}' has {} rows, '{}' has {}", names.back(), values.back().rows,
                               names.front(), values.front().rows),
                   {}});
    }
    auto table = dataset::table_of(std::move(names), std::move(values));
    Imported all{std::move(table.schema), {}};
    all.batches.push_back(std::move(table.batch));
    return all;
}

}  // namespace

std::unique_ptr<dataset::Source> table_of(nb::handle data, const std::string& name,
                                          const std::vector<std::string>& left_out) {
    const auto imported = [&] {
        if (nb::isinstance<nb::list>(data)) return copied(nb::borrow<nb::list>(data));
        if (nb::hasattr(data, "__arrow_c_stream__")) return streamed(data);
        if (nb::hasattr(data, "__arrow_c_array__")) return of_one_array(data);
        const bool is_lazy = nb::hasattr(data, "collect") && nb::hasattr(data, "lazy");
        if (is_lazy)
            raise_type(
                fmt::format("{} is of type {}, which has no rows before it is run; give its .collect()", name,
                            Py_TYPE(data.ptr())->tp_name));
        raise_type(
            fmt::format("{} is of type {}, no table; expected a data frame or table with the Arrow PyCapsule "
                        "protocol (pandas, polars, pyarrow, DuckDB), a numpy array, or a dictionary of them",
                        name, Py_TYPE(data.ptr())->tp_name));
    };
    Imported all = imported();
    return value_or_raise(
        dataset::ImportedSource::of(std::move(all.schema), std::move(all.batches), name, left_out));
}

}  // namespace tristrata::python
