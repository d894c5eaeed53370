#include "archive_status.hpp"
#include "conditions.hpp"
#include "postgres_event_rows.hpp"
#include "schema_text.hpp"
#include "stored_time.hpp"
#include "tristrata/database/migration.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/retention.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Postgres;

constexpr std::string_view application = "tristrata retention";

std::string day_of(core::Timestamp time) { return stored_time(time).substr(0, 10); }

class PostgresRetention final : public Retention {
public:
    PostgresRetention(database::PostgresOptions options, Layer layer)
        : options_(options), database_(std::move(options)), layer_(layer), schema_(schema_name(layer)) {}

    core::Result<Witness> witness() override {
        auto rows = database_.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8");
        if (!rows) return propagate(rows);
        return Witness{{rows->integer(0, 0)}, true};
    }
    core::Result<Cleared> clear_parked() override {
        auto rows = database_.query(fmt::format("SELECT home, late FROM {}.clear_parked()", schema_));
        if (!rows) return propagate(rows);
        auto rest = parked_rest(database_, layer_);
        if (!rest) return propagate(rest);
        return Cleared{static_cast<std::uint64_t>(rows->integer(0, 0)),
                       static_cast<std::uint64_t>(rows->integer(0, 1)), *rest};
    }
    core::Result<std::vector<Leaf>> leaves() override;
    core::Result<std::uint64_t> count(const Leaf& leaf) override {
        auto rows = database_.query(fmt::format("SELECT count(*) FROM {}.{}", schema_, leaf.name));
        if (!rows) return propagate(rows);
        return static_cast<std::uint64_t>(rows->integer(0, 0));
    }
    core::Status detach(Leaf& leaf) override {
        if (leaf.state == Leaf::State::detached) return {};
        auto rows = database_.query(fmt::format("SELECT {}.detach_leaf($1, $2)", schema_),
                                    {day_of(leaf.from), leaf.half});
        if (!rows) return propagate(rows);
        leaf.state = Leaf::State::detached;
        return {};
    }
    core::Result<std::unique_ptr<EventRows>> rows(const Leaf& leaf) override;
    core::Status record(std::span<const ArchivePart> parts) override;
    core::Result<std::uint64_t> drop(const Leaf& leaf) override {
        auto rows = database_.query(fmt::format("SELECT {}.drop_leaf($1)", schema_), {leaf.name});
        if (!rows && rows.error().foreign_code == "22023")
            return fail(ErrorKind::conflict, fmt::format("{}: {}", where(), rows.error().message),
                        rows.error().foreign_code);
        if (!rows) return propagate(rows);
        return static_cast<std::uint64_t>(rows->integer(0, 0));
    }
    core::Result<bool> dropped(const Leaf& leaf) override {
        auto rows = database_.query(
            fmt::format("SELECT dropped_at IS NOT NULL FROM {}.archive_leaves WHERE leaf = $1", schema_),
            {leaf.name});
        if (!rows) return propagate(rows);
        return rows->count() == 1 && rows->boolean(0, 0);
    }
    core::Result<Erased> erase(const Erasure& erasure, bool dry_run) override;
    core::Status forget_pushes(std::span<const PushedReport> reports) override;
    core::Result<bool> names_payload(std::string_view sha256) override;
    core::Status replace(const ArchivePart& part, const std::optional<ArchivePart>& successor) override;
    core::Result<std::vector<ArchivePart>> parts() override;
    [[nodiscard]] const std::string& where() const override { return database_.where(); }

private:
    core::Status forget(const std::vector<PushedReport>& reports);

    database::PostgresOptions options_;
    Postgres database_;
    Layer layer_;
    std::string schema_;
};

