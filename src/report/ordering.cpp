#include "ordering.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/report/table.hpp"

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
    if (side.median) return readable(*side.median) + (unit.empty() ? "" : " " + unit);
    if (side.mode)
        return fmt::format("{} {:.3g} %", core::quoted(*side.mode, 24),
                           100.0 * side.mode_share.value_or(0.0));
    return "-";
}

std::string printable(std::string_view text) {
    std::string out;
    const std::string valid = core::valid_utf8(text);
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const auto byte = static_cast<unsigned char>(valid[i]);
        const std::string_view three = std::string_view(valid).substr(i, 3);
        const bool c1 =
            byte == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
        const bool turns = (three >= "\xE2\x80\xAA" && three <= "\xE2\x80\xAE") ||
                           (three >= "\xE2\x81\xA6" && three <= "\xE2\x81\xA9");
        const bool separates = three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9";
        const bool forbidden = three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF";
        if (valid[i] == '\n') {
            out += "\xE2\x90\xA4";  // The picture of a line feed.
        } else if (byte < 0x20 || byte == 0x7f || c1 || turns || separates || forbidden) {
            out += "\xEF\xBF\xBD";
            i += c1 ? 1 : byte >= 0x80 ? 2 : 0;
        } else {
            out += valid[i];
        }
    }
    return out;
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
