#include "tristrata/report/table.hpp"

#include "ordering.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/dataset_verdict.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::report {
namespace {

/// The name without its quotes, where nothing in it had to be escaped.
std::string plain(std::string_view name) {
    const std::string quoted = core::quoted(name, 40);
    return quoted.size() == name.size() + 2 ? std::string(name) : quoted;
}

std::string effect_text(const drift::ColumnReport& column, bool with_interval) {
    if (!column.effect || !column.effect->value) return "-";
    std::string text = two_digits(*column.effect->value);
    // Below its undrifted mean PSI says nothing of how large the drift is.
    if (with_interval && column.effect->low && column.effect->high &&
        *column.effect->value >= *column.effect->low && *column.effect->value <= *column.effect->high)
        text += fmt::format(" [{}, {}]", two_digits(*column.effect->low), two_digits(*column.effect->high));
    return text;
}

std::string p_text(const drift::ColumnReport& column) {
    if (!column.test || !column.test->p_adjusted) return "-";
    return *column.test->p_adjusted < 1e-4 ? "<0.0001" : fmt::format("{:.2g}", *column.test->p_adjusted);
}

std::string_view colour_of(std::optional<drift::Severity> severity) {
    if (!severity) return "";
    switch (*severity) {
        case drift::Severity::crit:
            return "\033[1;31m";
        case drift::Severity::warn:
            return "\033[33m";
        case drift::Severity::info:
            return "\033[36m";
    }
    return "";
}

std::string side_line(const drift::Side& side) {
    std::string text = fmt::format("{}, {}", printable(side.source), core::plural(side.rows, "row"));
    if (side.from && side.to)
        text += fmt::format(", {} to {}", core::to_string(*side.from), core::to_string(*side.to));
    return text;
}

/// How much of a row is shown where a line is short.
struct Layout {
    std::size_t spark;     ///< Cells of a picture; 0: none.
    bool interval;         ///< Of the effect.
    std::size_t name_max;  ///< Cells.
    std::size_t value_max;
    bool numbers = true;  ///< Values, effect and p beside name, verdict and severity.
};
constexpr std::size_t unlimited = 1000;
constexpr std::array layouts{Layout{15, true, unlimited, unlimited},
                             Layout{10, true, unlimited, unlimited},
                             Layout{10, true, 24, 17},
                             Layout{0, true, 24, 17},
                             Layout{0, false, 24, 17},
                             Layout{10, false, 24, 0, false},
                             Layout{0, false, 11, 0, false}};

std::vector<std::string> cells_of(const drift::ColumnReport& column, const Layout& layout, bool by_peer) {
    std::vector<std::string> cells{shortened(plain(column.name), layout.name_max),
                                   std::string(drift::name(column.verdict)),
                                   column.severity ? std::string(drift::name(*column.severity)) : "-"};
    if (layout.numbers) {
        for (const auto* side : {&column.reference, &column.current})
            cells.push_back(shortened(printable(value_of(*side, column.unit)), layout.value_max));
        const PeerNumbers peer = peer_numbers(column);
        cells.push_back(by_peer ? peer.value : effect_text(column, layout.interval));
        cells.push_back(by_peer ? peer.threshold : p_text(column));
    }
    if (layout.spark == 0) return cells;
    for (const auto* shares : {&column.distribution.reference, &column.distribution.current})
        cells.push_back(spark(*shares, layout.spark));
    return cells;
}

/// The tests of all columns together, in their order.
std::string joint_lines(const std::vector<drift::JointTest>& tests, const TableStyle& style) {
    std::string text = "\n" + wrapped("All columns together:", style.width);
    for (const auto& test : tests) {
        const auto colour = style.colour ? colour_of(test.severity) : std::string_view();
        text += std::string(colour) +
                wrapped(fmt::format("{}: {}{}", test.method, drift::name(test.verdict),
                                    test.severity ? fmt::format(" ({})", drift::name(*test.severity)) : ""),
                        style.width, 0, 2) +
                (colour.empty() ? "" : "\033[0m");
        text += wrapped(printable(test.reason) + " " + joint_scope(test), style.width, 4);
        for (const auto& driver : test.drivers) {
            const std::string line = driver_text(driver);
            if (!line.empty() && test.verdict == drift::Verdict::drift)
                text += wrapped("- " + printable(line), style.width, 4, 2);
        }
    }
    return text;
}

/// One line a group, worst first; beneath those that drifted, what moved in them.
std::string group_lines(const drift::Groups& groups, const TableStyle& style) {
    const std::size_t width = style.width;
    std::string text =
        "\n" +
        wrapped(fmt::format("By {}: {}", printable(plain(groups.by)), groups_line(groups)), width, 0, 2);
    const auto ordered = by_severity(groups);
    if (ordered.empty()) return text;
    std::string table;
    for (const bool full : {true, false}) {
        std::vector<std::string> headings{"group", "verdict", "severity"};
        if (full) headings.insert(headings.end(), {"reference rows", "current rows"});
        std::vector<std::vector<std::string>> rows;
        for (const auto* group : ordered) {
            rows.push_back({shortened(plain(group->label), full ? 24 : 10),
                            std::string(drift::name(group->verdict)),
                            group->severity ? std::string(drift::name(*group->severity)) : "-"});
            if (full)
                for (const auto count : {group->reference_rows, group->current_rows})
                    rows.back().push_back(core::readable(static_cast<double>(count)));
        }
        table = aligned(headings, rows);
        std::size_t widest = 0;
        for (std::size_t at = 0; at < table.size(); at = table.find('\n', at) + 1)
            widest = std::max(widest, display_width(table.substr(at, table.find('\n', at) - at)));
        if (widest <= width) break;
    }
    std::size_t at = table.find('\n') + 1;
    text += table.substr(0, at);
    for (const auto* group : ordered) {
        const std::size_t end = table.find('\n', at);
        const auto colour = style.colour ? colour_of(group->severity) : std::string_view();
        text += std::string(colour) + table.substr(at, end - at) + (colour.empty() ? "" : "\033[0m") + "\n";
        at = end + 1;
        const std::string moved = worst_columns(*group);
        text += wrapped(printable(group->reason + (moved.empty() ? "" : " Worst: " + moved + ".")), width, 4);
    }
    return text;
}

/// The lines of the table, heading first, in the fullest layout that fits.
std::vector<std::string> table_lines(const std::vector<const drift::ColumnReport*>& columns, bool by_peer,
                                     std::size_t width) {
    std::vector<std::string> lines;
    for (const Layout& layout : layouts) {
        std::vector<std::string> headings{"column", "verdict", "severity"};
        if (layout.numbers)
            headings.insert(headings.end(), {"reference", "current", by_peer ? "value" : "PSI excess",
                                             by_peer ? "threshold" : "adj. p"});
        if (layout.spark > 0) headings.insert(headings.end(), {"reference", "current"});
        std::vector<std::vector<std::string>> rows;
        for (const auto* column : columns) rows.push_back(cells_of(*column, layout, by_peer));
        const std::string text = aligned(headings, rows);
        lines.clear();
        std::size_t widest = 0;
        for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
            lines.push_back(text.substr(at, text.find('\n', at) - at));
            widest = std::max(widest, display_width(lines.back()));
        }
        if (widest <= width) break;
    }
    return lines;
}

}  // namespace

