#include "tristrata/kill_switch/kill_switch.hpp"

#include "decision.hpp"
#include "tables.hpp"
#include "tristrata/core/blank.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;
using core::fail;

/// The same for the same request and decision, and for what was missing, however often it comes.
core::Uuid identity(const Scope& scope, const std::string& incident, std::int64_t episode, Decision decision,
                    const std::string& missing = {}) {
    return core::uuid_v5(core::tristrata_namespace(),
                         fmt::format("kill_switch\n{}\n{}\n{}\n{}{}", to_string(scope), incident, episode,
                                     name(decision), missing));
}

EvaluationRow row_of(const EngageRequest& request, const Outcome& outcome) {
    EvaluationRow row;
    row.evaluation_id = outcome.evaluation_id;
    row.mode = outcome.mode;
    row.decision = outcome.decision;
    row.reason = outcome.reason;
    row.scope = to_string(outcome.scope);
    row.incident = request.incident;
    row.episode = request.episode;
    row.source = name(request.source);
    row.who = request.who;
    row.why = request.why;
    if (request.evidence) {
        row.evidence = to_json(*request.evidence);
        row.evidence_sha256 = core::sha256(*row.evidence);
    }
    row.asked_at = request.asked_at;
    return row;
}

State engaged_by(const EngageRequest& request, const Scope& scope, const State* before) {
    State state;
    state.scope = scope;
    state.engaged = true;
    state.version = before == nullptr ? 1 : before->version + 1;
    state.incident = request.incident;
    state.episode = request.episode;
    state.source = request.source;
    state.who = request.who;
    state.why = request.why;
    if (request.evidence) state.evidence = to_json(*request.evidence);
    return state;
}

/// Of the losses of telemetry of a day.
EngageRequest loss_at(core::Timestamp at) {
    EngageRequest request;
    request.incident = "telemetry_lost:" + core::to_string(at).substr(0, 10);
    request.source = Source::system;
    request.who = "tristrata";
    request.asked_at = at;
    return request;
}

/// What stands in the way of a person's disengaging; success where nothing does.
core::Status may_go(const DisengageRequest& request, const State& state, const Policy& policy) {
    if (request.expected_version && *request.expected_version != state.version)
        return fail(
            ErrorKind::conflict,
            fmt::format("{} is at version {}, not {}: somebody was first; look at it again with: tristrata "
                        "kill-switch status",
                        to_string(state.scope), state.version, *request.expected_version));
    if (!state.engaged)
        return fail(ErrorKind::not_found, fmt::format("{} is not engaged", to_string(state.scope)));
    if (request.scope.kind == Scope::Kind::drill || !request.override_text.empty()) return {};
    if (state.age < policy.minimum_dwell)
        return fail(
            ErrorKind::refused,
            fmt::format("{} was engaged {} ago; it stays engaged for {} at least, or say why not: --override "
                        "TEXT",
                        to_string(state.scope), core::to_string(state.age),
                        core::to_string(policy.minimum_dwell)));
    if (request.open_crit_incidents.empty()) return {};
    std::string open;
    for (const auto& incident : request.open_crit_incidents) open += (open.empty() ? "" : ", ") + incident;
    return fail(ErrorKind::refused,
                fmt::format("crit incidents are open ({}): wait until they have recovered, or say why the "
                            "switch may go all the same: --override TEXT",
                            core::quoted(open, 200)));
}

core::Status check_person(const DisengageRequest& request) {
    if (!may_disengage(request.source))
        return fail(ErrorKind::refused,
                    fmt::format("{} never disengages: a person does, from cli, console or airflow",
                                name(request.source)));
    if (!request.override_text.empty() && core::is_blank(request.override_text))
        return fail(ErrorKind::refused,
                    "the override says nothing; say why the switch may go all the same: --override TEXT");
    for (const auto& [what, text] : {std::pair{"who", &request.who}, std::pair{"why", &request.why},
                                     std::pair{"ticket", &request.ticket}})
        if (core::is_blank(*text))
            return fail(
                ErrorKind::refused,
                fmt::format("no {} is given; who disengages says who, why and under which ticket", what));
    return {};
}

}  // namespace

