#include "tristrata/report/backtest_html.hpp"

#include "lane.hpp"
#include "ordering.hpp"
#include "page.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/backtest_table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace tristrata::report {
namespace {

using drift::BacktestChunk;
using drift::ChunkUse;
using drift::Finding;
using drift::Severity;
using drift::Verdict;

constexpr std::size_t lanes_shown = 30;
constexpr std::size_t findings_shown = 20;  ///< Of one chunk.
constexpr unsigned lane_height = 26, picture_height = 120;

using Worst = std::vector<std::optional<Severity>>;
using Places = std::vector<std::optional<double>>;

bool raises_alarm(const BacktestChunk& chunk) { return chunk.yearly && chunk.yearly->alarm; }

std::optional<Severity> worst_of(const BacktestChunk& chunk) {
    std::optional<Severity> worst;
    for (const auto& finding : chunk.findings) worst = std::max(worst, std::optional(finding.severity));
    if (raises_alarm(chunk)) worst = std::max(worst, std::optional(Severity::warn));
    return worst;
}

Verdict verdict_of(const BacktestChunk& chunk) {
    if (chunk.use != ChunkUse::tested) return Verdict::not_tested;
    if (drift::drifted(chunk) || raises_alarm(chunk)) return Verdict::drift;
    if (chunk.columns_tested > 0) return Verdict::no_drift;
    return chunk.insufficient_data > 0 ? Verdict::insufficient_data : Verdict::not_tested;
}

/// Whether the table has a row for it.
bool speaks(const BacktestChunk& chunk) {
    if (chunk.use == ChunkUse::reference || chunk.reason.starts_with("before")) return false;
    return !chunk.findings.empty() || verdict_of(chunk) != Verdict::no_drift;
}

/// Where each event stands among the chunks: 2.5 is the middle of the third. Nowhere where no chunk holds it.
Places positions_of(const drift::Backtest& backtest) {
    Places places(backtest.events.size());
    for (std::size_t k = 0; k < places.size(); ++k)
        for (std::size_t i = 0; i < backtest.chunks.size() && !places[k]; ++i) {
            const auto& chunk = backtest.chunks[i];
            const core::Timestamp time = backtest.events[k].time;
            if (!chunk.from || !chunk.to || time < *chunk.from || time >= *chunk.to) continue;
            places[k] =
                static_cast<double>(i) + static_cast<double>((time - *chunk.from).microseconds) /
                                             static_cast<double>((*chunk.to - *chunk.from).microseconds);
        }
    return places;
}

/// "fired in 6 chunks, from 2023-03-22 to 2023-04-07; the worst is crit"
std::string told(const drift::Backtest& backtest, const Worst& worst) {
    std::size_t count = 0, first = 0, last = 0;
    std::optional<Severity> most;
    for (std::size_t i = 0; i < worst.size(); ++i) {
        if (!worst[i]) continue;
        if (count++ == 0) first = i;
        last = i;
        most = std::max(most, worst[i]);
    }
    if (count == 0) return "fired in no chunk";
    return fmt::format("fired in {}, from {} to {}; the worst is {}", core::plural(count, "chunk", "chunks"),
                       backtest.chunks[first].key, backtest.chunks[last].key, drift::name(*most));
}

std::string lane_row(const std::string& name_html, const std::string& picture) {
    return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name_html, picture);
}

/// The lines of columns that drifted, those that did most often first.
std::string column_lanes(const drift::Backtest& backtest, const Places& events) {
    std::map<std::string, Worst, std::less<>> fired;
    for (std::size_t i = 0; i < backtest.chunks.size(); ++i)
        for (const auto& finding : backtest.chunks[i].findings) {
            if (finding.signal) continue;
            auto& worst = fired[finding.column];
            worst.resize(backtest.chunks.size());
            worst[i] = std::max(worst[i], std::optional(finding.severity));
        }
    std::vector<std::pair<std::size_t, const std::pair<const std::string, Worst>*>> order;
    for (const auto& one : fired) {
        const auto count =
            std::ranges::count_if(one.second, [](const auto& worst) { return worst.has_value(); });
        order.emplace_back(static_cast<std::size_t>(count), &one);
    }
    std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string out;
    for (std::size_t i = 0; i < std::min(order.size(), lanes_shown); ++i) {
        const auto& [name, worst] = *order[i].second;
        Lane lane(backtest.chunks.size(), lane_height);
        lane.bars(worst);
        lane.marks(events);
        out += lane_row(fmt::format("<bdi>{}</bdi>", breakable(name)),
                        lane.finish(fmt::format("{}: {}.", name, told(backtest, worst))));
    }
    if (order.size() > lanes_shown)
        out += lane_row("", fmt::format("{} in fewer chunks; they stand in the JSON",
                                        core::plural(order.size() - lanes_shown, "more column drifted",
                                                     "more columns drifted")));
    return out;
}

