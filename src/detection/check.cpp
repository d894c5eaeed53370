#include "tristrata/detection/check.hpp"

#include "evidence.hpp"
#include "groups.hpp"
#include "joint_sample.hpp"
#include "loading.hpp"
#include "multivariate.hpp"
#include "null_choice.hpp"
#include "peer.hpp"
#include "profile_state.hpp"
#include "quality_signals.hpp"
#include "signals.hpp"
#include "table_signals.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/core/thread_start.hpp"
#include "tristrata/dataset/no_row.hpp"
#include "verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <thread>

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
    const std::int64_t from = reference.from->microseconds;
    for (std::int64_t end = reference.to->microseconds;; end -= length) {
        const std::size_t last = index_of(end);
        if (last == 0) break;
        // Windows without a row are stepped over at once: a moment's length fits a month a trillion times.
        end -= (end - 1 - reference.times[last - 1]) / length * length;
        if (end - length < from) break;
        windows.push_back({index_of(end - length), last, season_class(end - length, season)});
    }
    std::ranges::reverse(windows);
    return windows;
}

/// Whether both sides are the same table, opened once or twice: by its bytes, or by its name where they can
/// be read only once.
core::Result<bool> one_table(dataset::Source& reference, dataset::Source& current, const core::Task& task) {
    if (&reference == &current) return true;
    if (reference.access() == dataset::Access::once || current.access() == dataset::Access::once)
        return reference.name() == current.name();
    auto before = reference.digest(task);
    if (!before) return propagate(before);
    auto after = current.digest(task);
    if (!after) return propagate(after);
    return *before == *after;
}

core::Status refuse_overlap(const CheckSide& reference, const CheckSide& current, const core::Task& task) {
    if (!reference.window || !current.window) return {};
    const auto starts_before_end = [](const core::TimeRange& a, const core::TimeRange& b) {
        return !a.from || !b.to || *a.from < *b.to;
    };
    if (!starts_before_end(*reference.window, *current.window) ||
        !starts_before_end(*current.window, *reference.window))
        return {};
    auto same = one_table(*reference.source, *current.source, task);
    if (!same) return propagate(same);
    if (*same)
        return fail(ErrorKind::usage,
                    "the windows overlap: rows in both would be compared with themselves; "
                    "let --reference end where --current begins");
    return {};
}

/// Two sides that stand the wrong way round look like that.
void note_order(drift::Report& report) {
    const auto &before = report.reference, &after = report.current;
    if (before.from && after.to && *after.to < *before.from)
        report.notes.push_back(
            fmt::format("current ends at {}, before the reference begins at {}; are the two the wrong way "
                        "round?",
                        core::to_string(*after.to), core::to_string(*before.from)));
}

/// Whether a test was chosen for a column that it does not take.
bool of_another_kind(const Method& test, drift::Kind kind) {
    return (kind == drift::Kind::numeric || kind == drift::Kind::categorical) &&
           std::ranges::find(test.kinds, kind) == test.kinds.end();
}

/// What a plan asks of our own rules, where a peer's alone decide.
void note_unused_rules(const Plan& plan, std::vector<std::string>& notes) {
    if (plan.explain_difference || plan.multivariate) return;
    std::vector<std::string> asked;
    if (plan.alpha != Plan().alpha) asked.push_back(fmt::format("alpha = {}", plan.alpha));
    if (plan.null != Plan().null) asked.push_back(fmt::format("null = {}", name(plan.null)));
    if (plan.season != Plan().season) asked.push_back(fmt::format("season = {}", name(plan.season)));
    if (asked.empty()) return;
    notes.push_back(
        fmt::format("{} had no part in it: the verdicts are {}'s, whose thresholds are of its own; "
                    "explain_difference = true shows ours beside them",
                    fmt::join(asked, ", "), plan.method));
}

/// The test of a kind of which there is no column decides nothing.
void note_unused_tests(const std::vector<Evidence>& evidence, const Plan& plan,
                       std::vector<std::string>& notes) {
    const auto note = [&](const std::optional<std::string>& test, drift::Kind kind, auto of_kind) {
        if (!test || std::ranges::any_of(evidence, of_kind)) return;
        notes.push_back(
            fmt::format("the test {} of {} columns was not used: there is none", *test, drift::name(kind)));
    };
    note(plan.tests.numeric, drift::Kind::numeric,
         [](const Evidence& one) { return one.report.kind == drift::Kind::numeric; });
    note(plan.tests.categorical, drift::Kind::categorical, [](const Evidence& one) {
        return one.report.kind == drift::Kind::categorical || one.report.kind == drift::Kind::boolean;
    });
}

