#include "archive_status.hpp"
#include "conditions.hpp"
#include "layered_store.hpp"
#include "schema_text.hpp"
#include "sqlite_file.hpp"
#include "sqlite_ingest.hpp"
#include "sqlite_references.hpp"
#include "stored_time.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/migration.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Sqlite;
using database::Statement;

class SqliteStore final : public LayeredStore<Sqlite, SqliteReferences> {
public:
    SqliteStore(Sqlite database, Layer layer)
        : LayeredStore(std::move(database), layer), ingest_(database_, layer) {}

    core::Result<StoreStatus> status() override;
    core::Result<std::optional<core::Timestamp>> keep_ahead() override { return std::nullopt; }
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

    SqliteIngest ingest_;
};

core::Status SqliteStore::require(Layer layer) const {
    if (layer == layer_) return {};
    return fail(ErrorKind::usage, fmt::format("{} is the {} store; this asks for the {} store",
                                              database_.path(), schema_name(layer_), schema_name(layer)));
}

core::Result<StoreStatus> SqliteStore::status() {
    namespace fs = std::filesystem;
    StoreStatus status;
    status.backend = Sqlite::version();
    status.where = database_.path();
    auto version = database::schema_version(database_, schema_name(layer_));
    if (!version) return propagate(version);
    status.schema_version = *version;
    status.newest_version = sqlite_migrations(layer_).back().number;
    const std::string time = layer_ == Layer::kpi ? "time" : "detected_at";
    auto rows = database_.prepare(
        fmt::format("SELECT count(*), min({0}), max({0}) FROM {1}.events", time, schema_name(layer_)));
    if (!rows) return propagate(rows);
    if (auto row = rows->step(); !row) return propagate(row);
    TableStatus table{fmt::format("{}.events", schema_name(layer_)),
                      static_cast<std::uint64_t>(rows->integer(0)),
                      {},
                      {},
                      0};
    for (const char* ending : {"", "-wal"}) {
        std::error_code code;
        const auto bytes = fs::file_size(database_.path() + ending, code);
        if (!code) table.bytes += bytes;
    }
    if (!rows->null(1)) {
        auto first = read_time(rows->text(1)), last = read_time(rows->text(2));
        if (!first) return propagate(first);
        if (!last) return propagate(last);
        table.first = *first;
        table.last = *last;
    }
    status.tables.push_back(std::move(table));
    if (auto added = add_archive_status(database_, layer_, core::system_clock().now(), status); !added)
        return propagate(added);
    return status;
}

void bind(Statement& statement, const Conditions& conditions) {
    int parameter = 0;
    for (const std::string& value : conditions.values()) statement.bind(++parameter, std::string_view(value));
}

core::Result<Page<KpiResultRow>> SqliteStore::query(const KpiQuery& query) {
    if (auto status = require(Layer::kpi); !status) return propagate(status);
    Conditions where('?');
    where.add("module =", query.module);
    where.add("metric_name =", query.metric);
    where.add("run_id =", query.run_id);
    where.add_range("time", query.range);
    const bool grouped = query.by != KpiQuery::By::row;
    const std::string bucket = query.by == KpiQuery::By::hour ? "substr(time, 1, 13) || ':00:00Z'"
                                                              : "substr(time, 1, 10) || 'T00:00:00Z'";
    // One row more than asked for tells whether there are more.
    const std::string sql = grouped ? fmt::format(
                                          "SELECT {} AS bucket, module, metric_name, avg(metric_value), "
                                          "count(*), min(metric_value), max(metric_value) FROM "
                                          "kpi.events{} GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3 LIMIT {}",
                                          bucket, where.text(), query.limit + 1)
                                    : fmt::format(
                                          "SELECT time, module, metric_name, metric_value, 1, metric_value, "
                                          "metric_value, run_id, dag_node, duration_ms, "
                                          "success, tags, event_id, emit_id FROM kpi.events{} ORDER BY time "
                                          "DESC, emit_id, emit_seq LIMIT {}",
                                          where.text(), query.limit + 1);
    auto statement = database_.prepare(sql);
    if (!statement) return propagate(statement);
    bind(*statement, where);
    Page<KpiResultRow> page;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) break;
        if (page.rows.size() == query.limit) {
            page.truncated = true;
            break;
        }
        KpiResultRow row;
        auto time = read_time(statement->text(0));
        if (!time) return propagate(time);
        row.time = *time;
        row.module = statement->text(1);
        row.metric_name = statement->text(2);
        row.value = statement->maybe_real(3);
        row.count = static_cast<std::uint64_t>(statement->integer(4));
        row.minimum = statement->maybe_real(5);
        row.maximum = statement->maybe_real(6);
        if (!grouped) {
            row.run_id = statement->maybe_text(7);
            row.dag_node = statement->maybe_text(8);
            row.duration_ms = statement->maybe_integer(9);
            if (const auto success = statement->maybe_integer(10)) row.success = *success == 1;
            row.tags = statement->maybe_text(11).value_or("{}");
            auto event_id = core::parse_uuid(statement->text(12)),
                 emit_id = core::parse_uuid(statement->text(13));
            if (!event_id) return propagate(event_id);
            if (!emit_id) return propagate(emit_id);
            row.event_id = *event_id;
            row.emit_id = *emit_id;
        }
        page.rows.push_back(std::move(row));
    }
    return page;
}