std::string signal_lane(const drift::Backtest& backtest, const Places& events) {
    Worst worst(backtest.chunks.size());
    for (std::size_t i = 0; i < worst.size(); ++i)
        for (const auto& finding : backtest.chunks[i].findings)
            if (finding.signal) worst[i] = std::max(worst[i], std::optional(finding.severity));
    Lane lane(worst.size(), lane_height);
    lane.bars(worst);
    lane.marks(events);
    return lane_row("signals", lane.finish(fmt::format("Signals: {}.", told(backtest, worst))));
}

/// The evidence of lasting change between none and an alarm.
std::string evidence_lane(const drift::Backtest& backtest, const Places& events) {
    std::vector<std::optional<double>> levels(backtest.chunks.size());
    Worst alarms(backtest.chunks.size());
    const double alarm = -std::log(backtest.plan.alpha);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const auto& yearly = backtest.chunks[i].yearly;
        if (!yearly) continue;
        if (alarm > 0.0) levels[i] = yearly->log_evidence / alarm;
        if (yearly->alarm) alarms[i] = Severity::warn;
    }
    Lane lane(levels.size(), lane_height);
    lane.bars(alarms);
    lane.level(1.0, "limit");
    lane.steps(levels, "current");
    lane.marks(events);
    return lane_row("lasting change",
                    lane.finish(fmt::format("Evidence of lasting change, up to an alarm: {} {}.",
                                            core::plural(backtest.summary.alarms, "alarm", "alarms"),
                                            told(backtest, alarms))));
}

std::string use_lane(const drift::Backtest& backtest, const Places& events) {
    std::vector<std::size_t> reference, tested;
    for (std::size_t i = 0; i < backtest.chunks.size(); ++i) {
        const auto& chunk = backtest.chunks[i];
        if (chunk.use == ChunkUse::reference) reference.push_back(i);
        else if (chunk.use == ChunkUse::tested && chunk.columns_tested > 0) tested.push_back(i);
    }
    Lane lane(backtest.chunks.size(), lane_height);
    lane.fill(reference, 0.8, "reference");
    lane.fill(tested, 0.4, "current");
    lane.marks(events);
    return lane_row("chunks", lane.finish(fmt::format("{} stand in the reference only, {} have a verdict.",
                                                      reference.size(), tested.size())));
}

/// The events' numbers where they stand, every other one lower: neighbours stay apart.
std::string number_lane(const Places& places, std::size_t chunks) {
    std::string numbers;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i])
            numbers +=
                fmt::format("<text x=\"{:.2f}%\" y=\"{}\">{}</text>",
                            100.0 * *places[i] / static_cast<double>(chunks), i % 2 == 0 ? 12 : 25, i + 1);
    return lane_row("events", fmt::format("<svg class=\"lane high{}\" aria-hidden=\"true\">{}</svg>",
                                          lane_height, numbers));
}

std::string picture_section(const drift::Backtest& backtest) {
    if (backtest.chunks.empty()) return "";
    const auto events = positions_of(backtest);
    std::string out =
        "<section aria-label=\"Chunks over time\"><h2>Chunk by chunk</h2>\n<p class=\"legend\">A bar is a "
        "chunk in which something fired: low <span class=\"info\">● info</span>, higher <span "
        "class=\"warn\">◆ warn</span>, full <span class=\"crit\">▲ crit</span>. Upright dashes are "
        "events.";
    if (backtest.yearly) out += " The line of lasting change is evidence, and the dashes above it an alarm.";
    out +=
        " In the last line: <span class=\"box reference\"></span> reference only, <span class=\"box "
        "current\"></span> tested, nothing where there was no verdict.</p>\n<dl class=\"lanes\">\n";
    if (!events.empty()) out += number_lane(events, backtest.chunks.size());
    out += column_lanes(backtest, events) + signal_lane(backtest, events);
    if (backtest.yearly) out += evidence_lane(backtest, events);
    out += use_lane(backtest, events);
    std::vector<std::string> keys;
    for (const auto& chunk : backtest.chunks) keys.push_back(chunk.key);
    return out + lane_row("", lane_axis(keys)) + "</dl></section>\n";
}

