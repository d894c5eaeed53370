#include "tristrata/report/html.hpp"

#include "ordering.hpp"
#include "page.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::report {
namespace {

using drift::Verdict;

/// Without a test there is nothing to be reassured by.
std::string headline_badge(const drift::Summary& summary) {
    if (summary.severity) return badge(Verdict::drift, summary.severity);
    if (summary.tested > 0) return badge(Verdict::no_drift, std::nullopt);
    return badge(summary.insufficient_data > 0 ? Verdict::insufficient_data : Verdict::not_tested,
                 std::nullopt);
}

/// What a picture shows, for those who do not see it: where the middle 80 % lie, or the most frequent labels.
std::string in_words(const drift::Distribution& distribution, const std::vector<double>& shares) {
    if (distribution.edges.size() == shares.size() + 1) {
        std::size_t low = 0, high = shares.size() - 1;
        for (double below = 0.0; low < high && below + shares[low] < 0.1; ++low) below += shares[low];
        for (double above = 0.0; high > low && above + shares[high] < 0.1; --high) above += shares[high];
        return fmt::format("most between {} and {}", core::readable(distribution.edges[low]),
                           core::readable(distribution.edges[high + 1]));
    }
    constexpr std::size_t named = 3;
    std::vector<std::size_t> order(std::min(shares.size(), distribution.labels.size()));
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto a, auto b) { return shares[a] > shares[b]; });
    std::string text;
    for (std::size_t i = 0; i < std::min(named, order.size()); ++i)
        text += fmt::format("{}{} {:.3g} %", i > 0 ? ", " : "",
                            core::quoted(distribution.labels[order[i]], 30), 100.0 * shares[order[i]]);
    return text;
}

/// What each column may take: pages of fifty columns and of a thousand have to open in a blink too.
struct Room {
    std::size_t labels;  ///< Shown at most.
    bool coarse;         ///< Pictures to a fiftieth of their height.
};

/// Reference filled, current as an outline: told apart without colour. Its shapes carry `id`, so that the
/// large picture in the details is the same ones again.
std::string picture(const drift::ColumnReport& column, std::size_t id, bool coarse) {
    const auto& reference = column.distribution.reference;
    const auto& current = column.distribution.current;
    const std::size_t bins = std::min(reference.size(), current.size());
    double highest = 0.0;
    for (std::size_t i = 0; i < bins; ++i) highest = std::max({highest, reference[i], current[i]});
    if (!(highest > 0.0)) return "<span class=\"none\">no picture</span>";
    constexpr double width = 190.0, height = 56.0;
    const double step = width / static_cast<double>(bins);
    const auto y = [&](double share) { return height - share / highest * (height - 3.0); };
    // Up and along, step by step: a page of a thousand columns is mostly these.
    const int digits = coarse ? 0 : 1;
    std::string filled = fmt::format("M0 {:.0f}", height),
                outline = fmt::format("M0 {:.{}f}", y(current[0]), digits);
    for (std::size_t i = 0; i < bins; ++i) {
        const double right = step * static_cast<double>(i + 1);
        filled += fmt::format("V{:.{}f}H{:.1f}", y(reference[i]), digits, right);
        if (i > 0) outline += fmt::format("V{:.{}f}", y(current[i]), digits);
        outline += fmt::format("H{:.1f}", right);
    }
    filled += fmt::format("V{:.0f}Z", height);
    return fmt::format(
        "<svg class=\"picture\" viewBox=\"0 0 190 58\" role=\"img\" aria-label=\"Distributions. "
        "Reference, filled: {}. Current, a line: {}.\"><g id=\"p{}\"><path class=\"reference\" "
        "d=\"{}\"/><path "
        "class=\"current\" d=\"{}\"/><path class=\"base\" d=\"M0 57H190\"/></g></svg>",
        escaped(in_words(column.distribution, reference)), escaped(in_words(column.distribution, current)),
        id, filled, outline);
}

/// The numbers under a large picture: both ends, and the middle.
std::string axis(const std::vector<double>& edges, const std::string& unit) {
    if (edges.size() < 2) return "";
    const std::string suffix = unit.empty() ? "" : " " + escaped(unit);
    return fmt::format(
        "<p class=\"axis\" aria-hidden=\"true\"><span>{}</span><span>{}</span><span>{}{}</span></p>",
        core::readable(edges.front()), core::readable(edges[edges.size() / 2]), core::readable(edges.back()),
        suffix);
}

