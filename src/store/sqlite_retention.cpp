#include "conditions.hpp"
#include "schema_text.hpp"
#include "stored_time.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/retention.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <algorithm>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Sqlite;
using database::Statement;

std::string day_of(core::Timestamp time) { return stored_time(time).substr(0, 10); }

core::Result<EventRow> row_of(const Statement& statement, Layer layer) {
    const auto columns = event_columns(layer);
    EventRow row(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        if (statement.null(column)) continue;
        switch (columns[i].type) {
            case ColumnType::time: {
                auto time = read_time(statement.text(column));
                if (!time) return propagate(time);
                row[i] = time->microseconds;
                break;
            }
            case ColumnType::integer:
            case ColumnType::boolean:
                row[i] = statement.integer(column);
                break;
            case ColumnType::real:
                row[i] = statement.real(column);
                break;
            case ColumnType::text:
            case ColumnType::json:
            case ColumnType::uuid:
                row[i] = statement.text(column);
                break;
        }
    }
    return row;
}

class SqliteEventRows final : public EventRows {
public:
    SqliteEventRows(Statement statement, Layer layer, std::optional<Sqlite> database = std::nullopt)
        : database_(std::move(database)), statement_(std::move(statement)), layer_(layer) {}
    core::Result<bool> next(EventRow& row) override {
        auto more = statement_.step();
        if (!more || !*more) return more;
        auto read = row_of(statement_, layer_);
        if (!read) return propagate(read);
        row = std::move(*read);
        return true;
    }

private:
    std::optional<Sqlite> database_;  // Where the rows have a handle of their own; it goes last.
    Statement statement_;
    Layer layer_;
};

/// SQLite has no partitions. A leaf is the rows of its days up to a rowid, which stay among the events until
/// they are deleted, in the transaction that reads them once more and finds them to be those of the parts.
class SqliteRetention final : public Retention {
public:
    SqliteRetention(Sqlite database, Layer layer, core::Clock& clock, core::Timestamp written_at)
        : database_(std::move(database)),
          layer_(layer),
          clock_(clock),
          written_at_(written_at),
          schema_(schema_name(layer)) {}

    core::Result<Witness> witness() override { return Witness{written_at_, false}; }
    /// Nothing is parked: a row that comes late is the first of a further leaf.
    core::Result<Cleared> clear_parked() override { return Cleared{}; }
    core::Result<std::vector<Leaf>> leaves() override;
    core::Result<std::uint64_t> count(const Leaf& leaf) override {
        auto statement = over(leaf, "SELECT count(*)", "");
        if (!statement) return propagate(statement);
        if (auto row = statement->step(); !row) return propagate(row);
        return static_cast<std::uint64_t>(statement->integer(0));
    }
    core::Status detach(Leaf& leaf) override;
    core::Result<std::unique_ptr<EventRows>> rows(const Leaf& leaf) override {
        auto statement = ordered(leaf);
        if (!statement) return propagate(statement);
        return std::make_unique<SqliteEventRows>(std::move(*statement), layer_);
    }
    core::Status record(std::span<const ArchivePart> parts) override;
    core::Result<std::uint64_t> drop(const Leaf& leaf) override;
    core::Result<bool> dropped(const Leaf& leaf) override {
        auto statement = database_.prepare(fmt::format(
            "SELECT count(*) FROM {}.archive_leaves WHERE leaf = ?1 AND dropped_at IS NOT NULL", schema_));
        if (!statement) return propagate(statement);
        statement->bind(1, std::string_view(leaf.name));
        if (auto row = statement->step(); !row) return propagate(row);
        return statement->integer(0) == 1;
    }
    core::Result<Erased> erase(const Erasure& erasure, bool dry_run) override;
    core::Status forget_pushes(std::span<const PushedReport> reports) override;
    core::Result<bool> names_payload(std::string_view sha256) override;
    core::Status replace(const ArchivePart& part, const std::optional<ArchivePart>& successor) override;
    core::Result<std::vector<ArchivePart>> parts() override;
    [[nodiscard]] const std::string& where() const override { return database_.path(); }

private:
    [[nodiscard]] std::string_view time() const { return layer_ == Layer::kpi ? "time" : "detected_at"; }
    [[nodiscard]] std::string_view half_of_row() const {
        return layer_ == Layer::kpi ? "''" : "CASE severity WHEN 'info' THEN 'info' ELSE 'alert' END";
    }
    /// "<beginning> FROM events WHERE <the leaf's rows> <ending>", bound.
    core::Result<Statement> over(const Leaf& leaf, std::string_view beginning, std::string_view ending);
    core::Result<Statement> ordered(const Leaf& leaf);
    core::Result<std::string> digest(const Leaf& leaf);
    core::Status forget(std::span<const PushedReport> reports);

