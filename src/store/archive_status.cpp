#include "archive_status.hpp"

#include "schema_text.hpp"
#include "stored_time.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

constexpr core::Duration day{86'400'000'000}, week{7 * day.microseconds};

std::string_view time_of(Layer layer) { return layer == Layer::kpi ? "time" : "detected_at"; }

/// The parts of a half; {0} is the schema, {1} a day as the caller reads it.
constexpr std::string_view ranges =
    "SELECT half, {1}, count(DISTINCT day), count(*), sum(p.rows) FROM {0}.archive_parts AS p JOIN "
    "{0}.archive_leaves USING (leaf) GROUP BY half ORDER BY half";

}  // namespace

core::Status add_archive_status(database::Postgres& database, Layer layer, StoreStatus& status) {
    const std::string_view schema = schema_name(layer);
    auto rows = database.query(
        fmt::format(ranges, schema,
                    "(extract(epoch FROM min(day)::timestamp) * 1000000)::bigint, (extract(epoch FROM "
                    "max(day)::timestamp) * 1000000)::bigint"));
    if (!rows) return propagate(rows);
    for (int i = 0; i < rows->count(); ++i)
        status.archived.push_back({rows->text(i, 0),
                                   {rows->integer(i, 1)},
                                   core::Timestamp{rows->integer(i, 2)} + day,
                                   static_cast<std::uint64_t>(rows->integer(i, 3)),
                                   static_cast<std::uint64_t>(rows->integer(i, 4)),
                                   static_cast<std::uint64_t>(rows->integer(i, 5))});
    auto counts = database.query(fmt::format(
        "SELECT (SELECT count(*) FROM {0}.archive_leaves WHERE dropped_at IS NULL), (SELECT count(*) FROM "
        "{0}.events WHERE {1} >= now() - interval '7 days' AND {1} < now())",
        schema, time_of(layer)));
    if (!counts) return propagate(counts);
    status.under_way = static_cast<std::uint64_t>(counts->integer(0, 0));
    status.rows_of_week = static_cast<std::uint64_t>(counts->integer(0, 1));
    return {};
}

core::Result<ParkedRest> parked_rest(database::Postgres& database, Layer layer) {
    // As ensure_day and ensure_month decide: by the UTC day, or the first one of the month.
    const bool is_kpi = layer == Layer::kpi;
    const std::string first_day =
        is_kpi ? fmt::format("({} AT TIME ZONE 'UTC')::date", time_of(layer))
               : fmt::format("date_trunc('month', {} AT TIME ZONE 'UTC')::date", time_of(layer));
    auto rows = database.query(fmt::format(
        "SELECT count(*) FILTER (WHERE {0} > (now() AT TIME ZONE 'UTC')::date + 60), count(*) FILTER (WHERE "
        "{0} < DATE '2000-01-01') FROM {1}.events_parked",
        first_day, schema_name(layer)));
    if (!rows) return propagate(rows);
    return ParkedRest{static_cast<std::uint64_t>(rows->integer(0, 0)),
                      static_cast<std::uint64_t>(rows->integer(0, 1))};
}

core::Status add_archive_status(database::Sqlite& database, Layer layer, core::Timestamp now,
                                StoreStatus& status) {
    const std::string_view schema = schema_name(layer);
    auto rows = database.prepare(fmt::format(ranges, schema, "min(day), max(day)"));
    if (!rows) return propagate(rows);
    while (true) {
        auto more = rows->step();
        if (!more) return propagate(more);
        if (!*more) break;
        auto first = read_time(rows->text(1)), last = read_time(rows->text(2));
        if (!first) return propagate(first);
        if (!last) return propagate(last);
        status.archived.push_back(
            {rows->text(0), *first, *last + day, static_cast<std::uint64_t>(rows->integer(3)),
             static_cast<std::uint64_t>(rows->integer(4)), static_cast<std::uint64_t>(rows->integer(5))});
    }
    auto counts = database.prepare(fmt::format(
        "SELECT (SELECT count(*) FROM {0}.archive_leaves WHERE dropped_at IS NULL), (SELECT count(*) FROM "
        "{0}.events WHERE {1} >= ?1 AND {1} < ?2)",
        schema, time_of(layer)));
    if (!counts) return propagate(counts);
    counts->bind(1, std::string_view(stored_time(now + core::Duration{-week.microseconds})));
    counts->bind(2, std::string_view(stored_time(now)));
    if (auto row = counts->step(); !row) return propagate(row);
    status.under_way = static_cast<std::uint64_t>(counts->integer(0));
    status.rows_of_week = static_cast<std::uint64_t>(counts->integer(1));
    return {};
}

}  // namespace tristrata::store
