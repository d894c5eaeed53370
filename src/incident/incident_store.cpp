#include "tristrata/incident/incident_store.hpp"

#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/script.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/incident/pages_in_spool.hpp"
#include "tristrata/incident/wording.hpp"
#include "untaken.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;

constexpr core::Duration hour{3'600'000'000}, day{24 * hour.microseconds}, week{7 * day.microseconds};
/// A clock that is ahead by no more is nobody's trouble.
constexpr core::Duration skew_max{60'000'000};

std::int64_t number_of(const Value& value) {
    std::int64_t number = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), number);
    return number;
}

/// What decides about these events.
core::Result<State> read_state(Connection& database, const std::vector<drift::Event>& events,
                               const Policy& policy, core::Timestamp now) {
    State state;
    std::set<std::string> modules;
    for (const auto& event : events) modules.insert(event.module);
    std::vector<Value> parameters{stored_time({now.microseconds - policy.max_age.microseconds})};
    const std::string of_modules = among("module", modules, parameters);
    auto incidents = read_incidents(
        database,
        fmt::format("WHERE phase <> 'closed' OR (closed_at >= $1 AND {}) ORDER BY opened_at, incident_id",
                    of_modules),
        parameters);
    if (!incidents) return propagate(incidents);
    state.incidents = std::move(*incidents);
    std::vector<Value> names;
    const std::string named = among("module", modules, names);
    auto signals = read_signals(
        database,
        fmt::format("WHERE incident_id IS NOT NULL OR {} ORDER BY module, drift_type, metric", named), names);
    if (!signals) return propagate(signals);
    state.signals = std::move(*signals);
    auto silences = read_silences(database, now);
    if (!silences) return propagate(silences);
    state.silences = std::move(*silences);
    auto pages = read_pages(database, {now.microseconds - week.microseconds});
    if (!pages) return propagate(pages);
    state.pages = std::move(*pages);
    return state;
}

/// What is older than any event that can still come.
core::Status forget(Connection& database, const Policy& policy, core::Timestamp now) {
    const core::Timestamp before{now.microseconds - policy.max_age.microseconds - week.microseconds};
    for (const char* sql : {"DELETE FROM response.processed WHERE detected_at < $1",
                            "DELETE FROM response.signals WHERE heard_at < $1 AND incident_id IS NULL"}) {
        auto done = database.query(sql, {stored_time(before)});
        if (!done) return propagate(done);
    }
    return {};
}

}  // namespace

IncidentStore::IncidentStore(std::unique_ptr<Connection> database)
    : database_(std::move(database)), looked_(std::make_unique<std::optional<Looked>>()) {}
IncidentStore::~IncidentStore() = default;
IncidentStore::IncidentStore(IncidentStore&&) noexcept = default;
IncidentStore& IncidentStore::operator=(IncidentStore&&) noexcept = default;
const std::string& IncidentStore::where() const { return database_->where(); }

core::Result<IncidentStore> IncidentStore::open_sqlite(const std::string& path,
                                                       const std::string& drift_path) {
    auto database = connect_sqlite(path, drift_path);
    if (!database) return propagate(database);
    if (auto status = (*database)->check(); !status) return propagate(status);
    return IncidentStore(std::move(*database));
}

core::Result<IncidentStore> IncidentStore::open_postgres(core::SecretSource url) {
    auto database = connect_postgres(std::move(url));
    if (auto status = database->check(); !status) return propagate(status);
    return IncidentStore(std::move(database));
}

core::Result<IncidentStore> IncidentStore::open(const config::Settings& settings) {
    auto setting = settings.require("response_url");
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::postgresql) return open_postgres(config::source_of(*setting));
    auto drift = settings.require("drift_url");
    if (!drift) return propagate(drift);
    auto beside = config::parse_store_url(*drift);
    if (!beside) return propagate(beside);
    if (beside->backend != config::Backend::sqlite)
        return fail(ErrorKind::configuration,
                    fmt::format("{} is a file and {} a server; incidents stand where the drift store stands: "
                                "give both the same kind",
                                setting->origin, drift->origin));
    return open_sqlite(url->path, beside->path);
}