    Sqlite database_;
    Layer layer_;
    core::Clock& clock_;
    core::Timestamp written_at_;
    std::string schema_;
};

core::Result<Statement> SqliteRetention::over(const Leaf& leaf, std::string_view beginning,
                                              std::string_view ending) {
    auto statement = database_.prepare(fmt::format(
        "{0} FROM {1}.events WHERE {2} >= ?1 AND {2} < ?2 AND {3} = ?3 AND rowid <= coalesce((SELECT "
        "last_rowid FROM {1}.archive_leaves WHERE leaf = ?4), 9223372036854775807){4}",
        beginning, schema_, time(), half_of_row(), ending));
    if (!statement) return propagate(statement);
    statement->bind(1, std::string_view(stored_time(leaf.from)));
    statement->bind(2, std::string_view(stored_time(leaf.to)));
    statement->bind(3, std::string_view(leaf.half));
    statement->bind(4, std::string_view(leaf.name));
    return statement;
}

core::Result<Statement> SqliteRetention::ordered(const Leaf& leaf) {
    std::string columns;
    for (const EventColumn& column : event_columns(layer_))
        columns += (columns.empty() ? "SELECT " : ", ") + std::string(column.name);
    return over(leaf, columns,
                layer_ == Layer::kpi ? " ORDER BY time, event_id" : " ORDER BY detected_at, id, event_id");
}

core::Result<std::vector<Leaf>> SqliteRetention::leaves() {
    const bool is_kpi = layer_ == Layer::kpi;
    // What stands in the last month that a date can be written of is never over.
    auto statement = database_.prepare(fmt::format(
        "SELECT leaf, half, first_day, end_day, 0 AS waits FROM {0}.archive_leaves WHERE dropped_at IS NULL "
        "UNION ALL SELECT DISTINCT '', {1}, {2}, date({2}, '{3}'), 1 FROM {0}.events WHERE {2} < '9999-12' "
        "AND NOT EXISTS "
        "(SELECT 1 "
        "FROM {0}.archive_leaves AS l WHERE dropped_at IS NULL AND l.half = {1} AND l.first_day = {2}) "
        "ORDER BY waits, first_day, half, leaf",
        schema_, half_of_row(), is_kpi ? "substr(time, 1, 10)" : "substr(detected_at, 1, 7) || '-01'",
        is_kpi ? "+1 day" : "+1 month"));
    if (!statement) return propagate(statement);
    std::vector<Leaf> leaves;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) return leaves;
        auto from = read_time(statement->text(2)), to = read_time(statement->text(3));
        if (!from) return propagate(from);
        if (!to) return propagate(to);
        std::string name = statement->text(0);
        const auto state = name.empty() ? Leaf::State::attached : Leaf::State::detached;
        leaves.push_back({std::move(name), statement->text(1), *from, *to, state});
    }
}

core::Status SqliteRetention::detach(Leaf& leaf) {
    if (leaf.state == Leaf::State::detached) return {};
    return database_.transaction([&]() -> core::Status {
        auto before = database_.prepare(
            fmt::format("SELECT count(*), max(CASE WHEN dropped_at IS NULL THEN leaf END) FROM "
                        "{}.archive_leaves WHERE half = ?1 AND first_day = ?2",
                        schema_));
        if (!before) return propagate(before);
        before->bind(1, std::string_view(leaf.half));
        before->bind(2, std::string_view(day_of(leaf.from)));
        if (auto row = before->step(); !row) return propagate(row);
        leaf.state = Leaf::State::detached;
        if (auto open = before->maybe_text(1)) {  // Another run's.
            leaf.name = *open;
            return {};
        }
        const std::string day = day_of(leaf.from);
        leaf.name = layer_ == Layer::kpi
                        ? fmt::format("events_{}{}{}", day.substr(0, 4), day.substr(5, 2), day.substr(8, 2))
                        : fmt::format("events_{}_{}{}", leaf.half, day.substr(0, 4), day.substr(5, 2));
        if (const auto number = before->integer(0); number > 0)
            leaf.name += fmt::format("_late{}", number + 1);
        auto taken = database_.prepare(fmt::format(
            "INSERT INTO {0}.archive_leaves (leaf, half, first_day, end_day, last_rowid, detached_at) SELECT "
            "?1, ?2, ?3, ?4, coalesce(max(rowid), 0), ?5 FROM {0}.events",
            schema_));
        if (!taken) return propagate(taken);
        taken->bind(1, std::string_view(leaf.name));
        taken->bind(2, std::string_view(leaf.half));
        taken->bind(3, std::string_view(day));
        taken->bind(4, std::string_view(day_of(leaf.to)));
        taken->bind(5, std::string_view(stored_time(clock_.now())));
        if (auto done = taken->step(); !done) return propagate(done);
        return {};
    });
}

