#include "tristrata/dataset/column_batch.hpp"

#include "batch_struct.hpp"
#include "foreign_type.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace tristrata::dataset {
namespace {

/// What a column's arrays point at.
struct Child {
    std::string name;
    Column column;
    std::vector<std::uint8_t> valid;   ///< Bits, one a row.
    std::vector<std::uint8_t> bits;    ///< Of booleans.
    std::vector<std::uint64_t> whole;  ///< Of integers, the bits of signed ones too.
    std::vector<std::int64_t> offsets;
    std::string bytes;
    std::array<const void*, 2> buffers{};
    std::array<const void*, 3> word_buffers{};
    ArrowSchema schema{};
    ArrowArray array{};
    ArrowSchema words{};
    ArrowArray word_array{};
};

/// What a batch points at.
struct Parts {
    std::vector<std::unique_ptr<Child>> children;
    std::vector<ArrowSchema*> schemas;
    std::vector<ArrowArray*> arrays;
    std::int64_t rows = 0;
};
template <class Values, class Test>
std::vector<std::uint8_t> bits_where(const Values& values, Test test) {
    std::vector<std::uint8_t> bits((values.size() + 7) / 8, 0);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (test(values[i])) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1u << i % 8);
    return bits;
}

/// As 64 bits hold them, 0 where one is missing, and how Arrow calls that; nothing where one does not fit.
const char* lay_out_whole(const std::vector<double>& numbers, std::vector<std::uint64_t>& whole) {
    constexpr double half = 9223372036854775808.0;
    double least = 0.0, most = 0.0;
    for (const double number : numbers) {
        least = std::min(least, number);
        most = std::max(most, number);
    }
    const bool is_signed = least >= -half && most < half;
    if (!is_signed && (least < 0.0 || most >= 2.0 * half)) return nullptr;
    whole.reserve(numbers.size());
    for (const double number : numbers)
        whole.push_back(std::isnan(number) ? 0
                        : is_signed        ? std::bit_cast<std::uint64_t>(static_cast<std::int64_t>(number))
                                           : static_cast<std::uint64_t>(number));
    return is_signed ? "l" : "L";
}

void lay_out_words(Child& child) {
    child.offsets.push_back(0);
    for (const auto& label : child.column.labels) {
        child.bytes += label;
        child.offsets.push_back(static_cast<std::int64_t>(child.bytes.size()));
    }
    child.word_buffers = {nullptr, child.offsets.data(), child.bytes.data()};
    child.words = {"U", "", nullptr, 0, 0, nullptr, nullptr, &release_child, nullptr};
    child.word_array = {static_cast<std::int64_t>(child.column.labels.size()),
                        0,
                        0,
                        3,
                        0,
                        child.word_buffers.data(),
                        nullptr,
                        nullptr,
                        &release_child,
                        nullptr};
}

void lay_out(Child& child) {
    Column& column = child.column;
    const char* format = "n";
    switch (column.type) {
        case Type::integer:
            if (const char* whole = lay_out_whole(column.numbers, child.whole)) {
                format = whole;
                child.valid = bits_where(column.numbers, [](double value) { return !std::isnan(value); });
                child.buffers[1] = child.whole.data();
                break;
            }
            [[fallthrough]];
        case Type::real:
            format = "g";
            child.valid = bits_where(column.numbers, [](double value) { return !std::isnan(value); });
            child.buffers[1] = column.numbers.data();
            break;
        case Type::timestamp:
            format = "tsu:UTC";
            child.valid = bits_where(column.times, [](auto time) { return time != Column::missing_time; });
            child.buffers[1] = column.times.data();
            break;
        case Type::boolean: {
            format = "b";
            const auto yes =
                static_cast<std::uint32_t>(std::ranges::find(column.labels, "true") - column.labels.begin());
            child.valid = bits_where(column.codes, [](auto code) { return code != Column::missing_code; });
            child.bits = bits_where(column.codes, [yes](auto code) { return code == yes; });
            child.buffers[1] = child.bits.data();
            break;
        }
        case Type::text:
            format = "I";
            child.valid = bits_where(column.codes, [](auto code) { return code != Column::missing_code; });
            child.buffers[1] = column.codes.data();
            lay_out_words(child);
            break;
        case Type::null:
        case Type::unsupported:
            break;
    }
    const bool text = column.type == Type::text;
    // A dictionary is how it lies here, not what it is.
    static const std::string of_text = metadata_of_type("string");
    const bool null = format[0] == 'n';
    if (!null) child.buffers[0] = child.valid.data();
    child.schema = {format,
                    child.name.c_str(),
                    text ? of_text.c_str() : nullptr,
                    ARROW_FLAG_NULLABLE,
                    0,
                    nullptr,
                    text ? &child.words : nullptr,
                    &release_child,
                    nullptr};
    child.array = {static_cast<std::int64_t>(column.rows),
                   static_cast<std::int64_t>(column.missing),
                   0,
                   null ? 0 : 2,
                   0,
                   child.buffers.data(),
                   nullptr,
                   text ? &child.word_array : nullptr,
                   &release_child,
                   nullptr};
}

std::shared_ptr<Parts> parts_of(std::vector<std::string> names, std::vector<Column> columns) {
    auto parts = std::make_shared<Parts>();
    parts->rows = columns.empty() ? 0 : static_cast<std::int64_t>(columns.front().rows);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& child = *parts->children.emplace_back(std::make_unique<Child>());
        child.name = std::move(names[i]);
        child.column = std::move(columns[i]);
        lay_out(child);
        parts->schemas.push_back(&child.schema);
        parts->arrays.push_back(&child.array);
    }
    return parts;
}

class SingleBatch final : public BatchStream {
public:
    explicit SingleBatch(Batch batch) : batch_(std::move(batch)) {}
    core::Result<std::optional<Batch>> next() override { return std::exchange(batch_, std::nullopt); }

private:
    std::optional<Batch> batch_;
};

}  // namespace

Batch batch_of(std::vector<std::string> names, std::vector<Column> columns) {
    const auto parts = parts_of(std::move(names), std::move(columns));
    return batch_struct(parts, parts->schemas, parts->arrays, parts->rows, 1);
}

WholeTable table_of(std::vector<std::string> names, std::vector<Column> columns) {
    const auto parts = parts_of(std::move(names), std::move(columns));
    return {batch_struct(parts, parts->schemas, parts->arrays, parts->rows, 1),
            batch_struct(parts, parts->schemas, parts->arrays, parts->rows, 1)};
}

std::unique_ptr<BatchStream> single_batch(Batch batch) {
    return std::make_unique<SingleBatch>(std::move(batch));
}

}  // namespace tristrata::dataset
