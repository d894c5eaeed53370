#include "tristrata/kill_switch/contract.hpp"

#include "postgres_state.hpp"
#include "schema_text.hpp"
#include "tristrata/database/role_prefix.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view as_engager = "engager", as_person = "operator", as_reader = "grafana_reader";

/// The transaction in which everything is tried.
class Trial {
public:
    Trial(database::Postgres& database, std::string prefix, Scope scope)
        : database_(database), prefix_(std::move(prefix)), scope_(std::move(scope)) {}

    core::Status run();
    std::vector<ContractRule> rules;

private:
    /// What the database said to something that a role tried; empty: it was done.
    using Refusal = std::optional<core::Error>;
    core::Result<Refusal> as(std::string_view role, const std::function<core::Status()>& what);
    /// It has to be done, and stays until the end.
    core::Result<bool> may(std::string rule, std::string_view role,
                           const std::function<core::Status()>& what);
    /// It has to be refused, for a right or a rule of the tables.
    core::Status may_not(std::string rule, std::string_view role, const std::function<core::Status()>& what);
    core::Status may_not(std::string rule, std::string_view role, std::string_view sql) {
        return may_not(std::move(rule), role, [&] { return database_.run(sql); });
    }
    /// What anybody who looks has to see by now, in the state and as history's newest row.
    core::Status stands(const State& state);
    core::Status write(const State& state);
    State next(const State& of, bool engaged) const;

    database::Postgres& database_;
    std::string prefix_;
    Scope scope_;
};

core::Result<Trial::Refusal> Trial::as(std::string_view role, const std::function<core::Status()>& what) {
    if (auto begun = database_.run(fmt::format("SAVEPOINT tried; SET LOCAL ROLE {}{}", prefix_, role));
        !begun)
        return propagate(begun);
    core::Status done = what();
    if (done) {
        if (auto kept = database_.run("RESET ROLE; RELEASE SAVEPOINT tried"); !kept) return propagate(kept);
        return Refusal();
    }
    if (done.error().foreign_code.empty() && done.error().kind != ErrorKind::refused) return propagate(done);
    if (auto back = database_.run("ROLLBACK TO SAVEPOINT tried"); !back) return propagate(back);
    return Refusal(done.error());
}

core::Result<bool> Trial::may(std::string rule, std::string_view role,
                              const std::function<core::Status()>& what) {
    auto refused = as(role, what);
    if (!refused) return propagate(refused);
    rules.push_back({std::move(rule), !*refused, *refused ? (*refused)->message : "done"});
    return !*refused;
}

core::Status Trial::may_not(std::string rule, std::string_view role,
                            const std::function<core::Status()>& what) {
    if (auto begun = database_.run("SAVEPOINT before"); !begun) return begun;
    auto refused = as(role, what);
    if (!refused) return propagate(refused);
    if (auto back = database_.run("ROLLBACK TO SAVEPOINT before"); !back) return back;
    // A statement that could not be understood was not refused for what it wanted.
    const bool understood =
        *refused && (!(*refused)->foreign_code.starts_with("42") || (*refused)->foreign_code == "42501");
    // The database's own words tell a reader that something broke, and how to grant it.
    rules.push_back({std::move(rule), understood,
                     understood ? std::string("refused by the database, as it should be")
                     : *refused ? (*refused)->message
                                : std::string("it was done")});
    return {};
}

core::Status Trial::write(const State& state) {
    auto written = write_state(database_, state);
    if (!written) return propagate(written);
    if (!*written) return fail(ErrorKind::refused, "no row was changed");
    return {};
}

State Trial::next(const State& of, bool engaged) const {
    State state = of;
    state.scope = scope_;
    state.engaged = engaged;
    state.version = of.version + 1;
    state.incident = "contract";
    state.episode = of.version + 1;
    state.source = Source::cli;
    state.who = state.why = "kill-switch check";
    state.ticket = engaged ? std::nullopt : std::optional<std::string>("check");
    state.override_text = state.evidence = std::nullopt;
    return state;
}

core::Status Trial::stands(const State& state) {
    const auto is_it = [&](const State& one) {
        return one.engaged == state.engaged && one.version == state.version &&
               one.incident == state.incident && one.source == state.source && one.who == state.who &&
               one.why == state.why && one.ticket == state.ticket;
    };
    for (const std::string_view table : {"state", "history"}) {
        std::string found = "no row";
        bool holds = false;
        auto refused = as(as_reader, [&]() -> core::Status {
            auto rows = read_states(database_, table, scope_, "ORDER BY version DESC", 1);
            if (!rows) return propagate(rows);
            if (rows->empty()) return {};
            holds = is_it(rows->front());
            found = fmt::format("version {}, {}, incident {} of {} by {}, ticket {}", rows->front().version,
                                rows->front().engaged ? "engaged" : "not engaged", rows->front().incident,
                                name(rows->front().source), rows->front().who,
                                rows->front().ticket.value_or("none"));
            return {};
        });
        if (!refused) return propagate(refused);
        if (*refused) found = (*refused)->message;
        rules.push_back(
            {fmt::format("{} shows who looks what was {}", table, state.engaged ? "engaged" : "disengaged"),
             holds && !*refused, std::move(found)});
    }
    return {};
}

