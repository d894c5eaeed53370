#include "ordering.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::report {

std::optional<drift::Severity> worst_of(const drift::ColumnReport& column) {
    std::optional<drift::Severity> worst = column.severity;
    for (const auto& signal : column.signals)
        if (signal.severity && (!worst || *signal.severity > *worst)) worst = signal.severity;
    return worst;
}

std::vector<const drift::ColumnReport*> by_severity(const drift::Report& report) {
    std::vector<const drift::ColumnReport*> columns;
    for (const auto& column : report.columns) columns.push_back(&column);
    const auto rank = [](const drift::ColumnReport* column) {
        if (const auto worst = worst_of(*column)) return 2 - static_cast<int>(*worst);
        if (column->verdict == drift::Verdict::insufficient_data) return 3;
        return column->verdict == drift::Verdict::no_drift ? 4 : 5;
    };
    std::ranges::stable_sort(columns, {}, rank);
    return columns;
}

std::string value_of(const drift::ColumnSide& side, const std::string& unit) {
    if (side.median) return core::readable(*side.median) + (unit.empty() ? "" : " " + unit);
    if (side.mode)
        return fmt::format("{} {:.3g} %", core::quoted(*side.mode, 24),
                           100.0 * side.mode_share.value_or(0.0));
    return "-";
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace tristrata::report