core::Result<std::vector<Leaf>> PostgresRetention::leaves() {
    // A leaf's name says its half and its first day. A table with such a name that is neither attached nor
    // known was detached by hand, or by a DETACH that was cancelled and finished: it is taken for attached,
    // and taken out when its time is over.
    const bool is_kpi = layer_ == Layer::kpi;
    auto rows = database_.query(fmt::format(
        "WITH tables AS (SELECT relname AS leaf, {0} AS half, to_date(substring(relname FROM '[0-9]+$'), "
        "'{1}') AS first_day FROM pg_class WHERE relnamespace = '{2}'::regnamespace AND relkind = 'r' AND "
        "relname ~ '{3}') "
        "SELECT leaf, half, {4}, {5}, true FROM {2}.archive_leaves WHERE dropped_at IS NULL UNION ALL "
        "SELECT leaf, half, {4}, {6}, false FROM tables WHERE leaf NOT IN (SELECT leaf FROM "
        "{2}.archive_leaves) ORDER BY 5 DESC, 3, 2, 1",
        is_kpi ? "''" : "substring(relname FROM '^events_([a-z]+)_')", is_kpi ? "YYYYMMDD" : "YYYYMM",
        schema_, is_kpi ? "^events_[0-9]{8}$" : "^events_(info|alert)_[0-9]{6}$",
        micros("first_day::timestamp"), micros("end_day::timestamp"),
        micros(is_kpi ? "first_day + interval '1 day'" : "first_day + interval '1 month'")));
    if (!rows) return propagate(rows);
    std::vector<Leaf> leaves;
    for (int i = 0; i < rows->count(); ++i)
        leaves.push_back({rows->text(i, 0),
                          rows->text(i, 1),
                          {rows->integer(i, 2)},
                          {rows->integer(i, 3)},
                          rows->boolean(i, 4) ? Leaf::State::detached : Leaf::State::attached});
    return leaves;
}

core::Result<std::unique_ptr<EventRows>> PostgresRetention::rows(const Leaf& leaf) {
    return read_postgres_events(options_, layer_, fmt::format("{}.{}", schema_, leaf.name),
                                layer_ == Layer::kpi ? "time, event_id" : "detected_at, id, event_id");
}

core::Status PostgresRetention::record(std::span<const ArchivePart> parts) {
    return database_.transaction([&]() -> core::Status {
        for (const ArchivePart& part : parts) {
            auto done = database_.query(
                fmt::format("INSERT INTO {}.archive_parts (leaf, day, part, rows, time_min, time_max, bytes, "
                            "sha256, rows_sha256, manifest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                            "ON CONFLICT DO NOTHING",
                            schema_),
                {part.leaf, day_of(part.day), std::to_string(part.part), std::to_string(part.rows),
                 stored_time(part.time_min), stored_time(part.time_max), std::to_string(part.bytes),
                 part.sha256, part.rows_sha256, part.manifest});
            if (!done) return propagate(done);
        }
        return {};
    });
}

core::Result<Erased> PostgresRetention::erase(const Erasure& erasure, bool dry_run) {
    Erased erased;
    Conditions where('$');
    where.add("run_id =", erasure.run_id);
    where.add("module =", erasure.module);
    const std::vector<database::PostgresValue> values(where.values().begin(), where.values().end());
    const std::string payload = layer_ == Layer::kpi ? "NULL" : "payload ->> 'payload_sha256'";
    const std::string_view pushed = layer_ == Layer::kpi
                                        ? "NULL::uuid AS report_id, NULL AS module, NULL AS run_id"
                                        : "report_id, module, run_id";
    std::set<PushedReport> pushes;
    auto status = database_.transaction([&]() -> core::Status {
        // Parked rows first: those that go home meanwhile are found among the events.
        for (const auto& [table, count] :
             {std::pair{"events_parked", &erased.parked}, std::pair{"events", &erased.rows}}) {
            auto gone = database_.query(
                dry_run ? fmt::format("SELECT {}, count(*), {} FROM {}.{}{} GROUP BY 1, 3, 4, 5", payload,
                                      pushed, schema_, table, where.text())
                        : fmt::format("WITH gone AS (DELETE FROM {2}.{3}{4} RETURNING {0} AS sha256, {1}) "
                                      "SELECT sha256, count(*), report_id, module, run_id FROM gone GROUP BY "
                                      "1, 3, 4, 5",
                                      payload, pushed, schema_, table, where.text()),
                values);
            if (!gone) return propagate(gone);
            for (int i = 0; i < gone->count(); ++i) {
                *count += static_cast<std::uint64_t>(gone->integer(i, 1));
                if (!gone->null(i, 0)) erased.payloads.push_back(gone->text(i, 0));
                if (!gone->null(i, 2))
                    pushes.insert({gone->text(i, 2), gone->text(i, 3), gone->maybe_text(i, 4)});
            }
        }
        if (!dry_run)
            if (auto forgotten = forget({pushes.begin(), pushes.end()}); !forgotten) return forgotten;
        if (dry_run || layer_ != Layer::kpi || !erasure.module || erasure.run_id) return {};
        auto series = database_.query("DELETE FROM kpi.series WHERE module = $1", {erasure.module});
        if (!series) return propagate(series);
        return {};
    });
    if (!status) return propagate(status);
    return erased;
}

