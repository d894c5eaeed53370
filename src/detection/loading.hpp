#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/window.hpp"
#include "tristrata/detection/check.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// One side with its rows chosen and ordered.
struct OrderedSide {
    dataset::Source* source = nullptr;
    std::optional<dataset::RowSelection> rows;  ///< Absent without a time column: all rows as they come.
    std::vector<std::int64_t> times;            ///< Of the chosen rows, in order.
    std::optional<dataset::TimeProfile> profile;
    std::optional<core::Timestamp> from;
    std::optional<core::Timestamp> to;
    std::optional<core::Timestamp> begins;  ///< The source's own first time, whatever the window ...
    std::optional<core::Timestamp> ends;    ///< ... and a step after its last.
};

/// Reads the time column, chooses the window's rows and orders them; what was done to them goes into `notes`.
[[nodiscard]] core::Result<OrderedSide> order_side(const CheckSide& side, std::string_view what,
                                                   const Plan& plan, std::vector<std::string>& notes,
                                                   const core::Task& task);

/// A column of the check: where it stands on each side; absent where only one side has it.
struct ColumnPair {
    std::size_t reference_field = 0;
    std::optional<std::size_t> current_field;
};

/// The columns of a check: all of the reference's but those that the plan leaves out. usage: a column that it
/// asks for is not there, with the nearest name; invalid_input: none in common.
[[nodiscard]] core::Result<std::vector<ColumnPair>> pair_columns(const dataset::Source& reference,
                                                                 const dataset::Source& current,
                                                                 const Plan& plan);

/// Reads each pair's columns, rows chosen and ordered, and hands them to `body(index, reference, current)`:
/// column by column where the sources allow it, in groups that fit task.limits.bytes elsewhere. `body` may be
/// called from several threads, once an index. Where a source is read by column and the bytes of one cannot
/// be decoded (invalid_input), `unreadable(index, error)` is called in its place; without it that ends the
/// pass.
[[nodiscard]] core::Status for_each_column(
    const OrderedSide& reference, const OrderedSide& current, const std::vector<ColumnPair>& pairs,
    const core::Task& task,
    const std::function<core::Status(std::size_t, dataset::Column, dataset::Column)>& body,
    const std::function<void(std::size_t, const core::Error&)>& unreadable = {});

/// The note about rows whose time is missing.
[[nodiscard]] std::string left_out(std::uint64_t rows, std::string_view source, std::string_view time);

/// The first names of a table, for a message: "a", "b" and 3 more.
[[nodiscard]] std::string some_columns(const dataset::Schema& schema);

/// usage: the name that was asked for, with the nearest one that is there, or some of those that are.
[[nodiscard]] tl::unexpected<core::Error> no_such_column(const dataset::Source& source,
                                                         std::string_view wanted, std::string_view what);

}  // namespace tristrata::detection
