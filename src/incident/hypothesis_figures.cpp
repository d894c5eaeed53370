#include "tristrata/incident/hypothesis_figures.hpp"

#include "tristrata/incident/statement_counts.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace tristrata::incident {
namespace {

constexpr core::Timestamp year_2000{946'684'800'000'000};
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

core::Result<std::optional<core::Timestamp>> newest_in(store::Store& drift, core::Timestamp from,
                                                       core::Timestamp to) {
    std::optional<core::Timestamp> newest;
    if (!(from < to)) return newest;
    store::DriftQuery query;
    query.range = {from, to};
    query.limit = 1;
    auto rows = drift.query(query);
    if (!rows) return propagate(rows);
    if (!rows->rows.empty()) newest = rows->rows.front().detected_at;
    return newest;
}

/// By halves of the time that is left, since a store tells what is newest in a range.
core::Result<std::optional<core::Timestamp>> first_since_2000(store::Store& drift, core::Timestamp last) {
    core::Timestamp from = year_2000;
    auto first = newest_in(drift, from, last + core::Duration{1});
    if (!first || !*first) return first;
    while (from < **first) {
        const core::Timestamp middle{from.microseconds + ((*first)->microseconds - from.microseconds) / 2};
        auto earlier = newest_in(drift, from, middle);
        if (!earlier) return earlier;
        if (!*earlier) {
            from = middle;
            earlier = newest_in(drift, from, **first);
            if (!earlier) return earlier;
            if (!*earlier) return first;
        }
        first = earlier;
    }
    return first;
}

}  // namespace

core::Status read_kpis(store::Store& kpi, HypothesisFigures& figures) {
    if (auto checks = read_checks(kpi, figures); !checks) return checks;
    return read_samples(kpi, figures);
}

core::Result<FirstEvent> first_event(store::Store& drift) {
    FirstEvent first;
    const auto earlier = [&](const std::optional<core::Timestamp>& time) {
        if (time && *time >= year_2000 && (!first.at || *time < *first.at)) first.at = time;
    };
    auto status = drift.status();
    if (!status) return propagate(status);
    for (const auto& range : status->archived) earlier(range.from);
    for (const auto& table : status->tables) {
        if (!table.name.starts_with("drift.events") || !table.first) continue;
        earlier(table.first);
        if (*table.first >= year_2000) continue;
        // PostgreSQL keeps them in a table of their own.
        if (table.name == "drift.events_parked") {
            first.left_out += status->parked_rest.before;
            continue;
        }
        store::DriftQuery before;
        before.range.to = year_2000;
        before.limit = 1'000;
        auto rows = drift.query(before);
        if (!rows) return propagate(rows);
        first.left_out += rows->rows.size();
        auto next = first_since_2000(drift, table.last.value_or(year_2000));
        if (!next) return propagate(next);
        earlier(*next);
    }
    return first;
}

}  // namespace tristrata::incident
