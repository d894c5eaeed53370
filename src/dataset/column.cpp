#include "tristrata/dataset/column.hpp"

#include "tristrata/core/text.hpp"
#include "viewed_text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

namespace tristrata::dataset {
namespace {

/// A guess is a guess: what a wrong one sets aside stays bounded.
constexpr std::uint64_t rows_expected_max = 1u << 24u;
constexpr double missing_number = std::numeric_limits<double>::quiet_NaN();

/// One child of a struct array, its offset and validity folded in.
class Slice {
public:
    explicit Slice(const ArrowArray& array)
        : array_(array),
          valid_(array.n_buffers > 0 ? static_cast<const std::uint8_t*>(array.buffers[0]) : nullptr) {
        if (array.null_count == 0) valid_ = nullptr;
    }
    [[nodiscard]] std::int64_t rows() const { return array_.length; }
    [[nodiscard]] bool has_nulls() const { return valid_ != nullptr; }
    [[nodiscard]] bool missing(std::int64_t row) const {
        if (valid_ == nullptr) return false;
        const auto bit = static_cast<std::uint64_t>(row + array_.offset);
        return (valid_[bit / 8] >> (bit % 8) & 1u) == 0;
    }
    template <class Value>
    [[nodiscard]] const Value* values(std::size_t buffer = 1) const {
        return static_cast<const Value*>(array_.buffers[buffer]) + array_.offset;
    }
    [[nodiscard]] bool bit(std::int64_t row) const {
        const auto at = static_cast<std::uint64_t>(row + array_.offset);
        return (static_cast<const std::uint8_t*>(array_.buffers[1])[at / 8] >> (at % 8) & 1u) != 0;
    }
    template <class Offset>
    [[nodiscard]] std::string_view text(std::int64_t row) const {
        const Offset* offsets = values<Offset>();
        const char* bytes = static_cast<const char*>(array_.buffers[2]);
        return {bytes + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
    }

private:
    const ArrowArray& array_;
    const std::uint8_t* valid_;
};

/// Appends numbers of any width as doubles; a NaN of the source is missing.
template <class Value>
void append_numbers(Column& column, const Slice& slice) {
    const Value* values = slice.values<Value>();
    const auto rows = static_cast<std::size_t>(slice.rows());
    const std::size_t first = column.numbers.size();
    column.numbers.insert(column.numbers.end(), values, values + rows);
    double* out = column.numbers.data() + first;
    if (slice.has_nulls())
        for (std::size_t i = 0; i < rows; ++i)
            if (slice.missing(static_cast<std::int64_t>(i))) out[i] = missing_number;
    std::uint64_t missing = 0, infinite = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        missing += std::isnan(out[i]) ? 1 : 0;
        infinite += std::isinf(out[i]) ? 1 : 0;
    }
    column.missing += missing;
    column.infinite += infinite;
}

double half_to_double(std::uint16_t half) {
    const double sign = (half >> 15u) != 0 ? -1.0 : 1.0;
    const int exponent = half >> 10u & 31;
    const int fraction = half & 1023;
    if (exponent == 31)
        return fraction != 0 ? missing_number : sign * std::numeric_limits<double>::infinity();
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(1024 + fraction, exponent - 25);
}

void append_number(Column& column, double value) {
    column.numbers.push_back(value);
    column.missing += std::isnan(value) ? 1 : 0;
    column.infinite += std::isinf(value) ? 1 : 0;
}

/// Microseconds of one unit, or parts of it: "s" 1000000, "n" -1000.
struct TimeScale {
    std::int64_t multiply = 1;
    std::int64_t divide = 1;
};

TimeScale scale_of(std::string_view format) {
    if (format.starts_with("tdD")) return {86'400'000'000, 1};
    if (format.starts_with("tdm")) return {1000, 1};
    switch (format.size() > 2 ? format[2] : 'u') {
        case 's':
            return {1'000'000, 1};
        case 'm':
            return {1000, 1};
        case 'n':
            return {1, 1000};
        default:
            return {1, 1};
    }
}

/// The first row whose time microseconds cannot hold, or nothing; such a time is missing.
template <class Value>
std::optional<std::int64_t> append_times(Column& column, const Slice& slice, TimeScale scale) {
    const Value* values = slice.values<Value>();
    std::optional<std::int64_t> beyond;
    for (std::int64_t row = 0; row < slice.rows(); ++row) {
        if (slice.missing(row)) {
            column.times.push_back(Column::missing_time);
            ++column.missing;
            continue;
        }
        const auto value = static_cast<std::int64_t>(values[row]);
        std::int64_t quotient = value / scale.divide;
        if (value % scale.divide < 0) --quotient;  // Towards the past, as for positive times.
        if (__builtin_mul_overflow(quotient, scale.multiply, &quotient)) {
            if (!beyond) beyond = row;
            quotient = Column::missing_time;
        }
        column.times.push_back(quotient);
    }
    return beyond;
}

std::string_view text_of(std::string_view format, const Slice& slice, const ArrowArray& array,
                         std::int64_t row) {
    if (format == "vu") return viewed_text(array, row);
    return format == "U" ? slice.text<std::int64_t>(row) : slice.text<std::int32_t>(row);
}

/// Signed 128-bit decimals, as far as a double goes.
void append_decimals(Column& column, const Slice& slice, std::string_view format, const ArrowArray& array) {
    int scale = 0;
    if (const auto comma = format.find(','); comma != std::string_view::npos)
        scale = std::atoi(std::string(format.substr(comma + 1)).c_str());
    const double unit = std::pow(10.0, std::abs(scale));
    const auto* words = static_cast<const std::uint64_t*>(array.buffers[1]) + 2 * array.offset;
    for (std::int64_t row = 0; row < slice.rows(); ++row) {
        if (slice.missing(row)) {
            column.numbers.push_back(missing_number);
            ++column.missing;
            continue;
        }
        // The magnitude first: the two halves of a small negative number would cancel each other.
        std::uint64_t low = words[2 * row], high = words[2 * row + 1];
        const bool negative = high >> 63u != 0;
        if (negative) {
            low = ~low + 1;
            high = ~high + (low == 0 ? 1 : 0);
        }
        const double magnitude = static_cast<double>(high) * 0x1p64 + static_cast<double>(low);
        const double value = scale >= 0 ? magnitude / unit : magnitude * unit;
        column.numbers.push_back(negative ? -value : value);
    }
}

void append_any_numbers(Column& column, const Slice& slice, std::string_view format,
                        const ArrowArray& array) {
    switch (format[0]) {
        case 'c':
            return append_numbers<std::int8_t>(column, slice);
        case 'C':
            return append_numbers<std::uint8_t>(column, slice);
        case 's':
            return append_numbers<std::int16_t>(column, slice);
        case 'S':
            return append_numbers<std::uint16_t>(column, slice);
        case 'i':
            return append_numbers<std::int32_t>(column, slice);
        case 'I':
            return append_numbers<std::uint32_t>(column, slice);
        case 'l':
            return append_numbers<std::int64_t>(column, slice);
        case 'L':
            return append_numbers<std::uint64_t>(column, slice);
        case 'f':
            return append_numbers<float>(column, slice);
        case 'g':
            return append_numbers<double>(column, slice);
        case 'd':
            return append_decimals(column, slice, format, array);
        default:
            for (std::int64_t row = 0; row < slice.rows(); ++row)
                append_number(column, slice.missing(row)
                                          ? missing_number
                                          : half_to_double(slice.values<std::uint16_t>()[row]));
    }
}

/// Where the value of a row that has one stands in the dictionary.
std::size_t word_at(char format, const Slice& slice, std::int64_t row) {
    switch (format) {
        case 'c':
            return static_cast<std::size_t>(slice.values<std::int8_t>()[row]);
        case 'C':
            return slice.values<std::uint8_t>()[row];
        case 's':
            return static_cast<std::size_t>(slice.values<std::int16_t>()[row]);
        case 'S':
            return slice.values<std::uint16_t>()[row];
        case 'i':
            return static_cast<std::size_t>(slice.values<std::int32_t>()[row]);
        case 'I':
            return slice.values<std::uint32_t>()[row];
        default:
            return static_cast<std::size_t>(slice.values<std::int64_t>()[row]);
    }
}

}  // namespace

std::string_view viewed_text(const ArrowArray& array, std::int64_t row) {
    const char* view = static_cast<const char*>(array.buffers[1]) + 16 * (row + array.offset);
    std::int32_t size = 0, buffer = 0, offset = 0;
    std::memcpy(&size, view, sizeof size);
    if (size <= 12) return {view + 4, static_cast<std::size_t>(size)};
    std::memcpy(&buffer, view + 8, sizeof buffer);
    std::memcpy(&offset, view + 12, sizeof offset);
    return {static_cast<const char*>(array.buffers[2 + buffer]) + offset, static_cast<std::size_t>(size)};
}

Type type_of(const ArrowSchema& schema) noexcept {
    if (schema.dictionary != nullptr) {
        return schema.dictionary->dictionary == nullptr ? type_of(*schema.dictionary) : Type::unsupported;
    }
    const std::string_view format = schema.format;
    if (format.size() == 1) {
        switch (format[0]) {
            case 'n':
                return Type::null;
            case 'b':
                return Type::boolean;
            case 'c':
            case 'C':
            case 's':
            case 'S':
            case 'i':
            case 'I':
            case 'l':
            case 'L':
                return Type::integer;
            case 'e':
            case 'f':
            case 'g':
                return Type::real;
            case 'u':
            case 'U':
                return Type::text;
            default:
                return Type::unsupported;
        }
    }
    if (format == "vu") return Type::text;
    if (format.starts_with("ts") || format.starts_with("td")) return Type::timestamp;
    if (format.starts_with("d:") && (format.find(',') == format.rfind(',') || format.ends_with(",128")))
        return Type::real;
    return Type::unsupported;
}

ColumnBuilder::ColumnBuilder(Field field, std::uint64_t rows_expected) : field_(std::move(field)) {
    column_.type = field_.type;
    column_.remark = field_.remark;
    const auto rows = static_cast<std::size_t>(std::min(rows_expected, rows_expected_max));
    if (field_.type == Type::integer || field_.type == Type::real) column_.numbers.reserve(rows);
    if (field_.type == Type::text || field_.type == Type::boolean) column_.codes.reserve(rows);
}

core::Status ColumnBuilder::update(const Batch& batch, std::size_t child) {
    const ArrowSchema& schema = *batch.schema().children[child];
    const ArrowArray& array = *batch.array().children[child];
    const Type type = type_of(schema);
    const Slice slice(array);
    column_.rows += static_cast<std::uint64_t>(slice.rows());
    const bool numbers = field_.type == Type::integer || field_.type == Type::real;
    if (type == Type::null || field_.type == Type::null || field_.type == Type::unsupported) {
        column_.missing += static_cast<std::uint64_t>(slice.rows());
        const auto rows = static_cast<std::size_t>(slice.rows());
        if (numbers) column_.numbers.insert(column_.numbers.end(), rows, missing_number);
        else if (field_.type == Type::timestamp)
            column_.times.insert(column_.times.end(), rows, Column::missing_time);
        else if (field_.type == Type::text || field_.type == Type::boolean)
            column_.codes.insert(column_.codes.end(), rows, Column::missing_code);
        return {};
    }
    const bool fits = type == field_.type || (numbers && (type == Type::integer || type == Type::real));
    if (!fits)
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("column {} is {} from row {} on, where it was {}", core::quoted(field_.name),
                        name(type), batch.first_row(), name(field_.type)));
    const auto beyond = append(schema, array);
    if (!beyond) return {};
    return core::fail(
        core::ErrorKind::invalid_input,
        fmt::format("row {}, column {}: expected a time within 292,000 years of 1970, found one beyond",
                    batch.first_row() + static_cast<std::uint64_t>(*beyond), core::quoted(field_.name)));
}

std::optional<std::int64_t> ColumnBuilder::append(const ArrowSchema& schema, const ArrowArray& array) {
    const Slice slice(array);
    const std::string_view format = schema.format;
    if (schema.dictionary != nullptr) return append_words(schema, array);
    switch (type_of(schema)) {
        case Type::integer:
        case Type::real:
            append_any_numbers(column_, slice, format, array);
            return std::nullopt;
        case Type::timestamp:
            return format == "tdD" ? append_times<std::int32_t>(column_, slice, scale_of(format))
                                   : append_times<std::int64_t>(column_, slice, scale_of(format));
        case Type::boolean:
            for (std::int64_t row = 0; row < slice.rows(); ++row)
                append_code(slice.missing(row) ? Column::missing_code
                                               : code_for(slice.bit(row) ? "true" : "false"));
            return std::nullopt;
        default:
            for (std::int64_t row = 0; row < slice.rows(); ++row)
                append_code(slice.missing(row) ? Column::missing_code
                                               : code_for(text_of(format, slice, array, row)));
            return std::nullopt;
    }
}

std::optional<std::int64_t> ColumnBuilder::append_words(const ArrowSchema& schema, const ArrowArray& array) {
    const Slice slice(array), words(*array.dictionary);
    const std::string_view word_format = schema.dictionary->format;
    const Type type = type_of(schema);
    // Labels are looked up as rows name them: of a dictionary for all batches this one may need few.
    ColumnBuilder decoded({field_.name, type, ""});
    if (type != Type::text) (void)decoded.append(*schema.dictionary, *array.dictionary);
    std::vector<std::uint32_t> translation(static_cast<std::size_t>(words.rows()), Column::missing_code);
    for (std::int64_t row = 0; row < slice.rows(); ++row) {
        const bool missing = slice.missing(row);
        const std::size_t word = missing ? 0 : word_at(schema.format[0], slice, row);
        if (type == Type::integer || type == Type::real) {
            append_number(column_, missing ? missing_number : decoded.column_.numbers[word]);
        } else if (type == Type::timestamp) {
            const auto time = missing ? Column::missing_time : decoded.column_.times[word];
            column_.times.push_back(time);
            column_.missing += time == Column::missing_time ? 1 : 0;
            const bool valid = !missing && !words.missing(static_cast<std::int64_t>(word));
            if (valid && time == Column::missing_time) return row;
        } else if (missing || words.missing(static_cast<std::int64_t>(word))) {
            append_code(Column::missing_code);
        } else {
            auto& code = translation[word];
            if (code == Column::missing_code)
                code = code_for(type == Type::text ? text_of(word_format, words, *array.dictionary,
                                                             static_cast<std::int64_t>(word))
                                                   : decoded.column_.labels[decoded.column_.codes[word]]);
            append_code(code);
        }
    }
    return std::nullopt;
}

std::uint32_t ColumnBuilder::code_for(std::string_view label) {
    const auto [at, fresh] =
        code_of_.try_emplace(std::string(label), static_cast<std::uint32_t>(column_.labels.size()));
    if (fresh) column_.labels.emplace_back(label);
    return at->second;
}

void ColumnBuilder::append_code(std::uint32_t code) {
    column_.missing += code == Column::missing_code ? 1 : 0;
    column_.codes.push_back(code);
}

Column ColumnBuilder::finish() {
    code_of_.clear();
    return std::move(column_);
}

core::Result<std::optional<std::vector<Column>>> Source::whole_columns(std::span<const std::size_t>,
                                                                       const core::Task&) {
    return std::optional<std::vector<Column>>();
}

core::Result<std::vector<Column>> read_columns(Source& source, std::span<const std::size_t> fields,
                                               const core::Task& task) {
    auto whole = source.whole_columns(fields, task);
    if (!whole) return propagate(whole);
    if (*whole) return std::move(**whole);
    auto stream = source.open(fields, task);
    if (!stream) return propagate(stream);
    std::vector<ColumnBuilder> builders;
    for (const auto field : fields)
        builders.emplace_back(source.schema().fields[field], source.rows_expected());
    while (true) {
        if (auto status = task.check(); !status) return propagate(status);
        auto batch = (*stream)->next();
        if (!batch) return propagate(batch);
        if (!*batch) break;
        for (std::size_t i = 0; i < builders.size(); ++i)
            if (auto status = builders[i].update(**batch, i); !status) return propagate(status);
    }
    std::vector<Column> columns;
    for (auto& builder : builders) columns.push_back(builder.finish());
    return columns;
}

}  // namespace tristrata::dataset
