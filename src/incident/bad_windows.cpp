#include "connection.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <fmt/format.h>

namespace tristrata::incident {
namespace {

/// Longer than any reference by default: twice 26 weeks.
constexpr core::Duration a_year{std::int64_t{365} * 86'400'000'000};

/// Evaluations in which a metric was bad there. What stood out once or twice may be chance, and a reference
/// without all that stood out by chance calls more and more of it crit.
constexpr int lasted_from = 3;

/// By incident and analyzer. The store reads the evidence: much of it is kept, and little asked for.
core::Result<std::vector<BadWindows>> read(Connection& database, const std::string& condition,
                                           const std::vector<Value>& values) {
    const auto of = [&](const char* path) { return database.of_element(path); };
    const std::string who = fmt::format("COALESCE({}, CASE WHEN {} IS NOT NULL THEN '' END)",
                                        of("payload.analyzer"), of("report_id"));
    auto rows = database.query(
        fmt::format("SELECT module, {analyzer}, MIN({first}), MAX({last}), phase = 'closed' OR "
                    "COUNT({recovered}) = COUNT(*) FROM response.incidents, {elements} "
                    "WHERE {condition} AND {analyzer} IS NOT NULL "
                    "AND COALESCE({finding}, '') NOT IN ('combination', 'source', 'clock_skew') "
                    "GROUP BY incident_id, module, phase, closed_at, {analyzer} "
                    "ORDER BY closed_at DESC LIMIT 10000",
                    fmt::arg("analyzer", who), fmt::arg("finding", of("payload.finding")),
                    fmt::arg("first", of("first_seen")), fmt::arg("last", of("last_seen")),
                    fmt::arg("recovered", of("recovered_at")),
                    fmt::arg("elements", database.elements("evidence", "findings")),
                    fmt::arg("condition", condition)),
        values);
    if (!rows) return propagate(rows);
    std::vector<BadWindows> all;
    for (const Row& row : *rows) {
        auto first = time_of(row[2]);
        if (!first) return propagate(first);
        auto last = time_of(row[3]);
        if (!last) return propagate(last);
        BadWindows& one = all.emplace_back(row[0].value_or(""), row[1].value_or(""));
        one.ends.from = *first;
        if (const auto& is_over = row[4]; is_over == "1" || is_over == "t") one.ends.to = *last;
    }
    return all;
}

}  // namespace

core::Result<std::vector<BadWindows>> IncidentStore::bad_windows() {
    return read(*database_, "phase <> 'closed' AND dismissed_at IS NULL", {});
}

core::Result<std::vector<BadWindows>> IncidentStore::recovered_windows(core::Timestamp now) {
    return read(
        *database_,
        fmt::format("phase = 'closed' AND ending <> 'false_alarm' AND {} = 'crit' AND closed_at >= $1 "
                    "AND CAST({} AS INTEGER) >= {}",
                    database_->of_element("severity"), database_->of_element("occurrences"), lasted_from),
        {stored_time({now.microseconds - a_year.microseconds})});
}

std::vector<core::TimeRange> ends_of(std::span<const BadWindows> all, std::string_view module,
                                     std::string_view analyzer) {
    std::vector<core::TimeRange> ends;
    for (const BadWindows& one : all)
        if (one.module == module && one.analyzer == analyzer) ends.push_back(one.ends);
    return ends;
}

}  // namespace tristrata::incident
