#include "export_layer.hpp"

#include "event_arrays.hpp"
#include "postgres_event_rows.hpp"
#include "postgres_references.hpp"
#include "sqlite_references.hpp"
#include "tristrata/database/cursor.hpp"
#include "tristrata/store/event_target.hpp"
#include "tristrata/store/retention.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Postgres;
using database::Sqlite;

/// What a transaction takes.
constexpr std::size_t batch_rows = 5000;
/// More references than anybody promotes, and a limit that can be added to.
constexpr std::uint64_t all_references = 1u << 30u;

/// A table that goes over as it is: its columns there, and what they are read as.
struct Carried {
    std::string_view table, columns;
    std::string select;
};

/// As the SQLite stores keep a time.
std::string time_of(std::string_view column) {
    return fmt::format(R"(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))", column);
}
std::string day_of(std::string_view column) { return fmt::format("to_char({}, 'YYYY-MM-DD')", column); }

std::vector<Carried> carried_tables(Layer layer) {
    std::vector<Carried> tables{
        {"batches", "spool_id, batch_seq, emitted_total", "spool_id, batch_seq, emitted_total"},
        {"archive_leaves", "leaf, half, first_day, end_day, last_rowid, detached_at, dropped_at, rows",
         fmt::format("leaf, half, {}, {}, 0, {}, {}, rows", day_of("first_day"), day_of("end_day"),
                     time_of("detached_at"), time_of("dropped_at"))},
        {"archive_parts",
         "leaf, day, part, rows, time_min, time_max, bytes, sha256, rows_sha256, manifest, archived_at",
         fmt::format("leaf, {}, part, rows, {}, {}, bytes, sha256, rows_sha256, manifest, {}", day_of("day"),
                     time_of("time_min"), time_of("time_max"), time_of("archived_at"))}};
    if (layer == Layer::kpi) tables.push_back({"series", "module, metric_name", "module, metric_name"});
    else tables.push_back({"reports", "push_id, created_at", "push_id, " + time_of("created_at")});
    return tables;
}

class Export {
public:
    Export(Postgres& locked, const database::PostgresOptions& options, Layer layer, std::string path,
           const core::Task& task, Uninstalled& outcome)
        : locked_(locked),
          options_(options),
          layer_(layer),
          schema_(schema_name(layer)),
          path_(std::move(path)),
          task_(task),
          outcome_(outcome) {}
    core::Status run(std::span<const std::string> event_tables);

private:
    core::Result<std::uint64_t> count(const std::string& table);
    core::Result<std::uint64_t> count_here(Sqlite& target, std::string_view table);
    core::Status copy_events(std::span<const std::string> tables);
    /// Of all events, in the order of their time, without what numbers them.
    core::Result<std::string> digest_here();
    core::Status carry(Sqlite& target, const Carried& table);
    core::Status copy_references(Sqlite& target);
    core::Status differs(std::string_view table, std::uint64_t there, std::uint64_t here) const {
        return fail(ErrorKind::storage,
                    fmt::format("{} has {} rows in the database and {} in {}", table, there, here, path_));
    }

    Postgres& locked_;
    const database::PostgresOptions& options_;
    Layer layer_;
    std::string schema_;
    std::string path_;
    const core::Task& task_;
    Uninstalled& outcome_;
};

core::Result<std::uint64_t> Export::count(const std::string& table) {
    auto rows = locked_.query(fmt::format("SELECT count(*) FROM {}", table));
    if (!rows) return propagate(rows);
    return static_cast<std::uint64_t>(rows->integer(0, 0));
}

core::Result<std::uint64_t> Export::count_here(Sqlite& target, std::string_view table) {
    auto rows = target.prepare(fmt::format("SELECT count(*) FROM {}.{}", schema_, table));
    if (!rows) return propagate(rows);
    if (auto row = rows->step(); !row) return propagate(row);
    return static_cast<std::uint64_t>(rows->integer(0));
}

/// The number of a row (drift) is kept where it is free.
void add_to(RowDigest& digest, Layer layer, EventRow row) {
    if (layer == Layer::drift) row.front() = std::monostate();
    digest.add(row);
}

core::Status Export::copy_events(std::span<const std::string> tables) {
    const std::string order = layer_ == Layer::kpi ? "time, event_id" : "detected_at, event_id, severity";
    const std::string columns = event_column_names(layer_, 0);
    std::uint64_t there = 0;
    std::int64_t numbers = 0;
    std::string all;
    for (const std::string& table : tables) {
        auto rows = count(table);
        if (!rows) return propagate(rows);
        there += *rows;
        outcome_.tables.push_back({table, *rows, path_});
        if (*rows == 0) continue;
        all += fmt::format("{}SELECT {}, {} AS place FROM {}", all.empty() ? "" : " UNION ALL ",
                           layer_ == Layer::kpi
                               ? columns
                               : fmt::format("{} + id AS id, {}", numbers, event_column_names(layer_, 1)),
                           outcome_.tables.size(), table);
        if (layer_ == Layer::kpi) continue;
        // Parked rows are numbered by themselves: theirs come after those of the events.
        auto last = locked_.query(fmt::format("SELECT max(id) FROM {}", table));
        if (!last) return propagate(last);
        numbers += last->integer(0, 0);
    }
    if (all.empty()) return {};
    auto rows = read_postgres_events(
        options_, layer_,
        fmt::format("(SELECT DISTINCT ON ({0}) {1} FROM ({2}) AS everything ORDER BY {0}, place) AS events",
                    order, columns, all),
        order);
    if (!rows) return propagate(rows);
    auto target = restore_into_sqlite(path_, layer_, *task_.clock);
    if (!target) return propagate(target);
    RowDigest digest;
    std::vector<EventRow> batch;
    std::uint64_t read = 0, fresh = 0;
    const auto put = [&]() -> core::Status {
        if (auto go_on = task_.check(); !go_on) return go_on;
        auto put_in = (*target)->insert(batch);
        if (!put_in) return propagate(put_in);
        fresh += *put_in;
        read += batch.size();
        batch.clear();
        if (task_.progress != nullptr) task_.progress->advanced("rows", read, there);
        return {};
    };
    EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) break;
        add_to(digest, layer_, row);
        batch.push_back(row);
        if (batch.size() < batch_rows) continue;
        if (auto done = put(); !done) return done;
    }
    if (auto done = put(); !done) return done;
    if (fresh != read) return differs(tables.front(), read, fresh);
    outcome_.twice += there - read;
    auto here = digest_here();
    if (!here) return propagate(here);
    if (*here != digest.finish())
        return fail(ErrorKind::storage,
                    fmt::format("the rows of {}.events in {} are not those of the database", schema_, path_));
    return {};
}

