#include "tristrata/detection/profile.hpp"

#include "groups.hpp"
#include "loading.hpp"
#include "profile_state.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/sample.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;
using dataset::Type;

bool kept_by(const Plan& plan, const std::string& column) {
    if (column == plan.time || column == plan.by) return true;
    if (plan.of(column).ignore) return false;
    return plan.columns.empty() || std::ranges::find(plan.columns, column) != plan.columns.end();
}

/// What a sensitive or key column becomes before it is kept.
dataset::Field guarded(dataset::Field field, const ColumnPlan& plan) {
    const bool number = is_number(field.type);
    if (number && plan.sensitive && plan.role != drift::Role::key && plan.kind == drift::Kind::categorical)
        return {field.name, Type::text, "string"};
    return field;
}

std::string said(const ColumnPlan& plan) {
    return fmt::format("role {}{}{}{}", drift::name(plan.role),
                       plan.kind ? fmt::format(", kind {}", drift::name(*plan.kind)) : "",
                       plan.sensitive ? ", sensitive" : "", plan.ignore ? ", ignored" : "");
}

bool alike(const ColumnPlan& a, const ColumnPlan& b) {
    return a.role == b.role && a.kind == b.kind && a.sensitive == b.sensitive && a.ignore == b.ignore;
}

/// "all columns", or their names.
std::string asked_columns(const Plan& plan) {
    if (plan.columns.empty()) return "all columns";
    std::string text = plan.columns.size() == 1 ? "the column " : "the columns ";
    for (std::size_t i = 0; i < plan.columns.size(); ++i)
        text += (i > 0 ? ", " : "") + core::quoted(plan.columns[i], 40);
    return text;
}

/// The edges of a column: those of `like`, or the ones its own values ask for.
core::Result<std::vector<double>> edges_for(const Column& column, const ProfileOptions& options,
                                            std::size_t field) {
    if (column.type != Type::integer && column.type != Type::real) return std::vector<double>();
    if (options.like != nullptr) {
        const auto& edges = options.like->contents().edges[field];
        if (!edges.empty()) return edges;
        auto whole = whole_column(*options.like, field);
        if (!whole) return propagate(whole);
        return stored_edges(whole->sorted);
    }
    const stats::SortedSample sorted{std::span<const double>(column.numbers)};
    return stored_edges(sorted.values());
}

}  // namespace

std::string made_otherwise(const Profile::Contents& one, const Profile::Contents& other,
                           std::string_view called) {
    const auto& before = one.schema.fields;
    const auto& after = other.schema.fields;
    for (const auto& field : after)
        if (!one.schema.find(field.name))
            return fmt::format("it has a column {} that {} does not have", core::quoted(field.name), called);
    for (const auto& field : before)
        if (!other.schema.find(field.name))
            return fmt::format("it lacks the column {} of {}", core::quoted(field.name), called);
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i].name != after[i].name)
            return fmt::format("its column {} is {}, and that of {} is {}", i + 1,
                               core::quoted(after[i].name), called, core::quoted(before[i].name));
        if (before[i].type != after[i].type || before[i].foreign_type != after[i].foreign_type)
            return fmt::format("its column {} is {} ({}), and that of {} is {} ({})",
                               core::quoted(after[i].name), dataset::name(after[i].type),
                               after[i].foreign_type, called, dataset::name(before[i].type),
                               before[i].foreign_type);
        const ColumnPlan &first = one.plan.of(before[i].name), &second = other.plan.of(before[i].name);
        if (first.unit != second.unit)
            return fmt::format("the plan gave its column {} the unit {}, and that of {} {}",
                               core::quoted(before[i].name), core::quoted(second.unit), called,
                               core::quoted(first.unit));
        if (one.plan.column.contains(before[i].name) != other.plan.column.contains(before[i].name))
            return fmt::format("only one of the two plans names the column {}", core::quoted(before[i].name));
        if (!alike(first, second))
            return fmt::format("the plan gave its column {} {}, and that of {} {}",
                               core::quoted(before[i].name), said(second), called, said(first));
    }
    if (one.plan.time != other.plan.time)
        return fmt::format("its time column is {}, and that of {} is {}",
                           other.plan.time.empty() ? "none" : core::quoted(other.plan.time), called,
                           one.plan.time.empty() ? "none" : core::quoted(one.plan.time));
    if (one.plan.derived != other.plan.derived)
        return fmt::format("its plan derives other columns than that of {}", called);
    if (one.plan.columns != other.plan.columns)
        return fmt::format("it was asked for {}, and that of {} for {}", asked_columns(other.plan), called,
                           asked_columns(one.plan));
    return "";
}

