#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/config/module_pattern.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/blank.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <functional>
#include <map>

// What people ask of incidents, and do with them.
namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;

constexpr core::Duration resolved_for{15LL * 60 * 1'000'000};
/// As long as a silence that nobody extends.
constexpr core::Duration answered_for = notification::SilenceOptions{}.lasts;
constexpr core::Duration day{86'400LL * 1'000'000}, budget_for = day;
/// Longer, and what was silenced for a while is forgotten.
constexpr core::Duration snooze_max{30 * day.microseconds}, silence_max{31 * day.microseconds};

core::Status check_why(std::string_view why) {
    if (!core::is_blank(why)) return {};
    return fail(ErrorKind::usage, "no why is given; whoever reads the history next asks for it: --why TEXT");
}

core::Status check_who(std::string_view who) {
    if (!core::is_blank(who)) return {};
    return fail(ErrorKind::usage, "nobody is named who does it; the history asks for it: --who NAME");
}

/// Who answers saw all that is crit there.
void tell_all(Incident& incident) {
    for (Finding& one : incident.findings)
        if (one.severity == drift::Severity::crit && one.told == 0) one.told = 1;
}

core::Status check_not_dismissed(const Incident& incident, std::string_view what) {
    if (!incident.dismissed_at) return {};
    return fail(
        ErrorKind::usage,
        fmt::format("incident {} was dismissed as a false alarm at {}: it pages nobody, and there is "
                    "nothing {}; something worse than what was dismissed opens another",
                    core::to_string(incident.incident_id), core::to_string(*incident.dismissed_at), what));
}

}  // namespace

/// What a person does to an incident.
struct IncidentStore::Change {
    std::string kind;
    std::string who;
    std::string why;
    core::Timestamp now;
    std::function<core::Status(Incident&)> make;
    bool ends_alert = false;
};

core::Result<Incident> IncidentStore::find(std::string_view beginning) {
    std::string letters;
    for (const char c : beginning) letters += core::lowered(c);
    const bool fits = letters.size() >= 4 && letters.size() <= 36 &&
                      letters.find_first_not_of("0123456789abcdef-") == std::string::npos;
    if (!fits)
        return fail(
            ErrorKind::usage,
            fmt::format("{} is no incident; expected its id or the first four or more characters of it, "
                        "as tristrata incident list shows them",
                        core::quoted(beginning)));
    const std::string text = database_->json("incident_id");
    auto found = read_incidents(
        *database_, fmt::format("WHERE {} LIKE $1 ORDER BY opened_at DESC LIMIT 3", text), {letters + "%"});
    if (!found) return propagate(found);
    if (found->empty())
        return fail(ErrorKind::not_found,
                    fmt::format("there is no incident {} in {}; tristrata incident list "
                                "--closed shows all",
                                core::quoted(beginning), database_->where()));
    if (found->size() > 1)
        return fail(ErrorKind::usage,
                    fmt::format("several incidents begin with {}: {} and {}; give more of it",
                                core::quoted(beginning), core::to_string((*found)[0].incident_id),
                                core::to_string((*found)[1].incident_id)));
    if (auto read = read_fates(*database_, *found); !read) return propagate(read);
    return std::move(found->front());
}

