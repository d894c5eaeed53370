#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/dataset/column.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tristrata::dataset {

/// A column read as moments, in the order of its rows; missing ones are Column::missing_time.
struct Times {
    std::vector<std::int64_t> times;
    std::string note;  ///< What was assumed: "open_time is read as milliseconds since 1970".
};

/// Timestamps as they are; whole numbers as an epoch whose unit (s, ms, µs, ns) is read off their size; text
/// as ISO 8601. invalid_input, with row and value, where a value is no time or the unit is not one.
[[nodiscard]] core::Result<Times> times_of(Column column, const std::string& source, const std::string& name);

/// Which rows a window takes, in order of time.
struct RowSelection {
    std::size_t begin = 0;  ///< Rows [begin, end) where `rows` is empty.
    std::size_t end = 0;
    std::vector<std::uint32_t> rows;  ///< Indices, where the source was not in order.
    bool was_sorted = true;
    std::uint64_t missing = 0;  ///< Rows of the source without a time: in no window.
    [[nodiscard]] std::size_t size() const noexcept { return rows.empty() ? end - begin : rows.size(); }
};

/// Rows whose time lies in the range, ascending; equal times keep the order of the source.
[[nodiscard]] RowSelection select_window(const std::vector<std::int64_t>& times,
                                         const core::TimeRange& range);

[[nodiscard]] std::vector<std::int64_t> select(const std::vector<std::int64_t>& times,
                                               const RowSelection& rows);
/// The chosen rows of a column, missing and infinite values counted anew.
[[nodiscard]] Column select(const Column& column, const RowSelection& rows);

/// How regular ascending times are. The step is the most frequent difference; a difference of about j steps
/// is j - 1 missing rows. Without a step that more than half of the differences share, nothing is missing.
struct TimeProfile {
    std::int64_t step_us = 0;
    std::uint64_t missing_rows = 0;
    std::uint64_t duplicates = 0;
    bool was_sorted = true;
};
[[nodiscard]] TimeProfile profile_times(const std::vector<std::int64_t>& ascending);

}  // namespace tristrata::dataset
