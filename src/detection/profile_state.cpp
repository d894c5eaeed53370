#include "profile_state.hpp"

#include "evidence.hpp"
#include "profile_bytes.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using dataset::Column;
using dataset::Type;

/// Codes take one, two or four bytes; the largest value of each width is a missing one.
unsigned width_of(std::uint64_t values) { return values < 0xff ? 1 : values < 0xffff ? 2 : 4; }

template <class Narrow>
void write_codes(ByteWriter& out, const std::vector<std::uint32_t>& codes) {
    std::vector<Narrow> narrow(codes.size());
    std::ranges::transform(codes, narrow.begin(), [](auto code) { return static_cast<Narrow>(code); });
    out.numbers(std::span<const Narrow>(narrow));
}

void write_codes(ByteWriter& out, const std::vector<std::uint32_t>& codes, std::uint64_t values) {
    static_assert(Column::missing_code == UINT32_MAX);  // Narrowed, it is still all ones.
    switch (width_of(values)) {
        case 1:
            return write_codes<std::uint8_t>(out, codes);
        case 2:
            return write_codes<std::uint16_t>(out, codes);
        default:
            return write_codes<std::uint32_t>(out, codes);
    }
}

template <class Narrow>
bool read_codes(ByteReader& in, std::uint64_t rows, std::uint64_t values, std::vector<std::uint32_t>& codes) {
    std::vector<Narrow> narrow;
    in.numbers<Narrow>(rows, narrow);
    codes.resize(narrow.size());
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < narrow.size(); ++i) {
        const bool missing = narrow[i] == std::numeric_limits<Narrow>::max();
        codes[i] = missing ? Column::missing_code : narrow[i];
        largest = std::max(largest, missing ? 0u : codes[i] + 1u);
    }
    return largest <= values;
}

/// False where a code names none of the values.
bool read_codes(ByteReader& in, std::uint64_t rows, std::uint64_t values, std::vector<std::uint32_t>& codes) {
    switch (width_of(values)) {
        case 1:
            return read_codes<std::uint8_t>(in, rows, values, codes);
        case 2:
            return read_codes<std::uint16_t>(in, rows, values, codes);
        default:
            return read_codes<std::uint32_t>(in, rows, values, codes);
    }
}

/// Bits in the order of the values: -inf, negative ones, -0, 0, positive ones, inf.
std::uint64_t ordered_bits(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return bits ^ ((bits >> 63u) != 0 ? ~std::uint64_t{0} : std::uint64_t{1} << 63u);
}

/// Rows, missing, infinite; how many values, each once and ascending; then a code a row.
void write_numbers(ByteWriter& out, const Column& column) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    order.reserve(column.numbers.size());
    for (std::size_t row = 0; row < column.numbers.size(); ++row)
        if (!std::isnan(column.numbers[row]))
            order.emplace_back(ordered_bits(column.numbers[row]), static_cast<std::uint32_t>(row));
    std::ranges::sort(order);
    std::vector<double> values;
    std::vector<std::uint32_t> codes(column.numbers.size(), Column::missing_code);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i == 0 || order[i].first != order[i - 1].first) values.push_back(column.numbers[order[i].second]);
        codes[order[i].second] = static_cast<std::uint32_t>(values.size() - 1);
    }
    out.number(column.infinite);
    out.number(static_cast<std::uint64_t>(values.size()));
    out.numbers(std::span<const double>(values));
    write_codes(out, codes, values.size());
}

bool read_numbers(ByteReader& in, Column& column) {
    column.infinite = in.number<std::uint64_t>();
    const auto distinct = in.number<std::uint64_t>();
    std::vector<double> values;
    in.numbers<double>(distinct, values);
    std::vector<std::uint32_t> codes;
    if (in.failed() || !read_codes(in, column.rows, distinct, codes) || in.failed()) return false;
    if (std::ranges::any_of(values, [](double value) { return std::isnan(value); }) ||
        std::ranges::adjacent_find(
            values, [](double a, double b) { return ordered_bits(a) >= ordered_bits(b); }) != values.end())
        return false;
    std::vector<std::uint32_t> counts(values.size(), 0);
    column.numbers.resize(codes.size());
    std::uint64_t missing = 0;
    for (std::size_t row = 0; row < codes.size(); ++row) {
        if (codes[row] == Column::missing_code) {
            column.numbers[row] = std::numeric_limits<double>::quiet_NaN();
            ++missing;
        } else {
            column.numbers[row] = values[codes[row]];
            ++counts[codes[row]];
        }
    }
    std::uint64_t infinite = 0;
    const auto once = [](std::uint32_t count) { return count == 1; };
    if (std::ranges::all_of(counts, once) &&
        (values.empty() || (std::isfinite(values.front()) && std::isfinite(values.back())))) {
        for (double& value : values) value += 0.0;  // -0.0 + 0.0 is 0.0.
        column.sorted = std::move(values);
    } else {
        column.sorted.reserve(codes.size() - missing);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isinf(values[i])) infinite += counts[i];
            else column.sorted.insert(column.sorted.end(), counts[i], values[i] + 0.0);
        }
    }
    return missing == column.missing && infinite == column.infinite;
}

void write_labels(ByteWriter& out, const Column& column) {
    out.number(static_cast<std::uint64_t>(column.labels.size()));
    for (const auto& label : column.labels) out.text(label);
    write_codes(out, column.codes, column.labels.size());
}

bool read_labels(ByteReader& in, Column& column) {
    const auto labels = in.number<std::uint64_t>();
    if (!in.holds(labels, 4) || labels >= Column::missing_code) return false;
    column.labels.reserve(labels);
    for (std::uint64_t i = 0; i < labels; ++i) column.labels.push_back(in.text());
    if (in.failed() || !read_codes(in, column.rows, labels, column.codes) || in.failed()) return false;
    if (column.type == Type::boolean && std::ranges::any_of(column.labels, [](const std::string& label) {
            return label != "true" && label != "false";
        }))
        return false;
    return static_cast<std::uint64_t>(std::ranges::count(column.codes, Column::missing_code)) ==
           column.missing;
}