core::Status SqliteRetention::record(std::span<const ArchivePart> parts) {
    return database_.transaction([&]() -> core::Status {
        for (const ArchivePart& part : parts) {
            auto statement = database_.prepare(fmt::format(
                "INSERT OR IGNORE INTO {}.archive_parts (leaf, day, part, rows, time_min, time_max, "
                "bytes, sha256, rows_sha256, manifest, archived_at) VALUES (?1, ?2, ?3, ?4, ?5, "
                "?6, ?7, ?8, ?9, ?10, ?11)",
                schema_));
            if (!statement) return propagate(statement);
            statement->bind(1, std::string_view(part.leaf));
            statement->bind(2, std::string_view(day_of(part.day)));
            statement->bind(3, part.part);
            statement->bind(4, static_cast<std::int64_t>(part.rows));
            statement->bind(5, std::string_view(stored_time(part.time_min)));
            statement->bind(6, std::string_view(stored_time(part.time_max)));
            statement->bind(7, static_cast<std::int64_t>(part.bytes));
            statement->bind(8, std::string_view(part.sha256));
            statement->bind(9, std::string_view(part.rows_sha256));
            statement->bind(10, std::string_view(part.manifest));
            statement->bind(11, std::string_view(stored_time(clock_.now())));
            if (auto done = statement->step(); !done) return propagate(done);
        }
        return {};
    });
}

