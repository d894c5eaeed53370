#include "tristrata/analyzer/judgement.hpp"

#include "findings.hpp"
#include "missing_rows.hpp"
#include "stuck_values.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/detection/bounds.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/drift/missing.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace tristrata::analyzer {
namespace {

using drift::DriftType;
using drift::Severity;
using drift::SignalKind;
using drift::Verdict;

/// Two values of a column, which of its values they are, and how far they lie apart in relation to the first.
struct Move {
    double reference = 0.0;
    double current = 0.0;
    std::string_view measured;
    double change = 0.0;
};

/// What moved most: the median, or an extreme that lies outside the reference's.
std::optional<Move> largest_move(const drift::ColumnReport& column) {
    std::optional<Move> most;
    const auto consider = [&](std::optional<double> reference, std::optional<double> current,
                              std::string_view measured) {
        if (!reference || !current) return;
        const double change =
            *reference == 0.0 ? 0.0 : std::abs(*current - *reference) / std::abs(*reference);
        if (!most || change > most->change) most = Move{*reference, *current, measured, change};
    };
    consider(column.reference.median, column.current.median, "median");
    if (column.current.minimum < column.reference.minimum)
        consider(column.reference.minimum, column.current.minimum, "minimum");
    if (column.current.maximum > column.reference.maximum)
        consider(column.reference.maximum, column.current.maximum, "maximum");
    return most;
}

/// Row indices of the answer: those of the window, and those of the windows before it.
struct Cut {
    std::vector<std::size_t> current;
    std::vector<std::size_t> reference;  ///< In whole windows only.
    core::Timestamp reference_from, reference_to;
    std::uint64_t windows = 0;
    std::uint64_t outside = 0;
    std::uint64_t without_time = 0;
};

Cut cut(const Definition& definition, const Answer& answer, core::Timestamp from, core::Timestamp to,
        const ReferenceWindows& reference) {
    Cut cut;
    const std::int64_t length = definition.window.microseconds;
    std::set<std::int64_t> windows;
    std::int64_t earliest = to.microseconds;
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        const std::int64_t time = answer.times[i];
        if (time == dataset::Column::missing_time) ++cut.without_time;
        else if (time < reference.from.microseconds || time >= to.microseconds) ++cut.outside;
        else earliest = std::min(earliest, time);
    }
    // The window in which the first row lies is cut short, unless it begins with it.
    const std::int64_t before = (from.microseconds - earliest) / length;
    const std::int64_t whole_from =
        earliest >= from.microseconds ? from.microseconds : from.microseconds - before * length;
    cut.reference_from = {std::max(reference.from.microseconds, whole_from)};
    cut.reference_to = {std::max(reference.to.microseconds, cut.reference_from.microseconds)};
    const auto is_left_out = [&](std::int64_t time) {
        return std::ranges::any_of(reference.left_out,
                                   [&](const core::TimeRange& one) { return one.contains({time}); });
    };
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        const std::int64_t time = answer.times[i];
        if (time == dataset::Column::missing_time || time >= to.microseconds || is_left_out(time)) continue;
        if (time >= from.microseconds) cut.current.push_back(i);
        else if (time >= cut.reference_from.microseconds && time < cut.reference_to.microseconds) {
            cut.reference.push_back(i);
            windows.insert((from.microseconds - 1 - time) / length);
        }
    }
    cut.windows = windows.size();
    return cut;
}

Severity of_missing(const Definition& definition, double share) {
    return definition.plan.severity.of_signal(SignalKind::row_count, share).value_or(Severity::warn);
}

bool has_number(const Answer& answer, std::size_t row) {
    return answer.numbers.empty() || std::ranges::any_of(answer.numbers, [&](const auto& column) {
               return !std::isnan(column.values[row]);
           });
}

/// Combinations of which no row with a number lies in the window.
std::vector<const Combination*> missing_combinations(const Definition& definition, const Answer& answer,
                                                     const std::vector<std::size_t>& rows) {
    std::vector<const Combination*> missing;
    for (const Combination& expected : definition.expects) {
        const bool reported = std::ranges::any_of(rows, [&](std::size_t row) {
            return has_number(answer, row) && std::ranges::all_of(expected, [&](const auto& pair) {
                       const auto label = std::ranges::find(answer.labels, pair.first, &Answer::Labels::name);
                       return label != answer.labels.end() && label->values[row] == pair.second;
                   });
        });
        if (!reported) missing.push_back(&expected);
    }
    return missing;
}