KillSwitch::KillSwitch(std::unique_ptr<Tables> tables, Policy policy, core::Clock& clock)
    : tables_(std::move(tables)), policy_(std::move(policy)), clock_(clock) {}
KillSwitch::~KillSwitch() = default;

core::Result<std::unique_ptr<KillSwitch>> KillSwitch::open(const Place& place, Policy policy,
                                                           core::Clock& clock) {
    std::unique_ptr<Tables> tables;
    if (place.backend == config::Backend::sqlite) {
        auto opened = open_sqlite_tables(place.path, clock);
        if (!opened) return propagate(opened);
        tables = std::move(*opened);
    } else {
        tables = open_postgres_tables(place.url, clock);
    }
    if (auto there = tables->require(); !there) return propagate(there);
    return std::unique_ptr<KillSwitch>(new KillSwitch(std::move(tables), std::move(policy), clock));
}

core::Result<std::pair<Mode, std::string>> KillSwitch::mode_in_force() {
    if (policy_.mode == Mode::shadow)
        return std::pair{Mode::shadow, std::string("the setting kill_switch.mode")};
    if (!tables_->has_roles())
        return std::pair{Mode::shadow,
                         std::string("SQLite has no roles that keep a program from disengaging")};
    // Rows are never taken away: what was enough stays enough.
    if (earned_) return std::pair{Mode::enforcing, std::string()};
    auto days = tables_->shadow_days();
    if (!days) return propagate(days);
    if (*days < shadow_days_needed)
        return std::pair{Mode::shadow,
                         fmt::format("{} of {} days with evaluations in shadow", *days, shadow_days_needed)};
    earned_ = true;
    return std::pair{Mode::enforcing, std::string()};
}

core::Result<Scope> KillSwitch::as_known(const Scope& scope) {
    auto states = tables_->states(std::nullopt);
    if (!states) return propagate(states);
    std::vector<Scope> known{scope};
    for (const State& state : *states) known.push_back(state.scope);
    if (std::ranges::find(known.begin() + 1, known.end(), scope) != known.end()) return scope;
    for (const auto& [module, named] : policy_.scopes) known.push_back(named);
    const auto found = std::ranges::find_if(known.begin() + 1, known.end(),
                                            [&](const Scope& one) { return is_same(one, scope); });
    return found == known.end() ? scope : *found;
}

core::Status KillSwitch::tell_as_recorded(Outcome& outcome) {
    outcome.first_mode = outcome.mode;
    outcome.first_reason = outcome.reason;
    if (outcome.fresh) return {};
    auto before = tables_->recorded(outcome.evaluation_id);
    if (!before) return propagate(before);
    if (!*before) return {};
    outcome.first_mode = (*before)->mode;
    outcome.first_reason = (*before)->reason;
    outcome.evaluated_at = (*before)->asked_at;
    return {};
}