std::string spark(const std::vector<double>& shares, std::size_t cells) {
    constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (shares.empty()) return "";
    cells = std::min(cells, shares.size());
    std::vector<double> heights(cells, 0.0);
    for (std::size_t i = 0; i < shares.size(); ++i) heights[i * cells / shares.size()] += shares[i];
    const double highest = *std::ranges::max_element(heights);
    std::string text;
    for (const double height : heights) {
        const auto block = height <= 0.0 || highest <= 0.0
                               ? 0u
                               : 1u + static_cast<unsigned>(std::lround(7.0 * height / highest));
        text += blocks[std::min(8u, block)];
    }
    return text;
}

std::string headline(const drift::Report& report) {
    const auto& summary = report.summary;
    std::string text = drift::columns_drifted(summary.drifted, summary.tested);
    if (const auto dataset = drift::judge_dataset(report.columns); dataset.weighted && summary.tested > 0)
        text += fmt::format(", {:.0f} % of them by importance", 100.0 * dataset.weighted_share_drifted);
    std::size_t fired = 0;
    const auto count = [&](const std::vector<drift::Signal>& signals) {
        for (const auto& signal : signals) fired += signal.verdict == drift::Verdict::drift ? 1 : 0;
    };
    count(report.signals);
    for (const auto& column : report.columns) count(column.signals);
    if (summary.severity && summary.drifted == 0 && fired > 0)
        text += fired == 1 ? fmt::format("; 1 signal is {}", drift::name(*summary.severity))
                           : fmt::format("; {} signals fired, the worst is {}", fired,
                                         drift::name(*summary.severity));
    else if (summary.severity) text += fmt::format("; the worst is {}", drift::name(*summary.severity));
    if (summary.insufficient_data > 0)
        text += fmt::format("; {} too little data", core::plural(summary.insufficient_data, "has", "have"));
    return text + ".";
}

