#include "exposition.hpp"
#include "figures.hpp"
#include "tristrata/sink/sink.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::service {
namespace {

using Kind = Exposition::Kind;

double seconds(core::Duration span) { return static_cast<double>(span.microseconds) / 1e6; }
double seconds(core::Timestamp time) { return static_cast<double>(time.microseconds) / 1e6; }

/// A slot by its folder's own name: what is above it is the same for all.
std::string label_of(const spool::SlotStatus& slot) {
    return std::filesystem::path(slot.folder).filename().string();
}

/// One sample a slot that can be read.
template <class Value>
void each_slot(Exposition& out, const Figures& figures, const Value& value) {
    for (const auto& slot : figures.slots)
        if (!slot.unreadable) out.sample({{"slot", label_of(slot)}}, value(slot));
}

/// One sample a slot and class in which something was emitted.
template <class Value>
void each_class(Exposition& out, const Figures& figures, const Value& value) {
    for (const auto& slot : figures.slots)
        for (std::size_t c = 0; c < spool::class_count && !slot.unreadable; ++c)
            if (slot.classes[c].emitted > 0)
                out.sample(
                    {{"slot", label_of(slot)}, {"class", sink::name(static_cast<sink::RecordClass>(c))}},
                    value(slot.classes[c]));
}

void write_spool(Exposition& out, const Figures& figures) {
    out.family(Kind::gauge, "tristrata_spool_readable", "1 where the spool's folder could be read.");
    out.sample({}, std::uint64_t{figures.spool_error ? 0U : 1U});
    out.family(Kind::gauge, "tristrata_spool_slots",
               "Slots of the spool: the most processes at a time so far.");
    out.sample({}, std::uint64_t{figures.slots.size()});
    out.family(Kind::gauge, "tristrata_spool_slot_readable", "1 where the slot could be read.");
    for (const auto& slot : figures.slots)
        out.sample({{"slot", label_of(slot)}}, std::uint64_t{slot.unreadable ? 0U : 1U});
    out.family(Kind::gauge, "tristrata_spool_bytes", "Bytes of a slot's segments, drained ones among them.");
    each_slot(out, figures, [](const auto& slot) { return slot.bytes; });
    out.family(Kind::gauge, "tristrata_spool_segments", "Segments of a slot, drained ones among them.");
    each_slot(out, figures, [](const auto& slot) { return slot.segments; });
    out.family(Kind::gauge, "tristrata_spool_damaged_files",
               "Files of a slot that are kept as found damaged.");
    each_slot(out, figures, [](const auto& slot) { return slot.damaged; });
    out.family(Kind::gauge, "tristrata_spool_dead_letters", "Records that no store takes, kept in dead/.");
    each_slot(out, figures, [](const auto& slot) { return slot.dead_letters; });
    out.family(Kind::gauge, "tristrata_spool_has_writer", "1 where a process holds the slot for writing.");
    each_slot(out, figures, [](const auto& slot) { return std::uint64_t{slot.has_writer}; });

    out.family(Kind::gauge, "tristrata_spool_pending_rows", "Rows on their way: emitted, and no end known.");
    each_class(out, figures, [](const auto& one) { return one.pending; });
    out.family(Kind::gauge, "tristrata_spool_oldest_pending_age_seconds",
               "Since the oldest pending row was emitted, up to ten seconds more; 0 without one.");
    each_class(out, figures, [&](const auto& one) {
        return one.pending_since ? std::max(0.0, seconds(figures.now - *one.pending_since)) : 0.0;
    });
    out.family(Kind::gauge, "tristrata_spool_parked_rows",
               "Of the pending rows: no destination took them for too long; sent when asked for.");
    each_class(out, figures, [](const auto& one) { return one.ledger.parked; });
    // emitted = stored + duplicate + dead + dropped + pending, in each slot and class.
    out.family(Kind::counter, "tristrata_spool_emitted_rows_total", "Rows that were acknowledged.");
    each_class(out, figures, [](const auto& one) { return one.emitted; });
    out.family(Kind::counter, "tristrata_spool_stored_rows_total", "Rows committed in a store.");
    each_class(out, figures, [](const auto& one) { return one.ledger.stored; });
    out.family(Kind::counter, "tristrata_spool_duplicate_rows_total", "Rows that were in the store already.");
    each_class(out, figures, [](const auto& one) { return one.ledger.duplicate; });
    out.family(Kind::counter, "tristrata_spool_dead_rows_total",
               "Rows that no store takes, or damaged on disk.");
    each_class(out, figures, [](const auto& one) { return one.ledger.dead; });
    out.family(Kind::counter, "tristrata_spool_missing_rows_total",
               "Of the dead rows: no segment held them any more; somebody removed it.");
    each_class(out, figures, [](const auto& one) { return one.ledger.missing; });
    out.family(Kind::counter, "tristrata_spool_dropped_rows_total",
               "Rows dropped by a policy of their class.");
    each_class(out, figures, [](const auto& one) { return one.ledger.dropped; });
}

/// One sample a destination.
template <class Value>
void each_route(Exposition& out, const Figures& figures, const Value& value) {
    for (const auto& route : figures.routes)
        out.sample({{"class", sink::name(route.record_class)}}, value(route));
}

void write_relay(Exposition& out, const Figures& figures) {
    out.family(Kind::gauge, "tristrata_relay_breaker_open",
               "1 while a destination does not take what is sent, and is tried once a wait.");
    each_route(out, figures, [](const auto& route) { return std::uint64_t{route.held.has_value()}; });
    out.family(Kind::gauge, "tristrata_relay_failures_in_a_row",
               "Tries that failed since the last that did not.");
    each_route(out, figures, [](const auto& route) { return std::uint64_t{route.failures_in_a_row}; });
    out.family(Kind::counter, "tristrata_relay_attempts_total", "Batches sent, since this process began.");
    each_route(out, figures, [](const auto& route) { return route.attempts; });
    out.family(Kind::counter, "tristrata_relay_failures_total",
               "Batches that were not taken, since it began.");
    each_route(out, figures, [](const auto& route) { return route.failures; });
    out.family(Kind::counter, "tristrata_relay_batches_total", "Batches settled, since it began.");
    each_route(out, figures, [](const auto& route) { return route.batches; });
    out.family(Kind::counter, "tristrata_relay_stored_rows_total", "Rows stored by this process.");
    each_route(out, figures, [](const auto& route) { return route.stored; });
    out.family(Kind::counter, "tristrata_relay_duplicate_rows_total", "Rows that it found stored already.");
    each_route(out, figures, [](const auto& route) { return route.duplicate; });
    out.family(Kind::counter, "tristrata_relay_dead_rows_total", "Rows that it found no store takes.");
    each_route(out, figures, [](const auto& route) { return route.dead; });
    out.family(Kind::counter, "tristrata_relay_parked_rows_total",
               "Of the rows stored by this process: parked, since no partition has a place for their time.");
    each_route(out, figures, [](const auto& route) { return route.parked; });
    out.family(Kind::gauge, "tristrata_relay_last_delivery_timestamp_seconds",
               "When a batch was settled last.");
    for (const auto& route : figures.routes)
        if (route.last_delivered_at)
            out.sample({{"class", sink::name(route.record_class)}}, seconds(*route.last_delivered_at));
    out.family(Kind::gauge, "tristrata_relay_last_error_timestamp_seconds", "When a try failed last.");
    for (const auto& route : figures.routes)
        if (route.last_error_at)
            out.sample({{"class", sink::name(route.record_class)}}, seconds(*route.last_error_at));
    // The sentence itself is in /healthz and the log: as a label it would make a series of every wording.
    out.family(Kind::gauge, "tristrata_relay_last_error_info",
               "Always 1: the kind of the error at which a try failed last, and the code it came with.");
    for (const auto& route : figures.routes)
        if (route.last_error)
            out.sample({{"class", sink::name(route.record_class)},
                        {"kind", core::traits(route.last_error->kind).name},
                        {"code", route.last_error->foreign_code}},
                       std::uint64_t{1});
}

void write_analysis(Exposition& out, const AnalysisFigures& found) {
    out.family(Kind::gauge, "tristrata_analyzers", "Analyzers that are on schedule.");
    out.sample({}, found.analyzers);
    out.family(Kind::counter, "tristrata_analyzer_windows_total",
               "Windows by what became of them: judged; failed: no answer; passed_over: it was too late; "
               "skipped: they ended while nothing ran, too long ago.");
    out.sample({{"outcome", "judged"}}, found.rounds.judged);
    out.sample({{"outcome", "failed"}}, found.rounds.failed);
    out.sample({{"outcome", "passed_over"}}, found.rounds.passed_over);
    out.sample({{"outcome", "skipped"}}, found.rounds.skipped);
    out.family(Kind::gauge, "tristrata_analyzer_windows_waiting",
               "Windows that are not judged yet: rows of theirs wait in the spool.");
    out.sample({}, found.rounds.waiting);
    out.family(Kind::gauge, "tristrata_analyzer_windows_behind",
               "Windows that ended while nothing ran, and are still to be judged.");
    out.sample({}, found.rounds.behind);
    out.family(
        Kind::counter, "tristrata_analyzer_events_total",
        "Drift events of analyzers: pushed; lost: too many waited; refused: no drift store takes them.");
    out.sample({{"outcome", "pushed"}}, found.pushed);
    out.sample({{"outcome", "lost"}}, found.lost);
    out.sample({{"outcome", "refused"}}, found.refused);
    out.family(Kind::gauge, "tristrata_analyzer_events_waiting", "Events that could not be handed on yet.");
    out.sample({}, found.waiting);
}

void write_silencing(Exposition& out, const SilencingFigures& found) {
    out.family(Kind::counter, "tristrata_silences_total",
               "Silences at Alertmanagers of what somebody acknowledged: begun, ended.");
    out.sample({{"outcome", "begun"}}, found.begun);
    out.sample({{"outcome", "ended"}}, found.ended);
    out.family(Kind::counter, "tristrata_silence_failures_total",
               "Turns in which an Alertmanager did not take its silences.");
    for (const auto& one : found.peers) out.sample({{"receiver", one.peer}}, one.failures);
}

void write_response(Exposition& out, const ResponseFigures& found) {
    out.family(Kind::gauge, "tristrata_incident_leads", "1 where this process evaluates incidents.");
    out.sample({}, std::uint64_t{found.leads ? 1U : 0U});
    out.family(Kind::gauge, "tristrata_incident_evaluated_timestamp_seconds",
               "When an evaluation last came to its end, here or seen to be another's.");
    if (found.evaluated_at) out.sample({}, seconds(*found.evaluated_at));
    out.family(Kind::gauge, "tristrata_incidents_open", "Incidents that are not closed, by severity.");
    out.sample({{"severity", "warn"}}, found.open_warn);
    out.sample({{"severity", "crit"}}, found.open_crit);
    out.family(Kind::gauge, "tristrata_incidents_untold",
               "Of the open ones, whose page every receiver refused, and nobody has acknowledged.");
    out.sample({}, std::uint64_t{found.untold.size()});
    out.family(Kind::counter, "tristrata_incident_events_total", "Drift events that were evaluated here.");
    out.sample({}, found.taken);
    out.family(Kind::counter, "tristrata_incidents_total", "Incidents that opened, closed, were withheld.");
    out.sample({{"outcome", "opened"}}, found.opened);
    out.sample({{"outcome", "closed"}}, found.closed);
    out.sample({{"outcome", "withheld"}}, found.withheld);
    out.family(Kind::counter, "tristrata_incident_alerts_total", "Alerts of incidents handed to the spool.");
    out.sample({}, found.alerts);
    out.family(Kind::counter, "tristrata_kill_switch_requests_total",
               "Crit incidents that were shown to the kill switch.");
    out.sample({}, found.asked);
    out.family(Kind::counter, "tristrata_kill_switch_failures_total",
               "Turns in which the kill switch could not be shown what is crit.");
    out.sample({}, found.switch_failures);
    if (found.silencing) write_silencing(out, *found.silencing);
    out.family(Kind::counter, "tristrata_digests_total",
               "Evaluations that had a digest to send: made, and failed, which is tried again.");
    out.sample({{"outcome", "made"}}, found.digests);
    out.sample({{"outcome", "failed"}}, found.digest_failures);
}

void write_unconfirmed(Exposition& out, const UnconfirmedFigures& found) {
    out.family(
        Kind::counter, "tristrata_unconfirmed_alerts_total",
        "Alerts of crit of which no incident was made in time, since a store does not answer: sent from the "
        "spool, ended since the evaluation pages nobody, withheld by the policy.");
    out.sample({{"outcome", "sent"}}, found.sent);
    out.sample({{"outcome", "ended"}}, found.ended);
    out.sample({{"outcome", "withheld"}}, found.withheld);
    out.family(Kind::gauge, "tristrata_unconfirmed_alerts", "Of those sent, what is told again from here.");
    out.sample({}, found.lasting);
}

/// Of what the store evaluates, and of crit that it has not confirmed.
std::vector<std::pair<std::string_view, const RetellingFigures*>> retellings(const Figures& figures) {
    std::vector<std::pair<std::string_view, const RetellingFigures*>> all;
    if (figures.response && figures.response->retelling)
        all.emplace_back("incidents", &*figures.response->retelling);
    if (figures.unconfirmed) all.emplace_back("unconfirmed", &figures.unconfirmed->retelling);
    return all;
}

void write_retellings(Exposition& out, const Figures& figures) {
    const auto all = retellings(figures);
    if (all.empty()) return;
    out.family(Kind::counter, "tristrata_alerts_told_again_total", "Alerts told to Alertmanager again.");
    for (const auto& [alerts, found] : all) out.sample({{"alerts", alerts}}, found->told);
    out.family(Kind::counter, "tristrata_alerts_tell_failures_total",
               "Turns of telling again that an Alertmanager did not take.");
    for (const auto& [alerts, found] : all)
        for (const auto& one : found->peers)
            out.sample({{"alerts", alerts}, {"receiver", one.peer}}, one.failures);
}

void write_checks(Exposition& out, const Figures& figures) {
    out.family(Kind::counter, "tristrata_check_runs_total", "Scheduled checks that came to their end.");
    for (const auto& one : figures.checks) out.sample({{"check", one.check}}, one.runs);
    out.family(Kind::counter, "tristrata_check_failures_total", "Scheduled checks that did not.");
    for (const auto& one : figures.checks) out.sample({{"check", one.check}}, one.failures);
    out.family(Kind::counter, "tristrata_check_windows_skipped_total",
               "Windows that ended while nothing ran, and could not be checked any more.");
    for (const auto& one : figures.checks) out.sample({{"check", one.check}}, one.skipped);
    out.family(Kind::gauge, "tristrata_check_done_timestamp_seconds",
               "When a scheduled check last came to its end.");
    for (const auto& one : figures.checks)
        if (one.done_at) out.sample({{"check", one.check}}, seconds(*one.done_at));
}

/// One sample for each receiver as it is shown: of a webhook its host, and its place where several have that.
/// No two that are named are alike, but one whose path was changed since, or its place, still counts as it
/// was shown.
template <class Value>
void each_receiver(Exposition& out, const Figures& figures, const Value& value,
                   std::string_view reason = {}) {
    std::map<std::string_view, std::uint64_t> all;
    for (const auto& one : figures.receivers) all[one.shown] += value(one);
    for (const auto& [shown, sum] : all)
        if (reason.empty()) out.sample({{"receiver", shown}}, sum);
        else out.sample({{"receiver", shown}, {"reason", reason}}, sum);
}

void write_alerts(Exposition& out, const Figures& figures) {
    out.family(Kind::gauge, "tristrata_alerts_owed",
               "Alerts that wait on the disk for a receiver that did not take them.");
    each_receiver(out, figures, [](const auto& one) { return one.owed; });
    out.family(Kind::counter, "tristrata_alerts_taken_total",
               "Alerts that a receiver took, those sent twice among them.");
    each_receiver(out, figures, [](const auto& one) { return one.taken; });
    out.family(Kind::counter, "tristrata_alerts_refused_total", "Alerts that a receiver refused for good.");
    each_receiver(out, figures, [](const auto& one) { return one.refused; });
    out.family(Kind::counter, "tristrata_alerts_dropped_total",
               "Alerts that a receiver never gets, by why: as many as are kept waited for it.");
    each_receiver(out, figures, [](const auto& one) { return one.dropped; }, "owed_full");
    if (!figures.intake) return;
    const notification::IntakeCounts& taken = figures.intake->taken;
    out.family(Kind::counter, "tristrata_intake_alerts_total",
               "Alerts that other tools sent here, by what became of them.");
    out.sample({{"outcome", "taken"}}, taken.taken);
    out.sample({{"outcome", "repeated"}}, taken.repeated);
    out.sample({{"outcome", "resolved"}}, taken.resolved);
    out.sample({{"outcome", "refused"}}, taken.refused);
    out.sample({{"outcome", "truncated"}}, taken.truncated);
    out.family(Kind::counter, "tristrata_intake_unreadable_total", "What was sent here and is no webhook.");
    out.sample({}, taken.unreadable);
    out.family(Kind::counter, "tristrata_intake_refused_total",
               "Requests of which nothing was taken, by why; those that were read stand in unreadable too.");
    for (const char* reason :
         {"malformed", "method", "token_unreadable", "too_long", "too_slow", "unauthorized"}) {
        const auto found = figures.intake->refused.find(reason);
        out.sample({{"reason", reason}}, found == figures.intake->refused.end() ? 0 : found->second);
    }
    out.sample({{"reason", "no_webhook"}}, taken.unreadable - taken.other_version);
    out.sample({{"reason", "version"}}, taken.other_version);
}

}  // namespace

