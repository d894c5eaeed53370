#include "commands.hpp"
#include "console.hpp"
#include "kill_switch_incidents.hpp"
#include "opening.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/kill_switch/contract.hpp"
#include "tristrata/kill_switch/escalation.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"
#include "tristrata/kill_switch/reader.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <limits>

namespace tristrata::cli {
namespace {

using kill_switch::Decision;
using kill_switch::KillSwitch;
using kill_switch::Outcome;
using kill_switch::Scope;

/// A drill is a person's, and so is the second within which a reader has to refuse.
constexpr core::Duration refusal_max{1'000'000};

core::Result<std::unique_ptr<KillSwitch>> open_switch(session::Session& session) {
    auto place = kill_switch::place_of(session.settings());
    if (!place) return propagate(place);
    auto policy = kill_switch::Policy::read(session.settings());
    if (!policy) return propagate(policy);
    return KillSwitch::open(*place, std::move(*policy), session.clock());
}

/// Best effort: the switch does not depend on the drift store.
void tell_drift_store(session::Session& session, const Outcome& outcome) {
    const auto event = kill_switch::event_of(outcome);
    if (!event || session.settings().find("drift_url") == nullptr) return;
    if (auto pushed = session.push_drift_event(*event); !pushed)
        fmt::print(stderr, "note: the drift store was not told: {}\n", pushed.error().message);
}

/// A reader leaves no trace: whether one asks for a scope is known of those that were engaged before, or that
/// a setting names, at best.
void note_if_unknown(const KillSwitch& at, const Outcome& outcome) {
    const bool is_first =
        outcome.decision == Decision::engaged && outcome.state && outcome.state->version == 1;
    const bool is_named = std::ranges::any_of(
        at.policy().scopes, [&](const auto& one) { return kill_switch::is_same(one.second, outcome.scope); });
    if (!is_first || is_named || outcome.scope.name.empty()) return;
    fmt::print(
        stderr,
        "note: {} was never engaged before, and no setting names it; whether any program asks for it is "
        "not known here: look that its readers watch this scope, or engage global\n",
        to_string(outcome.scope));
}

std::string json_of(const Outcome& outcome) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("decision", kill_switch::name(outcome.decision));
    json.member("scope", to_string(outcome.scope));
    json.member("mode", kill_switch::name(outcome.mode));
    json.member("reason", outcome.reason);
    json.member("engaged", outcome.state && outcome.state->engaged);
    json.member("version", outcome.state ? std::optional(outcome.state->version) : std::nullopt);
    json.member("evaluation_id", core::to_string(outcome.evaluation_id));
    json.end_object();
    return json.take() + "\n";
}

core::Status show(const Output& output, const Outcome& outcome) {
    if (output.format == "json") return write_result(output, json_of(outcome));
    return write_result(
        output, fmt::format("{}: {}{}\n{}\n", to_string(outcome.scope), kill_switch::name(outcome.decision),
                            outcome.state ? fmt::format(", version {}", outcome.state->version) : "",
                            report::printable(outcome.reason)));
}

void write_state(core::JsonWriter& json, const kill_switch::State& state) {
    json.begin_object();
    json.member("scope", to_string(state.scope));
    json.member("engaged", state.engaged);
    json.member("version", state.version);
    json.member("changed_at", core::to_string(state.changed_at));
    json.member("incident", state.incident);
    json.member("episode", state.episode);
    json.member("source", kill_switch::name(state.source));
    json.member("who", state.who);
    json.member("why", state.why);
    json.member("ticket", state.ticket);
    json.member("override_text", state.override_text);
    json.key("evidence");
    if (state.evidence) json.raw(*state.evidence);
    else json.null();
    json.end_object();
}

std::vector<std::string> cells_of(const kill_switch::State& state) {
    return {to_string(state.scope),
            state.engaged ? "engaged" : "not engaged",
            std::to_string(state.version),
            core::to_string(state.changed_at),
            std::string(kill_switch::name(state.source)),
            state.who,
            state.ticket.value_or("-"),
            fmt::format("{} ({})", state.incident, state.episode),
            state.why};
}

std::vector<std::string> heads() {
    return {"scope", "state", "version", "since", "source", "who", "ticket", "incident", "why"};
}

core::Result<int> init(const KillSwitchOptions& options) {
    if (options.print) {
        auto text = kill_switch::postgres_schema(options.role_prefix);
        if (!text) return propagate(text);
        fmt::print("{}", *text);
        return 0;
    }
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto place = kill_switch::place_of((*session)->settings());
    if (!place) return propagate(place);
    std::optional<core::SecretSource> admin;
    if (const auto* setting = (*session)->settings().find("admin_url")) admin = config::source_of(*setting);
    auto applied = kill_switch::init(*place, admin, options.role_prefix, core::system_clock());
    if (!applied) return propagate(applied);
    const bool is_sqlite = place->backend == config::Backend::sqlite;
    fmt::print("kill switch {}{}\n", is_sqlite ? place->path : "on PostgreSQL",
               *applied == 0 ? std::string(" is up to date")
                             : fmt::format(": {} applied",
                                           core::plural(static_cast<std::uint64_t>(*applied), "migration")));
    if (is_sqlite)
        fmt::print(stderr,
                   "note: SQLite has no roles: what would engage by itself stays in shadow, and anybody who "
                   "can write the "
                   "file can disengage\n");
    return 0;
}

core::Result<int> status(const KillSwitchOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto at = open_switch(**session);
    if (!at) return propagate(at);
    auto overview = (*at)->overview();
    if (!overview) return propagate(overview);
    const bool any = std::ranges::any_of(overview->states, [](const auto& state) { return state.engaged; });
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("backend", overview->backend);
        json.member("where", overview->where);
        json.member("mode", kill_switch::name(overview->mode));
        json.member("mode_reason", overview->mode_reason);
        json.member("shadow_days", overview->shadow_days);
        json.member("would_engage", overview->would_engage);
        json.member("engaged", any);
        json.key("scopes");
        json.begin_array();
        for (const auto& state : overview->states) write_state(json, state);
        json.end_array();
        json.member("engaged_means", kill_switch::engaged_means);
        json.end_object();
        text = json.take() + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const auto& state : overview->states) rows.push_back(cells_of(state));
        if (!rows.empty()) text = report::aligned(heads(), rows);
        text += fmt::format(
            "{}\nmode: {}{}; {} of {} days with evaluations in shadow, {} would have engaged\n",
            any ? fmt::format("engaged means {}", kill_switch::engaged_means) : "nothing is engaged",
            kill_switch::name(overview->mode),
            overview->mode_reason.empty() ? "" : " (" + overview->mode_reason + ")", overview->shadow_days,
            kill_switch::shadow_days_needed, overview->would_engage);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return any ? 1 : 0;
}