/// What did not come. True where there is nothing left to compare.
bool find_absence(const Definition& definition, const Answer& answer, const Cut& cut, Judgement& judgement,
                  Findings& findings) {
    const auto rows = static_cast<double>(judgement.rows);
    findings.add_good(DriftType::data_quality, [&] {
        return Finding{.type = DriftType::data_quality,
                       .metric = "source_" + definition.metric,
                       .what = "source",
                       .reference = 0.0,
                       .current = 0.0,
                       .reason = "it answers"};
    });
    const bool no_number = judgement.rows > 0 && std::ranges::none_of(cut.current, [&](auto row) {
                               return has_number(answer, row);
                           });
    if ((judgement.rows == 0 || no_number) && definition.rows_min == 0 && definition.expects.empty()) {
        if (no_number) return false;
        judgement.verdict = Verdict::insufficient_data;
        judgement.reason = "no row, which rows_min = 0 allows";
        return true;
    }
    if (judgement.rows == 0 || no_number) {
        std::string reason = fmt::format(
            "no data: {} in the window, expected {} or more",
            no_number ? core::plural(judgement.rows, "row") + " without a number" : std::string("no row"),
            std::max<std::uint64_t>(definition.rows_min, 1));
        if (!definition.expects.empty())
            reason += fmt::format("; none of the {} reported",
                                  core::plural(definition.expects.size(), "expected combination"));
        judgement.verdict = Verdict::drift;
        judgement.reason = reason;
        findings.add({.type = DriftType::volume_drift,
                      .metric = "row_count_" + definition.metric,
                      .what = drift::name(SignalKind::row_count),
                      .reference = static_cast<double>(std::max<std::uint64_t>(definition.rows_min, 1)),
                      .current = 0.0,
                      .severity = of_missing(definition, 1.0),
                      .reason = reason});
        findings.note_missing(reason);
        // Of rows without a number there is something left to compare: how many there were before.
        return !no_number;
    }
    if (judgement.rows < definition.rows_min) {
        const auto least = static_cast<double>(definition.rows_min);
        judgement.verdict = Verdict::drift;
        judgement.reason = fmt::format("too few: {} in the window, expected {} or more",
                                       core::plural(judgement.rows, "row"), definition.rows_min);
        findings.add({.type = DriftType::volume_drift,
                      .metric = "row_count_" + definition.metric,
                      .what = drift::name(SignalKind::row_count),
                      .reference = least,
                      .current = rows,
                      .severity = of_missing(definition, (least - rows) / least),
                      .reason = judgement.reason});
        findings.note_missing(judgement.reason);
    }
    const auto absent = missing_combinations(definition, answer, cut.current);
    for (const Combination* missing : absent) {
        const std::string reason = fmt::format("{} did not report in the window", to_string(*missing));
        judgement.verdict = Verdict::drift;
        judgement.reason = judgement.reason.empty() ? reason : judgement.reason + "; " + reason;
        findings.add({.type = DriftType::data_quality,
                      .metric = fmt::format("absent_{}[{}]", definition.metric, to_string(*missing)),
                      .what = "combination",
                      .reference = 1.0,
                      .current = 0.0,
                      .severity = of_missing(definition, 1.0),
                      .reason = reason});
        findings.note_missing(reason);
    }
    findings.add_good(DriftType::volume_drift, [&] {
        return Finding{.type = DriftType::volume_drift,
                       .metric = "row_count_" + definition.metric,
                       .what = drift::name(SignalKind::row_count),
                       .reference = static_cast<double>(std::max<std::uint64_t>(definition.rows_min, 1)),
                       .current = rows,
                       .reason = core::plural(judgement.rows, "row") + " in the window"};
    });
    for (const Combination& expected : definition.expects)
        if (std::ranges::find(absent, &expected) == absent.end())
            findings.add_good(DriftType::data_quality, [&] {
                return Finding{.type = DriftType::data_quality,
                               .metric = fmt::format("absent_{}[{}]", definition.metric, to_string(expected)),
                               .what = "combination",
                               .reference = 1.0,
                               .current = 1.0,
                               .reason = "it reported"};
            });
    return answer.numbers.empty();
}