core::Status PostgresRetention::forget(const std::vector<PushedReport>& reports) {
    constexpr std::size_t at_once = 1000;
    for (std::size_t first = 0; first < reports.size(); first += at_once) {
        std::string ids;
        for (std::size_t i = first; i < std::min(first + at_once, reports.size()); ++i) {
            if (auto id = push_id_of(reports[i])) ids += (ids.empty() ? "" : ",") + core::to_string(*id);
        }
        auto gone =
            database_.query("DELETE FROM drift.reports WHERE push_id = ANY ($1::uuid[])", {"{" + ids + "}"});
        if (!gone) return propagate(gone);
    }
    return {};
}

core::Status PostgresRetention::forget_pushes(std::span<const PushedReport> reports) {
    if (reports.empty()) return {};
    return database_.transaction([&] { return forget({reports.begin(), reports.end()}); });
}

core::Result<bool> PostgresRetention::names_payload(std::string_view sha256) {
    auto rows = database_.query(
        "SELECT EXISTS (SELECT FROM drift.events WHERE payload ->> 'payload_sha256' = $1) OR EXISTS (SELECT "
        "FROM "
        "drift.events_parked WHERE payload ->> 'payload_sha256' = $1)",
        {std::string(sha256)});
    if (!rows) return propagate(rows);
    return rows->boolean(0, 0);
}

core::Status PostgresRetention::replace(const ArchivePart& part,
                                        const std::optional<ArchivePart>& successor) {
    return database_.transaction([&]() -> core::Status {
        if (successor) {
            auto added = database_.query(
                fmt::format(
                    "INSERT INTO {0}.archive_parts (leaf, day, part, rows, time_min, time_max, bytes, "
                    "sha256, rows_sha256, manifest) SELECT leaf, day, $3, $4, $5, $6, $7, $8, $9, $10 "
                    "FROM {0}.archive_parts WHERE leaf = $1 AND day = $2 AND part = $11 ON CONFLICT DO "
                    "NOTHING",
                    schema_),
                {part.leaf, day_of(part.day), std::to_string(successor->part),
                 std::to_string(successor->rows), stored_time(successor->time_min),
                 stored_time(successor->time_max), std::to_string(successor->bytes), successor->sha256,
                 successor->rows_sha256, successor->manifest, std::to_string(part.part)});
            if (!added) return propagate(added);
        }
        auto gone = database_.query(
            fmt::format("DELETE FROM {}.archive_parts WHERE leaf = $1 AND day = $2 AND part = $3", schema_),
            {part.leaf, day_of(part.day), std::to_string(part.part)});
        if (!gone) return propagate(gone);
        return {};
    });
}

core::Result<std::vector<ArchivePart>> PostgresRetention::parts() {
    auto rows = database_.query(fmt::format(
        "SELECT leaf, half, {0}, part, p.rows, {1}, {2}, bytes, sha256, rows_sha256, manifest FROM "
        "{3}.archive_parts AS p JOIN {3}.archive_leaves USING (leaf) ORDER BY half, day, part",
        micros("day::timestamp"), micros("time_min"), micros("time_max"), schema_));
    if (!rows) return propagate(rows);
    std::vector<ArchivePart> parts;
    for (int i = 0; i < rows->count(); ++i)
        parts.push_back({rows->text(i, 0),
                         rows->text(i, 1),
                         {rows->integer(i, 2)},
                         rows->integer(i, 3),
                         static_cast<std::uint64_t>(rows->integer(i, 4)),
                         {rows->integer(i, 5)},
                         {rows->integer(i, 6)},
                         static_cast<std::uint64_t>(rows->integer(i, 7)),
                         rows->text(i, 8),
                         rows->text(i, 9),
                         rows->text(i, 10)});
    return parts;
}

}  // namespace

core::Result<std::unique_ptr<Retention>> open_postgres_retention(const core::SecretSource& url, Layer layer) {
    // It opens as a store does, and says what is wrong as a store does.
    if (auto store = open_postgres(url, layer, OpenMode::maintain); !store) return propagate(store);
    database::PostgresOptions options;
    options.url = url;
    options.application = application;
    return std::make_unique<PostgresRetention>(std::move(options), layer);
}

}  // namespace tristrata::store
