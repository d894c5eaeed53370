#include "tristrata/detection/check.hpp"

#include "evidence.hpp"
#include "groups.hpp"
#include "loading.hpp"
#include "signals.hpp"
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

constexpr std::int64_t microseconds_a_day = 86'400'000'000;

int class_of(std::int64_t time, Season season) {
    const auto floor_div = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); };
    const std::int64_t day = floor_div(time, microseconds_a_day);
    const int weekday = static_cast<int>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday; Monday is 0.
    switch (season) {
        case Season::none:
            return 0;
        case Season::weekend:
            return weekday >= 5;
        case Season::weekday:
            return weekday;
        case Season::hour:
            return static_cast<int>((time - day * microseconds_a_day) / 3'600'000'000);
    }
    return 0;
}

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
        if (last > first) windows.push_back({first, last, class_of(end - length, season)});
    }
    std::ranges::reverse(windows);
    return windows;
}

/// Which null is used, and why, in words.
core::Result<std::pair<Null, std::string>> choose_null(const Plan& plan, const dataset::Schema& schema,
                                                       bool ordered, std::size_t windows) {
    const auto needed = static_cast<std::size_t>(std::ceil(1.0 / plan.alpha - 1e-9));
    const auto have =
        fmt::format("{} window{} of the current length in the reference", windows, windows == 1 ? "" : "s");
    if (plan.null == Null::chunks || plan.null == Null::dependent) {
        if (!ordered)
            return fail(
                ErrorKind::usage,
                fmt::format("the null {} needs the order of the rows; name the time column with --time",
                            name(plan.null)));
        if (plan.null == Null::chunks && windows + 1 < needed)
            return fail(
                ErrorKind::usage,
                fmt::format("the null chunks cannot reach alpha {}: the smallest p of {} windows is 1/{}; "
                            "{} windows are needed, so take a longer reference, a shorter current window or "
                            "a larger alpha",
                            plan.alpha, windows, windows + 1, needed - 1));
        return std::pair{plan.null, std::string("asked for")};
    }
    if (plan.null == Null::independent) return std::pair{plan.null, std::string("asked for")};
    if (ordered && windows + 1 >= needed)
        return std::pair{Null::chunks, fmt::format("{}, enough for alpha {}", have, plan.alpha)};
    if (ordered)
        return std::pair{
            Null::dependent,
            fmt::format(
                "rows are in order of time, and the reference holds {} window{} of the current length, where "
                "ranking needs {}",
                windows, windows == 1 ? "" : "s", needed - 1)};
    std::string reason = "no time column is named, so rows are taken as draws";
    for (const auto& field : schema.fields)
        if (field.type == dataset::Type::timestamp && plan.of(field.name).role == drift::Role::feature) {
            reason += fmt::format("; if their order matters, --time {} takes it into account",
                                  core::quoted(field.name));
            break;
        }
    return std::pair{Null::independent, std::move(reason)};
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

void table_signals(drift::Report& report, const OrderedSide& reference, const OrderedSide& current,
                   const Plan& plan) {
    using drift::SignalKind;
    if (!reference.profile || !current.profile) return;
    const auto share = [](std::uint64_t part, std::size_t rows) {
        return static_cast<double>(part) / static_cast<double>(part + rows);
    };
    const auto add = [&](SignalKind kind, std::uint64_t before, std::uint64_t after, std::string_view what) {
        const double a = share(before, reference.times.size()), b = share(after, current.times.size());
        if (after > 0 && b > a) {
            report.signals.push_back(
                fired(kind, a, b, b - a,
                      fmt::format("{} {} in current, {} in the reference", after, what, before), plan));
        }
    };
    add(SignalKind::gap, reference.profile->missing_rows, current.profile->missing_rows,
        "rows are missing from the regular step");
    add(SignalKind::duplicate_times, reference.profile->duplicates, current.profile->duplicates,
        "times stand more than once");
    if (!current.profile->was_sorted)
        report.signals.push_back(fired(SignalKind::unsorted_times, std::nullopt, std::nullopt, 0.0,
                                       "the times of current do not ascend; they were sorted", plan));
    const auto rate = [](const OrderedSide& side) -> std::optional<double> {
        if (!side.from || !side.to || side.to->microseconds <= side.from->microseconds) return std::nullopt;
        return static_cast<double>(side.times.size()) /
               (static_cast<double>(side.to->microseconds - side.from->microseconds) * 1e-6);
    };
    const auto before = rate(reference), after = rate(current);
    if (before && after && *before > 0.0) {
        const double change = std::abs(*after - *before) / *before;
        const auto* row = plan.severity.of_signal(SignalKind::rows, change) ? &change : nullptr;
        if (row != nullptr && plan.severity.of_signal(SignalKind::rows, change) >= drift::Severity::warn)
            report.signals.push_back(
                fired(SignalKind::rows, *before * 86400.0, *after * 86400.0, change,
                      fmt::format("{} rows a day became {}", core::readable(*before * 86400.0),
                                  core::readable(*after * 86400.0)),
                      plan));
    }
}

/// Drops what the plan leaves out; an asked-for column that is not there is an error with the nearest name.
core::Result<std::vector<ColumnPair>> pair_columns(const dataset::Source& reference,
                                                   const dataset::Source& current, const Plan& plan) {
    const auto& fields = reference.schema().fields;
    const auto require = [&](const std::string& wanted) -> core::Status {
        if (reference.schema().find(wanted)) return {};
        return no_such_column(reference, wanted, "column");
    };
    for (const auto& wanted : plan.columns)
        if (auto status = require(wanted); !status) return propagate(status);
    for (const auto& [wanted, column] : plan.column)
        if (auto status = require(wanted); !status) return propagate(status);

    std::vector<ColumnPair> pairs;
    bool common = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (plan.of(fields[i].name).ignore) continue;
        if (!plan.columns.empty() && std::ranges::find(plan.columns, fields[i].name) == plan.columns.end())
            continue;
        const auto there = current.schema().find(fields[i].name);
        common = common || there.has_value();
        pairs.push_back({i, there});
    }
    if (!common)
        return fail(
            ErrorKind::invalid_input,
            fmt::format("no column in common: {} has {}, {} has {}; expected the same names in the first row "
                        "of both",
                        reference.name(), some_columns(reference.schema()), current.name(),
                        some_columns(current.schema())));
    return pairs;
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

/// A year of such checks without drift: their expected false alarms, and for `chunks` their 5-95 % range. One
/// reference makes them dependent: given it, the rate is Beta(k, K + 1 - k), so the count is beta-binomial.
void state_false_days(drift::PlanSummary& summary, const Setting& setting, const OrderedSide& current) {
    if (!current.from || !current.to) return;
    const double days = static_cast<double>(current.to->microseconds - current.from->microseconds) /
                        static_cast<double>(microseconds_a_day);
    if (!(days > 0.0)) return;
    const double checks = std::floor(365.0 / std::max(1.0, days));
    summary.expected_false_days_a_year = checks * setting.plan->alpha;
    if (setting.null != Null::chunks) return;
    const auto windows = static_cast<double>(setting.windows.size());
    const double a = std::floor(setting.plan->alpha * (windows + 1.0) + 1e-9), b = windows + 1.0 - a;
    summary.expected_false_days_a_year = checks * a / (windows + 1.0);
    const auto log_beta = [](double x, double y) {
        return std::lgamma(x) + std::lgamma(y) - std::lgamma(x + y);
    };
    double below = 0.0;
    for (double count = 0.0; count <= checks; count += 1.0) {
        below += std::exp(std::lgamma(checks + 1) - std::lgamma(count + 1) - std::lgamma(checks - count + 1) +
                          log_beta(count + a, checks - count + b) - log_beta(a, b));
        if (!summary.expected_false_days_low && below >= 0.05) summary.expected_false_days_low = count;
        if (!summary.expected_false_days_high && below >= 0.95) summary.expected_false_days_high = count;
    }
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
    if (current->from) setting.current_class = class_of(current->from->microseconds, plan.season);
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
    state_false_days(report.plan, setting, *current);
    table_signals(report, *reference, *current, plan);
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