/// What a column's findings are named after.
std::string metric_of(const Definition& definition, const Answer& answer, const std::string& column) {
    return answer.numbers.size() > 1 ? definition.metric + "_" + column : definition.metric;
}

bool has_range(const Definition& definition) {
    return definition.bounds.minimum || definition.bounds.maximum;
}

/// The values of the window, a missing one as NaN.
std::vector<double> values_of(const Answer::Numbers& column, const std::vector<std::size_t>& rows) {
    std::vector<double> values;
    values.reserve(rows.size());
    for (const std::size_t row : rows) values.push_back(column.values[row]);
    return values;
}

/// Of columns that have a value, whatever can be said of their distribution.
void add_within_bounds(const Definition& definition, const Answer& answer,
                       const std::vector<std::size_t>& rows, Findings& findings) {
    if (!has_range(definition)) return;
    for (const auto& column : answer.numbers)
        if (std::ranges::any_of(rows, [&](auto row) { return !std::isnan(column.values[row]); }))
            findings.add_good(drift::drift_type_of(SignalKind::range), [&] {
                return Finding{.type = drift::drift_type_of(SignalKind::range),
                               .metric = std::string(drift::name(SignalKind::range)) + "_" +
                                         metric_of(definition, answer, column.name),
                               .what = drift::name(SignalKind::range),
                               .reference = 0.0,
                               .current = 0.0,
                               .reason = "no value lies beyond the bounds"};
            });
}

/// The rows of both sides as a table of numbers.
dataset::MemorySource table_of(const Definition& definition, const Answer& answer, const Cut& cut) {
    std::vector<dataset::MemoryColumn> columns;
    std::vector<std::size_t> rows = cut.reference;
    rows.insert(rows.end(), cut.current.begin(), cut.current.end());
    std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return answer.times[row]; });
    std::vector<std::int64_t> times;
    times.reserve(rows.size());
    for (const std::size_t row : rows) times.push_back(answer.times[row]);
    columns.push_back({definition.time, std::move(times)});
    for (const auto& column : answer.numbers) columns.push_back({column.name, values_of(column, rows)});
    return dataset::MemorySource(std::move(columns));
}

void take_signal(const Definition& definition, const drift::Signal& signal, const std::string& metric,
                 bool verdicts_count, Judgement& judgement, Findings& findings) {
    // Without a reference to speak of only the analyzer's own bounds are worth something; one value in all
    // rows is the end of a dispersion.
    const bool is_bound = (signal.kind == SignalKind::range && has_range(definition)) ||
                          signal.kind == SignalKind::dispersion || signal.kind == SignalKind::freshness ||
                          (signal.kind == SignalKind::constant && definition.bounds.dispersion_min);
    if (!verdicts_count && !is_bound) return;
    if (signal.verdict != Verdict::drift) return;
    judgement.verdict = Verdict::drift;
    judgement.reason += (judgement.reason.empty() ? "" : "; ") + signal.reason;
    findings.add({.type = drift::drift_type_of(signal.kind),
                  .metric = std::string(drift::name(signal.kind)) + "_" + metric,
                  .what = drift::name(signal.kind),
                  .reference = signal.reference,
                  .current = signal.current,
                  .severity = signal.severity.value_or(Severity::info),
                  .reason = signal.reason});
}

