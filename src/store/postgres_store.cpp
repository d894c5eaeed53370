#include "archive_status.hpp"
#include "compact_json.hpp"
#include "conditions.hpp"
#include "layered_store.hpp"
#include "partitions.hpp"
#include "postgres_ingest.hpp"
#include "postgres_references.hpp"
#include "schema_text.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/migration.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Postgres;
using database::PostgresRows;
using database::PostgresValue;

class PostgresStore final : public LayeredStore<Postgres, PostgresReferences> {
public:
    PostgresStore(Postgres database, Layer layer)
        : LayeredStore(std::move(database), layer), ingest_(database_, layer, core::system_clock()) {}

    core::Result<StoreStatus> status() override;
    core::Result<std::optional<core::Timestamp>> keep_ahead() override;
    core::Result<IngestResult> ingest(std::span<const sink::Record> records,
                                      const std::optional<BatchOrigin>& origin) override {
        return ingest_.ingest(records, origin);
    }
    core::Result<Page<KpiResultRow>> query(const KpiQuery& query) override;
    core::Result<Page<drift::Event>> query(const DriftQuery& query) override;
    core::Result<std::vector<drift::Event>> find_event(const core::Uuid& event_id) override;
    core::Result<core::Uuid> find_event_id(std::string_view beginning) override;
    using LayeredStore::query;

private:
    core::Status require(Layer layer) const override;
    core::Result<TableStatus> table(std::string_view name);
    core::Result<std::optional<core::Timestamp>> horizon();

    PostgresIngest ingest_;
};

std::vector<PostgresValue> parameters_of(const Conditions& conditions) {
    return {conditions.values().begin(), conditions.values().end()};
}

core::Status PostgresStore::require(Layer layer) const {
    if (layer == layer_) return {};
    return fail(ErrorKind::usage, fmt::format("{} is opened as the {} store; this asks for the {} store",
                                              database_.where(), schema_name(layer_), schema_name(layer)));
}

core::Result<TableStatus> PostgresStore::table(std::string_view name) {
    auto rows = database_.query(
        fmt::format("SELECT count(*), (extract(epoch FROM min({0})) * 1000000)::bigint, (extract(epoch FROM "
                    "max({0})) * 1000000)::bigint FROM {1}",
                    layer_ == Layer::kpi ? "time" : "detected_at", name));
    if (!rows) return propagate(rows);
    TableStatus table{std::string(name), static_cast<std::uint64_t>(rows->integer(0, 0)), {}, {}, 0};
    if (const auto first = rows->maybe_integer(0, 1)) table.first = core::Timestamp{*first};
    if (const auto last = rows->maybe_integer(0, 2)) table.last = core::Timestamp{*last};
    return table;
}

core::Result<StoreStatus> PostgresStore::status() {
    const std::string schema(schema_name(layer_));
    StoreStatus status;
    status.where = database_.where();
    auto version = database::schema_version(database_, schema);
    if (!version) return propagate(version);
    status.schema_version = *version;
    status.newest_version = postgres_migrations(layer_).back().number;
    if (auto added = add_archive_status(database_, layer_, status); !added) return propagate(added);
    for (const char* name : {".events", ".events_parked"}) {
        auto found = table(schema + name);
        if (!found) return propagate(found);
        status.tables.push_back(std::move(*found));
    }
    auto rows = database_.query(fmt::format(
        "SELECT current_setting('server_version'), (SELECT sum(pg_total_relation_size(relid))::bigint FROM "
        "pg_partition_tree('{0}.events')), pg_total_relation_size('{0}.events_parked')",
        schema));
    if (!rows) return propagate(rows);
    const std::string server = rows->text(0, 0);
    status.backend = "postgresql " + server.substr(0, server.find(' '));
    for (std::size_t i = 0; i < status.tables.size(); ++i)
        status.tables[i].bytes = static_cast<std::uint64_t>(rows->integer(0, static_cast<int>(i) + 1));
    auto rest = parked_rest(database_, layer_);
    if (!rest) return propagate(rest);
    status.parked_rest = *rest;
    auto ends = horizon();
    if (!ends) return propagate(ends);
    status.horizon = *ends;
    return status;
}

core::Result<std::optional<core::Timestamp>> PostgresStore::horizon() {
    // Leaves end in their day or month; the last one's end is the horizon.
    const bool is_kpi = layer_ == Layer::kpi;
    auto rows = database_.query(
        fmt::format("SELECT (extract(epoch FROM max(to_date(substring(relname FROM '[0-9]+$'), '{1}') + "
                    "interval '{2}') AT TIME ZONE 'UTC') * 1000000)::bigint FROM "
                    "pg_partition_tree('{0}.events') JOIN pg_class ON oid = relid WHERE isleaf",
                    schema_name(layer_), is_kpi ? "YYYYMMDD" : "YYYYMM", is_kpi ? "1 day" : "1 month"));
    if (!rows) return propagate(rows);
    const auto ends = rows->maybe_integer(0, 0);
    return ends ? std::optional(core::Timestamp{*ends}) : std::nullopt;
}