core::Status IncidentStore::decide(const StepOptions& options, core::Timestamp now,
                                   std::optional<Looked>& looked, Stepped& done) {
    Connection& database = *database_;
    auto lease = database.query(
        // One that ends later than any that is taken now was taken by a clock that was ahead.
        fmt::format(
            "SELECT holder, epoch, CASE WHEN expires_at <= {0} OR expires_at > {2} THEN 1 ELSE 0 END, "
            "CASE WHEN expires_at > {0} THEN {1} END FROM response.lease WHERE name = 'incidents'",
            database.lease_now(now), database.time("expires_at"),
            database.lease_now(now, {2 * options.lease.microseconds})));
    if (!lease) return propagate(lease);
    if (lease->empty())
        return fail(ErrorKind::storage,
                    fmt::format("{}: response.lease has no row; it was deleted by hand", database.where()));
    done.holder = lease->front()[0].value_or("");
    done.epoch = number_of(lease->front()[1]);
    const bool mine = done.holder == options.holder;
    if (!mine && number_of(lease->front()[2]) == 0) {
        if (const auto until = time_of(lease->front()[3])) done.until = *until;
        return {};
    }
    done.leader = true;
    done.holder = options.holder;
    if (!mine) ++done.epoch;
    auto taken =
        database.query(fmt::format("UPDATE response.lease SET holder = $1, epoch = $2, expires_at = {} "
                                   "WHERE name = 'incidents'",
                                   database.lease_now(now, options.lease)),
                       {options.holder, std::to_string(done.epoch)});
    if (!taken) return propagate(taken);

    const core::Timestamp from{now.microseconds - options.policy->max_age.microseconds - day.microseconds};
    auto bad = bad_events(database, from, options.events_max);
    if (!bad) return propagate(bad);
    // Another one may have taken some meanwhile.
    if (!mine) looked.reset();
    auto good = good_events(database, from, *bad, options.events_max, now, looked);
    if (!good) return propagate(good);
    std::vector<drift::Event>& events = bad->events;
    done.more = events.size() >= options.events_max || good->size() >= options.events_max;
    std::ranges::move(*good, std::back_inserter(events));
    auto state = read_state(database, events, *options.policy, now);
    if (!state) return propagate(state);
    const Applied applied = apply(*options.policy, *options.owners, *state, events, now);

    // A closed one makes room for the next of its module and type.
    for (const bool closed : {true, false})
        for (const Incident& one : applied.incidents)
            if ((one.phase == Phase::closed) == closed)
                if (auto status = write_incident(database, one); !status) return status;
    for (const Transition& one : applied.transitions) {
        if (auto status = write_transition(database, one, done.epoch); !status) return status;
        done.opened += one.kind == "opened" ? 1 : 0;
        done.closed += one.kind == "closed" ? 1 : 0;
        done.withheld += one.kind == "withheld" ? 1 : 0;
    }
    for (const Signal& one : applied.signals)
        if (auto status = write_signal(database, one, now); !status) return status;
    for (const Page& one : applied.pages) {
        const auto incident = std::ranges::find(state->incidents, one.incident_id, &Incident::incident_id);
        notification::Alert alert = alert_of(*incident, one.kind, now);
        for (const Transition& step : applied.transitions)
            if (one.kind == Page::Kind::firing && step.incident_id == one.incident_id &&
                step.kind == "snooze_ended")
                alert.annotations["description"] += fmt::format("The snooze ended: {}\n", step.why);
        if (auto status = write_page(database, one, alert); !status) return status;
        ++done.paged;
    }
    if (auto status = mark_taken(database, events); !status) return status;
    if (auto status = forget(database, *options.policy, now); !status) return status;
    done.taken = events.size();

    const auto ahead = std::ranges::count_if(
        events, [&](const drift::Event& event) { return event.detected_at > now + skew_max; });
    if (ahead > 0)
        done.notices.push_back(fmt::format(
            "{} came with a time ahead of this host's clock, {}: counted as of now; set the clock "
            "of the host that emitted, or of this one",
            core::plural(static_cast<std::uint64_t>(ahead), "event"), core::to_string(now)));
    for (const Transition& one : applied.transitions) {
        if (one.kind != "opened") continue;
        const auto incident = std::ranges::find(state->incidents, one.incident_id, &Incident::incident_id);
        const auto& owner = options.owners->of_module(incident->module);
        if (!owner.is_default()) continue;
        auto others =
            database.query("SELECT count(*) FROM response.incidents WHERE module = $1", {incident->module});
        if (!others) return propagate(others);
        if (number_of(others->front()[0]) == 1)
            done.notices.push_back(fmt::format(
                "no entry of owners.toml names the module {}; its alerts go to {} by the route {}: add "
                "[modules.{}] with an owner",
                core::quoted(incident->module), owner.owner, owner.route, core::quoted(incident->module)));
    }
    return {};
}

