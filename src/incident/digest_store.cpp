#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/incident/digest.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/pages_in_spool.hpp"

#include <fmt/format.h>
#include <utility>

namespace tristrata::incident {

core::Result<Digest> IncidentStore::digest(const core::TimeRange& range) {
    std::vector<Value> values;
    std::string condition = "WHERE 1 = 1";
    if (range.to) {
        values.emplace_back(stored_time(*range.to));
        condition += fmt::format(" AND opened_at < ${}", values.size());
    }
    if (range.from) {
        values.emplace_back(stored_time(*range.from));
        condition += fmt::format(" AND (phase <> 'closed' OR closed_at >= ${})", values.size());
    }
    // crit stands before warn.
    auto incidents = read_incidents(
        *database_, condition + " ORDER BY module, severity, opened_at DESC, incident_id", values);
    if (!incidents) return propagate(incidents);
    if (auto read = read_fates(*database_, *incidents); !read) return propagate(read);
    Digest digest{range, std::move(*incidents), 0};
    for (const Incident& one : digest.incidents)
        if (one.dismissed_at && range.contains(*one.dismissed_at)) ++digest.false_alarms;
    return digest;
}

core::Status IncidentStore::make_digest(const StepOptions& options, core::Timestamp now, Stepped& done) {
    const Policy& policy = *options.policy;
    if (!policy.digest) return {};
    auto due = last_due(*policy.digest, now);
    if (!due) return propagate(due);
    auto before = database_->query(fmt::format("SELECT {} FROM response.digests ORDER BY due_at DESC LIMIT 1",
                                               database_->time("due_at")));
    if (!before) return propagate(before);
    core::TimeRange range{core::Timestamp{due->microseconds - 86'400'000'000}, *due};
    if (!before->empty()) {
        auto last = time_of(before->front()[0]);
        if (!last) return propagate(last);
        if (*last >= *due) return {};
        range.from = *last;
    }
    if (!options.takes_digests) {
        done.digest_untold = *due;
        return {};
    }
    auto found = digest(range);
    if (!found) return propagate(found);
    const bool says = !found->incidents.empty() || policy.digest->empty;
    const auto in_spool =
        says ? pages_in_spool(spool::posix_file_system(), options.spool, now) : PagesInSpool();
    for (const auto& error : in_spool.unread)
        done.notices.push_back(
            fmt::format("the digest does not know whether pages wait in the spool: {}", error.message));
    const std::string at = stored_time(*due);
    auto written = database_->query(
        "INSERT INTO response.digests (digest_id, begins_at, due_at, made_at, incidents, appended_at, alert) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {core::to_string(core::uuid_v5(core::tristrata_namespace(), "digest " + at)),
         stored_time(*range.from), at, stored_time(now), std::to_string(found->incidents.size()),
         says ? Value() : Value(stored_time(now)),
         says ? Value(to_json(alert_of(*found, policy, in_spool.incidents))) : Value()});
    if (!written) return propagate(written);
    done.digests += says ? 1 : 0;
    return {};
}

}  // namespace tristrata::incident