namespace {

constexpr std::string_view event_columns =
    "event_id, report_id, run_id, module, drift_type, metric, reference_value, current_value, significance, "
    "severity, payload, detected_at";

core::Result<drift::Event> event_of(const Statement& row) {
    drift::Event event;
    auto id = core::parse_uuid(row.text(0));
    auto type = drift::parse_drift_type(row.text(4));
    auto severity = drift::parse_severity(row.text(9));
    auto time = read_time(row.text(11));
    if (!id) return propagate(id);
    if (!type) return propagate(type);
    if (!severity) return propagate(severity);
    if (!time) return propagate(time);
    event.event_id = *id;
    if (const auto report_id = row.maybe_text(1)) {
        auto parsed = core::parse_uuid(*report_id);
        if (!parsed) return propagate(parsed);
        event.report_id = *parsed;
    }
    event.run_id = row.maybe_text(2);
    event.module = row.text(3);
    event.drift_type = *type;
    event.metric = row.text(5);
    event.reference_value = row.maybe_real(6);
    event.current_value = row.maybe_real(7);
    event.significance = row.maybe_real(8);
    event.severity = *severity;
    event.payload = row.maybe_text(10).value_or("{}");
    event.detected_at = *time;
    return event;
}

}  // namespace

core::Result<Page<drift::Event>> SqliteStore::query(const DriftQuery& query) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    Conditions where('?');
    where.add("module =", query.module);
    where.add("run_id =", query.run_id);
    where.add("drift_type =",
              query.drift_type ? std::optional(std::string(drift::name(*query.drift_type))) : std::nullopt);
    if (query.severity_at_least == drift::Severity::crit) where.add("severity = 'crit'");
    if (query.severity_at_least == drift::Severity::warn) where.add("severity <> 'info'");
    where.add_range("detected_at", query.range);
    auto statement =
        database_.prepare(fmt::format("SELECT {} FROM drift.events{} ORDER BY detected_at DESC, id LIMIT {}",
                                      event_columns, where.text(), query.limit + 1));
    if (!statement) return propagate(statement);
    bind(*statement, where);
    Page<drift::Event> page;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) break;
        if (page.rows.size() == query.limit) {
            page.truncated = true;
            break;
        }
        auto event = event_of(*statement);
        if (!event) return propagate(event);
        page.rows.push_back(std::move(*event));
    }
    return page;
}

core::Result<std::vector<drift::Event>> SqliteStore::find_event(const core::Uuid& event_id) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    auto statement = database_.prepare(
        fmt::format("SELECT {} FROM drift.events WHERE event_id = ?1 ORDER BY id", event_columns));
    if (!statement) return propagate(statement);
    statement->bind(1, core::to_string(event_id));
    std::vector<drift::Event> events;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) break;
        auto event = event_of(*statement);
        if (!event) return propagate(event);
        events.push_back(std::move(*event));
    }
    if (events.empty())
        return fail(ErrorKind::not_found,
                    fmt::format("{} holds no event {}; tristrata drift list shows what is there",
                                database_.path(), core::to_string(event_id)));
    return events;
}

core::Result<core::Uuid> SqliteStore::find_event_id(std::string_view beginning) {
    if (auto status = require(Layer::drift); !status) return propagate(status);
    // Hexadecimal digits and hyphens stand before 'g'; two ids tell whether there is more than one.
    auto statement = database_.prepare(
        "SELECT DISTINCT event_id FROM drift.events WHERE event_id >= ?1 AND event_id < ?1 || 'g' LIMIT 2");
    if (!statement) return propagate(statement);
    const std::string lower = core::lowered(beginning);
    statement->bind(1, std::string_view(lower));
    std::vector<std::string> ids;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) break;
        ids.push_back(statement->text(0));
    }
    if (ids.empty())
        return fail(
            ErrorKind::not_found,
            fmt::format("{} holds no event whose id begins with {}; tristrata drift list shows what is "
                        "there",
                        database_.path(), core::quoted(beginning)));
    if (ids.size() > 1)
        return fail(ErrorKind::usage,
                    fmt::format("{} begins the ids of several events, {} and {} among them; "
                                "give more of it",
                                core::quoted(beginning), ids[0], ids[1]));
    return core::parse_uuid(ids[0]);
}

}  // namespace

core::Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Layer layer, OpenMode mode) {
    const auto access = mode == OpenMode::read ? database::Access::read : database::Access::write;
    auto database = Sqlite::open(path, schema_name(layer), access, false);
    if (!database && database.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found, fmt::format("there is no store at {}; make one with: {}", path,
                                                      init_command(path, layer)));
    if (!database) return propagate(database);
    if (auto status = require_layer(*database, layer); !status) return propagate(status);
    auto version = database::schema_version(*database, schema_name(layer));
    if (!version) return propagate(version);
    const std::int64_t newest = sqlite_migrations(layer).back().number;
    if (*version == 0)
        return fail(ErrorKind::configuration, fmt::format("{} has no {} tables; make them with: {}", path,
                                                          schema_name(layer), init_command(path, layer)));
    if (auto known = database::require_known(*database, schema_name(layer), *version, newest); !known)
        return propagate(known);
    if (*version < newest)
        return fail(ErrorKind::configuration, fmt::format("{} has schema version {}; bring it to {} with: {}",
                                                          path, *version, newest, init_command(path, layer)));
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(*database), layer));
}

}  // namespace tristrata::store