/// A column of which the plan and the schema are all that is known.
Evidence unseen_column(const dataset::Field& field, const Plan& plan) {
    const ColumnPlan& column_plan = plan.of(field.name);
    Evidence evidence;
    auto& report = evidence.report;
    report.name = field.name;
    report.role = column_plan.role;
    report.unit = column_plan.unit;
    report.sensitive = column_plan.sensitive;
    report.drift_type = drift::drift_type_of(column_plan.role);
    report.kind = kind_of(field.type, column_plan);
    return evidence;
}

Evidence removed_column(const dataset::Field& field, const dataset::Column& column, const Plan& plan) {
    Evidence evidence = unseen_column(field, plan);
    auto& report = evidence.report;
    report.reference.n = column.rows;
    if (field.type == dataset::Type::unsupported) report.reference.missing_share.reset();
    else if (column.rows > 0)
        report.reference.missing_share =
            static_cast<double>(column.missing) / static_cast<double>(column.rows);
    evidence.obstacle = "current has no such column";
    report.signals.push_back(
        fired(drift::SignalKind::column_removed, 1.0, 0.0, 1.0, "the column is gone from current", plan));
    return evidence;
}

Evidence unreadable_column(const dataset::Field& field, const core::Error& error, const Plan& plan) {
    Evidence evidence = unseen_column(field, plan);
    evidence.obstacle = "its bytes cannot be decoded: " + error.message;
    evidence.report.signals.push_back(fired(drift::SignalKind::unreadable, std::nullopt, std::nullopt, 1.0,
                                            "the bytes of the column cannot be decoded", plan));
    return evidence;
}

/// One check a window, and at most one a day; 0 where the length of the window is not known.
double checks_a_year(const OrderedSide& current) {
    if (!current.from || !current.to) return 0.0;
    const double days = static_cast<double>((*current.to - *current.from).microseconds) / 8.64e10;
    return days > 0.0 ? std::floor(365.0 / std::max(1.0, days)) : 0.0;
}

/// What was done to the rows when the profile was made, in the words of order_side(). `side` stands beside
/// the source's name where the other side's is the same; else it is empty.
void note_windows(const Profile& saved, std::string_view side, const Plan& plan,
                  std::vector<std::string>& notes) {
    for (const ProfileWindow& window : saved.windows()) {
        const std::string name = side.empty() ? window.source : fmt::format("{} ({})", window.source, side);
        if (!window.was_sorted)
            notes.push_back(fmt::format("{} was not in order of {}; its rows were sorted", name,
                                        core::quoted(plan.time)));
        if (window.left_out > 0) notes.push_back(left_out(window.left_out, name, plan.time));
    }
    if (const auto twice = rows_twice(saved); !twice.empty())
        notes.push_back(fmt::format("of the {}'s windows {}",
                                    side.empty() ? "profile" : fmt::format("{} profile", side), twice));
}

/// The window that a profile's own make together; unbounded where one of them is.
std::optional<core::TimeRange> range_of(const Profile& saved) {
    if (saved.plan().time.empty()) return std::nullopt;
    core::TimeRange range = saved.windows().front().asked;
    for (const ProfileWindow& window : saved.windows()) {
        range.from = range.from && window.asked.from ? std::min(range.from, window.asked.from) : std::nullopt;
        range.to = range.to && window.asked.to ? std::max(range.to, window.asked.to) : std::nullopt;
    }
    return range;
}

/// The column that the plan calls target, on both sides and in the order of the rows; nothing where it names
/// none, or more than one.
core::Result<std::optional<Targets>> read_targets(const OrderedSide& reference, const OrderedSide& current,
                                                  const std::vector<ColumnPair>& pairs, const Plan& plan,
                                                  const core::Task& task) {
    std::vector<ColumnPair> named;
    for (const ColumnPair& pair : pairs)
        if (plan.of(reference.source->schema().fields[pair.reference_field].name).role ==
                drift::Role::target &&
            pair.current_field)
            named.push_back(pair);
    std::optional<Targets> targets;
    if (named.size() != 1) return targets;
    auto status = for_each_column(
        reference, current, named, task,
        [&](std::size_t, dataset::Column before, dataset::Column after) -> core::Status {
            targets = Targets{std::move(before), std::move(after)};
            return {};
        },
        [](std::size_t, const core::Error&) {});  // Told where the column is examined.
    if (!status) return propagate(status);
    return targets;
}