core::Result<std::uint64_t> SqliteRetention::drop(const Leaf& leaf) {
    std::uint64_t rows = 0;
    auto status = database_.transaction([&]() -> core::Status {
        auto known = database_.prepare(fmt::format(
            "SELECT dropped_at IS NOT NULL, rows FROM {}.archive_leaves WHERE leaf = ?1", schema_));
        if (!known) return propagate(known);
        known->bind(1, std::string_view(leaf.name));
        auto found = known->step();
        if (!found) return propagate(found);
        if (!*found)
            return fail(ErrorKind::conflict,
                        fmt::format("{}: no leaf {} was taken out", database_.path(), leaf.name));
        if (known->integer(0) == 1) {
            rows = static_cast<std::uint64_t>(known->integer(1));
            return {};
        }
        known->reset();
        // A VACUUM may have given the rows other rowids since they were read.
        auto parts = database_.prepare(fmt::format(
            "SELECT day, rows_sha256 FROM {}.archive_parts WHERE leaf = ?1 ORDER BY day", schema_));
        if (!parts) return propagate(parts);
        parts->bind(1, std::string_view(leaf.name));
        while (true) {
            auto more = parts->step();
            if (!more) return propagate(more);
            if (!*more) break;
            Leaf day = leaf;
            auto from = read_time(parts->text(0));
            if (!from) return propagate(from);
            day.from = *from;
            day.to = *from + core::Duration{86'400'000'000};
            auto now = digest(day);
            if (!now) return propagate(now);
            if (*now != parts->text(1))
                return fail(ErrorKind::conflict,
                            fmt::format("{}: the rows of {} are not those that were archived of them",
                                        database_.path(), parts->text(0)));
        }
        auto archived = database_.prepare(
            fmt::format("SELECT coalesce(sum(rows), 0) FROM {}.archive_parts WHERE leaf = ?1", schema_));
        if (!archived) return propagate(archived);
        archived->bind(1, std::string_view(leaf.name));
        if (auto row = archived->step(); !row) return propagate(row);
        auto gone = over(leaf, "DELETE", "");
        if (!gone) return propagate(gone);
        if (auto done = gone->step(); !done) return propagate(done);
        const auto deleted = database_.changes();
        if (deleted != archived->integer(0))
            return fail(ErrorKind::conflict,
                        fmt::format("{}: the leaf {} holds {} rows, and its parts in the archive {}",
                                    database_.path(), leaf.name, deleted, archived->integer(0)));
        rows = static_cast<std::uint64_t>(deleted);
        auto ended = database_.prepare(
            fmt::format("UPDATE {}.archive_leaves SET dropped_at = ?2, rows = ?3 WHERE leaf = ?1", schema_));
        if (!ended) return propagate(ended);
        ended->bind(1, std::string_view(leaf.name));
        ended->bind(2, std::string_view(stored_time(clock_.now())));
        ended->bind(3, deleted);
        if (auto done = ended->step(); !done) return propagate(done);
        return {};
    });
    if (!status) return propagate(status);
    return rows;
}

core::Result<std::string> SqliteRetention::digest(const Leaf& leaf) {
    auto read = rows(leaf);
    if (!read) return propagate(read);
    RowDigest digest;
    EventRow row;
    while (true) {
        auto more = (*read)->next(row);
        if (!more) return propagate(more);
        if (!*more) return digest.finish();
        digest.add(row);
    }
}

core::Result<Erased> SqliteRetention::erase(const Erasure& erasure, bool dry_run) {
    Erased erased;
    Conditions where('?');
    where.add("run_id =", erasure.run_id);
    where.add("module =", erasure.module);
    const auto bound = [&](const std::string& sql) {
        auto statement = database_.prepare(sql);
        int place = 0;
        if (statement)
            for (const auto& value : where.values()) statement->bind(++place, std::string_view(value));
        return statement;
    };
    auto status = database_.transaction([&]() -> core::Status {
        // The rows of a leaf stand among the events until it is dropped, which they must be whole for.
        auto under_way = database_.prepare(
            fmt::format("SELECT max(leaf) FROM {}.archive_leaves WHERE dropped_at IS NULL", schema_));
        if (!under_way) return propagate(under_way);
        if (auto row = under_way->step(); !row) return propagate(row);
        if (auto leaf = under_way->maybe_text(0); leaf && !dry_run)
            return fail(ErrorKind::conflict,
                        fmt::format("{}: {} is on its way to the archive; finish that first with: tristrata "
                                    "store retain, and erase again",
                                    database_.path(), *leaf));
        auto found = bound(fmt::format("SELECT {}, count(*) FROM {}.events{} GROUP BY 1",
                                       layer_ == Layer::kpi ? "NULL" : "payload ->> '$.payload_sha256'",
                                       schema_, where.text()));
        if (!found) return propagate(found);
        while (true) {
            auto more = found->step();
            if (!more) return propagate(more);
            if (!*more) break;
            erased.rows += static_cast<std::uint64_t>(found->integer(1));
            if (auto sha256 = found->maybe_text(0)) erased.payloads.push_back(std::move(*sha256));
        }
        if (dry_run) return {};
        if (layer_ == Layer::drift) {
            auto pushed =
                bound(fmt::format("SELECT DISTINCT report_id, module, run_id FROM drift.events{} AND "
                                  "report_id IS NOT NULL",
                                  where.text()));
            if (!pushed) return propagate(pushed);
            std::vector<PushedReport> pushes;
            while (true) {
                auto more = pushed->step();
                if (!more) return propagate(more);
                if (!*more) break;
                pushes.push_back({pushed->text(0), pushed->text(1), pushed->maybe_text(2)});
            }
            if (auto forgotten = forget(pushes); !forgotten) return forgotten;
        }
        auto gone = bound(fmt::format("DELETE FROM {}.events{}", schema_, where.text()));
        if (!gone) return propagate(gone);
        if (auto done = gone->step(); !done) return propagate(done);
        if (layer_ != Layer::kpi || !erasure.module || erasure.run_id) return {};
        auto series = database_.prepare("DELETE FROM kpi.series WHERE module = ?1");
        if (!series) return propagate(series);
        series->bind(1, std::string_view(*erasure.module));
        if (auto done = series->step(); !done) return propagate(done);
        return {};
    });
    if (!status) return propagate(status);
    return erased;
}

core::Status SqliteRetention::forget(std::span<const PushedReport> reports) {
    auto gone = database_.prepare("DELETE FROM drift.reports WHERE push_id = ?1");
    if (!gone) return propagate(gone);
    for (const PushedReport& report : reports) {
        auto id = push_id_of(report);
        if (!id) continue;
        gone->bind(1, core::to_string(*id));
        if (auto done = gone->step(); !done) return propagate(done);
        gone->reset();
    }
    return {};
}

core::Status SqliteRetention::forget_pushes(std::span<const PushedReport> reports) {
    if (reports.empty()) return {};
    return database_.transaction([&] { return forget(reports); });
}

core::Result<bool> SqliteRetention::names_payload(std::string_view sha256) {
    auto statement =
        database_.prepare("SELECT count(*) FROM drift.events WHERE payload ->> '$.payload_sha256' = ?1");
    if (!statement) return propagate(statement);
    statement->bind(1, sha256);
    if (auto row = statement->step(); !row) return propagate(row);
    return statement->integer(0) > 0;
}

core::Status SqliteRetention::replace(const ArchivePart& part, const std::optional<ArchivePart>& successor) {
    if (successor) {
        ArchivePart added = *successor;
        added.leaf = part.leaf;
        if (auto recorded = record(std::span(&added, 1)); !recorded) return recorded;
    }
    auto gone = database_.prepare(
        fmt::format("DELETE FROM {}.archive_parts WHERE leaf = ?1 AND day = ?2 AND part = ?3", schema_));
    if (!gone) return propagate(gone);
    gone->bind(1, std::string_view(part.leaf));
    gone->bind(2, std::string_view(day_of(part.day)));
    gone->bind(3, part.part);
    if (auto done = gone->step(); !done) return propagate(done);
    return {};
}

core::Result<std::vector<ArchivePart>> SqliteRetention::parts() {
    auto statement = database_.prepare(fmt::format(
        "SELECT leaf, half, day, part, p.rows, time_min, time_max, bytes, sha256, rows_sha256, manifest FROM "
        "{0}.archive_parts AS p JOIN {0}.archive_leaves USING (leaf) ORDER BY half, day, part",
        schema_));
    if (!statement) return propagate(statement);
    std::vector<ArchivePart> parts;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) return parts;
        auto day = read_time(statement->text(2)), first = read_time(statement->text(5)),
             last = read_time(statement->text(6));
        if (!day) return propagate(day);
        if (!first) return propagate(first);
        if (!last) return propagate(last);
        parts.push_back({statement->text(0), statement->text(1), *day, statement->integer(3),
                         static_cast<std::uint64_t>(statement->integer(4)), *first, *last,
                         static_cast<std::uint64_t>(statement->integer(7)), statement->text(8),
                         statement->text(9), statement->text(10)});
    }
}

}  // namespace

