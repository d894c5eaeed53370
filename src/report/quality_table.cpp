#include "tristrata/report/quality_table.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/quality_html.hpp"

#include <fmt/format.h>

namespace tristrata::report {
namespace {

std::string number(const std::optional<double>& value) {
    return value ? core::readable(*value) : std::string("-");
}

std::string band(const std::optional<double>& low, const std::optional<double>& high) {
    return low && high ? fmt::format("[{}, {}]", core::readable(*low), core::readable(*high))
                       : std::string("-");
}

}  // namespace

std::string to_table(const model_quality::QualityReport& report, const TableStyle& style) {
    std::string out = headline(report) + "\n\n";
    out += fmt::format("reference  {}, {}\ncurrent    {}, {}\nproblem    {}\n",
                       printable(report.reference.source), core::plural(report.reference.rows, "row"),
                       printable(report.current.source), core::plural(report.current.rows, "row"),
                       model_quality::name(report.problem));
    if (!report.estimator.empty()) out += fmt::format("estimator  {}\n", report.estimator);
    std::vector<std::vector<std::string>> rows;
    for (const auto& chunk : report.chunks) {
        for (std::size_t m = 0; m < chunk.metrics.size(); ++m) {
            const auto& row = chunk.metrics[m];
            const auto& before = report.reference_metrics[m].value.value;
            std::vector<std::string> cells{m == 0 ? chunk.key : "",
                                           m == 0 ? fmt::format("{}/{}", chunk.labelled, chunk.rows) : "",
                                           std::string(model_quality::name(row.metric)), number(before)};
            if (report.estimated) {
                cells.push_back(number(row.estimate->estimated.value));
                cells.push_back(band(row.estimate->low, row.estimate->high));
                cells.push_back(number(row.estimate->floor));
                cells.push_back(number(row.realised.value));
            } else {
                cells.push_back(number(row.realised.value));
                cells.push_back(band(row.low, row.high));
            }
            cells.emplace_back(drift::name(row.verdict));
            cells.push_back(row.severity ? std::string(drift::name(*row.severity)) : "-");
            rows.push_back(std::move(cells));
        }
        if (!chunk.calibration) continue;
        const auto& row = *chunk.calibration;
        std::vector<std::string> cells{
            "",
            "",
            "calibration error",
            number(report.reference_calibration_error),
            number(row.error),
            row.by_chance ? fmt::format("by chance {}", core::readable(*row.by_chance)) : "-"};
        if (report.estimated) cells.insert(cells.end(), {"-", "-"});
        cells.emplace_back(drift::name(row.verdict));
        cells.push_back(row.severity ? std::string(drift::name(*row.severity)) : "-");
        rows.push_back(std::move(cells));
    }
    std::vector<std::string> headings{"chunk", "labelled", "metric", "reference"};
    if (report.estimated) headings.insert(headings.end(), {"estimate", "95 % band", "floor", "realised"});
    else headings.insert(headings.end(), {"current", "95 % interval"});
    headings.insert(headings.end(), {"verdict", "severity"});
    out += "\n" + aligned(headings, rows) + "\n";
    for (const auto& chunk : report.chunks)
        for (const auto& row : chunk.metrics)
            if (row.verdict != drift::Verdict::no_drift)
                out +=
                    wrapped(fmt::format("{} {}: {}", chunk.key, model_quality::name(row.metric), row.reason),
                            style.width, 0, 4);
    for (const auto& chunk : report.chunks)
        if (chunk.calibration && chunk.calibration->verdict == drift::Verdict::drift)
            out += wrapped(fmt::format("{} calibration: {}", chunk.key, chunk.calibration->reason),
                           style.width, 0, 4);
    if (report.columns)
        for (const auto& column : report.columns->columns)
            out += wrapped(fmt::format("{} ({}): {}", printable(column.name), drift::name(column.drift_type),
                                       column.reason),
                           style.width, 0, 4);
    for (const auto& note : report.notes) out += wrapped("note: " + note, style.width, 0, 4);
    return out;
}

}  // namespace tristrata::report
