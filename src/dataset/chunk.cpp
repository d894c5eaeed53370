#include "tristrata/dataset/chunk.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/dataset/calendar.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

namespace tristrata::dataset {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::int64_t first_time_us = -62'135'596'800'000'000;   ///< 0001-01-01.
constexpr std::int64_t beyond_time_us = 253'402'300'800'000'000;  ///< 10000-01-01.

constexpr std::array remainders{Remainder::keep, Remainder::append, Remainder::drop};
constexpr std::array periods{Period::quarter_hour, Period::hour,    Period::day, Period::week,
                             Period::month,        Period::quarter, Period::year};

template <class Enum, std::size_t Size>
core::Result<Enum> parse_name(std::string_view what, std::string_view text,
                              const std::array<Enum, Size>& all) {
    std::string known;
    for (const Enum one : all) {
        if (name(one) == text) return one;
        known += (known.empty() ? "" : ", ") + std::string(name(one));
    }
    return fail(ErrorKind::usage,
                fmt::format("the {} is {}; expected one of {}", what, core::quoted(text), known));
}

core::Result<Chunks> by_size(std::size_t rows, const std::vector<std::int64_t>& times, const BySize& how) {
    if (how.rows == 0)
        return fail(ErrorKind::usage, "a chunk of 0 rows holds nothing; expected a size of 1 or more");
    Chunks out;
    const std::size_t size = how.rows, full = rows / size, rest = rows % size;
    const auto add = [&](std::size_t begin, std::size_t end) {
        Chunk chunk;
        chunk.key = fmt::format("[{}:{}]", begin, end - 1);
        chunk.begin = begin;
        chunk.end = end;
        if (!times.empty()) {
            chunk.from = core::Timestamp{times[begin]};
            chunk.to = core::Timestamp{times[end - 1]};
        }
        out.chunks.push_back(std::move(chunk));
    };
    const bool append = rest > 0 && how.remainder == Remainder::append;
    if (append && full == 0)
        return fail(
            ErrorKind::usage,
            fmt::format(
                "the table's {} not fill one chunk of {}, so there is none to append to; take a smaller "
                "size, or --remainder keep or drop",
                core::plural(rows, "row does", "rows do"), size));
    for (std::size_t i = 0; i < full; ++i) add(i * size, append && i + 1 == full ? rows : (i + 1) * size);
    if (rest > 0 && how.remainder == Remainder::keep) add(full * size, rows);
    if (how.remainder == Remainder::drop) out.dropped_rows = rest;
    return out;
}

core::Result<Chunks> by_period(std::size_t rows, const std::vector<std::int64_t>& times,
                               const ByPeriod& how) {
    Chunks out;
    auto calendar = Calendar::open(how.zone);
    if (!calendar) return propagate(calendar);
    if (rows == 0) return out;
    if (times.size() != rows)
        return fail(ErrorKind::usage,
                    fmt::format("chunks by {} need the time of each row; name its column with --time",
                                name(how.period)));
    for (const auto end : {times.front(), times.back()})
        if (end < first_time_us || end >= beyond_time_us)
            return fail(ErrorKind::invalid_input,
                        fmt::format("a time lies {} µs from 1970, outside the years 1 to 9999, so it is in "
                                    "no calendar period; correct it, or cut by rows",
                                    end));
    for (std::size_t begin = 0; begin < rows;) {
        auto period = calendar->period_at(how.period, times[begin]);
        Chunk chunk;
        if (!out.chunks.empty())
            for (auto at = out.chunks.back().to->microseconds; at < period.from_us; ++chunk.empty_before)
                at = calendar->period_at(how.period, at).to_us;
        const auto beyond =
            std::lower_bound(times.begin() + static_cast<std::ptrdiff_t>(begin), times.end(), period.to_us);
        chunk.key = std::move(period.key);
        chunk.begin = begin;
        chunk.end = static_cast<std::size_t>(beyond - times.begin());
        chunk.from = core::Timestamp{period.from_us};
        chunk.to = core::Timestamp{period.to_us};
        chunk.utc_offset_s = period.utc_offset_s;
        begin = chunk.end;
        out.chunks.push_back(std::move(chunk));
    }
    return out;
}

}  // namespace

std::string_view name(Remainder remainder) noexcept {
    switch (remainder) {
        case Remainder::keep:
            return "keep";
        case Remainder::append:
            return "append";
        case Remainder::drop:
            return "drop";
    }
    return "keep";
}

std::string_view name(Period period) noexcept {
    switch (period) {
        case Period::quarter_hour:
            return "15min";
        case Period::hour:
            return "hour";
        case Period::day:
            return "day";
        case Period::week:
            return "week";
        case Period::month:
            return "month";
        case Period::quarter:
            return "quarter";
        case Period::year:
            return "year";
    }
    return "day";
}

core::Result<Remainder> parse_remainder(std::string_view text) {
    return parse_name("remainder", text, remainders);
}
core::Result<Period> parse_period(std::string_view text) { return parse_name("period", text, periods); }

core::Result<Chunks> cut_into_chunks(std::size_t rows, const std::vector<std::int64_t>& times,
                                     const Chunking& chunking) {
    if (const auto* period = std::get_if<ByPeriod>(&chunking)) return by_period(rows, times, *period);
    if (const auto* size = std::get_if<BySize>(&chunking)) return by_size(rows, times, *size);
    const auto& count = std::get<ByCount>(chunking);
    if (count.chunks == 0 || count.chunks > rows)
        return fail(ErrorKind::usage,
                    fmt::format("{} cannot be cut into {}; expected a number of chunks "
                                "from 1 to the rows",
                                core::plural(rows, "row"), core::plural(count.chunks, "chunk")));
    return by_size(rows, times, {rows / count.chunks, count.remainder});
}

}  // namespace tristrata::dataset
