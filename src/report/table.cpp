#include "tristrata/report/table.hpp"

#include "ordering.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::report {
namespace {

constexpr std::size_t spark_cells = 15;

std::size_t letters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

/// The name without its quotes, where nothing in it had to be escaped.
std::string plain(std::string_view name) {
    const std::string quoted = core::quoted(name, 40);
    return quoted.size() == name.size() + 2 ? std::string(name) : quoted;
}

std::string effect_text(const drift::ColumnReport& column) {
    if (!column.effect || !column.effect->value) return "-";
    std::string text = fmt::format("{:.2f}", *column.effect->value);
    if (column.effect->low && column.effect->high)
        text += fmt::format(" [{:.2f}, {:.2f}]", *column.effect->low, *column.effect->high);
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

/// The text in lines of at most `width` characters, each behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out, line;
    const auto flush = [&] {
        out += std::string(indent, ' ') + line + "\n";
        line.clear();
    };
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto word = text.substr(0, space);
        if (!line.empty() && letters(line) + 1 + letters(word) + indent > width) flush();
        line += (line.empty() ? "" : " ") + std::string(word);
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    if (!line.empty()) flush();
    return out;
}

std::string side_line(std::string_view what, const drift::Side& side) {
    std::string text =
        fmt::format("{}{}, {} rows", what, printable(side.source), readable(static_cast<double>(side.rows)));
    if (side.from && side.to)
        text += fmt::format(", {} to {}", core::to_string(*side.from), core::to_string(*side.to));
    return text + "\n";
}

}  // namespace

std::string readable(double number) {
    if (number == 0.0) return "0";
    const double size = std::abs(number);
    if (size >= 1e15 || size < 1e-4) return fmt::format("{:.3g}", number);
    if (size < 1000.0) return fmt::format("{:.4g}", number);
    const std::string digits = fmt::format("{:.0f}", size);
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
        grouped += digits[i];
    }
    return (number < 0 ? "-" : "") + grouped;
}

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
    std::string text = summary.tested == 0
                           ? "No column could be tested"
                           : fmt::format("{} of {} tested columns drifted", summary.drifted, summary.tested);
    if (summary.severity) text += fmt::format("; the worst is {}", drift::name(*summary.severity));
    if (summary.insufficient_data > 0)
        text += fmt::format("; {} {} too little data", summary.insufficient_data,
                            summary.insufficient_data == 1 ? "has" : "have");
    return text + ".";
}

std::string to_table(const drift::Report& report, const TableStyle& style) {
    std::string text = headline(report) + "\n";
    text += side_line("reference  ", report.reference);
    text += side_line("current    ", report.current);
    text += fmt::format("null       {}; alpha {}\n\n", printable(report.plan.null_reason), report.plan.alpha);

    const std::array<std::string, 9> headings{"column",     "verdict", "severity",  "reference", "current",
                                              "PSI excess", "adj. p",  "reference", "current"};
    std::vector<std::array<std::string, 9>> rows;
    const auto columns = by_severity(report);
    for (const auto* column : columns)
        rows.push_back({plain(column->name), std::string(drift::name(column->verdict)),
                        column->severity ? std::string(drift::name(*column->severity)) : "-",
                        printable(value_of(column->reference, column->unit)),
                        printable(value_of(column->current, column->unit)), effect_text(*column),
                        p_text(*column), spark(column->distribution.reference, spark_cells),
                        spark(column->distribution.current, spark_cells)});
    std::array<std::size_t, 9> width{};
    for (std::size_t i = 0; i < width.size(); ++i) {
        width[i] = letters(headings[i]);
        for (const auto& row : rows) width[i] = std::max(width[i], letters(row[i]));
    }
    const auto line = [&](const std::array<std::string, 9>& row) {
        std::string out;
        for (std::size_t i = 0; i < row.size(); ++i)
            out += row[i] + std::string(width[i] - letters(row[i]) + 2, ' ');
        while (!out.empty() && out.back() == ' ') out.pop_back();
        return out + "\n";
    };
    text += line(headings);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto colour = style.colour ? colour_of(worst_of(*columns[i])) : std::string_view();
        text += std::string(colour) + line(rows[i]) + (colour.empty() ? "" : "\033[0m");
        text += wrapped(printable(columns[i]->reason), 4, style.width);
        for (const auto& signal : columns[i]->signals)
            if (signal.verdict == drift::Verdict::drift)
                text += wrapped(fmt::format("! {} ({}): {}", drift::name(signal.kind),
                                            drift::name(signal.severity.value_or(drift::Severity::info)),
                                            printable(signal.reason)),
                                4, style.width);
    }
    if (!report.signals.empty()) text += "\n";
    for (const auto& signal : report.signals)
        text +=
            wrapped(fmt::format("! {}{}: {}", drift::name(signal.kind),
                                signal.severity ? fmt::format(" ({})", drift::name(*signal.severity)) : "",
                                printable(signal.reason)),
                    0, style.width);
    for (const auto& note : report.notes) text += wrapped("note: " + printable(note), 0, style.width);
    if (report.plan.expected_false_days_a_year) {
        text += fmt::format("A year of such checks without drift raises about {:.2g} false alarms",
                            *report.plan.expected_false_days_a_year);
        if (report.plan.expected_false_days_low && report.plan.expected_false_days_high)
            text += fmt::format(" ({:.0f} to {:.0f})", *report.plan.expected_false_days_low,
                                *report.plan.expected_false_days_high);
        text += ".\n";
    }
    return text;
}

}  // namespace tristrata::report