core::Status Trial::run() {
    State now;
    auto readable = may("who looks can read state and history", as_reader, [&]() -> core::Status {
        auto states = read_states(database_, "state", scope_, "", 2);
        if (!states) return propagate(states);
        if (states->size() > 1) return fail(ErrorKind::refused, "the scope has more than one row", "21000");
        if (!states->empty()) now = states->front();
        auto history = database_.query("SELECT database_user FROM kill_switch.history LIMIT 0");
        return history ? core::Status() : core::Status(propagate(history));
    });
    if (!readable) return propagate(readable);
    if (!*readable) return {};
    if (now.engaged)
        return fail(ErrorKind::conflict,
                    fmt::format("{} is engaged, and what engages is tried on it; check it when it is not, or "
                                "another scope",
                                to_string(scope_)));
    const State on = next(now, true);
    auto engaged = may("who engages can engage", as_engager, [&] { return write(on); });
    if (!engaged) return propagate(engaged);
    if (!*engaged) return {};
    if (auto seen = stands(on); !seen) return seen;

    const State off = next(on, false);
    const auto wrong = [&](const auto& change) {
        State state = off;
        change(state);
        return [this, state] { return write(state); };
    };
    for (const auto& status :
         {may_not("who engages cannot disengage", as_engager, [&] { return write(off); }),
          may_not("who looks changes nothing", as_reader, [&] { return write(off); }),
          may_not("nobody disengages without a ticket", as_person,
                  wrong([](State& state) { state.ticket.reset(); })),
          may_not("blanks are no ticket", as_person, wrong([](State& state) { state.ticket = " \t"; })),
          may_not("blanks are no name", as_person, wrong([](State& state) { state.who = "  "; })),
          may_not("blanks are no reason", as_person, wrong([](State& state) { state.why = "\n"; })),
          may_not("nothing disengages automatically", as_person,
                  wrong([](State& state) { state.source = Source::analyzer; })),
          may_not("who looked at an older version changes nothing", as_person,
                  wrong([](State& state) { --state.version; })),
          may_not("a version follows the one before", as_person,
                  [&] {
                      return database_.run(fmt::format(
                          "UPDATE kill_switch.state SET engaged = false, version = version + 2, source = "
                          "'cli', ticket = 't' WHERE scope = '{}'",
                          to_string(scope_)));
                  }),
          may_not("history is not changed", as_person, "UPDATE kill_switch.history SET who = 'x'"),
          may_not("history is not deleted from", as_person, "DELETE FROM kill_switch.history"),
          may_not("state is not deleted from", as_person, "DELETE FROM kill_switch.state")})
        if (!status) return status;

    auto disengaged = may("a person disengages", as_person, [&] { return write(off); });
    if (!disengaged) return propagate(disengaged);
    return *disengaged ? stands(off) : core::Status();
}

}  // namespace

core::Result<std::vector<ContractRule>> check_contract(const core::SecretSource& admin, const Scope& scope) {
    if (scope.name.find('\'') != std::string::npos)
        return fail(ErrorKind::usage, "a scope with an apostrophe is not checked; take another");
    database::PostgresOptions options;
    options.url = admin;
    options.application = "tristrata kill-switch check";
    options.answer_timeout = {10'000'000};
    database::Postgres database(std::move(options));
    auto prefix = database::role_prefix_of(database, schema);
    if (!prefix) return propagate(prefix);
    if (!*prefix)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: there are no tables of the kill switch; make them with: tristrata "
                                "kill-switch init",
                                database.where()));
    Trial trial(database, **prefix, scope);
    if (auto begun = database.run("BEGIN"); !begun) return propagate(begun);
    core::Status done = database.run(fmt::format("GRANT {0}{1}, {0}{2}, {0}{3} TO CURRENT_USER", **prefix,
                                                 as_engager, as_person, as_reader));
    if (done) done = trial.run();
    if (auto back = database.run("ROLLBACK"); !back && done) done = back;
    if (!done) return propagate(done);
    return std::move(trial.rules);
}

}  // namespace tristrata::kill_switch
