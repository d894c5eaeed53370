#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tristrata::dataset {

/// What becomes of the rows that do not fill a chunk of the asked-for size.
enum class Remainder : std::uint8_t {
    keep,    ///< A last chunk with fewer rows.
    append,  ///< The last full chunk takes them.
    drop,    ///< They are in no chunk, and counted.
};
[[nodiscard]] std::string_view name(Remainder remainder) noexcept;
[[nodiscard]] core::Result<Remainder> parse_remainder(std::string_view text);

/// A stretch of the calendar. A week begins on Monday.
enum class Period : std::uint8_t { quarter_hour, hour, day, week, month, quarter, year };
/// "15min", "hour", "day", "week", "month", "quarter", "year".
[[nodiscard]] std::string_view name(Period period) noexcept;
[[nodiscard]] core::Result<Period> parse_period(std::string_view text);

struct BySize {
    std::uint64_t rows = 0;
    Remainder remainder = Remainder::keep;
};
/// floor(rows / chunks) rows each, and then the rule of the size: what remains is one chunk more, if kept.
struct ByCount {
    std::uint64_t chunks = 10;
    Remainder remainder = Remainder::keep;
};
struct ByPeriod {
    Period period = Period::day;
    std::string zone = "UTC";  ///< An IANA name, such as Europe/Berlin.
};
using Chunking = std::variant<BySize, ByCount, ByPeriod>;

/// Rows [begin, end) of rows in order, and what they are called.
struct Chunk {
    /// By size and count "[0:99]", both rows inside; by period "2020-01-01 05:15" (with the offset from UTC
    /// where there is a zone), "2020-01-06", "2020-01-06/2020-01-12", "2020-01", "2018Q1", "2018".
    std::string key;
    std::size_t begin = 0;
    std::size_t end = 0;
    /// By period: its bounds, half open. Otherwise the times of the first and of the last row, both inside;
    /// absent where there are no times.
    std::optional<core::Timestamp> from;
    std::optional<core::Timestamp> to;
    std::int32_t utc_offset_s = 0;   ///< Of the zone at `from`: what its clocks add to UTC.
    std::uint64_t empty_before = 0;  ///< By period: periods without a row between the chunk before and this.
    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

struct Chunks {
    std::vector<Chunk> chunks;  ///< In order; none is empty.
    std::uint64_t dropped_rows = 0;
};

/// Cuts `rows` rows, which stand in order, into chunks. `times` are theirs, ascending and none missing
/// (select_window orders them so, equal times in the order of the source); empty where there is no time.
///
/// Period    Days and longer are those of the zone's calendar: where its clocks change, a day is 23 or 25
///           hours long. Hours and quarters of one are those of its clock; the hour that comes twice is two
///           chunks, told apart by their offsets.
/// Edges     A period without a row is no chunk; the chunk after it counts it. A row on a bound belongs to
///           the chunk that begins there. The first and the last period may be cut short by the data.
/// Errors    usage: a size or count of 0; a count above the rows; append where no chunk is full; a period
///           without times; a zone that the system does not know. invalid_input: a time outside the years
///           1 to 9999, where calendars mean nothing.
/// Cost      O(rows) for periods, O(chunks) otherwise; any thread.
/// Example   891 rows by count 10: ten chunks of 89 and "[890:890]", one row (tests/chunk_test.cpp, "worked
///           example").
/// Source    The rules of remainders are NannyML's; its sort is not stable, ours is.
[[nodiscard]] core::Result<Chunks> cut_into_chunks(std::size_t rows, const std::vector<std::int64_t>& times,
                                                   const Chunking& chunking);

}  // namespace tristrata::dataset
