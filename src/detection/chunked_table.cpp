#include "chunked_table.hpp"

#include "null_choice.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <variant>

namespace tristrata::detection {
namespace {

using dataset::Column;

/// The rows of the columns, chosen and ordered as the side has them.
core::Result<std::vector<Column>> read_ordered(dataset::Source& source, const OrderedSide& side,
                                               const std::vector<std::size_t>& fields,
                                               const core::Task& task) {
    std::vector<Column> columns(fields.size());
    const auto ordered = [&](Column&& column) {
        return side.rows ? dataset::select(column, *side.rows) : std::move(column);
    };
    if (source.access() != dataset::Access::by_column) {
        auto read = dataset::read_columns(source, fields, task);
        if (!read) return propagate(read);
        for (std::size_t i = 0; i < fields.size(); ++i) columns[i] = ordered(std::move((*read)[i]));
        return columns;
    }
    auto status =
        core::parallel_for(fields.size(), task.limits.threads, task.stop, [&](std::size_t i) -> core::Status {
            const std::size_t field[]{fields[i]};
            auto read = dataset::read_columns(source, field, task);
            if (!read) return propagate(read);
            columns[i] = ordered(std::move((*read)[0]));
            return {};
        });
    if (!status) return propagate(status);
    return columns;
}

template <class Value>
void add_bytes(core::Sha256& hash, const std::vector<Value>& values, std::size_t begin, std::size_t end) {
    if (values.empty()) return;
    hash.update(std::as_bytes(std::span(values).subspan(begin, end - begin)));
}

}  // namespace

core::Result<ChunkedTable> ChunkedTable::read(dataset::Source& source, const Plan& plan,
                                              const dataset::Chunking& chunking,
                                              std::vector<std::string>& notes, const core::Task& task) {
    ChunkedTable table;
    auto pairs = pair_columns(source, source, plan);
    if (!pairs) return propagate(pairs);
    auto side = order_side({&source, std::nullopt}, "data", plan, notes, task);
    if (!side) return propagate(side);
    table.side_ = std::move(*side);
    std::vector<std::size_t> fields;
    for (const auto& pair : *pairs) {
        fields.push_back(pair.reference_field);
        table.fields_.push_back(source.schema().fields[pair.reference_field]);
    }
    auto columns = read_ordered(source, table.side_, fields, task);
    if (!columns) return propagate(columns);
    table.columns_ = std::move(*columns);
    table.rows_ = table.side_.rows ? table.side_.times.size() : table.columns_.front().rows;
    auto cut = dataset::cut_into_chunks(table.rows_, table.side_.times, chunking);
    if (!cut) return propagate(cut);
    table.cut_ = std::move(*cut);
    table.classify(chunking, plan.season);

    std::vector<std::size_t> first;
    for (const auto& chunk : table.cut_.chunks) first.push_back(chunk.begin);
    if (!first.empty()) first.push_back(table.cut_.chunks.back().end);
    table.sorted_.resize(table.columns_.size());
    auto sorted = core::parallel_for(
        table.columns_.size(), task.limits.threads, task.stop, [&](std::size_t i) -> core::Status {
            const bool numeric =
                kind_of(table.columns_[i].type, plan.of(table.fields_[i].name)) == drift::Kind::numeric;
            if (numeric)
                table.sorted_[i] =
                    std::make_unique<SortedChunks>(table.columns_[i].numbers, first, table.classes_);
            return {};
        });
    if (!sorted) return propagate(sorted);
    return table;
}

void ChunkedTable::classify(const dataset::Chunking& chunking, Season season) {
    const bool by_period = std::holds_alternative<dataset::ByPeriod>(chunking);
    for (std::size_t i = 0; i < cut_.chunks.size(); ++i) {
        const auto& chunk = cut_.chunks[i];
        const std::int64_t offset_us = by_period ? chunk.utc_offset_s * std::int64_t{1'000'000} : 0;
        classes_.push_back(chunk.from ? detection::season_class(chunk.from->microseconds + offset_us, season)
                                      : 0);
        short_.push_back(why_short(i, chunking));
    }
}

std::string ChunkedTable::why_short(std::size_t chunk, const dataset::Chunking& chunking) const {
    const auto& one = cut_.chunks[chunk];
    const bool last = chunk + 1 == cut_.chunks.size();
    if (!std::holds_alternative<dataset::ByPeriod>(chunking)) {
        if (last && chunk > 0 && one.size() < cut_.chunks.front().size())
            return fmt::format("{}, fewer than the {} of the others",
                               core::plural(one.size(), "row remains", "rows remain"),
                               cut_.chunks.front().size());
        return "";
    }
    const std::int64_t step = side_.profile ? side_.profile->step_us : 0;
    if (step == 0) return "";
    if (chunk == 0 && side_.times.front() >= one.from->microseconds + step)
        return fmt::format("the data begin in the middle of it, at {}",
                           core::to_string(core::Timestamp{side_.times.front()}));
    if (last && side_.times.back() + step < one.to->microseconds)
        return fmt::format("the data end in the middle of it, at {}",
                           core::to_string(core::Timestamp{side_.times.back()}));
    return "";
}

Column ChunkedTable::rows_of(std::size_t column, std::size_t first, std::size_t last) const {
    dataset::RowSelection rows;
    rows.begin = cut_.chunks[first].begin;
    rows.end = cut_.chunks[last].end;
    return dataset::select(columns_[column], rows);
}

OrderedSide ChunkedTable::side_of(std::size_t first, std::size_t last) const {
    OrderedSide side;
    side.source = side_.source;
    if (side_.times.empty()) return side;
    const auto at = [&](std::size_t row) { return side_.times.begin() + static_cast<std::ptrdiff_t>(row); };
    side.times.assign(at(cut_.chunks[first].begin), at(cut_.chunks[last].end));
    side.profile = dataset::profile_times(side.times);
    side.from = cut_.chunks[first].from;
    side.to = cut_.chunks[last].to;
    if (side.to->microseconds == side.times.back()) {  // The time of the last row, and not a bound.
        const std::int64_t step = side.profile->step_us != 0 ? side.profile->step_us : side_.profile->step_us;
        side.to = core::Timestamp{side.times.back() + std::max<std::int64_t>(step, 1)};
        // One row of an irregular stream covers no time: nobody knows how many rows a day that is.
        if (step == 0 && side.times.size() == 1) side.to.reset();
    }
    return side;
}

std::string ChunkedTable::digest(std::size_t chunk) const {
    const auto& one = cut_.chunks[chunk];
    core::Sha256 hash;
    hash.update(one.key);
    for (const auto& bound : {one.from, one.to}) {
        const std::int64_t microseconds = bound ? bound->microseconds : 0;
        hash.update(std::as_bytes(std::span(&microseconds, 1)));
    }
    add_bytes(hash, side_.times, one.begin, one.end);
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        const Column& values = columns_[column];
        hash.update(fields_[column].name);
        add_bytes(hash, values.numbers, one.begin, one.end);
        add_bytes(hash, values.times, one.begin, one.end);
        for (std::size_t i = one.begin; i < one.end && !values.codes.empty(); ++i) {
            // Codes depend on the order of first appearance; what they stand for does not.
            const auto code = values.codes[i];
            hash.update(code == Column::missing_code ? std::string_view("\0", 1)
                                                     : std::string_view(values.labels[code]));
            hash.update(std::string_view("\n", 1));
        }
    }
    return hash.finish();
}

}  // namespace tristrata::detection