/// Labels with their shares, as the picture shows them; of more than `most` those whose share moved most.
std::string label_table(const drift::Distribution& distribution, std::size_t most) {
    const std::size_t count =
        std::min({distribution.labels.size(), distribution.reference.size(), distribution.current.size()});
    if (count == 0) return "";
    std::vector<std::size_t> shown(count);
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    if (count > most) {
        const auto moved = [&](std::size_t i) {
            return std::abs(distribution.current[i] - distribution.reference[i]);
        };
        std::ranges::stable_sort(shown, [&](auto a, auto b) { return moved(a) > moved(b); });
        shown.resize(most);
        std::ranges::sort(shown);
    }
    std::string out =
        "<table class=\"labels\"><thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Reference</th><th "
        "scope=\"col\">Current</th></tr></thead><tbody>";
    for (const std::size_t i : shown) {
        // Whole labels stand in the JSON; here thousands of them must stay a page.
        const std::string label = core::quoted(distribution.labels[i], 40);
        out += fmt::format("<tr><th scope=\"row\"><bdi>{}</bdi></th><td>{:.3g} %</td><td>{:.3g} %</td></tr>",
                           escaped(label.substr(1, label.size() - 2)), 100.0 * distribution.reference[i],
                           100.0 * distribution.current[i]);
    }
    if (count > shown.size())
        out +=
            fmt::format("<tr><th scope=\"row\" colspan=\"3\">{} more moved less; the JSON has them</th></tr>",
                        count - shown.size());
    return out + "</tbody></table>";
}

std::string sides(std::string_view what, const drift::ColumnSide& side) {
    std::string text = core::plural(side.n, "row");
    if (side.missing_share) text += fmt::format(", {:.3g} % missing", 100.0 * *side.missing_share);
    if (side.infinite_share > 0.0) text += fmt::format(", {:.3g} % infinite", 100.0 * side.infinite_share);
    if (side.mean) text += fmt::format("; mean {}", core::readable(*side.mean));
    if (side.standard_deviation) text += fmt::format(", sd {}", core::readable(*side.standard_deviation));
    if (side.minimum && side.maximum)
        text += fmt::format(", {} to {}", core::readable(*side.minimum), core::readable(*side.maximum));
    return row(what, text);
}

/// A measure's name as people know it: "psi" is PSI, "ks" is KS.
std::string measure_words(std::string_view name) {
    std::string text = words(name);
    for (const std::string_view known : {"psi", "ks"})
        if (text == known || text.starts_with(std::string(known) + " "))
            std::ranges::transform(text.substr(0, known.size()), text.begin(),
                                   [](char c) { return static_cast<char>(c - 32); });
    return text;
}

/// Nothing where the value lies outside: below its undrifted mean PSI says nothing of how large the drift is.
std::string interval_words(double value, const std::optional<double>& low,
                           const std::optional<double>& high) {
    if (!low || !high || value < *low || value > *high) return "";
    return fmt::format(" (interval {:.3g} to {:.3g})", *low, *high);
}

/// All that was measured. An interval stands behind what it belongs to.
std::string measures_list(const drift::ColumnReport& column) {
    std::string out;
    const auto find = [&](const std::string& name) -> std::optional<double> {
        for (const auto& [measure, value] : column.measures)
            if (measure == name) return value;
        return std::nullopt;
    };
    if (column.effect && column.effect->value)
        out +=
            row(escaped(measure_words(column.effect->measure)),
                fmt::format("{:.4g}{}", *column.effect->value,
                            interval_words(*column.effect->value, column.effect->low, column.effect->high)));
    if (column.importance != 1.0) out += row("importance", fmt::format("{:.3g}", column.importance));
    if (column.impact) out += row("impact", fmt::format("{:.3g}", *column.impact));
    for (const auto& [measure, value] : column.measures) {
        if (!value || (column.effect && measure == column.effect->measure)) continue;
        if (measure.ends_with("_low") || measure.ends_with("_high")) continue;
        out += row(escaped(measure_words(measure)),
                   fmt::format("{:.4g}{}", *value,
                               interval_words(*value, find(measure + "_low"), find(measure + "_high"))));
    }
    return out;
}

