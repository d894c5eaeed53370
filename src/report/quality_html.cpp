#include "tristrata/report/quality_html.hpp"

#include "lane.hpp"
#include "ordering.hpp"
#include "page.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::report {
namespace {

using drift::Severity;
using drift::Verdict;
using model_quality::QualityReport;

constexpr std::size_t rows_shown = 1000;
constexpr unsigned picture_height = 120, bar_height = 26;

using Levels = std::vector<std::optional<double>>;

std::string number(const std::optional<double>& value) { return value ? core::readable(*value) : "-"; }
std::string key_of(const std::optional<double>& value) { return value ? core::shortest(*value) : ""; }

/// One metric over the chunks.
struct Course {
    std::optional<double> reference;
    Levels low, high, estimated, realised;
    std::vector<std::optional<Severity>> worst;
};

Course course_of(const QualityReport& report, std::size_t metric) {
    Course course;
    course.reference = report.reference_metrics[metric].value.value;
    for (const auto& chunk : report.chunks) {
        const auto& row = chunk.metrics[metric];
        course.low.push_back(row.estimate ? row.estimate->low : row.low);
        course.high.push_back(row.estimate ? row.estimate->high : row.high);
        course.estimated.push_back(row.estimate ? row.estimate->estimated.value : std::nullopt);
        course.realised.push_back(row.realised.value);
        course.worst.push_back(row.severity);
    }
    return course;
}

/// From where to where a picture of it reaches; nothing where there is no value to show.
std::optional<std::pair<double, double>> range_of(const Course& course) {
    std::optional<std::pair<double, double>> range;
    const auto take = [&](const std::optional<double>& value) {
        if (!value || !std::isfinite(*value)) return;
        if (!range) range = {*value, *value};
        range = {std::min(range->first, *value), std::max(range->second, *value)};
    };
    for (const Levels* levels : {&course.low, &course.high, &course.estimated, &course.realised})
        for (const auto& value : *levels) take(value);
    if (!range) return range;
    take(course.reference);
    return range;
}

/// Values as shares of the picture's height; equal ones lie in the middle.
Levels scaled(Levels levels, const std::pair<double, double>& range) {
    const double width = range.second - range.first;
    for (auto& level : levels)
        if (level) level = width > 0.0 ? (*level - range.first) / width : 0.5;
    return levels;
}

/// "0.86 to 0.93": where a course lies, for those who do not see it.
std::string extent(const Levels& levels) {
    std::optional<double> low, high;
    for (const auto& level : levels) {
        if (!level) continue;
        low = std::min(low.value_or(*level), *level);
        high = std::max(high.value_or(*level), *level);
    }
    return low ? fmt::format("{} to {}", core::readable(*low), core::readable(*high)) : "no value";
}

std::string picture_of(const QualityReport& report, std::size_t metric) {
    const std::string name(model_quality::name(report.reference_metrics[metric].metric));
    const Course course = course_of(report, metric);
    const auto range = range_of(course);
    if (!range)
        return fmt::format(
            "<figure><figcaption><strong>{}</strong>: no value to show</figcaption></figure>\n", words(name));
    Lane lane(report.chunks.size(), picture_height);
    lane.band(scaled(course.low, *range), scaled(course.high, *range), "reference");
    if (course.reference) lane.level(scaled({course.reference}, *range)[0].value_or(0.5), "limit");
    std::string told = fmt::format("{}: reference {}; ", name, number(course.reference));
    if (report.estimated) {
        lane.steps(scaled(course.estimated, *range), "current");
        lane.steps(scaled(course.realised, *range), "realised");
        told +=
            fmt::format("estimates {}; came true {}; ", extent(course.estimated), extent(course.realised));
    } else {
        lane.steps(scaled(course.realised, *range), "current");
        told += fmt::format("current {}; ", extent(course.realised));
    }
    const auto fired =
        std::ranges::count_if(course.worst, [](const auto& severity) { return severity.has_value(); });
    told += fmt::format("worse beyond chance in {} of {}.", fired,
                        core::plural(report.chunks.size(), "chunk", "chunks"));
    std::string out = fmt::format(
        "<figure><figcaption><strong>{}</strong> <span class=\"legend\">reference {}; the picture spans {} "
        "to "
        "{}</span></figcaption>{}",
        words(name), number(course.reference), core::readable(range->first), core::readable(range->second),
        lane.finish(told));
    if (fired > 0) {
        Lane bars(report.chunks.size(), bar_height);
        bars.bars(course.worst);
        out += bars.finish(fmt::format("{}: chunks in which it became worse.", name));
    }
    std::vector<std::string> keys;
    for (const auto& chunk : report.chunks) keys.push_back(chunk.key);
    return out + lane_axis(keys) + "</figure>\n";
}

std::string picture_section(const QualityReport& report) {
    std::string out =
        "<section aria-label=\"Metrics over time\"><h2>Chunk by chunk</h2>\n<p class=\"legend\">";
    out += report.estimated
               ? "<span class=\"box reference\"></span> 95 % band of the estimate, <span class=\"box "
                 "current\"></span> estimate (line), short dashes: what came true"
               : "<span class=\"box reference\"></span> 95 % interval, <span class=\"box current\"></span> "
                 "current (line)";
    out +=
        ", long dashes: the reference. A bar below is a chunk in which the metric became worse: low <span "
        "class=\"info\">● info</span>, higher <span class=\"warn\">◆ warn</span>, full <span "
        "class=\"crit\">▲ crit</span>.</p>\n<div class=\"pictures\">\n";
    for (std::size_t m = 0; m < report.reference_metrics.size(); ++m) out += picture_of(report, m);
    return out + "</div></section>\n";
}

/// One row of the table: a metric of a chunk, or its calibration.
struct Figure {
    std::string name;
    Verdict verdict = Verdict::not_tested;
    std::optional<Severity> severity;
    std::optional<double> reference, now, low, high, realised, p;
    std::string reason;
};

std::vector<Figure> figures_of(const QualityReport& report) {
    std::vector<Figure> figures;
    for (const auto& chunk : report.chunks) {
        for (std::size_t m = 0; m < chunk.metrics.size(); ++m) {
            const auto& row = chunk.metrics[m];
            Figure& figure = figures.emplace_back();
            figure.name = fmt::format("{} {}", model_quality::name(row.metric), chunk.key);
            figure.verdict = row.verdict;
            figure.severity = row.severity;
            figure.reference = report.reference_metrics[m].value.value;
            figure.now = row.estimate ? row.estimate->estimated.value : row.realised.value;
            figure.low = row.estimate ? row.estimate->low : row.low;
            figure.high = row.estimate ? row.estimate->high : row.high;
            figure.realised = row.realised.value;
            figure.p = row.p_adjusted;
            figure.reason = row.reason;
        }
        if (!chunk.calibration) continue;
        Figure& figure = figures.emplace_back();
        figure.name = fmt::format("calibration_error {}", chunk.key);
        figure.verdict = chunk.calibration->verdict;
        figure.severity = chunk.calibration->severity;
        figure.reference = report.reference_calibration_error;
        (report.estimated ? figure.realised : figure.now) = chunk.calibration->error;
        figure.p = chunk.calibration->drift_p_adjusted;
        figure.reason = chunk.calibration->reason;
    }
    return figures;
}

std::string figure_row(const Figure& figure, std::size_t index, bool estimated) {
    const auto severity = figure.verdict == Verdict::drift ? figure.severity : std::nullopt;
    std::string out = fmt::format(
        "<tbody data-name=\"{0}\" data-verdict=\"{1}\" data-severity=\"{2}\"><tr><th scope=\"row\" "
        "data-sort=\"{3}\">{4}</th><td data-sort=\"{5}\">{6}</td>",
        escaped(figure.name), drift::name(figure.verdict), severity ? drift::name(*severity) : "", index,
        breakable(figure.name), severity ? 2 - static_cast<int>(*severity) : 3,
        badge(figure.verdict, severity));
    const auto cell = [&](std::string_view label, const std::optional<double>& value) {
        out += fmt::format("<td class=\"number\" data-label=\"{}\" data-sort=\"{}\">{}</td>", label,
                           key_of(value), number(value));
    };
    cell("Reference", figure.reference);
    cell(estimated ? "Estimate" : "Current", figure.now);
    if (estimated) cell("Came true", figure.realised);
    out += fmt::format("<td class=\"number\" data-label=\"Adjusted p\" data-sort=\"{}\">{}</td>",
                       key_of(figure.p), figure.p ? p_words(*figure.p) : "-");
    const std::string band = figure.low && figure.high ? fmt::format("{} to {}", core::readable(*figure.low),
                                                                     core::readable(*figure.high))
                                                       : "-";
    return out + fmt::format(
                     "<td class=\"number\" data-label=\"{}\">{}</td><td class=\"why\">{}</td></tr>"
                     "</tbody>\n",
                     estimated ? "95 % band" : "95 % interval", band, escaped(figure.reason));
}

std::string figure_section(const QualityReport& report) {
    auto figures = figures_of(report);
    std::string caption = "Every figure of every chunk, in order.";
    if (figures.size() > rows_shown) {
        const std::size_t all = figures.size();
        std::erase_if(figures, [](const Figure& figure) { return figure.verdict == Verdict::no_drift; });
        caption = fmt::format(
            "Of {} figures those that became worse or have no verdict, in order; all stand "
            "in the JSON.",
            core::readable(static_cast<double>(all)));
    }
    std::string out =
        "<h2>Figure by figure</h2>\n" +
        tools("figures", {"crit", "warn", "info", "drift", "no_drift", "insufficient_data", "not_tested"});
    out += report.estimated
               ? table_begin("figures", caption,
                             {"Figure", "Verdict", "Reference", "Estimate", "Came true", "Adjusted p"},
                             "Figure", {"95 % band", "Reason"})
               : table_begin("figures", caption, {"Figure", "Verdict", "Reference", "Current", "Adjusted p"},
                             "Figure", {"95 % interval", "Reason"});
    for (std::size_t i = 0; i < figures.size(); ++i) out += figure_row(figures[i], i, report.estimated);
    return out + table_end();
}

/// Prediction, target and confidence, the worst first.
std::string column_section(const drift::Report& columns) {
    std::string items;
    for (const auto* column : by_severity(columns))
        items += fmt::format("<li>{} <strong><bdi>{}</bdi></strong> ({}): {}{}</li>\n",
                             badge(column->verdict, column->severity), breakable(column->name),
                             words(drift::name(column->drift_type)), escaped(column->reason),
                             signal_list(column->signals));
    return "<section aria-label=\"Columns\"><h2>Prediction, target and confidence</h2><ul "
           "class=\"signals\">\n" +
           items + "</ul>" + signal_list(columns.signals) + "</section>\n";
}

/// Without a test there is nothing to be reassured by.
std::string headline_badge(const QualityReport& report) {
    if (report.severity) return badge(Verdict::drift, report.severity);
    return badge(report.tested > 0 ? Verdict::no_drift : Verdict::not_tested, std::nullopt);
}

}  // namespace