namespace {

/// By the file and the log beside it, where that holds something: it is made anew by who only looks.
core::Timestamp last_written(const std::string& path) {
    core::Timestamp last;
    for (const char* ending : {"", "-wal"}) {
        struct stat facts{};
        if (::stat((path + ending).c_str(), &facts) != 0 || facts.st_size == 0) continue;
        const auto seconds = static_cast<std::int64_t>(facts.st_mtim.tv_sec);
        last = std::max(last, {seconds * 1'000'000 + facts.st_mtim.tv_nsec / 1000});
    }
    return last;
}

}  // namespace

core::Result<std::unique_ptr<Retention>> open_sqlite_retention(const std::string& path, Layer layer,
                                                               core::Clock& clock) {
    // Before it is opened, which may write.
    const auto written_at = last_written(path);
    // It opens as a store does, and says what is wrong as a store does.
    if (auto store = open_sqlite(path, layer, OpenMode::maintain); !store) return propagate(store);
    auto database = Sqlite::open(path, schema_name(layer), database::Access::write, false);
    if (!database) return propagate(database);
    return std::make_unique<SqliteRetention>(std::move(*database), layer, clock, written_at);
}

core::Result<std::unique_ptr<EventRows>> read_sqlite_events(const std::string& path, Layer layer,
                                                            EventOrder order) {
    auto database = Sqlite::open(path, schema_name(layer), database::Access::read, false);
    if (!database) return propagate(database);
    std::string columns;
    for (const EventColumn& column : event_columns(layer))
        columns += (columns.empty() ? "" : ", ") + std::string(column.name);
    const std::string_view by_time =
        layer == Layer::kpi ? "time, event_id" : "detected_at, event_id, severity";
    auto statement =
        database->prepare(fmt::format("SELECT {} FROM {}.events ORDER BY {}", columns, schema_name(layer),
                                      order == EventOrder::arrival ? "rowid" : by_time));
    if (!statement) return propagate(statement);
    return std::make_unique<SqliteEventRows>(std::move(*statement), layer, std::move(*database));
}

}  // namespace tristrata::store
