#include "tristrata/detection/check.hpp"

#include "evidence.hpp"
#include "groups.hpp"
#include "loading.hpp"
#include "null_choice.hpp"
#include "signals.hpp"
#include "table_signals.hpp"
#include "tristrata/core/text.hpp"
#include "verdict.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;

/// The reference cut into windows of the current window's length, backwards from its end, so that a piece
/// that does not fill a window is the oldest one; only windows with at least one row are kept.
std::vector<Window> cut_windows(const OrderedSide& reference, const OrderedSide& current, Season season) {
    std::vector<Window> windows;
    if (reference.times.empty() || current.times.empty() || !current.from || !current.to || !reference.to ||
        !reference.from)
        return windows;
    const std::int64_t length = current.to->microseconds - current.from->microseconds;
    if (length <= 0) return windows;
    const auto index_of = [&](std::int64_t time) {
        return static_cast<std::size_t>(std::ranges::lower_bound(reference.times, time) -
                                        reference.times.begin());
    };
    for (std::int64_t end = reference.to->microseconds; end - length >= reference.from->microseconds;
         end -= length) {
        const std::size_t first = index_of(end - length), last = index_of(end);
        if (last > first) windows.push_back({first, last, season_class(end - length, season)});
    }
    std::ranges::reverse(windows);
    return windows;
}

core::Status refuse_overlap(const CheckSide& reference, const CheckSide& current) {
    if (reference.source != current.source || !reference.window || !current.window) return {};
    const auto starts_before_end = [](const core::TimeRange& a, const core::TimeRange& b) {
        return !a.from || !b.to || *a.from < *b.to;
    };
    if (starts_before_end(*reference.window, *current.window) &&
        starts_before_end(*current.window, *reference.window))
        return fail(ErrorKind::usage,
                    "the windows overlap: rows in both would be compared with themselves; "
                    "let --reference end where --current begins");
    return {};
}

Evidence removed_column(const dataset::Field& field, const dataset::Column& column, const Plan& plan) {
    const ColumnPlan& column_plan = plan.of(field.name);
    Evidence evidence;
    auto& report = evidence.report;
    report.name = field.name;
    report.role = column_plan.role;
    report.unit = column_plan.unit;
    report.sensitive = column_plan.sensitive;
    report.drift_type = drift::drift_type_of(column_plan.role);
    report.kind = kind_of(field.type, column_plan);
    report.reference.n = column.rows;
    if (column.rows > 0)
        report.reference.missing_share =
            static_cast<double>(column.missing) / static_cast<double>(column.rows);
    evidence.obstacle = "current has no such column";
    report.signals.push_back(
        fired(drift::SignalKind::column_removed, 1.0, 0.0, 1.0, "the column is gone from current", plan));
    return evidence;
}

/// One check a window, and at most one a day; 0 where the length of the window is not known.
double checks_a_year(const OrderedSide& current) {
    if (!current.from || !current.to) return 0.0;
    const double days = static_cast<double>((*current.to - *current.from).microseconds) / 8.64e10;
    return days > 0.0 ? std::floor(365.0 / std::max(1.0, days)) : 0.0;
}

}  // namespace

core::Result<drift::Report> check(const CheckSide& reference_side, const CheckSide& current_side,
                                  const Plan& asked, core::Timestamp created_at, const core::Task& task) {
    const Plan plan = with_grouping_column(asked);
    if (auto status = validate(plan); !status) return propagate(status);
    if (plan.time.empty() && (reference_side.window || current_side.window))
        return fail(ErrorKind::usage, "a window needs the column that holds the time; name it with --time");
    if (auto status = refuse_overlap(reference_side, current_side); !status) return propagate(status);

    drift::Report report;
    report.created_at = created_at;
    auto pairs = pair_columns(*reference_side.source, *current_side.source, plan);
    if (!pairs) return propagate(pairs);
    auto reference = order_side(reference_side, "reference", plan, report.notes, task);
    if (!reference) return propagate(reference);
    auto current = order_side(current_side, "current", plan, report.notes, task);
    if (!current) return propagate(current);
    std::ranges::sort(report.notes);
    report.notes.erase(std::unique(report.notes.begin(), report.notes.end()), report.notes.end());

    Setting setting;
    setting.plan = &plan;
    setting.ordered = !plan.time.empty();
    setting.columns = pairs->size();
    setting.windows = cut_windows(*reference, *current, plan.season);
    if (current->from) setting.current_class = season_class(current->from->microseconds, plan.season);
    auto chosen = choose_null(plan, reference_side.source->schema(), setting.ordered, setting.windows.size());
    if (!chosen) return propagate(chosen);
    setting.null = chosen->first;

    std::optional<Grouping> grouping;
    if (!plan.by.empty()) {
        auto read = Grouping::read(*reference, *current, plan, task);
        if (!read) return propagate(read);
        grouping = std::move(*read);
        grouping->prepare(setting, pairs->size());
    }

    std::vector<Evidence> evidence(pairs->size());
    std::vector<std::uint64_t> reference_rows(pairs->size()), current_rows(pairs->size());
    const auto& fields = reference_side.source->schema().fields;
    auto status = for_each_column(
        *reference, *current, *pairs, task,
        [&](std::size_t index, dataset::Column before, dataset::Column after) -> core::Status {
            const ColumnPair& pair = (*pairs)[index];
            reference_rows[index] = before.rows;
            current_rows[index] = after.rows;
            if (grouping && pair.current_field)
                grouping->examine(index, fields[pair.reference_field], before, after);
            evidence[index] = pair.current_field ? examine(fields[pair.reference_field], std::move(before),
                                                           std::move(after), setting, index)
                                                 : removed_column(fields[pair.reference_field], before, plan);
            return {};
        });
    if (!status) return propagate(status);

    // Reading all bytes again for their SHA-256 costs about as much as a column: both sides at once.
    const bool one_source = current_side.source == reference_side.source;
    std::array<core::Result<std::string>, 2> versions;
    auto hashed = core::parallel_for(
        one_source ? 1 : 2, task.limits.threads, task.stop, [&](std::size_t side) -> core::Status {
            versions[side] = (side == 0 ? reference_side.source : current_side.source)->digest(task);
            if (!versions[side]) return propagate(versions[side]);
            return {};
        });
    if (!hashed) return propagate(hashed);
    if (one_source) versions[1] = versions[0];
    report.reference = {reference_side.source->name(), *versions[0],
                        *std::ranges::max_element(reference_rows), reference->from, reference->to};
    report.current = {current_side.source->name(), *versions[1], *std::ranges::max_element(current_rows),
                      current->from, current->to};
    report.plan.method = plan.method;
    report.plan.null = name(plan.null);
    report.plan.null_reason = fmt::format("{}: {}", name(setting.null), chosen->second);
    report.plan.season = name(plan.season);
    report.plan.alpha = plan.alpha;
    report.plan.digest = digest(asked);
    state_false_days(report.plan, setting, checks_a_year(*current));
    report.signals = table_signals(*reference, *current, plan);
    if (plan.columns.empty())
        for (const auto& field : current_side.source->schema().fields)
            if (!reference_side.source->schema().find(field.name))
                report.signals.push_back(
                    fired(drift::SignalKind::column_added, 0.0, 1.0, 1.0,
                          fmt::format("current has a column {} that the reference does not have",
                                      core::quoted(field.name)),
                          plan));
    report.columns = judge(std::move(evidence), setting);
    if (grouping) report.groups = grouping->finish(setting);
    report.summary = drift::summarise(report);
    report.report_id = drift::report_identity(report);
    return report;
}

}  // namespace tristrata::detection