std::string headline(const QualityReport& report) {
    // Without a figure that became worse it is the columns that are.
    const std::string worst =
        report.severity ? fmt::format("; the worst {}is {}", report.drifted == 0 ? "of the columns " : "",
                                      drift::name(*report.severity))
                        : std::string();
    if (report.tested == 0) return fmt::format("No figure could be tested; each says why below{}.", worst);
    if (report.tested == 1)
        return fmt::format("The one tested figure {} worse beyond chance{}.",
                           report.drifted == 1 ? "became" : "did not become", worst);
    return fmt::format("{} of {} tested figures became worse beyond chance{}.",
                       report.drifted == 0 ? "None" : core::readable(static_cast<double>(report.drifted)),
                       core::readable(static_cast<double>(report.tested)), worst);
}

std::string to_html(const QualityReport& report) {
    std::string page = page_begin(report.estimated ? "Quality estimate" : "Quality check", report.created_at,
                                  headline(report), headline_badge(report));
    page += "<dl class=\"sides\">" + side_row("Reference", report.reference) +
            side_row("Current", report.current);
    page += row("Problem", std::string(model_quality::name(report.problem)));
    page += row("Alpha", fmt::format("{}, corrected over all chunks and metrics", report.alpha));
    if (!report.estimator.empty()) page += row("Estimator", escaped(report.estimator));
    page += "</dl>\n</header>\n<main>\n" + picture_section(report) + figure_section(report);
    if (report.columns) page += column_section(*report.columns);
    return page + note_section(report.notes) +
           page_end(fmt::format("Report {}, {}.", core::to_string(report.report_id),
                                model_quality::quality_schema));
}

}  // namespace tristrata::report