std::string metrics_text(const Figures& figures) {
    Exposition out;
    out.family(Kind::gauge, "tristrata_build_info", "Always 1: the version of the program.");
    out.sample({{"version", figures.version}}, std::uint64_t{1});
    out.family(Kind::gauge, "tristrata_start_timestamp_seconds", "When this process began to serve.");
    out.sample({}, seconds(figures.started_at));
    out.family(Kind::gauge, "tristrata_sample_timestamp_seconds", "When the spool was looked at last.");
    if (figures.sampled_at) out.sample({}, seconds(*figures.sampled_at));
    out.family(Kind::gauge, "tristrata_spool_disk_free_bytes",
               "Left on the spool's disk to the user of this process.");
    if (figures.bytes_free) out.sample({}, *figures.bytes_free);
    write_spool(out, figures);
    write_relay(out, figures);
    out.family(Kind::gauge, "tristrata_store_partition_horizon_seconds",
               "How far ahead a store's partitions reach; later rows are parked.");
    for (const auto& store : figures.stores)
        if (store.horizon) out.sample({{"store", store.store}}, seconds(*store.horizon - figures.now));
    out.family(Kind::gauge, "tristrata_store_partitions_kept",
               "1 where partitions ahead could be made or were there.");
    for (const auto& store : figures.stores)
        out.sample({{"store", store.store}}, std::uint64_t{store.error ? 0U : 1U});
    out.family(Kind::gauge, "tristrata_retention_done_timestamp_seconds",
               "When retention last came to its end in this process.");
    for (const auto& one : figures.retention)
        if (one.done_at) out.sample({{"store", one.store}}, seconds(*one.done_at));
    out.family(Kind::counter, "tristrata_retention_rows_total", "Rows that left a store for the archive.");
    for (const auto& one : figures.retention) out.sample({{"store", one.store}}, one.rows);
    out.family(Kind::gauge, "tristrata_retention_failing",
               "1 where the last run of retention failed, or passed something over.");
    for (const auto& one : figures.retention)
        out.sample({{"store", one.store}}, std::uint64_t{one.error ? 1U : 0U});
    if (figures.analysis) write_analysis(out, *figures.analysis);
    if (figures.response) write_response(out, *figures.response);
    if (figures.unconfirmed) write_unconfirmed(out, *figures.unconfirmed);
    write_retellings(out, figures);
    if (!figures.checks.empty()) write_checks(out, figures);
    write_alerts(out, figures);
    out.family(Kind::counter, "tristrata_reloads_total", "Settings that were read anew: taken, refused.");
    out.sample({{"outcome", "taken"}}, figures.reloads);
    out.sample({{"outcome", "refused"}}, figures.reloads_refused);
    return out.take();
}

}  // namespace tristrata::service