/// What another tool's methods measured, each over the chunks it measured, with its bounds.
std::string peer_section(const std::vector<drift::BacktestColumn>& columns) {
    std::string pictures;
    std::size_t shown = 0, left_out = 0;
    for (const auto& column : columns) {
        if (column.tests.empty())
            pictures += fmt::format("<p><strong><bdi>{}</bdi></strong>: {}</p>\n", breakable(column.column),
                                    escaped(column.reason));
        for (const auto& test : column.tests) {
            if (shown == lanes_shown) {
                ++left_out;
                continue;
            }
            ++shown;
            double highest = std::max(test.upper.value_or(0.0), test.lower.value_or(0.0));
            Worst alerts;
            for (const auto& chunk : test.chunks) {
                highest = std::max(highest, chunk.value.value_or(0.0));
                alerts.push_back(chunk.alert ? std::optional(Severity::warn) : std::nullopt);
            }
            const auto share = [&](const std::optional<double>& value) {
                return value && highest > 0.0 ? std::optional(*value / highest) : value;
            };
            Places values;
            std::vector<std::string> keys;
            for (const auto& chunk : test.chunks) {
                values.push_back(share(chunk.value));
                keys.push_back(chunk.key);
            }
            Lane lane(test.chunks.size(), picture_height);
            for (const auto& bound : {test.lower, test.upper})
                if (bound) lane.level(share(bound).value_or(0.0), "limit");
            lane.steps(values, "current");
            const std::string said =
                fmt::format("{}: {} of {} alert", test.title, test.alerts,
                            core::plural(test.chunks.size(), "chunk", "chunks")) +
                (test.score ? fmt::format(", the largest value {}", core::readable(*test.score)) : "") +
                (test.lower ? fmt::format(", lower bound {}", core::readable(*test.lower)) : "") +
                (test.upper ? fmt::format(", upper bound {}", core::readable(*test.upper)) : "");
            Lane bars(test.chunks.size(), lane_height);
            bars.bars(alerts);
            pictures += fmt::format(
                "<figure><figcaption><strong><bdi>{}</bdi></strong> <span "
                "class=\"legend\">{}</span></figcaption>{}{}{}</figure>\n",
                breakable(column.column), escaped(said),
                lane.finish(fmt::format("{}, {}.", column.column, said)),
                bars.finish(fmt::format("{}, {}: chunks that alert.", column.column, test.title)),
                lane_axis(keys));
        }
    }
    if (left_out > 0)
        pictures +=
            fmt::format("<p>{} stand in the JSON.</p>\n",
                        core::plural(left_out, "further method of a column", "further methods of columns"));
    return "<section aria-label=\"Values over time\"><h2>What was measured</h2>\n<p class=\"legend\">The "
           "line "
           "is a method's value, chunk by chunk from 0 up; long dashes are its bounds; a bar below is an "
           "alert.</p>\n<div class=\"pictures\">\n" +
           pictures + "</div></section>\n";
}

std::string event_section(const drift::Backtest& backtest) {
    if (backtest.events.empty()) return "";
    std::string out =
        "<section aria-label=\"Events\"><h2>Events</h2>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"region\" "
        "aria-label=\"Table of events\"><table id=\"events\"><caption>How long after each something "
        "fired.</caption><thead><tr><th scope=\"col\">Number</th><th scope=\"col\">Event</th><th "
        "scope=\"col\">Time</th><th scope=\"col\">First drift</th><th scope=\"col\">First signal</th>";
    if (backtest.yearly) out += "<th scope=\"col\">Lasting change</th>";
    out += "</tr></thead>\n<tbody>\n";
    std::size_t number = 0;
    for (const auto& event : backtest.events) {
        out += fmt::format(
            "<tr><td>{}</td><th scope=\"row\"><bdi>{}</bdi></th><td>{}</td><td>{}</td><td>{}</td>", ++number,
            breakable(event.name), core::to_string(event.time),
            escaped(delay_text(event.first_drift, event.time_to_drift)),
            escaped(delay_text(event.first_signal, event.time_to_signal)));
        if (backtest.yearly)
            out += fmt::format("<td>{}</td>", escaped(delay_text(event.first_alarm, event.time_to_alarm)));
        out += "</tr>\n";
    }
    return out + "</tbody></table></div></section>\n";
}

/// What fired in a chunk, the worst first.
std::string finding_list(const BacktestChunk& chunk) {
    std::vector<const Finding*> order;
    for (const auto& finding : chunk.findings) order.push_back(&finding);
    std::ranges::stable_sort(order, [](auto a, auto b) { return a->severity > b->severity; });
    std::string items;
    for (std::size_t i = 0; i < std::min(order.size(), findings_shown); ++i) {
        const Finding& finding = *order[i];
        std::string what =
            finding.column.empty() ? "" : fmt::format("<bdi>{}</bdi>", breakable(finding.column));
        if (finding.signal) what += (what.empty() ? "" : " ") + words(drift::name(*finding.signal));
        items += fmt::format("<li>{} <strong>{}</strong>: {}</li>", badge(Verdict::drift, finding.severity),
                             what, escaped(finding.reason));
    }
    if (order.size() > findings_shown)
        items += fmt::format("<li>{} more, none worse; they stand in the JSON</li>",
                             order.size() - findings_shown);
    return items.empty() ? "" : "<ul class=\"signals\">" + items + "</ul>";
}