core::Result<std::string> Export::digest_here() {
    auto rows = read_sqlite_events(path_, layer_, EventOrder::time);
    if (!rows) return propagate(rows);
    RowDigest digest;
    EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) return digest.finish();
        add_to(digest, layer_, row);
    }
}

core::Status Export::carry(Sqlite& target, const Carried& table) {
    const std::string name = fmt::format("{}.{}", schema_, table.table);
    auto there = count(name);
    if (!there) return propagate(there);
    outcome_.tables.push_back({name, *there, path_});
    auto rows = database::open_cursor(options_, fmt::format("SELECT {} FROM {}", table.select, name),
                                      [] { return false; });
    if (!rows) return propagate(rows);
    auto status = target.transaction([&]() -> core::Status {
        std::string places;
        for (int i = 1; i <= (*rows)->columns(); ++i) places += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
        // Series came with their events.
        auto insert = target.prepare(
            fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", name, table.columns, places));
        if (!insert) return propagate(insert);
        while (true) {
            auto more = (*rows)->step();
            if (!more) return propagate(more);
            if (!*more) return {};
            for (int i = 0; i < (*rows)->columns(); ++i) {
                if ((*rows)->cell(i) == database::Cell::null) insert->bind_null(i + 1);
                else insert->bind(i + 1, std::string_view((*rows)->text(i)));
            }
            if (auto done = insert->step(); !done) return propagate(done);
            insert->reset();
        }
    });
    if (!status) return status;
    auto here = count_here(target, table.table);
    if (!here) return propagate(here);
    // A series whose module was erased may have come back by an event.
    if (*here < *there || (*here > *there && table.table != "series")) return differs(name, *there, *here);
    return {};
}

core::Status Export::copy_references(Sqlite& target) {
    PostgresReferences from(locked_);
    SqliteReferences into(target);
    auto profiles = locked_.query("SELECT profile_sha256 FROM drift.profiles");
    if (!profiles) return propagate(profiles);
    auto references = from.list({std::nullopt, all_references});
    if (!references) return propagate(references);
    auto status = into.transaction([&]() -> core::Status {
        for (int i = 0; i < profiles->count(); ++i) {
            auto bytes = from.find_profile(profiles->text(i, 0));
            if (!bytes) return propagate(bytes);
            if (auto kept = into.keep_profile(profiles->text(i, 0), bytes->value()); !kept) return kept;
            auto here = into.find_profile(profiles->text(i, 0));
            if (!here) return propagate(here);
            if (*here != *bytes)
                return fail(ErrorKind::storage,
                            fmt::format("the profile {} in {} is not that of the database",
                                        profiles->text(i, 0), path_));
        }
        for (const Reference& reference : *references)
            if (auto kept = into.insert(reference); !kept) return kept;
        return {};
    });
    if (!status) return status;
    auto here = into.list({std::nullopt, all_references});
    if (!here) return propagate(here);
    if (*here != *references)
        return fail(ErrorKind::storage,
                    fmt::format("the references in {} are not those of the database", path_));
    outcome_.tables.push_back({"drift.profiles", static_cast<std::uint64_t>(profiles->count()), path_});
    outcome_.tables.push_back({"drift.references", references->size(), path_});
    return {};
}

core::Status Export::run(std::span<const std::string> event_tables) {
    if (auto made = init_sqlite(path_, layer_, *task_.clock); !made) return propagate(made);
    if (auto copied = copy_events(event_tables); !copied) return copied;
    auto target = Sqlite::open(path_, schema_, database::Access::write, false);
    if (!target) return propagate(target);
    for (const Carried& table : carried_tables(layer_))
        if (auto carried = carry(*target, table); !carried) return carried;
    if (layer_ == Layer::drift)
        if (auto copied = copy_references(*target); !copied) return copied;
    // What stands in the log goes into the file, so that the file alone is the store.
    return target->run(fmt::format("PRAGMA {}.wal_checkpoint(TRUNCATE)", schema_));
}

}  // namespace

core::Status export_layer(Postgres& locked, const database::PostgresOptions& options, Layer layer,
                          std::span<const std::string> event_tables, const std::string& path,
                          const core::Task& task, Uninstalled& outcome) {
    return Export(locked, options, layer, path, task, outcome).run(event_tables);
}

}  // namespace tristrata::store