core::Result<std::optional<core::Timestamp>> PostgresStore::keep_ahead() {
    auto made = database_.query(fmt::format("SELECT {}.ensure_ahead($1)", schema_name(layer_)),
                                {std::to_string(days_ahead)});
    if (!made) return propagate(made);
    return horizon();
}

core::Result<Page<KpiResultRow>> PostgresStore::query(const KpiQuery& query) {
    if (auto status = require(Layer::kpi); !status) return propagate(status);
    Conditions where('$');
    where.add("module =", query.module);
    where.add("metric_name =", query.metric);
    where.add("run_id =", query.run_id);
    where.add_range("time", query.range);
    const bool grouped = query.by != KpiQuery::By::row;
    const auto micros = [](std::string_view time) {
        return fmt::format("(extract(epoch FROM {}) * 1000000)::bigint", time);
    };
    const std::string bucket =
        fmt::format("date_trunc('{}', time, 'UTC')", query.by == KpiQuery::By::hour ? "hour" : "day");
    // One row more than asked for tells whether there are more.
    const std::string sql =
        grouped
            ? fmt::format(
                  "SELECT {}, module, metric_name, avg(metric_value), count(*), min(metric_value), "
                  "max(metric_value) FROM kpi.events{} GROUP BY {}, 2, 3 ORDER BY {} DESC, module COLLATE "
                  "\"C\", metric_name COLLATE \"C\" LIMIT {}",
                  micros(bucket), where.text(), bucket, bucket, query.limit + 1)
            : fmt::format(
                  "SELECT {}, module, metric_name, metric_value, 1, metric_value, metric_value, run_id, "
                  "dag_node, duration_ms, success, tags, event_id, emit_id FROM kpi.events{} ORDER BY time "
                  "DESC, emit_id, emit_seq LIMIT {}",
                  micros("time"), where.text(), query.limit + 1);
    auto rows = database_.query(sql, parameters_of(where));
    if (!rows) return propagate(rows);
    Page<KpiResultRow> page;
    for (int i = 0; i < rows->count(); ++i) {
        if (page.rows.size() == query.limit) {
            page.truncated = true;
            break;
        }
        KpiResultRow row;
        row.time = {rows->integer(i, 0)};
        row.module = rows->text(i, 1);
        row.metric_name = rows->text(i, 2);
        row.value = rows->maybe_real(i, 3);
        row.count = static_cast<std::uint64_t>(rows->integer(i, 4));
        row.minimum = rows->maybe_real(i, 5);
        row.maximum = rows->maybe_real(i, 6);
        if (!grouped) {
            row.run_id = rows->maybe_text(i, 7);
            row.dag_node = rows->maybe_text(i, 8);
            row.duration_ms = rows->maybe_integer(i, 9);
            if (!rows->null(i, 10)) row.success = rows->boolean(i, 10);
            row.tags = compact_json(rows->maybe_text(i, 11).value_or("{}"));
            auto event_id = core::parse_uuid(rows->text(i, 12)),
                 emit_id = core::parse_uuid(rows->text(i, 13));
            if (!event_id) return propagate(event_id);
            if (!emit_id) return propagate(emit_id);
            row.event_id = *event_id;
            row.emit_id = *emit_id;
        }
        page.rows.push_back(std::move(row));
    }
    return page;
}

constexpr std::string_view event_columns =
    "event_id, report_id, run_id, module, drift_type, metric, reference_value, current_value, significance, "
    "severity, payload, (extract(epoch FROM detected_at) * 1000000)::bigint";

core::Result<drift::Event> event_of(const PostgresRows& rows, int row) {
    drift::Event event;
    auto id = core::parse_uuid(rows.text(row, 0));
    auto type = drift::parse_drift_type(rows.text(row, 4));
    auto severity = drift::parse_severity(rows.text(row, 9));
    if (!id) return propagate(id);
    if (!type) return propagate(type);
    if (!severity) return propagate(severity);
    event.event_id = *id;
    if (const auto report_id = rows.maybe_text(row, 1)) {
        auto parsed = core::parse_uuid(*report_id);
        if (!parsed) return propagate(parsed);
        event.report_id = *parsed;
    }
    event.run_id = rows.maybe_text(row, 2);
    event.module = rows.text(row, 3);
    event.drift_type = *type;
    event.metric = rows.text(row, 5);
    event.reference_value = rows.maybe_real(row, 6);
    event.current_value = rows.maybe_real(row, 7);
    event.significance = rows.maybe_real(row, 8);
    event.severity = *severity;
    event.payload = compact_json(rows.maybe_text(row, 10).value_or("{}"));
    event.detected_at = {rows.integer(row, 11)};
    return event;
}