std::string details(const drift::ColumnReport& column, std::size_t id, const Room& room) {
    std::string out = fmt::format("<details><summary>Details of {}</summary><div class=\"more\"><div>",
                                  breakable(column.name));
    if (!column.distribution.labels.empty()) out += label_table(column.distribution, room.labels);
    else if (!column.distribution.reference.empty())
        out += fmt::format(
            "<svg class=\"picture large\" viewBox=\"0 0 190 58\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\"><use href=\"#p{}\"/></svg>{}",
            id, axis(column.distribution.edges, column.unit));
    out += "</div><dl>";
    out += row("kind, role", fmt::format("{}, {}", drift::name(column.kind), drift::name(column.role)));
    out += row("event", words(drift::name(column.drift_type)));
    if (column.sensitive) out += row("sensitive", "labels are hashed");
    out += sides("reference", column.reference) + sides("current", column.current);
    if (column.effective_n_reference && column.effective_n_current)
        out +=
            row("independent values",
                fmt::format("some {} against {}", core::readable(std::round(*column.effective_n_reference)),
                            core::readable(std::round(*column.effective_n_current))));
    if (column.test) {
        out += row("test", fmt::format("{} ({}, null {})", escaped(measure_words(column.test->method)),
                                       escaped(column.test->how), escaped(column.test->null)));
        if (column.test->statistic) out += row("statistic", fmt::format("{:.4g}", *column.test->statistic));
        if (column.test->p) out += row("p", p_words(*column.test->p));
        if (column.test->p_adjusted) out += row("adjusted p", p_words(*column.test->p_adjusted));
    }
    return out + measures_list(column) + "</dl></div></details>";
}

/// Our own verdict beside a peer's, and why.
std::string difference_text(const drift::ColumnReport& column) {
    if (!column.difference) return "";
    return fmt::format("<p class=\"legend\">We: {}. {}</p>", words(drift::name(column.difference->verdict)),
                       escaped(column.difference->explanation));
}

std::string column_row(const drift::ColumnReport& column, std::size_t rank, const Room& room, bool by_peer) {
    const auto worst = worst_of(column);
    const auto number = [](const std::optional<double>& value, int digits) {
        return value ? fmt::format("{:.{}g}", *value, digits) : std::string("-");
    };
    const auto key = [](const std::optional<double>& value) {
        return value ? fmt::format("{:.9g}", *value) : std::string();
    };
    const PeerNumbers peer = peer_numbers(column);
    const auto excess = column.effect ? column.effect->value : std::nullopt;
    const auto p = column.test ? column.test->p_adjusted : std::nullopt;
    const auto& effect_key = by_peer ? peer.sorted_by : excess;
    const auto& p_key = by_peer ? peer.threshold_sorted_by : p;
    const std::string effect_shown = by_peer ? peer.value : excess ? two_digits(*excess) : std::string("-");
    const std::string p_shown = by_peer ? peer.threshold : p && *p < 1e-4 ? "&lt; 0.0001" : number(p, 2);
    return fmt::format(
        "<tbody data-name=\"{0}\" data-verdict=\"{1}\" data-severity=\"{2}\"><tr><th scope=\"row\" "
        "aria-label=\"{0}\"><bdi>{3}</bdi></th><td data-sort=\"{4}\">{5}</td>"
        "<td class=\"{18}\" data-label=\"Reference\" data-sort=\"{6}\">{7}</td><td class=\"{18}\" "
        "data-label=\"Current\" data-sort=\"{8}\">{9}</td><td class=\"number\" data-label=\"{19}\" "
        "data-sort=\"{10}\">{11}</td><td class=\"number\" data-label=\"{20}\" "
        "data-sort=\"{12}\">{13}</td><td>{14}</td><td class=\"why\">{15}{16}</td></tr><tr "
        "class=\"details\"><td colspan=\"8\">{17}</td></tr></tbody>\n",
        escaped(column.name), drift::name(column.verdict), worst ? drift::name(*worst) : std::string_view(),
        breakable(column.name), rank,
        badge(column.verdict, column.verdict == Verdict::drift ? column.severity : std::nullopt),
        key(column.reference.median), escaped(value_of(column.reference, column.unit)),
        key(column.current.median), escaped(value_of(column.current, column.unit)), key(effect_key),
        effect_shown, key(p_key), p_shown, picture(column, rank, room.coarse),
        escaped(column.reason) + difference_text(column), signal_list(column.signals),
        details(column, rank, room),
        column.reference.median || column.current.median ? "number" : "number label",
        by_peer ? "Value" : "PSI excess", by_peer ? "Threshold" : "Adjusted p");
}