/// "Too little data" in every column would hide that nothing came at all.
core::Status require_rows(const CheckSide& side, std::span<const std::uint64_t> rows,
                          std::string_view foreign_code) {
    if (std::ranges::any_of(rows, [](std::uint64_t count) { return count > 0; })) return {};
    return fail(ErrorKind::invalid_input,
                fmt::format("{} holds no row; expected one at least", side.source->name()),
                std::string(foreign_code));
}

core::Result<drift::Report> check_sides(const CheckSide& reference_side, const CheckSide& current_side,
                                        const Plan& asked, core::Timestamp created_at, const core::Task& task,
                                        const Profile* saved, const Profile* saved_current = nullptr) {
    const Plan plan = with_grouping_column(asked);
    if (auto status = validate(plan); !status) return propagate(status);
    if (plan.time.empty() && (reference_side.window || current_side.window))
        return fail(ErrorKind::usage, "a window needs the column that holds the time; name it with --time");
    if (plan.time.empty() && plan.season != Season::none)
        return fail(ErrorKind::usage,
                    fmt::format("the season {} needs the time of the rows; name the time column with --time",
                                name(plan.season)));
    if (auto status = refuse_overlap(reference_side, current_side, task); !status) return propagate(status);

    drift::Report report;
    report.created_at = created_at;
    auto pairs = pair_columns(*reference_side.source, *current_side.source, plan);
    if (!pairs) return propagate(pairs);
    auto reference = order_side(reference_side, "reference", plan, report.notes, task);
    if (!reference) return propagate(reference);
    auto current = order_side(current_side, "current", plan, report.notes, task);
    if (!current) return propagate(current);
    const bool alike = saved_current != nullptr && saved->source() == saved_current->source();
    if (saved != nullptr) note_windows(*saved, alike ? "reference" : "", plan, report.notes);
    if (saved_current != nullptr) note_windows(*saved_current, alike ? "current" : "", plan, report.notes);
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

    std::optional<JointSampler> sampler;
    if (plan.multivariate) sampler.emplace(pairs->size(), task.limits.bytes, plan.seed);
    if (auto status = prepare_for_peer(setting, reference->times, current->times); !status)
        return propagate(status);
    Setting of_columns = setting;
    of_columns.no_verdict = plan.engine() != Engine::tristrata && !plan.explain_difference;
    auto targets = read_targets(*reference, *current, *pairs, plan, task);
    if (!targets) return propagate(targets);

    // Beside a saved reference there is one side to hash, and a source that is read by column has its bytes
    // read for that alone.
    std::array<core::Result<std::string>, 2> versions;
    std::jthread hashing;
    if (saved != nullptr && task.limits.threads > 1 &&
        current_side.source->access() == dataset::Access::by_column)
        if (auto started = core::start_thread<std::jthread>([&, quiet = task]() mutable {
                quiet.progress = nullptr;  // The columns tell how far they are.
                versions[1] = current_side.source->digest(quiet);
            }))
            hashing = std::move(*started);
    std::vector<char> epoch(pairs->size());  // A byte a column: threads write them side by side.
    std::vector<Evidence> evidence(pairs->size());
    std::vector<PeerFindings> findings(plan.engine() == Engine::tristrata ? 0 : pairs->size());
    std::vector<std::uint64_t> reference_rows(pairs->size()), current_rows(pairs->size());
    const auto& fields = reference_side.source->schema().fields;
    std::vector<std::optional<core::Error>> damage(pairs->size());
    auto status = for_each_column(
        *reference, *current, *pairs, task,
        [&](std::size_t index, dataset::Column before, dataset::Column after) -> core::Status {
            const ColumnPair& pair = (*pairs)[index];
            reference_rows[index] = before.rows;
            current_rows[index] = after.rows;
            const auto& field = fields[pair.reference_field];
            epoch[index] = plan.time.empty() && plan.of(field.name).role == drift::Role::feature &&
                           reads_as_epoch(before);
            if (!pair.current_field) {
                if (!findings.empty()) findings[index].obstacle = "current has no such column";
                evidence[index] = removed_column(field, before, plan);
                return {};
            }
            // A saved reference has only the hashes of sensitive labels: whoever compares must see the same
            // of both.
            if (saved != nullptr && plan.of(field.name).sensitive)
                for (auto& label : after.labels) label = config::hashed_label(label);
            if (sampler) sampler->take(index, field, before, after, plan);
            if (grouping) grouping->examine(index, field, before, after);
            auto counts = saved_counts(saved, pair.reference_field);
            if (!counts) return propagate(counts);
            if (!findings.empty() && !std::holds_alternative<std::monostate>(*counts)) {
                findings[index].counted = true;
                findings[index].obstacle =
                    "it needs rows, and the profile keeps this column as counts; a larger --exact-mb keeps "
                    "its "
                    "rows";
            } else if (!findings.empty()) {
                findings[index] = find_by_peer(field, before, after, setting, index);
            }
            std::vector<drift::Signal> leaks;
            if (*targets && plan.of(field.name).role == drift::Role::feature && field.name != plan.time)
                leaks = leak_signals(**targets, before, after, setting);
            auto* prepared = !findings.empty() && findings[index].sorted ? &*findings[index].sorted : nullptr;
            evidence[index] =
                examine(field, std::move(before), std::move(after), of_columns, index, prepared, *counts);
            if (prepared != nullptr) findings[index].sorted.reset();
            std::ranges::move(leaks, std::back_inserter(evidence[index].report.signals));
            return {};
        },
        [&](std::size_t index, const core::Error& error) {
            if (!findings.empty()) findings[index].obstacle = "its bytes cannot be decoded";
            evidence[index] = unreadable_column(fields[(*pairs)[index].reference_field], error, plan);
            damage[index] = error;
        });
    if (!status) return propagate(status);
    if (std::ranges::all_of(damage, [](const auto& error) { return error.has_value(); }))
        return tl::unexpected(*damage.front());
    if (std::ranges::none_of(damage, [](const auto& error) { return error.has_value(); })) {
        if (auto any = require_rows(reference_side, reference_rows, ""); !any) return propagate(any);
        if (auto any = require_rows(current_side, current_rows, dataset::no_row_code); !any)
            return propagate(any);
    }

    // Reading all bytes again for their SHA-256 costs about as much as a column: both sides at once.
    const bool one_source = current_side.source == reference_side.source;
    const bool begun = hashing.joinable();
    if (begun) hashing.join();
    if (!versions[1]) return propagate(versions[1]);
    auto hashed = core::parallel_for(
        one_source || begun ? 1 : 2, task.limits.threads, task.stop, [&](std::size_t side) -> core::Status {
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
    note_order(report);
    report.plan.method = plan.method;
    report.plan.null = name(plan.null);
    if (plan.null == Null::automatic && setting.null == Null::independent && !has_time_hint(chosen->second))
        if (const auto first = std::ranges::find(epoch, char{1}); first != epoch.end())
            chosen->second += time_hint(
                fields[(*pairs)[static_cast<std::size_t>(first - epoch.begin())].reference_field].name);
    report.plan.null_reason = fmt::format("{}: {}", name(setting.null), chosen->second);
    report.plan.season = name(plan.season);
    report.plan.alpha = plan.alpha;
    report.plan.digest = digest(asked);
    state_false_days(report.plan, setting, checks_a_year(*current));
    report.signals = table_signals(*reference, *current, setting);
    const bool window_ended =
        current_side.window && current_side.window->to && *current_side.window->to < created_at;
    auto bounds = bound_signals(*current, report.current.rows,
                                window_ended ? *current_side.window->to : created_at, plan);
    std::ranges::move(bounds, std::back_inserter(report.signals));
    if (plan.columns.empty())
        for (const auto& field : current_side.source->schema().fields)
            if (!reference_side.source->schema().find(field.name))
                report.signals.push_back(
                    fired(drift::SignalKind::column_added, 0.0, 1.0, 1.0,
                          fmt::format("current has a column {} that the reference does not have",
                                      core::quoted(field.name)),
                          plan));
    for (const Evidence& one : evidence)
        if (one.report.sensitive && !plan.of(one.report.name).sensitive)
            report.notes.push_back(
                fmt::format("{} holds labels that look like addresses, keys or tokens; all of "
                            "its labels are shown as hashes",
                            core::quoted(one.report.name)));
    for (std::size_t i = 0; i < evidence.size(); ++i)
        if (const double lost = lost_to_doubles(evidence[i].report, fields[(*pairs)[i].reference_field]);
            lost > 0.0)
            report.notes.push_back(fmt::format(
                "{} holds whole numbers beyond 2^53 and is compared as doubles: values that differ by less "
                "than {:.0f} are the same; give its differences, or the numbers as text if they are names",
                core::quoted(evidence[i].report.name), lost));
    for (const Evidence& one : evidence) {
        const ColumnPlan& asked_of = plan.of(one.report.name);
        if ((asked_of.minimum || asked_of.maximum || asked_of.dispersion_min) &&
            one.report.kind != drift::Kind::numeric)
            report.notes.push_back(
                fmt::format("the plan's bounds of {} were not looked at: they are of numbers, and "
                            "the column is {}",
                            core::quoted(one.report.name), drift::name(one.report.kind)));
        // Of ours refuse_unsuited() speaks.
        const Method* test = asked_of.test && plan.engine() != Engine::tristrata
                                 ? find_method(*asked_of.test, plan.engine())
                                 : nullptr;
        if (test != nullptr && of_another_kind(*test, one.report.kind))
            report.notes.push_back(fmt::format("the plan's test {} of {} was not used: the column is {}",
                                               test->name, core::quoted(one.report.name),
                                               drift::name(one.report.kind)));
    }
    if (plan.engine() == Engine::tristrata) note_unused_tests(evidence, plan, report.notes);
    else note_unused_rules(plan, report.notes);
    report.columns = judge(std::move(evidence), setting);
    weigh(report.columns, plan);
    if (sampler) {
        auto together = test_together(sampler->finish(setting, joint_columns_max), setting, task);
        if (!together) return propagate(together);
        report.multivariate = std::move(*together);
    }
    if (grouping) report.groups = grouping->finish(setting);
    if (!findings.empty()) judge_by_peer(report, std::move(findings), setting);
    drift::leave_out_not_finite(report);
    report.summary = drift::summarise(report);
    report.report_id = drift::report_identity(report);
    return report;
}

core::Status refuse_groups_of_counts(const Profile& reference, const Plan& plan) {
    for (std::size_t i = 0; i < reference.schema().fields.size() && !plan.by.empty(); ++i)
        if (reference.kept(i) && !reference.exact(i))
            return fail(
                ErrorKind::usage,
                fmt::format(
                    "--by needs rows, and the reference's profile of {} keeps column {} as counts; leave "
                    "--by out, or make the profile again with more --exact-mb",
                    reference.source(), core::quoted(reference.schema().fields[i].name)));
    return {};
}

}  // namespace

core::Result<drift::Report> check(const CheckSide& reference, const CheckSide& current, const Plan& plan,
                                  core::Timestamp created_at, const core::Task& task) {
    return check_sides(reference, current, plan, created_at, task, nullptr);
}

core::Result<drift::Report> check(const Profile& reference, const CheckSide& current, const Plan& plan,
                                  core::Timestamp created_at, const core::Task& task) {
    if (auto status = refuse_groups_of_counts(reference, plan); !status) return propagate(status);
    const auto source = open_for_check(reference);
    return check_sides({source.get(), range_of(reference)}, current, plan, created_at, task, &reference);
}

core::Result<drift::Report> check(const Profile& reference, const Profile& current, const Plan& plan,
                                  core::Timestamp created_at, const core::Task& task) {
    for (std::size_t i = 0; i < current.schema().fields.size(); ++i)
        if (current.kept(i) && !current.exact(i))
            return fail(
                ErrorKind::usage,
                fmt::format("a check needs the rows of current, and its profile of {} keeps column {} "
                            "as counts; take fewer rows of it, or more --exact-mb",
                            current.source(), core::quoted(current.schema().fields[i].name)));
    if (auto status = refuse_groups_of_counts(reference, plan); !status) return propagate(status);
    const auto before = open_for_check(reference);
    const auto after = open_source(current);
    return check_sides({before.get(), range_of(reference)}, {after.get(), std::nullopt}, plan, created_at,
                       task, &reference, &current);
}

}  // namespace tristrata::detection