core::Result<int> engage(const KillSwitchOptions& options) {
    constexpr std::int64_t most_episodes = 1'000'000'000;
    if (options.episode < 1 || options.episode > most_episodes)
        return core::fail(core::ErrorKind::usage,
                          fmt::format("--episode is {}; expected 1 to {}", options.episode, most_episodes));
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto scope = kill_switch::parse_scope(options.scope);
    auto source = kill_switch::parse_source(options.source);
    if (!scope) return propagate(scope);
    if (!source) return propagate(source);
    kill_switch::EngageRequest request;
    request.scope = *scope;
    request.source = *source;
    request.incident = incident_of(options.incident, (*session)->settings());
    request.episode = options.episode;
    request.who = person_of(options.who);
    request.why = options.why;
    request.asked_at = core::system_clock().now();
    if (auto whole = kill_switch::check(request); !whole) return propagate(whole);
    if (auto place = kill_switch::place_of((*session)->settings()); !place) return propagate(place);
    // The intent is durable before anything else: whatever happens next, somebody carries it.
    const bool spooled = (*session)->settings().find("spool") != nullptr;
    if (spooled) {
        auto spool = (*session)->open_spool();
        if (!spool) return propagate(spool);
        const sink::Record record = kill_switch::encode(request);
        if (auto kept = (*spool)->append({&record, 1}); !kept) return propagate(kept);
    }
    auto at = open_switch(**session);
    auto outcome = at ? (*at)->engage(request) : core::Result<Outcome>(propagate(at));
    // What waits is carried once the switch is reached, whatever keeps it from that now.
    if (!outcome)
        return core::fail(
            spooled ? core::ErrorKind::unavailable : outcome.error().kind,
            outcome.error().message +
                (spooled ? "; the request waits in the spool, and serve or spool drain carries it"
                         : "; nothing is engaged, and without a spool nothing waits to be"));
    tell_drift_store(**session, *outcome);
    if (auto shown = show(options.output, *outcome); !shown) return propagate(shown);
    if (outcome->scope != *scope)
        fmt::print(stderr, "note: {} is known as {}\n", to_string(*scope), to_string(outcome->scope));
    note_if_unknown(**at, *outcome);
    return outcome->state && outcome->state->engaged ? 0 : 1;
}