std::string chunk_row(const BacktestChunk& chunk, std::size_t index) {
    const auto worst = worst_of(chunk);
    const Verdict verdict = verdict_of(chunk);
    const auto drifted = std::ranges::count_if(chunk.findings, [](const auto& one) { return !one.signal; });
    std::string said = escaped(chunk.reason);
    if (said.empty() && verdict != Verdict::drift && verdict != Verdict::no_drift)
        said = fmt::format("{} had too little data, {} could not be tested",
                           core::plural(chunk.insufficient_data, "column", "columns"), chunk.not_tested);
    if (raises_alarm(chunk))
        said += fmt::format("<p class=\"legend\">Alarm of lasting change: {} stands out most.</p>",
                            breakable(chunk.yearly->column));
    const int rank = worst ? 2 - static_cast<int>(*worst) : 3;
    return fmt::format(
        "<tbody data-name=\"{0}\" data-verdict=\"{1}\" data-severity=\"{2}\"><tr><th scope=\"row\" "
        "data-sort=\"{3}\"><bdi>{0}</bdi></th><td data-sort=\"{4}\">{5}</td><td class=\"number\" "
        "data-label=\"Rows\" data-sort=\"{6}\">{7}</td><td class=\"number\" data-label=\"Drifted columns\" "
        "data-sort=\"{8}\">{8}</td><td class=\"number\" data-label=\"Signals\" data-sort=\"{9}\">{9}</td><td "
        "class=\"why\">{10}{11}</td></tr></tbody>\n",
        escaped(chunk.key), drift::name(verdict), worst ? drift::name(*worst) : std::string_view(), index,
        rank, badge(verdict, worst), chunk.rows, core::readable(static_cast<double>(chunk.rows)), drifted,
        std::ssize(chunk.findings) - drifted, said, finding_list(chunk));
}

/// Without a verdict there is nothing to be reassured by.
std::string headline_badge(const drift::Backtest& backtest) {
    std::optional<Severity> worst;
    for (const auto& chunk : backtest.chunks) worst = std::max(worst, worst_of(chunk));
    if (worst) return badge(Verdict::drift, worst);
    const bool answered = backtest.summary.without_verdict < backtest.summary.tested;
    return badge(answered ? Verdict::no_drift : Verdict::insufficient_data, std::nullopt);
}

}  // namespace

std::string to_html(const drift::Backtest& backtest) {
    std::string page =
        page_begin("Backtest", backtest.created_at, headline(backtest), headline_badge(backtest));
    page += "<dl class=\"sides\">" + side_row("Data", backtest.source);
    page +=
        row("Chunks", fmt::format("{}, by {}", core::readable(static_cast<double>(backtest.summary.chunks)),
                                  escaped(backtest.chunking)));
    page += row("Reference", escaped(backtest.reference)) + plan_rows(backtest.plan, "tests", false);
    page += "</dl>\n</header>\n<main>\n" + picture_section(backtest);
    if (!backtest.columns.empty()) page += peer_section(backtest.columns);
    page += event_section(backtest);
    std::size_t listed = 0;
    std::string rows;
    for (std::size_t i = 0; i < backtest.chunks.size(); ++i)
        if (speaks(backtest.chunks[i])) {
            ++listed;
            rows += chunk_row(backtest.chunks[i], i);
        }
    std::string quiet = "<h2>What fired, and what had no verdict</h2>\n";
    if (listed == 0) quiet += "<p>Nothing did, and every tested chunk has a verdict.</p>\n";
    page += quiet +
            tools("chunks", {"crit", "warn", "info", "drift", "no_drift", "insufficient_data", "not_tested"});
    page += table_begin("chunks", "Chunks in which something fired or that have no verdict, in order.",
                        {"Chunk", "Verdict", "Rows", "Drifted columns", "Signals"}, "Chunk", {"What fired"});
    page += rows + table_end();
    const auto& summary = backtest.summary;
    auto notes = backtest.notes;
    if (summary.reused > 0)
        notes.push_back(fmt::format("{} taken over from the state.",
                                    core::plural(summary.reused, "verdict was", "verdicts were")));
    if (summary.empty_periods > 0)
        notes.push_back(fmt::format("{} between the chunks without a row.",
                                    core::plural(summary.empty_periods, "period", "periods")));
    return page + note_section(notes) +
           page_end(
               fmt::format("{}. A chunk that is not listed was quiet: it has a verdict, and nothing fired.",
                           drift::backtest_schema));
}

}  // namespace tristrata::report
