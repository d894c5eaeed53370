#include "postgres_ingest.hpp"

#include "schema_text.hpp"
#include "stored_time.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/database/copy_rows.hpp"
#include "unnest_rows.hpp"
#include "zero_character.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

namespace tristrata::store {

using core::ErrorKind;

namespace {

/// From so many rows on a temporary table costs less than arrays do.
constexpr std::size_t staged_rows_min = 100;

/// A table's columns in the order in which rows are written, with their types.
struct Columns {
    std::string_view table, names, definitions, arrays;
    std::int16_t count;
};
constexpr Columns kpi_columns{
    "kpi.events",
    "time, run_id, module, dag_node, metric_name, metric_value, tags, duration_ms, success, event_id, "
    "emit_id, "
    "emit_seq",
    "time timestamptz, run_id text, module text, dag_node text, metric_name text, metric_value float8, tags "
    "jsonb, "
    "duration_ms bigint, success boolean, event_id uuid, emit_id uuid, emit_seq smallint",
    "$1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::jsonb[], "
    "$8::bigint[], "
    "$9::boolean[], $10::uuid[], $11::uuid[], $12::smallint[]",
    12};
constexpr Columns drift_columns{
    "drift.events",
    "event_id, report_id, run_id, module, drift_type, metric, reference_value, current_value, significance, "
    "severity, payload, detected_at",
    "event_id uuid, report_id uuid, run_id text, module text, drift_type text, metric text, reference_value "
    "float8, "
    "current_value float8, significance float8, severity text, payload jsonb, detected_at timestamptz",
    "$1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], "
    "$9::float8[], $10::text[], $11::jsonb[], $12::timestamptz[]",
    12};

struct KpiLine {
    const execution::KpiView& emit;
    std::size_t metric;  ///< Its place in the emit.
    const std::string& tags;
};

template <class Rows>
void write(Rows& rows, const KpiLine& line) {
    const auto& [metric_name, metric_value] = line.emit.metrics[line.metric];
    rows.row(kpi_columns.count);
    rows.time(line.emit.time);
    rows.maybe_text(line.emit.run_id);
    rows.text(line.emit.module);
    rows.maybe_text(line.emit.dag_node);
    rows.text(metric_name);
    rows.real(metric_value);
    rows.json(line.tags);
    rows.maybe_integer(line.emit.duration_ms);
    rows.maybe_boolean(line.emit.success);
    rows.uuid(core::uuid_v5(line.emit.emit_id, metric_name));
    rows.uuid(line.emit.emit_id);
    rows.small(static_cast<std::int16_t>(line.metric));
}

template <class Rows>
void write(Rows& rows, const drift::Event& event) {
    rows.row(drift_columns.count);
    rows.uuid(event.event_id);
    rows.maybe_uuid(event.report_id);
    rows.maybe_text(event.run_id);
    rows.text(event.module);
    rows.text(drift::name(event.drift_type));
    rows.text(event.metric);
    rows.maybe_real(event.reference_value);
    rows.maybe_real(event.current_value);
    rows.maybe_real(event.significance);
    rows.text(drift::name(event.severity));
    rows.json(event.payload);
    rows.time(event.detected_at);
}

using Way = PostgresIngest::Way;

/// A batch after one with duplicates probably has some too: so many go the way that takes them.
constexpr int staged_after_duplicates = 16;
constexpr std::string_view unique_violation = "23505";

/// Rows on their way into one table; returns how many are new. Straight on, one that is there already is an
/// error.
template <class Line>
core::Result<std::uint64_t> insert_lines(database::Postgres& database, const Columns& columns,
                                         std::string_view ending, const std::vector<Line>& lines, Way way) {
    if (lines.empty()) return 0;
    if (way == Way::arrays) {
        UnnestRows rows(static_cast<std::size_t>(columns.count));
        for (const Line& line : lines) write(rows, line);
        auto stored = database.query(
            fmt::format("INSERT INTO {}{} ({}) SELECT * FROM unnest({}) ON CONFLICT DO NOTHING",
                        columns.table, ending, columns.names, columns.arrays),
            rows.parameters());
        if (!stored) return propagate(stored);
        return stored->affected();
    }
    database::CopyRows rows;
    for (const Line& line : lines) write(rows, line);
    if (way == Way::straight) {
        auto copied = database.copy_in(
            fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", columns.table, columns.names),
            rows.finish());
        if (!copied) return propagate(copied);
        return lines.size();
    }
    if (auto made = database.run(
            fmt::format("CREATE TEMP TABLE tristrata_staged ({}) ON COMMIT DROP", columns.definitions));
        !made)
        return propagate(made);
    if (auto copied =
            database.copy_in("COPY pg_temp.tristrata_staged FROM STDIN (FORMAT binary)", rows.finish());
        !copied)
        return propagate(copied);
    auto stored = database.query(
        fmt::format("INSERT INTO {} ({}) SELECT * FROM pg_temp.tristrata_staged ON CONFLICT DO NOTHING",
                    columns.table, columns.names));
    if (!stored) return propagate(stored);
    return stored->affected();
}

std::string json_of(const std::vector<std::pair<std::string_view, std::string_view>>& tags) {
    core::JsonWriter json;
    json.begin_object();
    for (const auto& [key, value] : tags) json.member(key, value);
    json.end_object();
    return json.take();
}

/// A record of format 1 is packed first.
core::Result<execution::KpiView> view_of(const sink::Record& record, std::deque<sink::Record>& packed_anew) {
    if (execution::is_packed(record)) return execution::view(record);
    auto emit = execution::decode(record);
    if (!emit) return propagate(emit);
    return execution::view(packed_anew.emplace_back(execution::encode(*emit)));
}

/// The connection died, before or after its work was done: doing it again is harmless.
bool was_cut_off(const core::Error& error) {
    return error.kind == ErrorKind::possibly_persisted ||
           (error.kind == ErrorKind::unavailable &&
            (error.foreign_code.empty() || error.foreign_code.starts_with("57P")));
}

}  // namespace

struct PostgresIngest::Counts {
    std::uint64_t stored = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t parked = 0;
};

/// Decoded records; `kpi` or `drift` is filled, as the layer is.
struct PostgresIngest::Batch {
    std::vector<std::size_t> index;       ///< Where each stands among what was given.
    std::vector<execution::KpiView> kpi;  ///< Of the records given, or of those packed anew.
    std::deque<sink::Record> packed_anew;
    std::vector<std::string> tags;
    std::vector<drift::Push> drift;
    std::vector<std::vector<bool>> has_home;  ///< A record's rows: whether their partition is there.
    std::vector<std::pair<std::size_t, core::Error>> dead;