core::Result<std::vector<Incident>> IncidentStore::list(const IncidentQuery& query) {
    std::string conditions = query.closed ? "1 = 1" : "phase <> 'closed'";
    std::vector<Value> values;
    const auto add = [&](std::string_view condition, std::string value) {
        values.emplace_back(std::move(value));
        conditions += fmt::format(" AND {} ${}", condition, values.size());
    };
    if (query.module && query.module->ends_with('*')) {
        const std::string begins = query.module->substr(0, query.module->size() - 1);
        const auto letters = std::ranges::count_if(
            begins, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
        add(fmt::format("substr(module, 1, {}) =", letters), begins);
    } else if (query.module) {
        add("module =", *query.module);
    }
    if (query.severity_at_least == drift::Severity::crit) add("severity =", "crit");
    if (query.opened.from) add("opened_at >=", stored_time(*query.opened.from));
    if (query.opened.to) add("opened_at <", stored_time(*query.opened.to));
    auto found = read_incidents(
        *database_,
        fmt::format("WHERE {} ORDER BY opened_at DESC, incident_id LIMIT {}", conditions, query.limit),
        values);
    if (!found) return found;
    if (auto read = read_fates(*database_, *found); !read) return propagate(read);
    return found;
}

core::Result<std::vector<Transition>> IncidentStore::history(const core::Uuid& incident_id) {
    auto rows = database_->query(fmt::format("SELECT seq, {}, kind, who, why, event_id FROM "
                                             "response.transitions WHERE incident_id = $1 ORDER BY seq",
                                             database_->time("at")),
                                 {core::to_string(incident_id)});
    if (!rows) return propagate(rows);
    std::vector<Transition> history;
    for (const Row& row : *rows) {
        auto at = time_of(row[1]);
        if (!at) return propagate(at);
        Transition one{incident_id,
                       std::stoll(row[0].value_or("0")),
                       *at,
                       row[2].value_or(""),
                       row[3].value_or(""),
                       row[4].value_or(""),
                       std::nullopt};
        if (row[5])
            if (auto id = core::parse_uuid(*row[5])) one.event_id = *id;
        history.push_back(std::move(one));
    }
    return history;
}

core::Result<std::vector<Signal>> IncidentStore::signals(const std::string& module) {
    return read_signals(*database_, "WHERE module = $1 ORDER BY drift_type, metric", {module});
}

core::Result<Incident> IncidentStore::change(std::string_view id, const Change& change) {
    if (auto given = check_why(change.why); !given) return propagate(given);
    if (auto given = check_who(change.who); !given) return propagate(given);
    core::Result<Incident> changed;
    auto status = database_->locked([&]() -> core::Status {
        changed = find(id);
        if (!changed) return propagate(changed);
        if (changed->phase == Phase::closed)
            return fail(ErrorKind::usage,
                        fmt::format("incident {} closed at {} ({}); what comes now opens another: tristrata "
                                    "incident list shows what is open",
                                    core::to_string(changed->incident_id),
                                    changed->closed_at ? core::to_string(*changed->closed_at) : "?",
                                    changed->ending ? name(*changed->ending) : "?"));
        const bool told = changed->paged_at && !changed->snoozed_until && !changed->dismissed_at;
        if (auto made = change.make(*changed); !made) return made;
        auto epoch = database_->query("SELECT epoch FROM response.lease WHERE name = 'incidents'");
        if (!epoch) return propagate(epoch);
        const Transition transition{changed->incident_id, ++changed->seq, change.now,  change.kind,
                                    change.who,           change.why,     std::nullopt};
        if (auto written = write_incident(*database_, *changed); !written) return written;
        if (auto written = write_transition(*database_, transition,
                                            epoch->empty() ? 0 : std::stoll(epoch->front()[0].value_or("0")));
            !written)
            return written;
        if (!change.ends_alert || !told) return {};
        const Page page{core::uuid_v5(changed->incident_id,
                                      fmt::format("{} {}", name(Page::Kind::resolved), changed->seq)),
                        changed->incident_id, changed->module, Page::Kind::resolved, change.now};
        return write_page(*database_, page, alert_of(*changed, Page::Kind::resolved, change.now));
    });
    if (!status) return propagate(status);
    return changed;
}

core::Result<Incident> IncidentStore::acknowledge(std::string_view id, const std::string& who,
                                                  const std::string& why, core::Timestamp now) {
    return change(id, {"acked", who, why, now, [&](Incident& incident) -> core::Status {
                           if (auto open = check_not_dismissed(incident, "to acknowledge"); !open)
                               return open;
                           tell_all(incident);
                           incident.acked_by = who;
                           incident.acked_at = now;
                           if (incident.hold == Hold::snoozed) incident.hold = Hold::none;
                           return {};
                       }});
}

core::Result<Incident> IncidentStore::snooze(std::string_view id, core::Timestamp until,
                                             const std::string& who, const std::string& why,
                                             core::Timestamp now) {
    if (until <= now)
        return fail(ErrorKind::usage, fmt::format("{} is not after now, {}; a snooze ends in the future",
                                                  core::to_string(until), core::to_string(now)));
    if (until > now + snooze_max)
        return fail(
            ErrorKind::usage,
            fmt::format("{} is more than {} away; snooze it until then and look again, or dismiss it as "
                        "a false alarm",
                        core::to_string(until), core::to_string(snooze_max)));
    // In what is kept the end stands before it.
    if (auto given = check_why(why); !given) return propagate(given);
    return change(id, {"snoozed", who, fmt::format("until {}: {}", core::to_string(until), why), now,
                       [&](Incident& incident) -> core::Status {
                           if (auto open = check_not_dismissed(incident, "to snooze"); !open) return open;
                           incident.snoozed_until = until;
                           if (incident.severity == drift::Severity::crit) incident.hold = Hold::snoozed;
                           return {};
                       },
                       true});
}

core::Result<Incident> IncidentStore::dismiss(std::string_view id, const std::string& who,
                                              const std::string& why, core::Timestamp now) {
    return change(id, {"dismissed", who, why, now,
                       [&](Incident& incident) -> core::Status {
                           if (auto open = check_not_dismissed(incident, "to dismiss"); !open) return open;
                           tell_all(incident);
                           incident.dismissed_at = now;
                           incident.snoozed_until.reset();
                           incident.hold = Hold::dismissed;
                           return {};
                       },
                       true});
}

core::Status IncidentStore::silence(const Silence& silence, core::Clock& clock) {
    if (auto fit = config::check_module_pattern(silence.module, "\"train.*\""); !fit)
        return fail(ErrorKind::usage, fit.error().message);
    if (silence.to <= silence.from)
        return fail(ErrorKind::usage,
                    fmt::format("a maintenance window of {} from {} to {} is none; expected an end behind "
                                "its beginning",
                                core::quoted(silence.module), core::to_string(silence.from),
                                core::to_string(silence.to)));
    if (auto given = check_why(silence.why); !given) return given;
    if (auto given = check_who(silence.who); !given) return given;
    if (silence.to <= clock.now())
        return fail(ErrorKind::usage, fmt::format("the window ended at {}, before now, {}",
                                                  core::to_string(silence.to), core::to_string(clock.now())));
    if (silence.to - silence.from > silence_max)
        return fail(
            ErrorKind::usage,
            fmt::format("a window of {} is no maintenance; expected {} at most. What is to page nobody "
                        "for longer is a rule of the policy, which others read: [[incident.maintenance]] "
                        "in tristrata.toml",
                        core::to_string(silence.to - silence.from), core::to_string(silence_max)));
    auto done = database_->query(
        "INSERT INTO response.silences (silence_id, module, drift_type, begins_at, ends_at, who, why) VALUES "
        "($1, $2, $3, $4, $5, $6, $7)",
        {core::to_string(core::uuid_v7(clock)), silence.module,
         silence.drift_type ? std::string(drift::name(*silence.drift_type)) : std::string(),
         stored_time(silence.from), stored_time(silence.to), silence.who, silence.why});
    return done ? core::Status() : propagate(done);
}

core::Result<std::vector<Silence>> IncidentStore::silences(core::Timestamp now) {
    return read_silences(*database_, now);
}

core::Result<std::vector<notification::Alert>> IncidentStore::open_alerts(core::Timestamp now) {
    std::vector<notification::Alert> alerts;
    auto lasting =
        read_incidents(*database_,
                       "WHERE phase <> 'closed' AND paged_at IS NOT NULL AND snoozed_until IS NULL AND "
                       "dismissed_at IS NULL ORDER BY opened_at, incident_id");
    if (!lasting) return propagate(lasting);
    for (const Incident& one : *lasting) {
        alerts.push_back(alert_of(one, Page::Kind::firing, now));
        if (one.tellings > 1 && *one.paged_at + resolved_for > now) alerts.push_back(alert_before(one));
    }
    auto ended = database_->query(
        fmt::format(
            "SELECT kind, {}, {} FROM response.pages WHERE kind <> 'firing' AND due_at >= $1 ORDER BY "
            "due_at, page_id",
            database_->time("due_at"), database_->json("alert")),
        {stored_time({now.microseconds - budget_for.microseconds - resolved_for.microseconds})});
    if (!ended) return propagate(ended);
    for (const Row& row : *ended) {
        auto due = time_of(row[1]);
        if (!due) return propagate(due);
        auto alert = alert_from(row[2]);
        if (!alert) return propagate(alert);
        if (row[0] == Value(name(Page::Kind::budget))) {
            if (*due + budget_for <= now) alert->ends_at = *due + budget_for;
        } else if (*due + resolved_for <= now) {
            continue;
        }
        // One of the same labels may have begun anew.
        const bool again = std::ranges::any_of(
            alerts, [&](const notification::Alert& one) { return one.labels == alert->labels; });
        if (!again) alerts.push_back(std::move(*alert));
    }
    return alerts;
}

core::Result<std::vector<notification::Answered>> IncidentStore::answered(core::Timestamp now) {
    // One that was told anew has lost its acknowledgement, and the silence of that ends.
    const std::string condition =
        "paged_at IS NOT NULL AND ((acked_at IS NOT NULL AND (phase <> 'closed' OR closed_at >= $1)) OR "
        "(acked_at IS NULL AND phase <> 'closed' AND paged_at >= $1 AND EXISTS (SELECT 1 FROM "
        "response.transitions AS a WHERE a.incident_id = i.incident_id AND a.kind = 'acked')))";
    const std::vector<Value> since{stored_time({now.microseconds - answered_for.microseconds})};
    auto incidents = read_incidents(*database_, "AS i WHERE " + condition + " ORDER BY incident_id", since);
    if (!incidents) return propagate(incidents);
    std::map<std::string, std::string> whys;
    if (!incidents->empty()) {
        auto rows = database_->query(
            "SELECT t.incident_id, t.why FROM response.transitions AS t JOIN response.incidents AS i ON "
            "i.incident_id = t.incident_id WHERE t.kind = 'acked' AND " +
                condition + " ORDER BY t.incident_id, t.seq",
            since);
        if (!rows) return propagate(rows);
        // The last of each.
        for (const Row& row : *rows) whys[row[0].value_or("")] = row[1].value_or("");
    }
    std::vector<notification::Answered> all;
    for (const Incident& one : *incidents) {
        if (!one.acked_at) {
            if (one.tellings > 1)
                all.push_back(
                    {one.incident_id, alert_before(one), "", whys[core::to_string(one.incident_id)]});
            continue;
        }
        const bool over = one.phase == Phase::closed || one.snoozed_until || one.dismissed_at;
        const auto kind = over ? Page::Kind::resolved : Page::Kind::firing;
        all.push_back({one.incident_id, alert_of(one, kind, one.closed_at.value_or(now)), one.acked_by,
                       whys[core::to_string(one.incident_id)]});
    }
    return all;
}

core::Result<std::string> IncidentStore::mark() {
    // Each step and each person that changes one adds to its history (seq), or heard of it.
    auto rows = database_->query(
        "SELECT incident_id, seq, occurrences, heard_at FROM response.incidents WHERE phase <> 'closed' "
        "ORDER "
        "BY incident_id");
    if (!rows) return propagate(rows);
    // Rows of silences are added, and neither changed nor deleted.
    auto silences = database_->query("SELECT count(*) FROM response.silences");
    if (!silences) return propagate(silences);
    core::Sha256 all;
    rows->push_back(std::move(silences->front()));
    for (const Row& row : *rows)
        for (const Value& value : row) all.update(value.value_or("") + "\n");
    return all.finish();
}

}  // namespace tristrata::incident
