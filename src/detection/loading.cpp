#include "loading.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/dataset/no_row.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <mutex>
#include <utility>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;

std::string end_of(const std::optional<core::Timestamp>& time) { return time ? core::to_string(*time) : ""; }

/// The first and the last of the times that there are.
std::optional<std::pair<std::int64_t, std::int64_t>> extent_of(const std::vector<std::int64_t>& times) {
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    for (const auto t : times) {
        if (t == Column::missing_time) continue;
        first = std::min(first, t);
        last = std::max(last, t);
    }
    if (first > last) return std::nullopt;
    return std::pair(first, last);
}

std::string span_of(const std::vector<std::int64_t>& times) {
    const auto extent = extent_of(times);
    if (!extent) return "no times at all";
    return core::to_string(core::Timestamp{extent->first}) + " to " +
           core::to_string(core::Timestamp{extent->second});
}

/// Whether the rows of a window that holds none are gone for good: later ones are there.
std::string_view no_row_code_of(const core::TimeRange& window, bool is_current,
                                const std::vector<std::int64_t>& times) {
    const auto extent = extent_of(times);
    const bool holds_later = extent && window.to && extent->second >= window.to->microseconds;
    if (!is_current) return holds_later ? dataset::no_reference_row_code : std::string_view();
    return holds_later ? dataset::no_row_of_window_code : dataset::no_row_code;
}

/// Whether the column stays as it stands: the window takes every row of it, or it is a profile's counts.
bool all_rows(const OrderedSide& side, const Column& column) {
    if (!side.rows) return true;
    const bool valued = column.type != dataset::Type::null && column.type != dataset::Type::unsupported;
    const bool counts =
        valued && column.numbers.empty() && column.times.empty() && column.codes.empty() && column.rows > 0;
    return counts || (side.rows->rows.empty() && side.rows->begin == 0 && side.rows->end == column.rows);
}

Column chosen_rows(const OrderedSide& side, const Column& column) {
    return all_rows(side, column) ? column : dataset::select(column, *side.rows);
}
Column chosen_rows(const OrderedSide& side, Column&& column) {
    return all_rows(side, column) ? std::move(column) : dataset::select(column, *side.rows);
}

/// One pass over a source that cannot be read by column. Where the columns outgrow `bytes` and the source can
/// be passed again, the later half of them is put off: the answer then holds fewer columns than were asked
/// for.
core::Result<std::vector<Column>> read_group(dataset::Source& source, std::span<const std::size_t> fields,
                                             std::size_t bytes, const core::Task& task) {
    auto whole = source.whole_columns(fields, task);
    if (!whole) return propagate(whole);
    if (*whole) return std::move(**whole);
    auto stream = source.open(fields, task);
    if (!stream) return propagate(stream);
    std::vector<dataset::ColumnBuilder> builders;
    for (const auto field : fields)
        builders.emplace_back(source.schema().fields[field], source.rows_expected());
    std::uint64_t rows = 0;
    while (true) {
        if (auto status = task.check(); !status) return propagate(status);
        auto batch = (*stream)->next();
        if (!batch) return propagate(batch);
        if (!*batch) break;
        for (std::size_t i = 0; i < builders.size(); ++i)
            if (auto status = builders[i].update(**batch, i); !status) return propagate(status);
        rows += static_cast<std::uint64_t>((*batch)->rows());
        if (rows * sizeof(double) * builders.size() > bytes && builders.size() > 1 &&
            source.access() == dataset::Access::by_pass)
            builders.erase(builders.begin() + static_cast<std::ptrdiff_t>((builders.size() + 1) / 2),
                           builders.end());
    }
    std::vector<Column> columns;
    for (auto& builder : builders) columns.push_back(builder.finish());
    return columns;
}

/// A column, or why its bytes cannot be decoded.
using Readable = core::Result<Column>;

bool is_damage(const core::Error& error, const dataset::Source& source) {
    return error.kind == ErrorKind::invalid_input && source.access() == dataset::Access::by_column;
}

/// read_group(); where a source that is read by column cannot give all of them, each by itself.
core::Result<std::vector<Readable>> read_apart(dataset::Source& source, std::span<const std::size_t> fields,
                                               std::size_t bytes, const core::Task& task) {
    std::vector<Readable> columns;
    auto together = read_group(source, fields, bytes, task);
    if (together) {
        std::ranges::move(*together, std::back_inserter(columns));
        return columns;
    }
    if (!is_damage(together.error(), source)) return propagate(together);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto alone = read_group(source, fields.subspan(i, 1), bytes, task);
        if (!alone && !is_damage(alone.error(), source)) return propagate(alone);
        if (alone) columns.emplace_back(std::move((*alone)[0]));
        else columns.emplace_back(propagate(alone));
    }
    return columns;
}

}  // namespace

std::string left_out(std::uint64_t rows, std::string_view source, std::string_view time) {
    const bool one = rows == 1;
    return fmt::format("{} row{} of {} {} no {} and {} left out", rows, one ? "" : "s", source,
                       one ? "has" : "have", core::quoted(time), one ? "was" : "were");
}