    [[nodiscard]] std::size_t size() const { return index.size(); }
};

core::Status PostgresIngest::route(Batch& batch) {
    batch.has_home.assign(batch.size(), {});
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& homes = batch.has_home[i];
        if (layer_ == Layer::kpi) {
            auto there = partitions_.ensure(database_, batch.kpi[i].time);
            if (!there) return propagate(there);
            homes.assign(batch.kpi[i].metrics.size(), *there);
            continue;
        }
        for (const auto& event : batch.drift[i].events) {
            auto there = partitions_.ensure(database_, event.detected_at, event.severity);
            if (!there) return propagate(there);
            homes.push_back(*there);
        }
    }
    return {};
}

core::Result<PostgresIngest::Way> PostgresIngest::way_of(std::size_t rows, bool careful) {
    if (careful || rows < staged_rows_min) return Way::arrays;
    if (staged_left_ == 0) return Way::straight;
    if (!may_stage_) {
        auto answer = database_.query("SELECT has_database_privilege(current_database(), 'TEMP')");
        if (!answer) return propagate(answer);
        may_stage_ = answer->boolean(0, 0);
    }
    return *may_stage_ ? Way::staged : Way::arrays;
}

core::Result<bool> PostgresIngest::record_batch(const BatchOrigin& origin) {
    auto done = database_.query(
        fmt::format("INSERT INTO {}.batches (spool_id, batch_seq, emitted_total) VALUES ($1, $2, $3) ON "
                    "CONFLICT DO NOTHING",
                    schema_name(layer_)),
        {core::to_string(origin.spool_id), std::to_string(origin.batch_seq),
         std::to_string(origin.emitted_total)});
    if (!done) return propagate(done);
    return done->affected() == 1;
}