core::Result<Page<drift::Event>> PostgresStore::query(const DriftQuery& query) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    Conditions where('$');
    where.add("module =", query.module);
    where.add("run_id =", query.run_id);
    where.add("drift_type =",
              query.drift_type ? std::optional(std::string(drift::name(*query.drift_type))) : std::nullopt);
    // As lists, by which partitions are left out.
    if (query.severity_at_least == drift::Severity::crit) where.add("severity = 'crit'");
    if (query.severity_at_least == drift::Severity::warn) where.add("severity IN ('warn', 'crit')");
    where.add_range("detected_at", query.range);
    auto rows =
        database_.query(fmt::format("SELECT {} FROM drift.events{} ORDER BY detected_at DESC, id LIMIT {}",
                                    event_columns, where.text(), query.limit + 1),
                        parameters_of(where));
    if (!rows) return propagate(rows);
    Page<drift::Event> page;
    for (int i = 0; i < rows->count(); ++i) {
        if (page.rows.size() == query.limit) {
            page.truncated = true;
            break;
        }
        auto event = event_of(*rows, i);
        if (!event) return propagate(event);
        page.rows.push_back(std::move(*event));
    }
    return page;
}

core::Result<std::vector<drift::Event>> PostgresStore::find_event(const core::Uuid& event_id) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    auto rows = database_.query(
        fmt::format("SELECT {} FROM drift.events WHERE event_id = $1 ORDER BY id", event_columns),
        {core::to_string(event_id)});
    if (!rows) return propagate(rows);
    std::vector<drift::Event> events;
    for (int i = 0; i < rows->count(); ++i) {
        auto event = event_of(*rows, i);
        if (!event) return propagate(event);
        events.push_back(std::move(*event));
    }
    if (events.empty())
        return fail(ErrorKind::not_found,
                    fmt::format("{} holds no event {}; tristrata drift list shows what is there",
                                database_.where(), core::to_string(event_id)));
    return events;
}

/// The beginning, continued by a digit to the length of an id: the first and the last that begin so.
core::Result<core::Uuid> continued(std::string_view beginning, char digit) {
    std::string text(36, digit);
    for (const std::size_t hyphen : {8u, 13u, 18u, 23u}) text[hyphen] = '-';
    if (beginning.size() > text.size()) return fail(ErrorKind::not_found, "");
    for (std::size_t i = 0; i < beginning.size(); ++i) {
        if ((beginning[i] == '-') != (text[i] == '-')) return fail(ErrorKind::not_found, "");
        text[i] = beginning[i];
    }
    return core::parse_uuid(text);
}

core::Result<core::Uuid> PostgresStore::find_event_id(std::string_view beginning) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    const auto first = continued(beginning, '0'), last = continued(beginning, 'f');
    std::vector<std::string> ids;
    if (first && last) {
        // Two tell whether there is more than one.
        auto rows = database_.query(
            "SELECT DISTINCT event_id FROM drift.events WHERE event_id BETWEEN $1 AND $2 ORDER BY 1 LIMIT 2",
            {core::to_string(*first), core::to_string(*last)});
        if (!rows) return propagate(rows);
        for (int i = 0; i < rows->count(); ++i) ids.push_back(rows->text(i, 0));
    }
    if (ids.empty())
        return fail(
            ErrorKind::not_found,
            fmt::format("{} holds no event whose id begins with {}; tristrata drift list shows what is there",
                        database_.where(), core::quoted(beginning)));
    if (ids.size() > 1)
        return fail(ErrorKind::usage,
                    fmt::format("{} begins the ids of several events, {} and {} among them; give more of it",
                                core::quoted(beginning), ids[0], ids[1]));
    return core::parse_uuid(ids[0]);
}

}  // namespace

core::Result<std::unique_ptr<Store>> open_postgres(const core::SecretSource& url, Layer layer,
                                                   OpenMode mode) {
    database::PostgresOptions options;
    options.url = url;
    options.any_server = mode == OpenMode::read;
    if (mode == OpenMode::read) options.where_denied = "read as another: TRISTRATA_READ_URL";
    Postgres database(std::move(options));
    auto version = database::schema_version(database, schema_name(layer));
    if (!version) return propagate(version);
    const std::int64_t newest = postgres_migrations(layer).back().number;
    if (*version == 0)
        return fail(ErrorKind::configuration,
                    fmt::format("{} has no {} tables; make them with: tristrata store init --accept plain "
                                "(TRISTRATA_ADMIN_URL names who may)",
                                database.where(), schema_name(layer)));
    if (auto known = database::require_known(database, schema_name(layer), *version, newest); !known)
        return propagate(known);
    if (*version < newest)
        return fail(ErrorKind::configuration,
                    fmt::format("{} has schema version {}; bring it to {} with: tristrata store init",
                                database.where(), *version, newest));
    return std::unique_ptr<Store>(std::make_unique<PostgresStore>(std::move(database), layer));
}

}  // namespace tristrata::store