std::string to_table(const drift::Report& report, const TableStyle& style) {
    const std::size_t width = style.width;
    constexpr std::size_t label = 11;  // What "reference  " takes.
    std::string text = wrapped(headline(report), width);
    text += wrapped("reference  " + side_line(report.reference), width, 0, label);
    text += wrapped("current    " + side_line(report.current), width, 0, label);
    const bool by_peer = by_peer_alone(report);
    text += wrapped(by_peer ? "rules      " + rules_text(report.plan)
                            : fmt::format("null       {}; alpha {}", printable(report.plan.null_reason),
                                          report.plan.alpha),
                    width, 0, label);
    text += "\n";

    const auto columns = by_severity(report);
    const auto lines = table_lines(columns, by_peer, width);
    text += lines.front() + "\n";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto colour = style.colour ? colour_of(worst_of(*columns[i])) : std::string_view();
        text += std::string(colour) + lines[i + 1] + (colour.empty() ? "" : "\033[0m") + "\n";
        text += wrapped(printable(columns[i]->reason), width, 4);
        if (columns[i]->difference)
            text += wrapped(fmt::format("we: {}. {}", drift::name(columns[i]->difference->verdict),
                                        printable(columns[i]->difference->explanation)),
                            width, 4);
        for (const auto& signal : columns[i]->signals)
            if (signal.verdict == drift::Verdict::drift)
                text += wrapped(fmt::format("! {} ({}): {}", drift::name(signal.kind),
                                            drift::name(signal.severity.value_or(drift::Severity::info)),
                                            printable(signal.reason)),
                                width, 4, 2);
    }
    if (!report.multivariate.empty()) text += joint_lines(report.multivariate, style);
    if (report.groups) text += group_lines(*report.groups, style);
    if (!report.signals.empty()) text += "\n";
    for (const auto& signal : report.signals)
        text +=
            wrapped(fmt::format("! {}{}: {}", drift::name(signal.kind),
                                signal.severity ? fmt::format(" ({})", drift::name(*signal.severity)) : "",
                                printable(signal.reason)),
                    width, 0, 2);
    for (const auto& note : report.notes) text += wrapped("note: " + printable(note), width, 0, 2);
    if (const auto alarms = false_alarms_text(report.plan, "checks"); !alarms.empty())
        text += wrapped(alarms + ".", width);
    return text;
}

}  // namespace tristrata::report