core::Result<Outcome> KillSwitch::engage(const EngageRequest& given) {
    if (auto whole = check(given); !whole) return propagate(whole);
    Outcome outcome;
    const auto body = [&]() -> core::Status {
        outcome = {};
        auto scope = as_known(given.scope);
        if (!scope) return propagate(scope);
        EngageRequest request = given;
        request.scope = *scope;
        outcome.scope = request.scope;
        outcome.evaluated_at = request.asked_at;
        auto mode = mode_in_force();
        if (!mode) return propagate(mode);
        Facts facts;
        std::tie(facts.mode, facts.mode_reason) = *mode;
        facts.without_evidence =
            request.source == Source::system && policy_.telemetry_lost == Policy::TelemetryLost::engage;
        outcome.mode = facts.mode;
        if (!by_person(request.source) && facts.mode == Mode::enforcing) {
            auto within = tables_->other_scopes(request.scope, Decision::engaged, policy_.scopes_window);
            if (!within) return propagate(within);
            facts.scopes_in_window = *within;
        }
        const State* before = nullptr;
        std::vector<State> states;
        EngageRequest asked = request;
        std::string missing;
        for (bool widened = false;; widened = true) {
            auto known = tables_->before(asked.scope, asked.incident, asked.episode);
            if (!known) return propagate(known);
            auto there = tables_->states(asked.scope);
            if (!there) return propagate(there);
            states = std::move(*there);
            before = states.empty() ? nullptr : &states.front();
            facts.before = *known;
            facts.engaged = before != nullptr && before->engaged;
            if (facts.before && facts.engaged) {
                auto joined = tables_->joined(asked.scope, before->changed_at);
                if (!joined) return propagate(joined);
                facts.before_is_past = before->incident != asked.incident &&
                                       std::ranges::find(*joined, asked.incident) == joined->end();
            }
            const Decided decided = decide(asked, policy_, facts);
            outcome.decision = decided.decision;
            missing = decided.missing;
            outcome.reason =
                (widened && outcome.decision != Decision::repeated ? outcome.reason + "; " : "") +
                (facts.without_evidence ? request.why + ": " : "") + decided.reason;
            outcome.scope = asked.scope;
            if (!decided.widened) break;
            asked.scope = {Scope::Kind::global, {}};
        }
        const bool is_old = outcome.decision == Decision::repeated;
        outcome.first = is_old ? facts.before.value_or(outcome.decision) : outcome.decision;
        outcome.evaluation_id =
            facts.before && outcome.decision == Decision::joined
                ? core::uuid_v7(clock_)  // Beside the row by which it had joined what is ended.
                : identity(outcome.scope, request.incident, request.episode, outcome.first, missing);
        if (outcome.decision == Decision::engaged) {
            State next = engaged_by(request, outcome.scope, before);
            auto changed = tables_->change(next);
            if (!changed) return propagate(changed);
            if (!*changed)
                return fail(ErrorKind::unavailable, "another writer of the kill switch was first", "40001");
            outcome.state = std::move(next);
        } else if (before != nullptr) {
            outcome.state = *before;
        }
        if (outcome.decision == Decision::repeated) return tell_as_recorded(outcome);
        auto recorded = tables_->record(row_of(request, outcome));
        if (!recorded) return propagate(recorded);
        outcome.fresh = *recorded;
        return tell_as_recorded(outcome);
    };
    if (auto status = tables_->transaction(body); !status) return propagate(status);
    return outcome;
}

core::Status KillSwitch::ask_what_is_open(DisengageRequest& request, const CritOpen& crit_open) {
    // What is refused anyway, or not to be read, is said where it is refused.
    if (!crit_open || !request.override_text.empty() || request.scope.kind == Scope::Kind::drill) return {};
    if (!check_person(request)) return {};
    auto scope = as_known(request.scope);
    if (!scope) return propagate(scope);
    auto states = tables_->states(*scope);
    if (!states) return propagate(states);
    if (states->empty() || !may_go(request, states->front(), policy_)) return {};
    const State& looked_at = states->front();
    auto incidents = tables_->joined(*scope, looked_at.changed_at);
    if (!incidents) return propagate(incidents);
    incidents->insert(incidents->begin(), looked_at.incident);
    for (const std::string& incident : *incidents) {
        if (std::ranges::find(request.open_crit_incidents, incident) != request.open_crit_incidents.end())
            continue;
        auto open = crit_open(incident);
        if (!open)
            return fail(
                open.error().kind,
                fmt::format("whether the incident {} is open is not known: {}; --override \"...\" says "
                            "why it may go all the same",
                            incident, open.error().message));
        if (*open) request.open_crit_incidents.push_back(incident);
    }
    request.expected_version = looked_at.version;
    return {};
}