bool read_times(ByteReader& in, Column& column) {
    in.numbers<std::int64_t>(column.rows, column.times);
    return !in.failed() && static_cast<std::uint64_t>(
                               std::ranges::count(column.times, Column::missing_time)) == column.missing;
}

}  // namespace

Column guarded(Column column, const ColumnPlan& plan, const config::SensitivePatterns& patterns) {
    column.sorted.clear();
    const bool number = is_number(column.type);
    if (plan.role == drift::Role::key) {
        for (double& value : column.numbers)
            if (std::isfinite(value)) value = 0.0;
        if (column.type == Type::text && !column.labels.empty()) {
            column.labels = {"present"};
            for (auto& code : column.codes)
                if (code != Column::missing_code) code = 0;
        }
        return column;
    }
    const bool sensitive = plan.sensitive || patterns.match_any(column.labels);
    if (!sensitive || column.type == Type::boolean) return column;
    if (plan.sensitive && number && plan.kind == drift::Kind::categorical) {
        Column text;
        text.type = Type::text;
        text.rows = column.rows;
        text.missing = column.missing;
        text.infinite = column.infinite;
        std::unordered_map<std::string, std::uint32_t> code_of;
        for (const double value : column.numbers) {
            if (std::isnan(value)) {
                text.codes.push_back(Column::missing_code);
                continue;
            }
            const auto [at, fresh] =
                code_of.try_emplace(category_of(value), static_cast<std::uint32_t>(text.labels.size()));
            if (fresh) text.labels.push_back(at->first);
            text.codes.push_back(at->second);
        }
        column = std::move(text);
    }
    for (auto& label : column.labels) label = config::hashed_label(label);
    return column;
}

Block exact_block(const Column& column) {
    ByteWriter out;
    out.number(column.rows);
    out.number(column.missing);
    StateKind kind = StateKind::missing;
    switch (column.type) {
        case Type::integer:
        case Type::real:
            kind = StateKind::numbers;
            write_numbers(out, column);
            break;
        case Type::timestamp:
            kind = StateKind::times;
            out.numbers(std::span<const std::int64_t>(column.times));
            break;
        case Type::text:
        case Type::boolean:
            kind = StateKind::labels;
            write_labels(out, column);
            break;
        case Type::null:
        case Type::unsupported:
            break;
    }
    out.pad();
    return block_of(kind, out.take());
}

core::Result<Column> read_exact(const Block& block, const dataset::Field& field, const std::string& name) {
    ByteReader in(block.bytes);
    Column column;
    column.type = field.type;
    column.rows = in.number<std::uint64_t>();
    column.missing = in.number<std::uint64_t>();
    const bool number = is_number(field.type);
    bool fits = false;
    switch (block.kind) {
        case StateKind::numbers:
            fits = number && read_numbers(in, column);
            break;
        case StateKind::times:
            fits = field.type == Type::timestamp && read_times(in, column);
            break;
        case StateKind::labels:
            fits = (field.type == Type::text || field.type == Type::boolean) && read_labels(in, column);
            break;
        case StateKind::missing:
            fits = (field.type == Type::null || field.type == Type::unsupported) &&
                   column.missing == column.rows;
            break;
        default:
            return core::fail(
                ErrorKind::invalid_input,
                fmt::format(
                    "{}: column {} is kept as {}, and this needs its rows; make the profile again with "
                    "more --exact-mb",
                    name, core::quoted(field.name),
                    block.kind == StateKind::none ? "nothing: the plan left it out" : "counts"));
    }
    if (!fits || !in.at_padding())
        return core::fail(ErrorKind::invalid_input,
                          fmt::format("{}: the state of column {} contradicts itself; make the profile again",
                                      name, core::quoted(field.name)));
    return column;
}

core::Result<Column> whole_column(const Profile& profile, std::size_t field) {
    const auto& contents = profile.contents();
    Column whole;
    whole.type = contents.schema.fields[field].type;
    std::vector<std::size_t> ends{0};
    std::unordered_map<std::string, std::uint32_t> code_of;
    const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    for (const auto& state : contents.windows) {
        auto part = read_exact(state.blocks[field], contents.schema.fields[field], contents.source);
        if (!part || contents.windows.size() == 1) return part;
        whole.rows += part->rows;
        whole.missing += part->missing;
        whole.infinite += part->infinite;
        add(whole.numbers, part->numbers);
        add(whole.times, part->times);
        add(whole.sorted, part->sorted);
        ends.push_back(whole.sorted.size());
        std::vector<std::uint32_t> translation;
        for (const auto& label : part->labels) {
            const auto [at, fresh] =
                code_of.try_emplace(label, static_cast<std::uint32_t>(whole.labels.size()));
            if (fresh) whole.labels.push_back(label);
            translation.push_back(at->second);
        }
        for (const auto code : part->codes)
            whole.codes.push_back(code == Column::missing_code ? code : translation[code]);
    }
    // The windows' ascending runs are merged in pairs, then pairs of pairs.
    const std::size_t runs = ends.size() - 1;
    const auto at = [&](std::size_t run) {
        return whole.sorted.begin() + static_cast<std::ptrdiff_t>(ends[std::min(run, runs)]);
    };
    for (std::size_t width = 1; width < runs; width *= 2)
        for (std::size_t run = 0; run + width < runs; run += 2 * width)
            std::inplace_merge(at(run), at(run + width), at(run + 2 * width));
    return whole;
}

}  // namespace tristrata::detection
