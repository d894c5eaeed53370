#include "tristrata/report/backtest_table.hpp"

#include "ordering.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::report {
namespace {

/// The columns or signals of one line: "log_trades (crit), log_volume (info)".
std::string findings_text(const drift::BacktestChunk& chunk, bool signals) {
    std::string text;
    for (const auto& finding : chunk.findings) {
        if (finding.signal.has_value() != signals) continue;
        if (!text.empty()) text += ", ";
        if (finding.signal) {
            text += drift::name(*finding.signal);
            if (!finding.column.empty()) text += " of " + printable(finding.column);
        } else {
            text += printable(finding.column);
        }
        text += fmt::format(" ({})", drift::name(finding.severity));
    }
    return text.empty() ? "-" : text;
}

/// What another tool's methods measured: their bounds, and their values over time as heights.
std::string peer_table(const std::vector<drift::BacktestColumn>& columns) {
    constexpr std::size_t cells = 40;
    const auto number = [](const std::optional<double>& value) {
        return value ? core::readable(*value) : "-";
    };
    std::vector<std::vector<std::string>> rows;
    for (const auto& column : columns) {
        for (const auto& test : column.tests) {
            std::vector<double> values;
            for (const auto& chunk : test.chunks) values.push_back(chunk.value.value_or(0.0));
            rows.push_back({column.column, test.method, number(test.lower), number(test.upper),
                            number(test.score), fmt::format("{} of {}", test.alerts, test.chunks.size()),
                            spark(values, cells)});
        }
        if (column.tests.empty()) rows.push_back({column.column, "-", "-", "-", "-", "-", column.reason});
    }
    return aligned({"column", "method", "lower", "upper", "largest", "alerts", "values over time"}, rows);
}

}  // namespace

std::string headline(const drift::Backtest& backtest) {
    const auto& summary = backtest.summary;
    std::string text =
        fmt::format("{} of {} drifted; {} had a signal.", summary.drifted,
                    core::plural(summary.tested, "tested chunk", "tested chunks"), summary.signalled);
    if (summary.drifted_a_week && summary.signalled_a_week)
        text += fmt::format(" That is {:.2g} and {:.2g} a week.", *summary.drifted_a_week,
                            *summary.signalled_a_week);
    return text;
}

std::string to_table(const drift::Backtest& backtest, const TableStyle& style) {
    const auto& summary = backtest.summary;
    constexpr std::size_t label = 11;
    std::string source = fmt::format("data       {}, {}", printable(backtest.source.source),
                                     core::plural(backtest.source.rows, "row", "rows"));
    if (backtest.source.from && backtest.source.to)
        source += fmt::format(", {} to {}", core::to_string(*backtest.source.from),
                              core::to_string(*backtest.source.to));
    std::string text = wrapped(headline(backtest), style.width);
    text += wrapped(source, style.width, 0, label);
    text += wrapped(fmt::format("chunks     {}, by {}", summary.chunks, printable(backtest.chunking)),
                    style.width, 0, label);
    text += wrapped("reference  " + backtest.reference, style.width, 0, label);
    text += wrapped("null       " + printable(backtest.plan.null_reason) +
                        (backtest.columns.empty() ? fmt::format("; alpha {}", backtest.plan.alpha) : ""),
                    style.width, 0, label);

    std::vector<std::vector<std::string>> rows;
    for (const auto& chunk : backtest.chunks) {
        const bool alarm = chunk.yearly && chunk.yearly->alarm;
        if (!drift::drifted(chunk) && !drift::signalled(chunk) && !alarm) continue;
        rows.push_back({chunk.key, findings_text(chunk, false), findings_text(chunk, true)});
        if (backtest.yearly)
            rows.back().push_back(alarm ? fmt::format("alarm ({})", printable(chunk.yearly->column)) : "-");
    }
    if (!rows.empty()) {
        std::vector<std::string> headings{"chunk", "drifted columns", "signals"};
        if (backtest.yearly) headings.emplace_back("lasting change");
        text += "\n" + aligned(headings, rows);
    }
    if (!backtest.columns.empty()) text += "\n" + peer_table(backtest.columns);
    if (!backtest.events.empty()) {
        rows.clear();
        for (const auto& event : backtest.events) {
            rows.push_back({event.name, core::to_string(event.time),
                            delay_text(event.first_drift, event.time_to_drift),
                            delay_text(event.first_signal, event.time_to_signal)});
            if (backtest.yearly) rows.back().push_back(delay_text(event.first_alarm, event.time_to_alarm));
        }
        std::vector<std::string> headings{"event", "time", "first drift", "first signal"};
        if (backtest.yearly) headings.emplace_back("lasting change");
        text += "\n" + aligned(headings, rows);
    }
    text += "\n";
    for (const auto& chunk : backtest.chunks)
        if (chunk.use == drift::ChunkUse::unused && !chunk.reason.starts_with("before"))
            text += wrapped(fmt::format("not tested: {}: {}", chunk.key, chunk.reason), style.width, 0, 2);
    if (summary.empty_periods > 0)
        text += wrapped(fmt::format("{} between the chunks hold no row.",
                                    core::plural(summary.empty_periods, "period", "periods")),
                        style.width);
    if (summary.insufficient_data > 0 || summary.without_verdict > 0)
        text += wrapped(fmt::format("{} of a chunk had too little data for a verdict; {} had none at all.",
                                    core::plural(summary.insufficient_data, "column", "columns"),
                                    core::plural(summary.without_verdict, "chunk", "chunks")),
                        style.width);
    if (summary.reused > 0)
        text +=
            wrapped(fmt::format("{} verdicts were taken over from the state; {} tested now.",
                                core::readable(static_cast<double>(summary.reused)),
                                core::plural(summary.tested - summary.reused, "chunk was", "chunks were")),
                    style.width);
    if (backtest.yearly)
        text +=
            wrapped(fmt::format("{} of lasting change; without any, one is raised with probability at most "
                                "{}, however long it runs.",
                                core::plural(summary.alarms, "alarm", "alarms"), backtest.plan.alpha),
                    style.width);
    for (const auto& note : backtest.notes) text += wrapped("note: " + printable(note), style.width, 0, 2);
    const auto alarms = false_alarms_text(backtest.plan, "tests");
    // Where no chunk had a verdict, none would raise one.
    if (!alarms.empty() && summary.tested > summary.without_verdict)
        text += wrapped(alarms + ".", style.width);
    return text;
}

}  // namespace tristrata::report