core::Result<int> disengage(const KillSwitchOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto scope = kill_switch::parse_scope(options.scope);
    auto source = kill_switch::parse_source(options.source);
    if (!scope) return propagate(scope);
    if (!source) return propagate(source);
    kill_switch::DisengageRequest request;
    request.scope = *scope;
    request.source = *source;
    request.who = person_of(options.who);
    request.why = options.why;
    request.ticket = options.ticket;
    request.override_text = options.override_text;
    request.expected_version = options.expected_version;
    request.open_crit_incidents = options.open_incidents;
    request.asked_at = core::system_clock().now();
    auto at = open_switch(**session);
    if (!at) return propagate(at);
    auto outcome = (*at)->disengage(request, crit_open((*session)->settings()));
    if (!outcome) return propagate(outcome);
    tell_drift_store(**session, *outcome);
    if (auto shown = show(options.output, *outcome); !shown) return propagate(shown);
    return 0;
}

core::Result<int> drill(const KillSwitchOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto place = kill_switch::place_of((*session)->settings());
    if (!place) return propagate(place);
    auto at = open_switch(**session);
    if (!at) return propagate(at);
    const Scope scope{Scope::Kind::drill, {}};
    core::Clock& clock = kill_switch::boot_clock();
    kill_switch::Reader reader(kill_switch::state_source(*place), clock, {});
    const auto watch = reader.watch(std::vector{scope});
    if (auto first = reader.poll(); !first) return propagate(first);
    if (watch.engaged())
        return core::fail(
            core::ErrorKind::conflict,
            fmt::format("before the drill the switch reads as {}; a drill shows nothing while it, or all, "
                        "is engaged: tristrata kill-switch status",
                        kill_switch::name(watch.reading())));
    reader.start();
    kill_switch::EngageRequest request;
    request.scope = scope;
    request.incident = "drill:" + core::to_string(core::uuid_v7(core::system_clock()));
    request.who = person_of(options.who);
    request.why = "drill";
    request.asked_at = core::system_clock().now();
    const core::Timestamp begin = clock.steady_now();
    auto outcome = (*at)->engage(request);
    if (!outcome) return propagate(outcome);
    const core::Duration committed = clock.steady_now() - begin;
    constexpr core::Duration patience{30'000'000}, step{500};
    while (watch.reading() != kill_switch::Reading::engaged && clock.steady_now() - begin < patience)
        if (!clock.sleep_for(step, interrupted())) break;
    const core::Duration refused = clock.steady_now() - begin;
    const bool seen = watch.reading() == kill_switch::Reading::engaged;
    reader.stop();
    kill_switch::DisengageRequest off;
    off.scope = scope;
    off.who = request.who;
    off.why = off.ticket = "drill";
    off.asked_at = core::system_clock().now();
    const auto back = (*at)->disengage(off, nullptr);
    const auto ms = [](core::Duration duration) { return static_cast<double>(duration.microseconds) / 1000; };
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("committed_ms", ms(committed));
        json.member("refused_ms", seen ? std::optional(ms(refused)) : std::nullopt);
        json.member("within_ms", ms(refusal_max));
        json.member("disengaged", back.has_value());
        json.end_object();
        text = json.take() + "\n";
    } else {
        text =
            seen ? fmt::format(
                       "engaged: committed after {:.0f} ms, a reader refused after {:.0f} ms (at most {:.0f} "
                       "ms)\n",
                       ms(committed), ms(refused), ms(refusal_max))
                 : std::string("engaged, and the reader did not see it\n");
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (!back)
        fmt::print(stderr, "note: the scope drill stays engaged, which stops no order: {}\n",
                   back.error().message);
    return seen && refused <= refusal_max ? 0 : 1;
}

