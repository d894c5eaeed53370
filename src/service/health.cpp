#include "figures.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/sink/sink.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::service {
namespace {

void assess_spool(const Figures& figures, Health& health) {
    if (figures.sampled_at && figures.now - *figures.sampled_at > sample_age_max)
        health.problems.push_back({"spool",
                                   fmt::format("the spool was looked at {} ago: its disk does not answer",
                                               core::to_string(figures.now - *figures.sampled_at)),
                                   "look at the disk; nothing that was acknowledged is lost"});
    if (figures.spool_error && figures.spool_error->kind == core::ErrorKind::not_found)
        health.notes.push_back(
            {"spool", figures.spool_error->message,
             "nothing, where that is expected; else compare TRISTRATA_SPOOL here and there"});
    else if (figures.spool_error)
        health.problems.push_back({"spool", figures.spool_error->message,
                                   "give this process the folder and the rights of who emits"});
    if (figures.bytes_free && *figures.bytes_free < bytes_free_min)
        health.problems.push_back(
            {"spool",
             fmt::format("{} bytes are free on the spool's disk, less than a segment of {}",
                         *figures.bytes_free, bytes_free_min),
             "make room there: emits are refused until then; nothing that was acknowledged is lost"});
    for (const auto& slot : figures.slots) {
        if (slot.unreadable)
            health.problems.push_back(
                {"spool", slot.unreadable->message,
                 "tristrata spool check says more; a newer format needs a newer program"});
        if (slot.damaged > 0)
            health.notes.push_back(
                {"spool",
                 fmt::format("{} holds {} as found damaged", slot.folder, core::plural(slot.damaged, "file")),
                 "tristrata spool check says what is in them; remove them when that is known"});
        std::uint64_t missing = 0, parked = 0;
        for (const auto& one : slot.classes) {
            missing += one.ledger.missing;
            parked += one.ledger.parked;
        }
        if (parked > 0)
            health.problems.push_back(
                {"spool",
                 fmt::format("{} of {} {} parked: no destination took them for too long",
                             core::plural(parked, "row"), slot.folder, parked == 1 ? "is" : "are"),
                 "tristrata spool drain --parked sends them, once the destination works again"});
        if (missing > 0)
            health.notes.push_back(
                {"spool",
                 fmt::format("{} of {} {} dead because no segment held them any more",
                             core::plural(missing, "row"), slot.folder, missing == 1 ? "is" : "are"),
                 "find out who removes files of the spool"});
        if (slot.dead_letters > 0)
            health.notes.push_back({"spool",
                                    fmt::format("{} holds {} that no store takes", slot.folder + "/dead",
                                                core::plural(slot.dead_letters, "record")),
                                    "each has its reason beside it; mend what made them, then remove them"});
    }
}

/// Pending rows of a class over all slots, and since when.
struct Backlog {
    std::uint64_t rows = 0;
    std::optional<core::Timestamp> since;
};

Backlog backlog_of(const Figures& figures, sink::RecordClass record_class) {
    Backlog all;
    for (const auto& slot : figures.slots) {
        const auto& one = slot.classes[spool::place(record_class)];
        all.rows += one.pending;
        if (one.pending_since && (!all.since || *one.pending_since < *all.since))
            all.since = one.pending_since;
    }
    return all;
}

/// What to do about rows that wait where no delivery fails.
std::string advice_on(const relay::RouteStatus& route, core::Timestamp now) {
    if (route.last_delivered_at && now - *route.last_delivered_at <= backlog_age_max)
        return "the store takes rows, the last at " + core::to_string(*route.last_delivered_at) +
               ", and slower than they come: give it more, or emit less";
    return "no delivery fails here: either one hangs, or another process drains that slot and does not get "
           "on; tristrata spool drain says which process that is, and nothing is lost";
}

void assess_relay(const Figures& figures, Health& health) {
    std::array<bool, spool::class_count> carried{};
    for (const auto& route : figures.routes) {
        carried[spool::place(route.record_class)] = true;
        const Backlog backlog = backlog_of(figures, route.record_class);
        const auto name = sink::name(route.record_class);
        if (route.held) {
            const std::string waiting =
                backlog.rows == 0 ? "what comes waits"
                                  : std::string(core::plural(backlog.rows, "row waits", "rows wait"));
            health.problems.push_back(
                {"relay", fmt::format("{} records wait: {}", name, route.held->message),
                 fmt::format("mend that; {} in the spool until then, and nothing is lost", waiting)});
        } else if (backlog.since && figures.now - *backlog.since > backlog_age_max) {
            health.problems.push_back(
                {"backlog",
                 fmt::format("{} of class {} {} pending, the oldest since {}",
                             core::plural(backlog.rows, "row"), name, backlog.rows == 1 ? "is" : "are",
                             core::to_string(*backlog.since)),
                 advice_on(route, figures.now)});
        }
    }
    for (std::size_t c = 0; c < spool::class_count; ++c) {
        const auto record_class = static_cast<sink::RecordClass>(c);
        const Backlog backlog = backlog_of(figures, record_class);
        if (!carried[c] && backlog.rows > 0)
            health.notes.push_back(
                {"backlog",
                 fmt::format("{} of class {} pending: nothing carries that class here",
                             core::plural(backlog.rows, "row"), sink::name(record_class)),
                 "name its store here, or let a process that has it carry them; they stay until then"});
    }
}

void assess_stores(const Figures& figures, Health& health) {
    for (const auto& store : figures.stores) {
        if (store.horizon && *store.horizon - figures.now < horizon_min)
            health.problems.push_back(
                {"partitions",
                 fmt::format("partitions of the {} store end at {}; later rows are parked{}", store.store,
                             core::to_string(*store.horizon),
                             store.error ? fmt::format(" ({})", store.error->message) : ""),
                 "tristrata store init makes them; a writer needs EXECUTE on ensure_ahead"});
        else if (store.error)
            health.notes.push_back({"partitions", store.error->message,
                                    "partitions were made for a month ahead; this is tried again"});
    }
}

void assess_retention(const Figures& figures, Health& health) {
    for (const auto& one : figures.retention) {
        if (!one.error) continue;
        const core::Timestamp since = one.done_at.value_or(figures.started_at);
        auto& where = figures.now - since > retention_age_max ? health.problems : health.notes;
        const core::Timestamp found = one.failed_at.value_or(figures.now);
        where.push_back(
            {"retention",
             fmt::format("{}: {} (found at {}, {} ago)", one.store, one.error->message,
                         core::to_string(found), core::to_string(figures.now - found)),
             "it is tried again within seconds where store or archive did not answer, and each hour where a "
             "day could not leave; nothing is lost meanwhile, and tristrata store retain shows the same by "
             "hand"});
    }
}

void assess_retelling(const RetellingFigures& found, Health& health) {
    const auto add = [&](const core::Error& error) {
        std::string what = fmt::format("an Alertmanager is not told what lasts: {}", error.message);
        // Both that tell again meet the same peer.
        if (std::ranges::find(health.problems, what, &Finding::what) == health.problems.end())
            health.problems.push_back(
                {"alerts", std::move(what),
                 "mend that; an alert stays open there for three days without being told again"});
    };
    if (found.error) add(*found.error);
    for (const PeerFigures& one : found.peers)
        if (one.error) add(*one.error);
}

void assess_silencing(const SilencingFigures& found, Health& health) {
    const auto add = [&](const core::Error& error) {
        health.problems.push_back(
            {"silences", fmt::format("an Alertmanager pages what was acknowledged: {}", error.message),
             "mend that; it is tried again within seconds"});
    };
    if (found.error) add(*found.error);
    for (const PeerFigures& one : found.peers)
        if (one.error) add(*one.error);
}

void assess_receivers(const Figures& figures, Health& health) {
    // An Alertmanager that has taken what lasts since then.
    std::vector<std::string> taken_by;
    if (figures.response && figures.response->retelling) taken_by = figures.response->retelling->taken_by;
    for (const auto& one : figures.receivers) {
        if (!one.refusal || std::ranges::find(taken_by, one.shown) != taken_by.end()) continue;
        std::string what =
            fmt::format("{} has refused an alert for good, at {}, and taken none since: {}", one.shown,
                        core::to_string(one.refusal->at), one.refusal->error.message);
        if (one.refusal->is_told)
            health.notes.push_back({"alerts", std::move(what) + "; others were told",
                                    "mend that receiver; the next alert that it takes ends this"});
        else
            health.problems.push_back(
                {"alerts", std::move(what) + "; nobody was told",
                 "tell who has to know: tristrata incident list says of what; the alert is a dead letter of "
                 "the spool. Mend that receiver; the next alert that it takes ends this"});
    }
}

void assess_owed(const notification::ReceiverStatus& one, Health& health) {
    if (one.owed == 0) return;
    std::string what = fmt::format("{} {} for {}", core::plural(one.owed, "alert"),
                                   one.owed == 1 ? "waits" : "wait", one.shown);
    if (one.is_full) what += ", and no more are kept: of each further one it never gets the oldest";
    if (one.dropped_at)
        what += fmt::format("{} it never gets {}, the first given up at {}", one.is_full ? ";" : ", and",
                            core::plural(one.dropped, "other"), core::to_string(*one.dropped_at));
    if (one.untold > 0) what += fmt::format("; {} of them nobody has taken", one.untold);
    if (one.alone) what += fmt::format("; it answers, and does not take {}", *one.alone);
    if (one.held) what += ": " + one.held->message;
    if (one.untold > 0)
        health.problems.push_back(
            {"alerts", std::move(what),
             "tell who has to know: tristrata incident list says of what. Mend that receiver; each is sent "
             "again within a minute, and nothing waits behind it"});
    else if (one.is_full || one.dropped_at)
        health.problems.push_back(
            {"alerts", std::move(what),
             "others were told. Mend that receiver, or name it no longer; once it has taken what waits this "
             "ends, and tristrata incident list says what is open besides"});
    else
        health.notes.push_back(
            {"alerts", std::move(what), "others were told; it is told first of all when it answers again"});
}

void assess_untold(const ResponseFigures& found, Health& health) {
    if (found.uncarried > 0)
        health.problems.push_back(
            {"alerts",
             fmt::format("nobody is told of {}: neither TRISTRATA_ALERTMANAGER_URL nor TRISTRATA_WEBHOOK_URL "
                         "(webhook_url) is set",
                         core::plural(found.uncarried, "crit incident")),
             "set one of them, and the page that waits in the spool goes there; tristrata incident list says "
             "of what, and tristrata incident ack ID that somebody knows"});
    if (found.untold.empty()) return;
    health.problems.push_back(
        {"alerts",
         fmt::format("nobody was told of {}: {}{}", core::plural(found.untold.size(), "crit incident"),
                     found.untold.front(), found.untold.size() > 1 ? "; …" : ""),
         "tell who has to know, and mend the receiver; tristrata incident ack ID says that somebody knows, "
         "and "
         "tristrata incident snooze ID --for 1m pages it anew"});
}

/// Who named receivers expects to be told; where another serve evaluates they are for a database that is
/// dead.
void assess_unanswered(const Figures& figures, Health& health) {
    const bool finds = figures.analysis || !figures.checks.empty();
    if (!finds || figures.response || figures.receivers.empty()) return;
    health.notes.push_back(
        {"incidents",
         fmt::format("nobody is told by this serve what analyzers and checks find: {} takes alerts, "
                     "and TRISTRATA_RESPONSE_URL, where they become incidents and pages, is not set",
                     figures.receivers.front().shown),
         "set TRISTRATA_RESPONSE_URL here (tristrata store init makes that store), unless another serve of "
         "these stores evaluates: then only what a dead database holds up goes out from here"});
}

void assess_refused(const Figures& figures, Health& health) {
    if (!figures.analysis || !figures.analysis->refusal) return;
    const auto& [at, reason] = *figures.analysis->refusal;
    auto& where = figures.now - at > refusal_age_max ? health.notes : health.problems;
    where.push_back(
        {"analyzers",
         fmt::format("{} of analyzers could not be told: no drift store takes {}, the last at {}: {}",
                     core::plural(figures.analysis->refused, "event"),
                     figures.analysis->refused == 1 ? "it" : "them", core::to_string(at), reason),
         "mend the analyzer's names and send SIGHUP; tristrata analyze run FILE --once --at TIME "
         "finds anew what was set aside, and the log says each"});
}

void assess_response(const Figures& figures, Health& health) {
    assess_unanswered(figures, health);
    assess_refused(figures, health);
    if (figures.analysis && figures.analysis->error)
        health.problems.push_back(
            {"analyzers",
             fmt::format("{} of analyzers cannot be handed on: {}",
                         core::plural(figures.analysis->waiting, "event"), figures.analysis->error->message),
             "mend that; they wait in memory until then"});
    if (figures.analysis && figures.analysis->lost > 0)
        health.notes.push_back({"analyzers",
                                fmt::format("{} of analyzers were lost: too many waited",
                                            core::plural(figures.analysis->lost, "event")),
                                "analyze run --once --at a time of that window finds them again"});
    if (figures.analysis && figures.analysis->rounds.skipped > 0)
        health.notes.push_back(
            {"analyzers",
             fmt::format("{} of analyzers ended while no serve ran, too long ago to be judged",
                         core::plural(figures.analysis->rounds.skipped, "window")),
             "tristrata analyze run FILE --once --at TIME judges one; the log says since when"});
    if (figures.response) {
        const ResponseFigures& found = *figures.response;
        const core::Timestamp since = found.evaluated_at.value_or(figures.started_at);
        if (figures.now - since > evaluation_age_max)
            health.problems.push_back(
                {"incidents",
                 fmt::format("incidents were not evaluated since {}: {}", core::to_string(since),
                             found.error ? found.error->message : "the store does not answer"),
                 "mend that; nobody is paged for what is new until then, and no event is lost"});
        else if (found.error)
            health.notes.push_back({"incidents", found.error->message, "it is tried again within seconds"});
        if (found.switch_error)
            health.problems.push_back(
                {"kill_switch",
                 fmt::format("the kill switch cannot be shown what is crit: {}", found.switch_error->message),
                 "mend that; it is shown again within seconds, and until then nothing engages by itself"});
        if (found.is_unshown)
            health.problems.push_back(
                {"kill_switch",
                 fmt::format("nothing engages by itself: incidents are evaluated by {}, and "
                             "TRISTRATA_KILL_SWITCH_URL is set here",
                             found.holder),
                 "set TRISTRATA_KILL_SWITCH_URL for every serve of these stores, and start them anew: the "
                 "one "
                 "that evaluates shows incidents to it"});
        assess_untold(found, health);
        if (found.silencing) assess_silencing(*found.silencing, health);
        if (found.digest_error)
            health.problems.push_back(
                {"digest", fmt::format("the digest cannot be made: {}", found.digest_error->message),
                 "mend that; it is tried again within seconds, pages go out all the same, and nothing of it "
                 "is "
                 "lost"});
        if (found.digest_untold)
            health.notes.push_back(
                {"digest",
                 fmt::format("a digest was due at {}, and nobody is told: no webhook takes digests",
                             core::to_string(*found.digest_untold)),
                 "set TRISTRATA_DIGEST_URL or TRISTRATA_WEBHOOK_URL, and it is made; or take "
                 "[incident.digest] out of tristrata.toml. tristrata incident digest prints it"});
        if (found.retelling) assess_retelling(*found.retelling, health);
    }
    if (figures.unconfirmed) assess_retelling(figures.unconfirmed->retelling, health);
    if (figures.unconfirmed && figures.unconfirmed->error)
        health.problems.push_back(
            {"unconfirmed",
             fmt::format("crit that its store does not confirm cannot go out from the spool: {}",
                         figures.unconfirmed->error->message),
             "mend that; it is tried again within seconds, and once more when the store answers"});
    if (figures.unconfirmed && figures.unconfirmed->lasting > 0)
        health.notes.push_back(
            {"unconfirmed",
             fmt::format("{} of crit went out from the spool: no incident was made of it in time",
                         core::plural(figures.unconfirmed->lasting, "alert")),
             "see why the drift store, or that of incidents, does not answer; they are told again from here "
             "until both "
             "do"});
    for (const auto& one : figures.checks)
        if (one.error)
            health.problems.push_back(
                {"checks", fmt::format("a scheduled check did not come to its end: {}", one.error->message),
                 "mend what it names; it is tried again within a minute, and at its next time"});
    assess_receivers(figures, health);
    for (const auto& one : figures.checks)
        if (one.skipped > 0)
            health.notes.push_back(
                {"checks",
                 fmt::format("{}: {} missed could not be checked", one.check,
                             core::plural(one.skipped, "window")),
                 "tristrata drift check looks at one by hand; the log says which and why"});
    for (const auto& one : figures.receivers) assess_owed(one, health);
    if (figures.reload_error)
        health.problems.push_back({"settings",
                                   fmt::format("settings were to be read anew, and were refused: {}",
                                               figures.reload_error->message),
                                   "mend that and send SIGHUP again; until then the old ones count"});
}

void write(core::JsonWriter& json, std::string_view name, const std::vector<Finding>& findings) {
    json.key(name);
    json.begin_array();
    for (const Finding& finding : findings) {
        json.begin_object();
        json.member("check", finding.check);
        json.member("found", finding.what);
        json.member("do", finding.advice);
        json.end_object();
    }
    json.end_array();
}

}  // namespace

Health assess(const Figures& figures) {
    Health health;
    assess_spool(figures, health);
    assess_relay(figures, health);
    assess_stores(figures, health);
    assess_retention(figures, health);
    assess_response(figures, health);
    return health;
}

std::string health_json(const Figures& figures, const Health& health) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("status", health.ok() ? "ok" : "failing");
    json.member("version", figures.version);
    json.member("at", core::to_string(figures.now));
    write(json, "problems", health.problems);
    write(json, "notes", health.notes);
    json.end_object();
    return json.take() + "\n";
}

}  // namespace tristrata::service
