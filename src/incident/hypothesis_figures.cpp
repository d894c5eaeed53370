#include "tristrata/incident/hypothesis_figures.hpp"

#include "tristrata/incident/statement_counts.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace tristrata::incident {
namespace {

constexpr std::uint64_t rows_max = 1'000'000;

core::Result<std::vector<store::KpiResultRow>> rows_of(store::Store& kpi, core::Timestamp at,
                                                       std::optional<std::string> module,
                                                       const std::string& metric) {
    store::KpiQuery query;
    query.module = std::move(module);
    query.metric = metric;
    query.range.to = at;
    query.limit = rows_max;
    auto page = kpi.query(query);
    if (!page) return propagate(page);
    if (page->truncated)
        return core::fail(core::ErrorKind::limit_exceeded,
                          fmt::format("there are more than {} rows of the metric {}", rows_max, metric));
    return std::move(page->rows);
}

core::Status read_checks(store::Store& kpi, HypothesisFigures& figures) {
    std::map<core::Uuid, CheckFigures> checks;
    auto columns = rows_of(kpi, figures.at, std::nullopt, "drift_check_columns");
    if (!columns) return propagate(columns);
    for (const auto& row : *columns)
        if (row.dag_node == "drift_check" && row.emit_id && row.duration_ms && row.value)
            checks[*row.emit_id] = {
                *row.emit_id,     row.module, row.run_id, row.time,
                *row.duration_ms, 0,          0,          static_cast<std::uint64_t>(*row.value)};
    for (const auto& [metric, side] : {std::pair{"drift_check_rows_reference", &CheckFigures::rows_reference},
                                       std::pair{"drift_check_rows_current", &CheckFigures::rows_current}}) {
        auto rows = rows_of(kpi, figures.at, std::nullopt, metric);
        if (!rows) return propagate(rows);
        for (const auto& row : *rows)
            if (const auto found = row.emit_id ? checks.find(*row.emit_id) : checks.end();
                found != checks.end() && row.value)
                found->second.*side = static_cast<std::uint64_t>(*row.value);
    }
    for (auto& [emit_id, check] : checks) figures.checks.push_back(std::move(check));
    return {};
}

core::Status read_samples(store::Store& kpi, HypothesisFigures& figures) {
    std::map<std::pair<std::string, core::Timestamp>, StatementSample> samples;
    const auto at = [&](const store::KpiResultRow& row) -> StatementSample* {
        if (!row.value || (row.dag_node != ad_hoc_kind && row.dag_node != opened_kind)) return nullptr;
        StatementSample& sample = samples[{*row.dag_node, row.time}];
        sample.day = row.time;
        return &sample;
    };
    for (const auto* metric : {"statement_calls", "statement_count", "statement_calls_since"}) {
        // A day's sample stands at its beginning.
        auto rows = rows_of(kpi, figures.at + core::Duration{1}, "tristrata", metric);
        if (!rows) return propagate(rows);
        for (const auto& row : *rows)
            if (StatementSample* sample = at(row)) {
                const std::string_view name = metric;
                if (name == "statement_calls") sample->calls = static_cast<std::uint64_t>(*row.value);
                else if (name == "statement_count")
                    sample->statements = static_cast<std::uint64_t>(*row.value);
                else sample->since = core::Timestamp{static_cast<std::int64_t>(*row.value * 1e6)};
            }
    }
    for (const auto& [key, sample] : samples)
        (key.first == ad_hoc_kind ? figures.ad_hoc : figures.opened).push_back(sample);
    return {};
}

}  // namespace

core::Status read_kpis(store::Store& kpi, HypothesisFigures& figures) {
    if (auto checks = read_checks(kpi, figures); !checks) return checks;
    return read_samples(kpi, figures);
}

std::optional<core::Timestamp> first_event(const store::StoreStatus& drift) {
    std::optional<core::Timestamp> first;
    const auto earlier = [&](const std::optional<core::Timestamp>& time) {
        if (time && (!first || *time < *first)) first = time;
    };
    for (const auto& table : drift.tables)
        if (table.name.starts_with("drift.events")) earlier(table.first);
    for (const auto& range : drift.archived) earlier(range.from);
    return first;
}

}  // namespace tristrata::incident