core::Result<Outcome> KillSwitch::disengage(const DisengageRequest& given, const CritOpen& crit_open) {
    DisengageRequest request = given;
    // Not in the transaction: a store of incidents that is slow would keep others from engaging.
    core::Status known = ask_what_is_open(request, crit_open);
    Outcome outcome;
    EngageRequest asked;  // What evaluations keep of it.
    asked.scope = request.scope;
    asked.source = request.source;
    asked.who = core::is_blank(request.who) ? "nobody" : request.who;
    asked.why = core::is_blank(request.why) ? "no reason" : request.why;
    asked.asked_at = request.asked_at;
    asked.incident = "none";
    const auto body = [&]() -> core::Status {
        outcome = {};
        outcome.scope = request.scope;
        outcome.evaluated_at = request.asked_at;
        auto mode = mode_in_force();
        if (!mode) return propagate(mode);
        outcome.mode = mode->first;
        if (auto person = check_person(request); !person) return person;
        auto scope = as_known(request.scope);
        if (!scope) return propagate(scope);
        outcome.scope = asked.scope = *scope;
        auto states = tables_->states(*scope);
        if (!states) return propagate(states);
        if (states->empty())
            return fail(ErrorKind::not_found, fmt::format("{} was never engaged", to_string(request.scope)));
        State next = states->front();
        asked.incident = next.incident;
        asked.episode = next.episode;
        if (!known) return known;
        if (auto free = may_go(request, next, policy_); !free) return free;
        next.engaged = false;
        ++next.version;
        next.source = request.source;
        next.who = request.who;
        next.why = request.why;
        next.ticket = request.ticket;
        next.override_text =
            request.override_text.empty() ? std::nullopt : std::optional(request.override_text);
        next.evidence = std::nullopt;
        auto changed = tables_->change(next);
        if (!changed) return propagate(changed);
        if (!*changed)
            return fail(ErrorKind::conflict,
                        fmt::format("another writer changed {} first", to_string(request.scope)), "40001");
        outcome.decision = outcome.first = Decision::disengaged;
        outcome.reason = request.why;
        outcome.state = std::move(next);
        outcome.evaluation_id = core::uuid_v7(clock_);
        outcome.fresh = true;
        auto recorded = tables_->record(row_of(asked, outcome));
        if (!recorded) return propagate(recorded);
        return tell_as_recorded(outcome);
    };
    auto status = tables_->transaction(body);
    if (status) return outcome;
    core::Error error = status.error();
    if (error.foreign_code == "42501")
        error = {ErrorKind::refused,
                 fmt::format("{}: this user may not disengage; the role operator may, and engager never does",
                             tables_->where()),
                 error.foreign_code};
    if (error.kind == ErrorKind::refused || error.kind == ErrorKind::conflict || !known) {
        outcome.decision = outcome.first = Decision::disengage_refused;
        outcome.reason = error.message;
        outcome.evaluation_id = core::uuid_v7(clock_);
        // What cannot be recorded is refused all the same.
        (void)tables_->transaction([&]() -> core::Status {
            auto recorded = tables_->record(row_of(asked, outcome));
            return recorded ? core::Status() : core::Status(propagate(recorded));
        });
    }
    return tl::unexpected(std::move(error));
}

core::Result<Outcome> KillSwitch::note(const EngageRequest& request, Decision decision, std::string reason) {
    Outcome outcome;
    const auto body = [&]() -> core::Status {
        outcome = {};
        auto mode = mode_in_force();
        if (!mode) return propagate(mode);
        outcome.mode = mode->first;
        outcome.decision = outcome.first = decision;
        outcome.reason = reason;
        outcome.scope = request.scope;
        outcome.evaluated_at = request.asked_at;
        outcome.evaluation_id = identity(request.scope, request.incident, request.episode, decision);
        auto recorded = tables_->record(row_of(request, outcome));
        if (!recorded) return propagate(recorded);
        outcome.fresh = *recorded;
        return tell_as_recorded(outcome);
    };
    if (auto status = tables_->transaction(body); !status) return propagate(status);
    return outcome;
}

core::Result<Outcome> KillSwitch::nothing_open(core::Timestamp at) {
    EngageRequest request;
    request.incident = "none:" + core::to_string(at).substr(0, 10);
    request.source = Source::incident;
    request.who = "tristrata";
    request.why = "no crit incident is open";
    request.asked_at = at;
    return note(request, Decision::nothing_open, request.why);
}

core::Result<std::int64_t> KillSwitch::episode_of_loss(const std::string& incident,
                                                       std::optional<core::Timestamp> read_at) {
    auto last = tables_->last_loss(incident);
    if (!last) return propagate(last);
    if (!*last) return 1;
    const bool is_another = (*last)->is_over || (read_at && *read_at > (*last)->noted_at);
    return (*last)->episode + (is_another ? 1 : 0);
}

