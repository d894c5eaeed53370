#include "tristrata/incident/statement_counts.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/database/postgres.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t panels_max = 200;
constexpr std::string_view not_loaded = "55000";

constexpr std::string_view facts_sql =
    "SELECT quote_ident(n.nspname), to_regclass(quote_ident(n.nspname) || '.pg_stat_statements_info') IS NOT "
    "NULL, to_regclass('kpi.events') IS NOT NULL, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'), "
    "current_setting('pg_stat_statements.track', true) FROM (SELECT 1) AS one LEFT JOIN pg_extension AS e ON "
    "e.extname = 'pg_stat_statements' LEFT JOIN pg_namespace AS n ON n.oid = e.extnamespace";

/// {0}: the extension's schema, {1}: more conditions.
constexpr std::string_view counts_sql =
    R"sql(WITH told AS (
  SELECT calls, substring(query FROM '^\s*/\* tristrata panel=([A-Za-z0-9_./-]{{1,100}}) \*/') AS panel, query
  FROM {0}.pg_stat_statements
  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query !~ '^\s*/\* tristrata \*/'{1}),
kinds AS (
  SELECT coalesce(panel, '{2}') AS kind, calls
  FROM told
  WHERE panel IS NOT NULL
     OR (query ~* '^(\s|/\*.*?\*/|--[^\n]*\n)*(\(\s*)*(select|with|table|copy|declare)\M'
         AND query ~* '(^|[^a-z0-9_.$"])"?kpi"?\s*\.\s*"?events"?($|[^a-z0-9_$"])'))
SELECT kind, sum(calls)::bigint, count(*)
FROM kinds
GROUP BY kind
ORDER BY kind IN ('{2}', '{3}') DESC, 2 DESC, kind)sql";

/// The advice of a database's error is about tables; here it is about an extension.
core::Error not_counted(const core::SecretSource& url, std::string_view why) {
    return {ErrorKind::configuration,
            fmt::format("statements are not counted (asked as {}): {}", url.origin, why),
            {}};
}

}  // namespace

core::Result<StatementCounts> count_statements(const core::SecretSource& url) {
    database::PostgresOptions options;
    options.url = url;
    options.application = "tristrata hypotheses";
    options.any_server = true;
    database::Postgres database(std::move(options));
    const auto refuse = [&](std::string_view why) {
        return tl::unexpected<core::Error>(not_counted(url, why));
    };
    auto facts = database.query(facts_sql);
    if (!facts) return propagate(facts);
    constexpr const char* load =
        "put pg_stat_statements into shared_preload_libraries of postgresql.conf, and restart the server";
    if (!facts->boolean(0, 2)) return refuse("the database has no kpi.events: the URL names another one");
    if (facts->null(0, 0))
        return refuse(fmt::format("run CREATE EXTENSION pg_stat_statements in this database; {}",
                                  facts->null(0, 4) ? std::string("before that, ") + load : "it is loaded"));
    if (facts->null(0, 4)) return refuse(load);
    if (facts->text(0, 4) == "none") return refuse("set pg_stat_statements.track to top");
    if (!facts->boolean(0, 3))
        return refuse("its user sees no statements of others: GRANT pg_read_all_stats TO it");
    const std::string schema = facts->text(0, 0);
    const bool has_info = facts->boolean(0, 1);
    StatementCounts found;
    if (has_info) {
        auto since = database.query(fmt::format(
            "SELECT (extract(epoch FROM stats_reset) * 1000000)::bigint FROM {}.pg_stat_statements_info",
            schema));
        if (!since && since.error().foreign_code == not_loaded) return refuse(load);
        if (!since) return propagate(since);
        if (const auto time = since->maybe_integer(0, 0)) found.since = core::Timestamp{*time};
    }
    auto rows = database.query(fmt::format(fmt::runtime(counts_sql), schema, has_info ? " AND toplevel" : "",
                                           ad_hoc_kind, opened_kind));
    if (!rows && rows.error().foreign_code == not_loaded) return refuse(load);
    if (!rows) return propagate(rows);
    for (int i = 0; i < rows->count(); ++i) {
        if (found.counts.size() == panels_max) {
            found.left_out = static_cast<std::uint64_t>(rows->count()) - panels_max;
            break;
        }
        found.counts.push_back({rows->text(i, 0), static_cast<std::uint64_t>(rows->integer(i, 1)),
                                static_cast<std::uint64_t>(rows->integer(i, 2))});
    }
    for (const auto kind : {ad_hoc_kind, opened_kind})
        if (std::ranges::find(found.counts, kind, &StatementCount::kind) == found.counts.end())
            found.counts.push_back({std::string(kind), 0, 0});
    return found;
}

core::Result<StatementCounts> count_statements(const config::Settings& settings) {
    auto kpi = settings.require("kpi_url");
    if (!kpi) return propagate(kpi);
    auto kind = config::parse_store_url(*kpi);
    if (!kind) return propagate(kind);
    if (kind->backend == config::Backend::sqlite)
        return fail(
            ErrorKind::configuration,
            "the KPI store is a SQLite file, and nothing counts what is asked of that: H2 and H4 need "
            "the stores on PostgreSQL with pg_stat_statements");
    std::optional<core::Error> first;
    for (const char* key : {"read_url", "admin_url", "kpi_url"}) {
        const config::Setting* setting = settings.find(key);
        if (setting == nullptr) continue;
        auto url = config::parse_store_url(*setting);
        if (!url) return propagate(url);
        if (url->backend != config::Backend::postgresql) continue;
        auto counted = count_statements(config::source_of(*setting));
        if (counted) return counted;
        if (!first) first = counted.error();
    }
    return tl::unexpected<core::Error>(*first);
}

std::vector<execution::KpiRequest> samples_of(const StatementCounts& counts, core::Timestamp at) {
    constexpr std::int64_t day_us = 86'400'000'000;
    const core::Timestamp day{at.microseconds - ((at.microseconds % day_us) + day_us) % day_us};
    std::vector<execution::KpiRequest> requests;
    for (const auto& one : counts.counts) {
        execution::KpiRequest request;
        request.module = "tristrata";
        request.dag_node = one.kind;
        request.time = day;
        request.event_id =
            core::uuid_v5(core::tristrata_namespace(),
                          fmt::format("statement_calls {} {}", core::to_string(day).substr(0, 10), one.kind));
        request.metrics = {{"statement_calls", static_cast<double>(one.calls)},
                           {"statement_count", static_cast<double>(one.statements)}};
        if (counts.since)
            request.metrics.emplace_back("statement_calls_since",
                                         static_cast<double>(counts.since->microseconds) / 1e6);
        requests.push_back(std::move(request));
    }
    return requests;
}

}  // namespace tristrata::incident