core::Result<int> check(const KillSwitchOptions& options) {
    auto scope = kill_switch::parse_scope(options.scope);
    if (!scope) return propagate(scope);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto place = kill_switch::place_of((*session)->settings());
    if (!place) return propagate(place);
    if (place->backend == config::Backend::sqlite)
        return core::fail(
            core::ErrorKind::usage,
            "SQLite has no roles, and so nothing to check: whoever can write the file can disengage");
    auto admin = (*session)->settings().require("admin_url");
    if (!admin) return propagate(admin);
    auto rules = kill_switch::check_contract(config::source_of(*admin), *scope);
    if (!rules) return propagate(rules);
    const bool all = std::ranges::all_of(*rules, &kill_switch::ContractRule::holds);
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("scope", to_string(*scope));
        json.member("holds", all);
        json.key("rules");
        json.begin_array();
        for (const auto& rule : *rules) {
            json.begin_object();
            json.member("rule", rule.rule);
            json.member("holds", rule.holds);
            json.member("found", rule.found);
            json.end_object();
        }
        json.end_array();
        json.end_object();
        text = json.take() + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const auto& rule : *rules)
            rows.push_back({rule.rule, rule.holds ? "holds" : "broken", rule.found});
        text = report::aligned({"rule", "", "found"}, rows);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return all ? 0 : 1;
}

std::string transitions_text(const std::vector<kill_switch::State>& states, bool json_wanted) {
    if (!json_wanted) {
        std::vector<std::vector<std::string>> rows;
        for (const auto& state : states) rows.push_back(cells_of(state));
        return rows.empty() ? "no transitions\n" : report::aligned(heads(), rows);
    }
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_array();
    for (const auto& state : states) write_state(json, state);
    json.end_array();
    return json.take() + "\n";
}

std::string evaluations_text(const std::vector<kill_switch::Evaluation>& all, bool json_wanted) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    std::vector<std::vector<std::string>> rows;
    json.begin_array();
    for (const auto& one : all) {
        json.begin_object();
        json.member("recorded_at", core::to_string(one.recorded_at));
        json.member("mode", kill_switch::name(one.mode));
        json.member("decision", kill_switch::name(one.decision));
        json.member("reason", one.reason);
        json.member("scope", one.scope);
        json.member("incident", one.incident);
        json.member("episode", one.episode);
        json.member("source", one.source);
        json.member("who", one.who);
        json.member("why", one.why);
        json.member("evidence_sha256", one.evidence_sha256);
        json.end_object();
        rows.push_back({core::to_string(one.recorded_at), std::string(kill_switch::name(one.decision)),
                        one.scope, fmt::format("{} ({})", one.incident, one.episode), one.source, one.who,
                        one.reason});
    }
    json.end_array();
    if (json_wanted) return json.take() + "\n";
    return rows.empty()
               ? "no evaluations\n"
               : report::aligned({"recorded_at", "decision", "scope", "incident", "source", "who", "reason"},
                                 rows);
}

core::Result<int> history(const KillSwitchOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    std::optional<Scope> scope;
    if (!options.scope.empty()) {
        auto given = kill_switch::parse_scope(options.scope);
        if (!given) return propagate(given);
        scope = *given;
    }
    auto at = open_switch(**session);
    if (!at) return propagate(at);
    const bool json_wanted = options.output.format == "json";
    std::string text;
    if (options.evaluations) {
        // Those of one scope are picked here, of all that there are.
        constexpr auto every = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        auto all = (*at)->evaluations(scope ? every : options.limit);
        if (!all) return propagate(all);
        std::erase_if(*all, [&](const kill_switch::Evaluation& one) {
            const auto of = kill_switch::parse_scope(one.scope);
            return scope && !(of && kill_switch::is_same(*of, *scope));
        });
        if (all->size() > options.limit) all->resize(options.limit);
        text = evaluations_text(*all, json_wanted);
    } else {
        auto states = (*at)->history(scope, options.limit);
        if (!states) return propagate(states);
        text = transitions_text(*states, json_wanted);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int kill_switch_init(const KillSwitchOptions& options) { return code_of(init(options)); }
int kill_switch_status(const KillSwitchOptions& options) { return code_of(status(options)); }
int kill_switch_engage(const KillSwitchOptions& options) { return code_of(engage(options)); }
int kill_switch_disengage(const KillSwitchOptions& options) { return code_of(disengage(options)); }
int kill_switch_drill(const KillSwitchOptions& options) { return code_of(drill(options)); }
int kill_switch_check(const KillSwitchOptions& options) { return code_of(check(options)); }
int kill_switch_history(const KillSwitchOptions& options) { return code_of(history(options)); }

}  // namespace tristrata::cli