core::Result<Outcome> KillSwitch::telemetry_lost(const std::string& why, core::Timestamp at,
                                                 std::optional<core::Timestamp> read_at) {
    EngageRequest request = loss_at(at);
    request.why = why;
    auto episode = episode_of_loss(request.incident, read_at);
    if (!episode) return propagate(episode);
    request.episode = *episode;
    const auto decided = [&]() -> core::Result<Outcome> {
        switch (policy_.telemetry_lost) {
            case Policy::TelemetryLost::engage:
                return engage(request);
            case Policy::TelemetryLost::ignore:
                return note(request, Decision::ignored,
                            why + ": ignored, as kill_switch.telemetry_lost says");
            case Policy::TelemetryLost::hold:
                break;
        }
        return note(request, Decision::held, why + ": the switch stays as it is; a person decides");
    };
    auto outcome = decided();
    if (outcome) outcome->telemetry_lost = true;
    return outcome;
}

core::Status KillSwitch::telemetry_found(core::Timestamp at) {
    EngageRequest request = loss_at(at);
    request.why = "incidents can be read again";
    auto last = tables_->last_loss(request.incident);
    if (!last) return propagate(last);
    if (!*last || (*last)->is_over) return {};
    request.episode = (*last)->episode;
    auto noted = note(request, Decision::nothing_open, request.why);
    return noted ? core::Status() : core::Status(propagate(noted));
}

core::Result<Outcome> KillSwitch::unmapped(const EngageRequest& request, std::string_view module) {
    return note(request, Decision::unmapped,
                fmt::format("[kill_switch.scopes] names no scope for the module {}", core::quoted(module)));
}

core::Result<Overview> KillSwitch::overview() {
    Overview overview;
    overview.backend = tables_->backend();
    overview.where = tables_->where();
    auto mode = mode_in_force();
    auto days = tables_->shadow_days();
    auto would = tables_->count(Decision::would_engage);
    auto states = tables_->states(std::nullopt);
    if (!mode) return propagate(mode);
    if (!days) return propagate(days);
    if (!would) return propagate(would);
    if (!states) return propagate(states);
    std::tie(overview.mode, overview.mode_reason) = *mode;
    overview.shadow_days = *days;
    overview.would_engage = *would;
    overview.states = std::move(*states);
    return overview;
}

core::Result<std::vector<State>> KillSwitch::history(const std::optional<Scope>& scope, std::uint64_t limit) {
    return tables_->history(scope, limit);
}

core::Result<std::vector<Evaluation>> KillSwitch::evaluations(std::uint64_t limit) {
    return tables_->evaluations(limit);
}

std::optional<drift::EventRequest> event_of(const Outcome& outcome) {
    // One that came again is told as it was the first time: the process may have died in between.
    const Decision decision = outcome.first;
    if (decision == Decision::nothing_open || decision == Decision::ignored ||
        decision == Decision::repeated || (decision == Decision::joined && !outcome.telemetry_lost) ||
        outcome.scope.kind == Scope::Kind::drill)
        return std::nullopt;
    drift::EventRequest event;
    event.drift_type = drift::DriftType::business_kpi_drift;
    event.module = event_module;
    event.metric = "engaged:" + to_string(outcome.scope);
    const bool asks =
        decision == Decision::asked_human || decision == Decision::held || outcome.telemetry_lost;
    const bool told = decision == Decision::engaged || decision == Decision::insufficient_evidence;
    event.severity = asks ? drift::Severity::crit : told ? drift::Severity::warn : drift::Severity::info;
    if (decision == Decision::engaged || decision == Decision::disengaged) {
        event.reference_value = decision == Decision::engaged ? 0.0 : 1.0;
        event.current_value = decision == Decision::engaged ? 1.0 : 0.0;
    }
    core::JsonWriter payload;
    payload.begin_object();
    payload.member("decision", name(decision));
    payload.member("scope", to_string(outcome.scope));
    payload.member("mode", name(outcome.first_mode));
    payload.member("reason", outcome.first_reason);
    payload.member("engaged_means", engaged_means);
    payload.end_object();
    event.payload = payload.take();
    event.time = outcome.evaluated_at;
    event.event_id = outcome.evaluation_id;
    return event;
}

}  // namespace tristrata::kill_switch