Profile::Profile(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}
const std::string& Profile::version() const noexcept { return contents_->version; }
const std::string& Profile::source() const noexcept { return contents_->source; }
const dataset::Schema& Profile::schema() const noexcept { return contents_->schema; }
const Plan& Profile::plan() const noexcept { return contents_->plan; }

std::vector<ProfileWindow> Profile::windows() const {
    std::vector<ProfileWindow> windows;
    for (const auto& state : contents_->windows) windows.push_back(state.window);
    return windows;
}

std::uint64_t Profile::rows() const noexcept {
    std::uint64_t rows = 0;
    for (const auto& state : contents_->windows) rows += state.window.rows;
    return rows;
}

bool Profile::exact(std::size_t field) const noexcept {
    return std::ranges::all_of(contents_->windows,
                               [&](const auto& state) { return is_exact(state.blocks[field].kind); });
}

bool Profile::kept(std::size_t field) const noexcept {
    return std::ranges::all_of(
        contents_->windows, [&](const auto& state) { return state.blocks[field].kind != StateKind::none; });
}

std::vector<std::uint64_t> Profile::column_bytes() const {
    std::vector<std::uint64_t> bytes(schema().fields.size(), 0);
    for (const auto& state : contents_->windows)
        for (std::size_t field = 0; field < bytes.size(); ++field)
            bytes[field] += state.blocks[field].bytes.size();
    return bytes;
}

core::Result<Profile> profile(const CheckSide& side, const Plan& plan, const ProfileOptions& options,
                              const core::Task& task) {
    if (auto status = validate(plan); !status) return propagate(status);
    if (plan.time.empty() && side.window)
        return fail(ErrorKind::usage, "a window needs the column that holds the time; name it with --time");
    const auto& fields = side.source->schema().fields;
    std::vector<std::string> named = plan.columns;
    for (const auto& [column, settings] : plan.column) named.push_back(column);
    for (const auto& wanted : named)
        if (!side.source->schema().find(wanted)) return no_such_column(*side.source, wanted, "column");

    Profile::Contents contents;
    contents.plan.time = plan.time;
    contents.plan.columns = plan.columns;
    contents.plan.column = plan.column;
    contents.plan.derived = plan.derived;
    const Plan grouped = with_grouping_column(plan);
    std::vector<ColumnPair> kept;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        contents.schema.fields.push_back(guarded(fields[i], grouped.of(fields[i].name)));
        if (kept_by(plan, fields[i].name)) kept.push_back({i, std::nullopt});
    }
    if (kept.empty())
        return fail(ErrorKind::invalid_input,
                    fields.empty()
                        ? fmt::format("{} has no column; expected one at least", side.source->name())
                        : fmt::format("the plan leaves no column of {} to profile; expected one at least",
                                      side.source->name()));
    contents.source = side.source->name();
    if (options.like != nullptr)
        if (const auto other = made_otherwise(options.like->contents(), contents, options.like->source());
            !other.empty())
            return fail(ErrorKind::conflict, fmt::format("{} cannot be profiled like {}: {}", contents.source,
                                                         options.like->source(), other));

    std::vector<std::string> notes;  // What was done to the rows stands in the window.
    auto ordered = order_side(side, "profiled", plan, notes, task);
    if (!ordered) return propagate(ordered);
    WindowState state;
    state.window.source = side.source->name();
    if (side.window) state.window.asked = *side.window;
    if (ordered->rows) {
        state.window.first = core::Timestamp{ordered->times.front()};
        state.window.last = core::Timestamp{ordered->times.back()};
        state.window.left_out = ordered->rows->missing;
        state.window.was_sorted = ordered->rows->was_sorted;
    }
    state.blocks.resize(fields.size());
    contents.edges.resize(fields.size());
    std::vector<std::uint64_t> rows(fields.size(), 0);
    auto status = for_each_column(
        *ordered, *ordered, kept, task, [&](std::size_t index, Column column, const Column&) -> core::Status {
            const std::size_t field = kept[index].reference_field;
            rows[field] = column.rows;
            column = guarded(std::move(column), grouped.of(fields[field].name), grouped.patterns);
            Block block = exact_block(column);
            // What orders the rows is always kept whole.
            if (block.bytes.size() > options.column_bytes && block.kind != StateKind::missing &&
                fields[field].name != plan.time) {
                auto edges = edges_for(column, options, field);
                if (!edges) return propagate(edges);
                contents.edges[field] = std::move(*edges);
                block =
                    sketch_block(column, contents.edges[field], options.labels, ordered->rows.has_value());
            }
            state.blocks[field] = std::move(block);
            return {};
        });
    if (!status) return propagate(status);
    state.window.rows = *std::ranges::max_element(rows);
    contents.windows.push_back(std::move(state));
    return sealed(std::move(contents));
}