void take_report(const Definition& definition, const Answer& answer, const drift::Report& report,
                 bool verdicts_count, Judgement& judgement, Findings& findings) {
    const auto add_signal = [&](const drift::Signal& signal, const std::string& metric) {
        take_signal(definition, signal, metric, verdicts_count, judgement, findings);
    };
    // Each kind of signal is looked at where there is enough to look at; most say nothing while all is well.
    const auto add_quiet = [&](const std::string& metric) {
        for (const SignalKind kind : drift::all_signal_kinds) {
            if (kind == SignalKind::row_count || (kind == SignalKind::range && has_range(definition)))
                continue;
            findings.add_good(drift::drift_type_of(kind), [&] {
                return Finding{.type = drift::drift_type_of(kind),
                               .metric = std::string(drift::name(kind)) + "_" + metric,
                               .what = drift::name(kind),
                               .reason = "nothing was found"};
            });
        }
    };
    for (const auto& sentence : drift::missing_of(report, definition.plan.severity))
        findings.note_missing(sentence);
    for (const auto& column : report.columns)
        if (column.name != definition.time)
            for (const auto& sentence : drift::missing_of(column, definition.plan.severity))
                findings.note_missing(sentence);
    std::string calm;
    for (const auto& column : report.columns) {
        if (column.name == definition.time) continue;
        if (column.verdict == Verdict::drift && verdicts_count) {
            const auto move = largest_move(column);
            Severity severity = column.severity.value_or(Severity::info);
            if (move)
                severity = std::max(
                    severity,
                    definition.plan.severity.of_event(definition.drift_type, move->reference, move->current)
                        .value_or(Severity::info));
            judgement.verdict = Verdict::drift;
            judgement.reason += (judgement.reason.empty() ? "" : "; ") + column.reason;
            findings.add({.type = definition.drift_type,
                          .metric = metric_of(definition, answer, column.name),
                          .what = "distribution",
                          .reference = move ? std::optional(move->reference) : std::nullopt,
                          .current = move ? std::optional(move->current) : std::nullopt,
                          .significance = column.test ? column.test->p_adjusted : std::nullopt,
                          .severity = severity,
                          .reason = column.reason,
                          .measured = move ? move->measured : std::string_view(),
                          .column = drift::to_json(column)});
        } else if (verdicts_count) {
            calm += (calm.empty() ? "" : "; ") + column.reason;
            if (column.verdict == Verdict::no_drift)
                findings.add_good(definition.drift_type, [&] {
                    return Finding{.type = definition.drift_type,
                                   .metric = metric_of(definition, answer, column.name),
                                   .what = "distribution",
                                   .reference = column.reference.median,
                                   .current = column.current.median,
                                   .reason = column.reason,
                                   .measured = "median"};
                });
            if (judgement.verdict != Verdict::drift)
                judgement.verdict =
                    judgement.verdict == Verdict::no_drift ? Verdict::no_drift : column.verdict;
        }
        for (const auto& signal : column.signals)
            add_signal(signal, metric_of(definition, answer, column.name));
    }
    for (const auto& signal : report.signals) add_signal(signal, definition.metric);
    for (const auto& column : report.columns)
        if (column.name != definition.time && verdicts_count &&
            (column.verdict == Verdict::drift || column.verdict == Verdict::no_drift))
            add_quiet(metric_of(definition, answer, column.name));
    if (verdicts_count && answer.numbers.size() > 1) add_quiet(definition.metric);
    // Whatever it is compared with: the windows before it hold as few.
    constexpr std::uint64_t values_needed = 5;
    if (judgement.verdict == Verdict::insufficient_data && judgement.rows < values_needed)
        calm += fmt::format(
            " A window of {} or more is judged by its distribution: take a longer one{}, or minimum and "
            "maximum, "
            "which look at each value.",
            core::plural(values_needed, "value"),
            definition.evaluation == Evaluation::instant ? ", evaluation = \"range\"" : "");
    if (judgement.reason.empty()) judgement.reason = calm;
    for (const auto& note : report.notes) judgement.notes.push_back(note);
}

void compare(const Definition& definition, const Answer& answer, const Cut& cut, Judgement& judgement,
             Findings& findings, const core::Task& task) {
    const bool enough = judgement.reference_windows >= definition.reference_min;
    const auto insufficient = [&] {
        if (judgement.verdict == Verdict::drift) return;
        judgement.verdict = Verdict::insufficient_data;
        judgement.reason =
            fmt::format("{} with rows before this one, expected {} or more",
                        core::plural(judgement.reference_windows, "window"), definition.reference_min);
    };
    const bool has_bounds = definition.has_bounds || definition.plan.max_age_us;
    if (cut.reference.empty()) {
        // Nothing to compare with, and bounds need nothing.
        for (const auto& column : answer.numbers)
            if (const auto signal = detection::beyond_bounds(values_of(column, cut.current),
                                                             definition.bounds, definition.plan))
                take_signal(definition, *signal, metric_of(definition, answer, column.name), enough,
                            judgement, findings);
        add_within_bounds(definition, answer, cut.current, findings);
        return insufficient();
    }
    if (!enough && !has_bounds) return insufficient();
    const auto times_of = [&](const std::vector<std::size_t>& rows) {
        std::vector<std::int64_t> times;
        for (const std::size_t row : rows) times.push_back(answer.times[row]);
        std::ranges::sort(times);
        return times;
    };
    if (const auto fewer =
            missing_rows(times_of(cut.reference), times_of(cut.current), judgement.from.microseconds,
                         definition.window.microseconds, definition.plan.season, definition.plan.severity))
        findings.note_missing(*fewer);
    for (const auto& stuck :
         stuck_columns(definition, answer, cut.reference, cut.current, judgement.from.microseconds))
        findings.note_missing(stuck);
    detection::Plan plan = definition.plan;
    plan.time = definition.time;
    plan.null = enough ? detection::Null::chunks : detection::Null::independent;
    plan.alpha = alpha_of(definition, judgement.reference_windows);
    if (definition.has_bounds)
        for (const auto& column : answer.numbers) plan.column[column.name] = definition.bounds;
    dataset::MemorySource source = table_of(definition, answer, cut);
    auto report =
        detection::check({&source, core::TimeRange{cut.reference_from, cut.reference_to}},
                         {&source, core::TimeRange{judgement.from, judgement.to}}, plan, judgement.to, task);
    if (!report) {
        if (judgement.verdict != Verdict::drift) judgement.verdict = Verdict::not_tested;
        judgement.reason += (judgement.reason.empty() ? "" : "; ") + report.error().message;
        return;
    }
    take_report(definition, answer, *report, enough, judgement, findings);
    add_within_bounds(definition, answer, cut.current, findings);
    if (!enough) insufficient();
}

}  // namespace