std::string some_columns(const dataset::Schema& schema) {
    constexpr std::size_t named = 5;
    if (schema.fields.empty()) return "none";
    std::string text;
    for (std::size_t i = 0; i < std::min(named, schema.fields.size()); ++i)
        text += (i > 0 ? ", " : "") + core::quoted(schema.fields[i].name, 40);
    if (schema.fields.size() > named) text += fmt::format(" and {} more", schema.fields.size() - named);
    return text;
}

tl::unexpected<core::Error> no_such_column(const dataset::Source& source, std::string_view wanted,
                                           std::string_view what) {
    std::vector<std::string> known;
    for (const auto& field : source.schema().fields) known.push_back(field.name);
    const auto near = core::nearest(wanted, known);
    return fail(ErrorKind::usage,
                fmt::format("{} has no {} {}; {}", source.name(), what, core::quoted(wanted),
                            near.empty() ? "it has " + some_columns(source.schema())
                                         : fmt::format("did you mean {}?", core::quoted(near))));
}

core::Result<std::vector<ColumnPair>> pair_columns(const dataset::Source& reference,
                                                   const dataset::Source& current, const Plan& plan) {
    const auto& fields = reference.schema().fields;
    const auto require = [&](const std::string& wanted) -> core::Status {
        if (reference.schema().find(wanted)) return {};
        return no_such_column(reference, wanted, "column");
    };
    for (const auto& wanted : plan.columns)
        if (auto status = require(wanted); !status) return propagate(status);
    if (!plan.by.empty() && !reference.schema().find(plan.by))
        return no_such_column(reference, plan.by, "column to group by");
    for (const auto& [wanted, column] : plan.column)
        if (auto status = require(wanted); !status)
            return fail(status.error().kind, fmt::format("the plan's [column.{}]: {}", core::quoted(wanted),
                                                         status.error().message));

    std::vector<ColumnPair> pairs;
    bool common = false;
    std::size_t ignored = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (plan.of(fields[i].name).ignore) {
            ++ignored;
            continue;
        }
        if (!plan.columns.empty() && std::ranges::find(plan.columns, fields[i].name) == plan.columns.end())
            continue;
        const auto there = current.schema().find(fields[i].name);
        common = common || there.has_value();
        pairs.push_back({i, there});
    }
    if (pairs.empty() && ignored > 0)
        return fail(
            ErrorKind::usage,
            fmt::format(
                "the plan leaves no column to check: {} of {} in {} {} ignore = true, and no other one is "
                "asked for",
                ignored, core::plural(fields.size(), "column"), reference.name(),
                ignored == 1 ? "has" : "have"));
    if (!common) {
        const bool alike = reference.name() == current.name();
        return fail(
            ErrorKind::invalid_input,
            fmt::format(
                "no column in common: {} has {}, {} has {}; expected the same names in both (of a CSV, "
                "in its first row)",
                alike ? "reference" : reference.name(), some_columns(reference.schema()),
                alike ? "current" : current.name(), some_columns(current.schema())));
    }
    return pairs;
}

core::Result<OrderedSide> order_side(const CheckSide& side, std::string_view what, const Plan& plan,
                                     std::vector<std::string>& notes, const core::Task& task) {
    OrderedSide ordered;
    ordered.source = side.source;
    if (plan.time.empty()) return ordered;
    const auto field = side.source->schema().find(plan.time);
    if (!field) {
        return no_such_column(*side.source, plan.time, "time column");
    }
    const std::size_t wanted[]{*field};
    auto columns = dataset::read_columns(*side.source, wanted, task);
    if (!columns) return propagate(columns);
    auto times = dataset::times_of(std::move((*columns)[0]), side.source->name(), plan.time);
    if (!times) return propagate(times);
    if (!times->note.empty()) notes.push_back(times->note);
    auto selection = dataset::select_window(times->times, side.window.value_or(core::TimeRange{}));
    if (selection.size() == 0 && !(side.window && (side.window->from || side.window->to)))
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} holds no row that has a time in {}; expected one at least",
                                side.source->name(), core::quoted(plan.time)));
    if (selection.size() == 0)
        return fail(
            ErrorKind::invalid_input,
            fmt::format("no row of {} falls into the {} window {}..{}; {} holds {}", side.source->name(),
                        what, end_of(side.window ? side.window->from : std::nullopt),
                        end_of(side.window ? side.window->to : std::nullopt), core::quoted(plan.time),
                        span_of(times->times)),
            std::string(no_row_code_of(*side.window, what == "current", times->times)));
    if (!selection.was_sorted)
        notes.push_back(fmt::format("{} was not in order of {}; its rows were sorted", side.source->name(),
                                    core::quoted(plan.time)));
    if (selection.missing > 0) notes.push_back(left_out(selection.missing, side.source->name(), plan.time));
    ordered.times = dataset::select(times->times, selection);
    ordered.profile = dataset::profile_times(ordered.times);
    ordered.profile->was_sorted = selection.was_sorted;
    const std::int64_t step = ordered.profile->step_us;
    ordered.from =
        side.window && side.window->from ? side.window->from : core::Timestamp{ordered.times.front()};
    // One moment covers no time: nobody knows how many rows a day that is.
    const auto end_after = [step](std::int64_t first, std::int64_t last) -> std::optional<core::Timestamp> {
        if (first == last && step == 0) return std::nullopt;
        return core::Timestamp{last + std::max<std::int64_t>(step, 1)};
    };
    ordered.to = side.window && side.window->to ? side.window->to
                                                : end_after(ordered.times.front(), ordered.times.back());
    if (const auto extent = extent_of(times->times)) {
        ordered.begins = core::Timestamp{extent->first};
        ordered.ends = end_after(extent->first, extent->second);
    }
    ordered.rows = std::move(selection);
    return ordered;
}