/// The tests of all columns together, each with what it points at.
std::string joint_section(const std::vector<drift::JointTest>& tests) {
    std::string out =
        "<section aria-label=\"All columns together\"><h2>All columns together</h2><ul class=\"signals\">\n";
    for (const auto& test : tests) {
        std::string items;
        for (const auto& driver : test.drivers)
            items += fmt::format("<li>{}</li>", escaped(driver_text(driver)));
        if (!items.empty())
            items = fmt::format("<details><summary>What moved most</summary><ul>{}</ul></details>", items);
        out +=
            fmt::format("<li>{} <strong>{}</strong>: {} {}{}</li>\n", badge(test.verdict, test.severity),
                        escaped(words(test.method)), escaped(test.reason), escaped(joint_scope(test)), items);
    }
    return out + "</ul></section>\n";
}

/// Groups, the worst first: each opens to its columns that have something to say.
std::string group_section(const drift::Groups& groups) {
    std::string out = fmt::format(
        "<section aria-label=\"Groups\"><h2>By {}</h2><p>{}</p>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"Table of groups\"><table id=\"groups\"><caption>Groups, the worst "
        "first.</caption><thead><tr><th scope=\"col\">Group</th><th scope=\"col\">Verdict</th><th "
        "scope=\"col\">Rows, reference</th><th scope=\"col\">Rows, current</th><th "
        "scope=\"col\">Reason</th></tr></thead>\n<tbody>\n",
        escaped(groups.by), escaped(groups_line(groups)));
    for (const auto* group : by_severity(groups)) {
        std::string items;
        for (const auto* column : by_severity(group->columns)) {
            const auto worst = worst_of(*column);
            if (!worst) break;
            items +=
                fmt::format("<li>{} <strong>{}</strong>: {}{}</li>", badge(Verdict::drift, worst),
                            breakable(column->name), escaped(column->reason), signal_list(column->signals));
        }
        if (!items.empty())
            items = fmt::format("<details><summary>Columns</summary><ul class=\"signals\">{}</ul></details>",
                                items);
        out += fmt::format(
            "<tr><th scope=\"row\"><bdi>{}</bdi></th><td>{}</td><td class=\"number\">{}</td><td "
            "class=\"number\">{}</td><td class=\"why\">{}{}</td></tr>\n",
            breakable(group->label), badge(group->verdict, group->severity),
            core::readable(static_cast<double>(group->reference_rows)),
            core::readable(static_cast<double>(group->current_rows)), escaped(group->reason), items);
    }
    return out + "</tbody></table></div></section>\n";
}

}  // namespace

std::string to_html(const drift::Report& report) {
    std::string page =
        page_begin("Drift report", report.created_at, headline(report), headline_badge(report.summary));
    const bool by_peer = by_peer_alone(report);
    page += "<dl class=\"sides\">" + side_row("Reference", report.reference) +
            side_row("Current", report.current) + plan_rows(report.plan, "checks", by_peer);
    page += "</dl>\n</header>\n<main>\n";
    if (const std::string signals = signal_list(report.signals); !signals.empty())
        page += "<section aria-label=\"Signals of the table\"><h2>The table as a whole</h2>" + signals +
                "</section>\n";
    page +=
        tools("columns", {"crit", "warn", "info", "drift", "no_drift", "insufficient_data", "not_tested"});
    page +=
        "<p class=\"legend\"><span class=\"box reference\"></span> reference (filled) &nbsp; <span "
        "class=\"box current\"></span> current (line), over "
        "the same bins</p>\n";
    page += table_begin("columns", "Columns, the worst first.",
                        {"Column", "Verdict", "Reference", "Current", by_peer ? "Value" : "PSI excess",
                         by_peer ? "Threshold" : "Adjusted p"},
                        "Verdict", {"Distributions", "Reason"});
    const std::size_t columns = report.columns.size();
    const Room room{columns > 100 ? 8u : columns > 20 ? 25u : std::string::npos, columns > 100};
    std::size_t rank = 0;
    for (const auto* column : by_severity(report)) page += column_row(*column, rank++, room, by_peer);
    page += table_end();
    if (!report.multivariate.empty()) page += joint_section(report.multivariate);
    if (report.groups) page += group_section(*report.groups);
    page += note_section(report.notes);
    return page + page_end(fmt::format(
                      "Report {}, {}. {}", core::to_string(report.report_id), drift::report_schema,
                      by_peer ? "Value is what the rule looked at, of several the first that drifted; "
                                "of chunks it is the largest."
                              : "PSI excess is the population stability index minus its mean without "
                                "drift."));
}

}  // namespace tristrata::report