std::optional<Severity> Judgement::severity() const noexcept {
    std::optional<Severity> worst;
    for (const auto& event : events) worst = std::max(worst, event.severity);
    return worst;
}

core::Timestamp window_end(core::Duration every, core::Duration delay, core::Timestamp now) noexcept {
    const std::int64_t at = now.microseconds - delay.microseconds;
    return {at - ((at % every.microseconds) + every.microseconds) % every.microseconds};
}

Judgement judge(const Definition& definition, const Answer& answer, core::Timestamp to,
                const core::Task& task, const WantsGood& wants_good, std::span<const core::TimeRange> bad) {
    Judgement judgement;
    judgement.analyzer = definition.name;
    judgement.to = to;
    judgement.from = {to.microseconds - definition.window.microseconds};
    judgement.notes = answer.notes;
    ReferenceWindows reference = reference_of(definition, to, bad);
    const bool leaves_out = reference.to < judgement.from || !reference.left_out.empty();
    Cut rows = cut(definition, answer, judgement.from, to, reference);
    if (leaves_out && rows.windows < definition.reference_min) {
        // Else it would be blind, to every column, for as long as the incident is open.
        const std::uint64_t left = rows.windows;
        reference = reference_of(definition, to);
        rows = cut(definition, answer, judgement.from, to, reference);
        if (rows.windows > left)
            judgement.notes.push_back(
                fmt::format("held against bad windows, too: without them there are {}, expected {} or more",
                            left, definition.reference_min));
    } else if (leaves_out) {
        judgement.notes.push_back(fmt::format(
            "held against windows of {} to {}: those of incidents of {} are no reference",
            core::to_string(reference.from), core::to_string(reference.to), core::quoted(definition.module)));
    }
    judgement.rows = rows.current.size();
    judgement.reference_rows = rows.reference.size();
    judgement.reference_from = reference.from;
    judgement.reference_windows = rows.windows;
    if (rows.without_time > 0)
        judgement.notes.push_back(core::plural(rows.without_time, "row without a time was left out",
                                               "rows without a time were left out"));
    for (const auto& one : definition.expects)
        for (const auto& [label, value] : one)
            if (std::ranges::find(answer.labels, label, &Answer::Labels::name) == answer.labels.end())
                return judge_failure(
                    definition,
                    {core::ErrorKind::usage,
                     fmt::format("the query gives no column {}, which expects names", core::quoted(label)),
                     {}},
                    1, to);
    judgement.verdict = Verdict::not_tested;
    Findings findings(definition, judgement, wants_good);
    if (!find_absence(definition, answer, rows, judgement, findings))
        compare(definition, answer, rows, judgement, findings, task);
    if (judgement.verdict == Verdict::not_tested && answer.numbers.empty() && judgement.reason.empty()) {
        judgement.verdict = Verdict::no_drift;
        judgement.reason = fmt::format("{} in the window, none missing", core::plural(judgement.rows, "row"));
    }
    return judgement;
}

}  // namespace tristrata::analyzer