core::Status for_each_column(const OrderedSide& reference, const OrderedSide& current,
                             const std::vector<ColumnPair>& pairs, const core::Task& task,
                             const std::function<core::Status(std::size_t, Column, Column)>& body,
                             const std::function<void(std::size_t, const core::Error&)>& unreadable) {
    const bool same = reference.source == current.source;
    std::mutex watching;
    std::size_t done = 0;
    const auto report_progress = [&] {
        if (task.progress == nullptr) return;
        const std::lock_guard lock(watching);
        task.progress->advanced("columns", ++done, pairs.size());
    };
    const auto set_aside = [&](std::size_t index, const core::Error& error) -> core::Status {
        if (!unreadable) return tl::unexpected(error);
        unreadable(index, error);
        report_progress();
        return {};
    };
    const auto by_column = dataset::Access::by_column;
    if (reference.source->access() == by_column && current.source->access() == by_column) {
        return core::parallel_for(
            pairs.size(), task.limits.threads, task.stop, [&](std::size_t index) -> core::Status {
                if (auto status = task.check(); !status) return status;
                const std::size_t before_field[]{pairs[index].reference_field};
                auto before = dataset::read_columns(*reference.source, before_field, task);
                if (!before && is_damage(before.error(), *reference.source))
                    return set_aside(index, before.error());
                if (!before) return propagate(before);
                Column after;
                if (pairs[index].current_field && same) {
                    after = chosen_rows(current, (*before)[0]);
                } else if (pairs[index].current_field) {
                    const std::size_t after_field[]{*pairs[index].current_field};
                    auto read = dataset::read_columns(*current.source, after_field, task);
                    if (!read && is_damage(read.error(), *current.source))
                        return set_aside(index, read.error());
                    if (!read) return propagate(read);
                    after = chosen_rows(current, std::move((*read)[0]));
                }
                auto status = body(index, chosen_rows(reference, std::move((*before)[0])), std::move(after));
                report_progress();
                return status;
            });
    }

    // A side that cannot be read by column is passed over in groups that fit its half of the budget.
    std::vector<std::size_t> reference_fields;
    for (const auto& pair : pairs) reference_fields.push_back(pair.reference_field);
    for (std::size_t first = 0; first < pairs.size();) {
        // Both sides are read at once; the shorter of the two groups is what is looked at now.
        std::vector<std::size_t> there;
        for (std::size_t i = first; i < pairs.size() && !same; ++i)
            if (pairs[i].current_field) there.push_back(*pairs[i].current_field);
        std::vector<Readable> before, after;
        auto both = core::parallel_for(
            same || there.empty() ? 1 : 2, task.limits.threads, task.stop,
            [&](std::size_t side) -> core::Status {
                const auto fields = side == 0 ? std::span<const std::size_t>(reference_fields).subspan(first)
                                              : std::span<const std::size_t>(there);
                auto& source = side == 0 ? *reference.source : *current.source;
                auto read = read_apart(source, fields, task.limits.bytes / (same ? 1 : 2), task);
                if (!read) return propagate(read);
                (side == 0 ? before : after) = std::move(*read);
                return {};
            });
        if (!both) return both;
        std::size_t count = 0;
        for (std::size_t taken = 0; count < before.size(); ++count) {
            if (same || !pairs[first + count].current_field) continue;
            if (taken == after.size()) break;
            ++taken;
        }

        std::vector<std::size_t> position(count, 0);
        for (std::size_t i = 0, at = 0; i < count; ++i) {
            position[i] = at;
            if (pairs[first + i].current_field) ++at;
        }
        auto status =
            core::parallel_for(count, task.limits.threads, task.stop, [&](std::size_t i) -> core::Status {
                if (!before[i]) return set_aside(first + i, before[i].error());
                Column now;
                if (pairs[first + i].current_field && same) {
                    now = chosen_rows(current, *before[i]);
                } else if (pairs[first + i].current_field) {
                    auto& read = after[position[i]];
                    if (!read) return set_aside(first + i, read.error());
                    now = chosen_rows(current, std::move(*read));
                }
                auto one = body(first + i, chosen_rows(reference, std::move(*before[i])), std::move(now));
                before[i] = Column();
                report_progress();
                return one;
            });
        if (!status) return status;
        first += count;
    }
    return {};
}

}  // namespace tristrata::detection