core::Status PostgresIngest::insert_series(const Batch& batch, std::size_t first, std::size_t last) {
    // In one order everywhere: two that wait for each other's new series would be a deadlock.
    Series fresh;
    for (std::size_t i = first; i < last; ++i)
        for (const auto& [metric, value] : batch.kpi[i].metrics)
            if (const SeriesView one(batch.kpi[i].module, metric);
                !known_series_.contains(one) && !fresh.contains(one))
                fresh.emplace(one);
    if (fresh.empty()) return {};
    UnnestRows rows(2);
    for (const auto& [module, metric] : fresh) {
        rows.row(2);
        rows.text(module);
        rows.text(metric);
    }
    auto done = database_.query(
        "INSERT INTO kpi.series (module, metric_name) SELECT * FROM unnest($1::text[], $2::text[]) ON "
        "CONFLICT DO "
        "NOTHING",
        rows.parameters());
    if (!done) return propagate(done);
    return {};
}

core::Result<PostgresIngest::Counts> PostgresIngest::insert_kpi(const Batch& batch, std::size_t first,
                                                                std::size_t last, bool careful) {
    std::vector<KpiLine> lines, parked;
    for (std::size_t i = first; i < last; ++i)
        for (std::size_t j = 0; j < batch.kpi[i].metrics.size(); ++j)
            (batch.has_home[i][j] ? lines : parked).push_back({batch.kpi[i], j, batch.tags[i]});
    auto way = way_of(lines.size(), careful);
    if (!way) return propagate(way);
    auto stored = insert_lines(database_, kpi_columns, "", lines, *way);
    if (!stored) return propagate(stored);
    auto aside = insert_lines(database_, kpi_columns, "_parked", parked, Way::arrays);
    if (!aside) return propagate(aside);
    if (auto series = insert_series(batch, first, last); !series) return propagate(series);
    return Counts{*stored + *aside, lines.size() + parked.size() - *stored - *aside, *aside};
}

