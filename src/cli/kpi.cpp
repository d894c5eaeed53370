#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// KEY=VALUE; the first = divides.
core::Result<std::pair<std::string, std::string>> pair_of(const std::string& text, std::string_view what) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorKind::usage, fmt::format("{} is no {}; expected {}", core::quoted(text), what,
                                                  what == "metric" ? "NAME=VALUE, such as success_rate=0.97"
                                                                   : "KEY=VALUE, such as crypto=BTCUSDC"));
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

core::Result<int> emit(const KpiEmitOptions& options) {
    execution::KpiRequest request;
    request.module = options.module;
    request.run_id = optional_text(options.run_id);
    request.dag_node = optional_text(options.dag_node);
    request.duration_ms = options.duration_ms;
    if (options.success) request.success = *options.success == "true";
    for (const auto& text : options.metrics) {
        auto metric = pair_of(text, "metric");
        if (!metric) return propagate(metric);
        double value = 0.0;
        const std::string& digits = metric->second;
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (code != std::errc() || end != digits.data() + digits.size())
            return fail(ErrorKind::usage, fmt::format("the metric {} is {}; expected a number",
                                                      core::quoted(metric->first), core::quoted(digits)));
        request.metrics.emplace_back(metric->first, value);
    }
    for (const auto& text : options.tags) {
        auto tag = pair_of(text, "tag");
        if (!tag) return propagate(tag);
        if (!request.tags.emplace(tag->first, tag->second).second)
            return fail(ErrorKind::usage, fmt::format("the tag {} is given twice", core::quoted(tag->first)));
    }
    if (!options.time.empty()) {
        auto time = time_or_now("--time", options.time);
        if (!time) return propagate(time);
        request.time = *time;
    }
    if (!options.event_id.empty()) {
        auto id = core::parse_uuid(options.event_id);
        if (!id) return propagate(id);
        request.event_id = *id;
    }
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto receipt = (*session)->emit_kpi(request, options.module);
    if (!receipt) return propagate(receipt);
    if (receipt->redacted > 0)
        fmt::print(stderr, "warning: {} like a secret: stored as [redacted]\n",
                   core::plural(receipt->redacted, "tag value looks", "tag values look"));
    const auto& taken = receipt->acknowledgement;
    fmt::print("{} {} {} {}\n", core::to_string(receipt->emit_id),
               taken.durability != sink::Durability::committed    ? "emitted"
               : taken.parked > 0 && taken.parked == taken.stored ? "parked"
                                                                  : "stored",
               taken.stored, how_taken(taken));
    return 0;
}

std::string as_json(const store::Page<store::KpiResultRow>& page, bool grouped) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("rows");
    json.begin_array();
    for (const auto& row : page.rows) {
        json.begin_object();
        json.member("time", core::to_string(row.time));
        json.member("module", row.module);
        json.member("metric_name", row.metric_name);
        json.member("metric_value", row.value);
        if (grouped) {
            json.member("count", row.count);
            json.member("minimum", row.minimum);
            json.member("maximum", row.maximum);
        } else {
            json.member("run_id", row.run_id);
            json.member("dag_node", row.dag_node);
            json.member("duration_ms", row.duration_ms);
            json.member("success", row.success);
            json.key("tags");
            json.raw(row.tags);
            json.member("event_id",
                        row.event_id ? std::optional(core::to_string(*row.event_id)) : std::nullopt);
            json.member("emit_id", row.emit_id ? std::optional(core::to_string(*row.emit_id)) : std::nullopt);
        }
        json.end_object();
    }
    json.end_array();
    json.member("truncated", page.truncated);
    json.end_object();
    return json.take() + "\n";
}

std::string as_table(const store::Page<store::KpiResultRow>& page, bool grouped) {
    const auto number = [](const std::optional<double>& value) {
        return value ? core::readable(*value) : std::string("-");
    };
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : page.rows) {
        if (grouped)
            rows.push_back({core::to_string(row.time), row.module, row.metric_name, number(row.value),
                            std::to_string(row.count), number(row.minimum), number(row.maximum)});
        else
            rows.push_back({core::to_string(row.time), row.module, row.metric_name, number(row.value),
                            row.run_id.value_or("-"), row.dag_node.value_or("-"),
                            row.duration_ms ? std::to_string(*row.duration_ms) : "-",
                            row.success ? (*row.success ? "true" : "false") : "-", row.tags});
    }
    std::string text =
        grouped
            ? report::aligned({"time", "module", "metric_name", "mean", "count", "minimum", "maximum"}, rows)
            : report::aligned({"time", "module", "metric_name", "metric_value", "run_id", "dag_node",
                               "duration_ms", "success", "tags"},
                              rows);
    if (page.rows.empty()) text += "no rows; check --module and --metric, and widen --from and --to\n";
    return text;
}

core::Result<int> query(const KpiQueryOptions& options) {
    store::KpiQuery query;
    query.module = optional_text(options.module);
    query.metric = optional_text(options.metric);
    query.run_id = optional_text(options.run_id);
    query.limit = options.limit;
    if (options.by == "hour") query.by = store::KpiQuery::By::hour;
    if (options.by == "day") query.by = store::KpiQuery::By::day;
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    query.range = *range;
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto store = (*session)->open_store(store::Layer::kpi, store::OpenMode::read);
    if (!store) return propagate(store);
    auto page = (*store)->query(query);
    if (!page) return propagate(page);
    const bool grouped = !options.by.empty();
    std::string text = options.output.format == "json" ? as_json(*page, grouped) : as_table(*page, grouped);
    if (page->truncated && options.output.format != "json")
        text += fmt::format("only the newest {} are shown; --limit shows more\n", options.limit);
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

}  // namespace

int kpi_emit(const KpiEmitOptions& options) { return code_of(emit(options)); }
int kpi_query(const KpiQueryOptions& options) { return code_of(query(options)); }

}  // namespace tristrata::cli
