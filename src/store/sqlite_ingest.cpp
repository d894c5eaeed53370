#include "sqlite_ingest.hpp"

#include "schema_text.hpp"
#include "stored_time.hpp"
#include "tristrata/core/json_writer.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using database::Statement;

bool names_a_record(ErrorKind kind) {
    return kind == ErrorKind::invalid_input || kind == ErrorKind::conflict;
}

}  // namespace

core::Result<Statement*> SqliteIngest::kept(const char* sql) {
    auto found = kept_.find(sql);
    if (found == kept_.end()) {
        auto prepared = database_.prepare(sql);
        if (!prepared) return propagate(prepared);
        found = kept_.emplace(sql, std::move(*prepared)).first;
    }
    found->second.reset();
    return &found->second;
}

core::Status SqliteIngest::run_kept(const char* sql) {
    auto statement = kept(sql);
    if (!statement) return propagate(statement);
    if (auto done = (*statement)->step(); !done) return propagate(done);
    return {};
}

core::Result<SqliteIngest::Counts> SqliteIngest::insert(const execution::KpiEmit& emit) {
    auto prepared = kept(
        "INSERT INTO kpi.events (time, run_id, module, dag_node, metric_name, metric_value, tags, "
        "duration_ms, success, event_id, emit_id, "
        "emit_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (event_id, time) "
        "DO NOTHING");
    if (!prepared) return propagate(prepared);
    Statement* event = *prepared;
    core::JsonWriter tags;
    tags.begin_object();
    for (const auto& [key, value] : emit.tags) tags.member(key, value);
    tags.end_object();
    const std::string tag_text = tags.take(), time = stored_time(emit.time),
                      emit_id = core::to_string(emit.emit_id);
    Counts counts;
    for (const auto& row : emit.rows) {
        event->reset();
        event->bind(1, time);
        event->bind(2, emit.run_id);
        event->bind(3, emit.module);
        event->bind(4, emit.dag_node);
        event->bind(5, row.metric_name);
        event->bind(6, row.metric_value);
        event->bind(7, tag_text);
        event->bind(8, emit.duration_ms);
        event->bind(9, emit.success ? std::optional<std::int64_t>(*emit.success ? 1 : 0) : std::nullopt);
        event->bind(10, core::to_string(row.event_id));
        event->bind(11, emit_id);
        event->bind(12, static_cast<std::int64_t>(row.emit_seq));
        if (auto done = event->step(); !done) return propagate(done);
        if (database_.changes() == 1) {
            ++counts.stored;
        } else {
            ++counts.duplicate;
            continue;
        }
        const SeriesView one(emit.module, row.metric_name);
        if (known_series_.contains(one) || new_series_.contains(one)) continue;
        auto series =
            kept("INSERT INTO kpi.series (module, metric_name) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        if (!series) return propagate(series);
        (*series)->bind(1, emit.module);
        (*series)->bind(2, row.metric_name);
        if (auto done = (*series)->step(); !done) return propagate(done);
        new_series_.emplace(one);
    }
    return counts;
}

core::Result<SqliteIngest::Counts> SqliteIngest::insert(const drift::Push& push) {
    Counts counts;
    if (push.push_id) {
        auto report = database_.prepare(
            "INSERT INTO drift.reports (push_id, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        if (!report) return propagate(report);
        report->bind(1, core::to_string(*push.push_id));
        report->bind(2,
                     stored_time(push.events.empty() ? core::Timestamp{} : push.events.front().detected_at));
        if (auto done = report->step(); !done) return propagate(done);
        if (database_.changes() == 0) {
            counts.duplicate = push.events.size();
            return counts;
        }
    }
    auto prepared = kept(
        "INSERT INTO drift.events (event_id, report_id, run_id, module, drift_type, metric, reference_value, "
        "current_value, significance, "
        "severity, payload, detected_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON "
        "CONFLICT (event_id, detected_at, "
        "severity) DO NOTHING");
    if (!prepared) return propagate(prepared);
    Statement* insert = *prepared;
    for (const auto& event : push.events) {
        insert->reset();
        insert->bind(1, core::to_string(event.event_id));
        insert->bind(2, event.report_id ? std::optional(core::to_string(*event.report_id)) : std::nullopt);
        insert->bind(3, event.run_id);
        insert->bind(4, event.module);
        insert->bind(5, drift::name(event.drift_type));
        insert->bind(6, event.metric);
        insert->bind(7, event.reference_value);
        insert->bind(8, event.current_value);
        insert->bind(9, event.significance);
        insert->bind(10, drift::name(event.severity));
        insert->bind(11, event.payload);
        insert->bind(12, stored_time(event.detected_at));
        if (auto done = insert->step(); !done) return propagate(done);
        ++(database_.changes() == 1 ? counts.stored : counts.duplicate);
    }
    return counts;
}

core::Result<SqliteIngest::Counts> SqliteIngest::insert(const Decoded& record) {
    return layer_ == Layer::kpi ? insert(record.emit) : insert(record.push);
}

core::Result<bool> SqliteIngest::record_batch(const BatchOrigin& origin) {
    auto batch =
        database_.prepare(fmt::format("INSERT INTO {}.batches (spool_id, batch_seq, emitted_total) VALUES "
                                      "(?1, ?2, ?3) ON CONFLICT DO NOTHING",
                                      schema_name(layer_)));
    if (!batch) return propagate(batch);
    batch->bind(1, core::to_string(origin.spool_id));
    batch->bind(2, static_cast<std::int64_t>(origin.batch_seq));
    batch->bind(3, static_cast<std::int64_t>(origin.emitted_total));
    if (auto done = batch->step(); !done) return propagate(done);
    return database_.changes() == 1;
}

core::Status SqliteIngest::store(std::span<const Decoded> records, const std::optional<BatchOrigin>& origin,
                                 bool careful, IngestResult& result) {
    new_series_.clear();
    bool resent = false;
    if (origin) {
        auto fresh = record_batch(*origin);
        if (!fresh) return propagate(fresh);
        resent = !*fresh;
    }
    for (const Decoded& record : records) {
        if (careful)
            if (auto point = run_kept("SAVEPOINT record"); !point) return point;
        auto counts = insert(record);
        if (counts) {
            result.stored += counts->stored;
            result.duplicate += counts->duplicate;
        } else if (careful && names_a_record(counts.error().kind)) {
            // This one can never be stored; the others can.
            if (auto undone = run_kept("ROLLBACK TO record"); !undone) return undone;
            new_series_.clear();  // What was new before it is asked for once more.
            result.dead.emplace_back(record.index, counts.error());
        } else {
            return propagate(counts);
        }
        if (careful)
            if (auto released = run_kept("RELEASE record"); !released) return released;
    }
    // Committed before and sent again: its rows are stored, not duplicates; what was dead then is dead now.
    if (resent) result.stored += std::exchange(result.duplicate, 0);
    return {};
}

core::Result<IngestResult> SqliteIngest::ingest(std::span<const sink::Record> records,
                                                const std::optional<BatchOrigin>& origin) {
    std::vector<Decoded> decoded;
    std::vector<std::pair<std::size_t, core::Error>> unreadable;
    for (std::size_t index = 0; index < records.size(); ++index) {
        Decoded one;
        one.index = index;
        core::Status read;
        if (layer_ == Layer::kpi) {
            if (auto emit = execution::decode(records[index])) one.emit = std::move(*emit);
            else read = propagate(emit);
        } else {
            if (auto push = drift::decode(records[index])) one.push = std::move(*push);
            else read = propagate(push);
        }
        if (read) decoded.push_back(std::move(one));
        else if (names_a_record(read.error().kind)) unreadable.emplace_back(index, read.error());
        else return propagate(read);
    }
    IngestResult result;
    core::Status status;
    for (const bool careful : {false, true}) {
        status = database_.transaction([&] {
            result = {};
            result.dead = unreadable;
            return store(decoded, origin, careful, result);
        });
        if (status || !names_a_record(status.error().kind)) break;
    }
    if (!status) return propagate(status);
    known_series_.merge(new_series_);
    std::ranges::sort(result.dead, {}, &std::pair<std::size_t, core::Error>::first);
    return result;
}

}  // namespace tristrata::store