core::Result<Profile> merge(std::span<const Profile> profiles, Overlap overlap) {
    if (profiles.empty()) return fail(ErrorKind::usage, "no profile to merge; name at least one");
    Profile::Contents merged = profiles.front().contents();
    for (const Profile& profile : profiles.subspan(1)) {
        const auto& contents = profile.contents();
        // Tables of Python have one name.
        const bool alike = contents.source == merged.source;
        const std::string refused = fmt::format("{} cannot be merged with {}", contents.source,
                                                alike ? "an earlier one" : merged.source);
        if (const auto other = made_otherwise(merged, contents, alike ? "the earlier" : merged.source);
            !other.empty())
            return fail(ErrorKind::conflict, fmt::format("{}: {}", refused, other));
        for (std::size_t i = 0; i < merged.edges.size(); ++i) {
            if (contents.edges[i].empty()) continue;
            if (merged.edges[i].empty()) merged.edges[i] = contents.edges[i];
            if (merged.edges[i] != contents.edges[i])
                return fail(
                    ErrorKind::conflict,
                    fmt::format("{}: column {} is counted on other edges; profile the one again with --like "
                                "and the other",
                                refused, core::quoted(merged.schema.fields[i].name)));
        }
        merged.windows.insert(merged.windows.end(), contents.windows.begin(), contents.windows.end());
    }
    Profile all = sealed(std::move(merged));
    if (overlap == Overlap::refused)
        if (const auto twice = rows_twice(all); !twice.empty())
            return fail(ErrorKind::conflict,
                        twice + "; leave one of them out, or take both with --allow-overlap");
    return all;
}

core::Result<Plan> plan_against(const Profile& profile, Plan asked) {
    const Plan& made = profile.plan();
    if (asked.time.empty()) asked.time = made.time;
    if (asked.time != made.time)
        return fail(
            ErrorKind::conflict,
            fmt::format("the profile of {} was made {}, and the plan asks for the time column {}; make "
                        "the profile again with --time",
                        profile.source(),
                        made.time.empty() ? "without a time column"
                                          : "with the time column " + core::quoted(made.time),
                        core::quoted(asked.time)));
    if (asked.columns.empty()) asked.columns = made.columns;
    if (asked.column.empty()) asked.column = made.column;
    if (asked.derived.empty()) asked.derived = made.derived;
    if (asked.derived != made.derived)
        return fail(
            ErrorKind::conflict,
            fmt::format("the plan derives other columns than the profile of {} was made with; make the "
                        "profile again with this plan",
                        profile.source()));
    for (std::size_t i = 0; i < profile.schema().fields.size(); ++i) {
        const auto& column = profile.schema().fields[i].name;
        if (!alike(asked.of(column), made.of(column)))
            return fail(
                ErrorKind::conflict,
                fmt::format("the plan gives column {} {}, and the profile of {} was made with {}; make "
                            "the profile again with this plan",
                            core::quoted(column), said(asked.of(column)), profile.source(),
                            said(made.of(column))));
        const bool wanted = std::ranges::find(asked.columns, column) != asked.columns.end();
        if (wanted && !profile.kept(i))
            return fail(ErrorKind::conflict,
                        fmt::format("the profile of {} was made without column {}; make it again with it",
                                    profile.source(), core::quoted(column)));
    }
    return asked;
}

}  // namespace tristrata::detection