core::Result<PostgresIngest::Counts> PostgresIngest::insert_drift(const Batch& batch, std::size_t first,
                                                                  std::size_t last, bool careful) {
    Counts counts;
    std::vector<std::reference_wrapper<const drift::Event>> lines, parked;
    for (std::size_t i = first; i < last; ++i) {
        const drift::Push& push = batch.drift[i];
        if (push.push_id) {
            const auto at = push.events.empty() ? core::Timestamp{} : push.events.front().detected_at;
            auto report = database_.query(
                "INSERT INTO drift.reports (push_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                {core::to_string(*push.push_id), stored_time(at)});
            if (!report) return propagate(report);
            if (report->affected() == 0) {
                counts.duplicate += push.events.size();
                continue;
            }
        }
        for (std::size_t j = 0; j < push.events.size(); ++j)
            (batch.has_home[i][j] ? lines : parked).emplace_back(push.events[j]);
    }
    auto way = way_of(lines.size(), careful);
    if (!way) return propagate(way);
    auto stored = insert_lines(database_, drift_columns, "", lines, *way);
    if (!stored) return propagate(stored);
    auto aside = insert_lines(database_, drift_columns, "_parked", parked, Way::arrays);
    if (!aside) return propagate(aside);
    counts.stored = *stored + *aside;
    counts.parked = *aside;
    counts.duplicate += lines.size() + parked.size() - counts.stored;
    return counts;
}

core::Result<PostgresIngest::Counts> PostgresIngest::insert(const Batch& batch, std::size_t first,
                                                            std::size_t last, bool careful) {
    return layer_ == Layer::kpi ? insert_kpi(batch, first, last, careful)
                                : insert_drift(batch, first, last, careful);
}

core::Status PostgresIngest::isolate(const Batch& batch, std::size_t first, std::size_t last,
                                     IngestResult& result) {
    if (first == last) return {};
    if (auto point = database_.run("SAVEPOINT part"); !point) return point;
    auto counts = insert(batch, first, last, true);
    if (counts) {
        result.stored += counts->stored;
        result.duplicate += counts->duplicate;
        result.parked += counts->parked;
        return database_.run("RELEASE part");
    }
    if (counts.error().kind != ErrorKind::invalid_input) return propagate(counts);
    if (auto undone = database_.run("ROLLBACK TO part; RELEASE part"); !undone) return undone;
    if (last - first == 1) {
        result.dead.emplace_back(batch.index[first], reason(batch, first, counts.error()));
        return {};
    }
    const std::size_t middle = first + (last - first) / 2;
    if (auto one = isolate(batch, first, middle, result); !one) return one;
    return isolate(batch, middle, last, result);
}

core::Error PostgresIngest::reason(const Batch& batch, std::size_t record, core::Error error) const {
    std::vector<RefusedText> texts;
    if (layer_ == Layer::kpi) {
        const execution::KpiView& emit = batch.kpi[record];
        texts = {{"module", emit.module},
                 {"run_id", emit.run_id.value_or("")},
                 {"dag_node", emit.dag_node.value_or("")},
                 {"tags", batch.tags[record], true}};
        for (const auto& [metric_name, value] : emit.metrics) texts.push_back({"metric_name", metric_name});
    } else {
        for (const drift::Event& event : batch.drift[record].events)
            for (const RefusedText& text : {RefusedText{"module", event.module},
                                            {"run_id", event.run_id ? std::string_view(*event.run_id) : ""},
                                            {"metric", event.metric},
                                            {"payload", event.payload, true}})
                texts.push_back(text);
    }
    return with_place_of_zero(std::move(error), texts);
}

core::Result<IngestResult> PostgresIngest::store(const Batch& batch, const std::optional<BatchOrigin>& origin,
                                                 bool careful) {
    IngestResult result;
    auto status = database_.transaction([&]() -> core::Status {
        bool resent = false;
        if (origin) {
            auto fresh = record_batch(*origin);
            if (!fresh) return propagate(fresh);
            resent = !*fresh;
        }
        if (careful) {
            if (auto done = isolate(batch, 0, batch.size(), result); !done) return done;
        } else {
            auto counts = insert(batch, 0, batch.size(), resent);
            if (!counts) return propagate(counts);
            result.stored = counts->stored;
            result.duplicate = counts->duplicate;
            result.parked = counts->parked;
        }
        // What is there of a batch that comes again was stored by it. What is not, is new: a spool that was
        // put back from a copy gives a number out a second time.
        if (resent) result.stored += std::exchange(result.duplicate, 0);
        return {};
    });
    if (!status) return propagate(status);
    return result;
}

core::Result<IngestResult> PostgresIngest::ingest(std::span<const sink::Record> records,
                                                  const std::optional<BatchOrigin>& origin) {
    Batch batch;
    batch.index.reserve(records.size());
    batch.kpi.reserve(layer_ == Layer::kpi ? records.size() : 0);
    batch.tags.reserve(batch.kpi.capacity());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (layer_ == Layer::kpi) {
            auto emit = view_of(records[i], batch.packed_anew);
            if (!emit) {
                batch.dead.emplace_back(i, emit.error());
                continue;
            }
            batch.tags.push_back(json_of(emit->tags));
            batch.kpi.push_back(std::move(*emit));
        } else {
            auto push = drift::decode(records[i]);
            if (!push) {
                batch.dead.emplace_back(i, push.error());
                continue;
            }
            batch.drift.push_back(std::move(*push));
        }
        batch.index.push_back(i);
    }
    partitions_.ask_again();
    bool careful = false, again = false;
    while (true) {
        core::Status routed = route(batch);
        auto result = routed ? store(batch, origin, careful) : core::Result<IngestResult>(propagate(routed));
        if (result) {
            partitions_.ensure_ahead(database_, clock_);
            if (staged_left_ > 0) --staged_left_;
            result->dead.insert(result->dead.end(), batch.dead.begin(), batch.dead.end());
            std::ranges::sort(result->dead, {}, &std::pair<std::size_t, core::Error>::first);
            if (layer_ == Layer::kpi && result->dead.empty())
                for (const auto& emit : batch.kpi)
                    for (const auto& [metric, value] : emit.metrics)
                        if (const SeriesView one(emit.module, metric); !known_series_.contains(one))
                            known_series_.emplace(one);
            return result;
        }
        const core::Error& error = result.error();
        if (error.foreign_code == unique_violation && staged_left_ == 0) {
            staged_left_ = staged_after_duplicates;
        } else if (error.kind == ErrorKind::invalid_input && !careful) {
            // A record that can never be stored; or a partition that has left since it was asked for.
            careful = true;
            partitions_.forget();
        } else if (was_cut_off(error) && !again) {
            again = true;
        } else {
            return result;
        }
    }
}

}  // namespace tristrata::store