core::Status IncidentStore::hand_over(const std::string& table, const std::string& key, sink::Sink& alerts,
                                      const std::string& place, core::Timestamp now, Stepped& done) {
    auto rows = database_->query(
        fmt::format("SELECT {1}, {2} FROM response.{0} WHERE appended_at IS NULL ORDER BY due_at, {1}", table,
                    key, database_->json("alert")));
    if (!rows) return propagate(rows);
    for (const Row& row : *rows) {
        auto alert = alert_from(row[1]);
        if (!alert) return propagate(alert);
        const sink::Record record = notification::encode(*alert);
        if (auto taken = alerts.append(std::span(&record, 1)); !taken) {
            done.not_appended = taken.error();
            return {};
        }
        ++done.appended;
        auto noted =
            place.empty()
                ? database_->query(
                      fmt::format("UPDATE response.{} SET appended_at = $1 WHERE {} = $2", table, key),
                      {stored_time(now), row[0]})
                : database_->query(
                      fmt::format("UPDATE response.{} SET appended_at = $1, alert = $2 WHERE {} = $3", table,
                                  key),
                      {stored_time(now), handed_to(row[1].value_or(""), place), row[0]});
        if (!noted) return propagate(noted);
    }
    return {};
}

core::Status IncidentStore::tell_digest(const StepOptions& options, sink::Sink& alerts, core::Timestamp now,
                                        Stepped& done) {
    if (auto status = database_->locked([&] { return make_digest(options, now, done); }); !status)
        return status;
    if (!options.takes_digests) return {};
    return hand_over("digests", "digest_id", alerts, "", now, done);
}

core::Result<Stepped> IncidentStore::step(const StepOptions& options, sink::Sink& alerts) {
    if (options.policy == nullptr || options.owners == nullptr || options.holder.empty())
        return fail(ErrorKind::internal, "a step needs a policy, owners and the name of its holder");
    Stepped done;
    const core::Timestamp now = options.clock->now();
    std::optional<Looked> looked;
    const auto body = [&] {
        looked = std::exchange(*looked_, std::nullopt);
        return decide(options, now, looked, done);
    };
    if (auto status = database_->locked(body); !status) return propagate(status);
    *looked_ = std::move(looked);
    const std::string place = place_of_spool(options.spool);
    if (auto status = confirm(options, now, done); !status) return propagate(status);
    if (!done.leader) return done;
    if (auto status = hand_over("pages", "page_id", alerts, place, now, done); !status)
        return propagate(status);
    // Apart from the rest, behind it: whatever a digest lacks, crit pages.
    if (options.policy->digest && !done.not_appended)
        if (auto status = tell_digest(options, alerts, now, done); !status) done.no_digest = status.error();
    return done;
}

core::Status IncidentStore::resign(const std::string& holder) {
    return database_->locked([&]() -> core::Status {
        auto done = database_->query(fmt::format("UPDATE response.lease SET expires_at = {} WHERE name = "
                                                 "'incidents' AND holder = $1",
                                                 database_->lease_now({0})),
                                     {holder});
        return done ? core::Status() : propagate(done);
    });
}

core::Result<std::int64_t> init_sqlite(const std::string& path, core::Clock& clock) {
    auto database = database::Sqlite::open(path, "response", database::Access::write, true);
    if (!database) return propagate(database);
    return database::migrate(*database, "response", sqlite_migrations(), clock);
}

core::Result<std::int64_t> init_postgres(const core::SecretSource& admin) {
    database::PostgresOptions options;
    options.url = admin;
    options.application = "tristrata store init";
    database::Postgres database(std::move(options));
    auto owner = database.query(
        "SELECT rolname FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE nspname = 'drift'");
    if (!owner) return propagate(owner);
    constexpr std::string_view maintenance = "maintenance";
    if (owner->count() == 0 || !owner->text(0, 0).ends_with(maintenance))
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: there is no drift store of Tristrata's, whose events become incidents; make "
                        "it first, with TRISTRATA_DRIFT_URL set: tristrata store init",
                        database.where()));
    std::string prefix = owner->text(0, 0);
    prefix.resize(prefix.size() - maintenance.size());
    return database::migrate(database, "response", postgres_migrations(), prefix);
}

core::Result<std::string> postgres_schema(std::string_view role_prefix) {
    return database::script_of("response", postgres_migrations(), role_prefix);
}

core::Result<std::int64_t> init(const config::Settings& settings, core::Clock& clock) {
    auto setting = settings.require("response_url");
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite) {
        for (const char* key : {"kpi_url", "drift_url"})
            if (const auto* other = settings.find(key))
                if (auto there = config::parse_store_url(*other); there && there->path == url->path)
                    return fail(
                        ErrorKind::configuration,
                        fmt::format("{} and {} name the same file {}; incidents need one of their own",
                                    setting->origin, other->origin, url->path));
        return init_sqlite(url->path, clock);
    }
    auto admin = settings.require("admin_url");
    if (!admin) return propagate(admin);
    return init_postgres(config::source_of(*admin));
}

}  // namespace tristrata::incident
