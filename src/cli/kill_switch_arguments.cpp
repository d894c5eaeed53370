#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {

void add_kill_switch(CLI::App& app, Action& action) {
    auto* noun = app.add_subcommand("kill-switch",
                                    "Stop new orders of a crypto, a strategy or all: engage, look, disengage")
                     ->require_subcommand(1);
    static KillSwitchOptions init;
    auto* i = noun->add_subcommand(
        "init", "Create or migrate the tables of TRISTRATA_KILL_SWITCH_URL; safe to run twice");
    i->add_flag("--print", init.print, "Print the SQL for PostgreSQL instead of running it");
    i->add_option("--role-prefix", init.role_prefix, "Before each PostgreSQL role's name, such as cvntrade_");
    add_settings(*i, init.settings);
    i->footer("Example: tristrata kill-switch init --role-prefix cvntrade_");
    i->callback([&action] { action = [] { return kill_switch_init(init); }; });

    static KillSwitchOptions status;
    auto* s = noun->add_subcommand("status", "What is engaged, by whom and why, and the mode in force");
    add_output(*s, status.output, {"table", "json"});
    add_settings(*s, status.settings);
    s->footer(
        "Example: tristrata kill-switch status\n0: nothing is engaged; 1: something is; 3: it cannot be "
        "read.");
    s->callback([&action] { action = [] { return kill_switch_status(status); }; });

    static KillSwitchOptions engage;
    auto* e = noun->add_subcommand("engage", "Engage a scope; the same incident and episode twice is once");
    e->add_option("--scope", engage.scope, "global, crypto:NAME or strategy:NAME")->required();
    e->add_option("--why", engage.why, "What was seen")->required();
    e->add_option("--who", engage.who, "Who says so (the user of this process)");
    e->add_option("--incident", engage.incident, "Id of the incident behind it (a new one)");
    e->add_option("--episode", engage.episode, "Episode of that incident")->capture_default_str();
    e->add_option("--source", engage.source,
                  "What asks; all but cli and console are held to evidence and mode")
        ->check(CLI::IsMember({"cli", "console", "airflow", "webhook"}))
        ->capture_default_str();
    add_output(*e, engage.output, {"table", "json"});
    add_settings(*e, engage.settings);
    e->footer(
        "Example: tristrata kill-switch engage --scope crypto:BTCUSDT --why 'fills at twice the price'\n0: "
        "it is "
        "engaged; 1: it is not, and the output says why; 3: the database did not answer (with a spool the "
        "request "
        "waits there).");
    e->callback([&action] { action = [] { return kill_switch_engage(engage); }; });

    static KillSwitchOptions off;
    auto* d =
        noun->add_subcommand("disengage", "Disengage a scope: a person, after a look at what engaged it");
    d->add_option("--scope", off.scope, "As status shows it")->required();
    d->add_option("--who", off.who, "Who disengages (the user of this process)");
    d->add_option("--why", off.why, "What has changed")->required();
    d->add_option("--ticket", off.ticket, "Where that is written down")->required();
    d->add_option("--expect-version", off.expected_version, "Only where the scope is still at this version");
    d->add_option("--override", off.override_text,
                  "Why although the dwell is not over or a crit incident is open");
    d->add_option("--open-incident", off.open_incidents, "A crit incident that is open; may be repeated")
        ->allow_extra_args(false);
    d->add_option("--source", off.source, "Where the person is")
        ->check(CLI::IsMember({"cli", "console", "airflow"}))
        ->capture_default_str();
    add_output(*d, off.output, {"table", "json"});
    add_settings(*d, off.settings);
    d->footer(
        "Example: tristrata kill-switch disengage --scope crypto:BTCUSDT --why 'feed repaired' --ticket "
        "OPS-71");
    d->callback([&action] { action = [] { return kill_switch_disengage(off); }; });

    static KillSwitchOptions drill;
    auto* r = noun->add_subcommand("drill",
                                   "Engage the scope drill, time until a reader refuses, and disengage it");
    r->add_option("--who", drill.who, "Who drills (the user of this process)");
    add_output(*r, drill.output, {"table", "json"});
    add_settings(*r, drill.settings);
    r->footer("Example: tristrata kill-switch drill\n0: within a second; 1: slower.");
    r->callback([&action] { action = [] { return kill_switch_drill(drill); }; });

    static KillSwitchOptions check;
    check.scope = "drill";
    auto* c = noun->add_subcommand(
        "check", "Whether the database keeps the switch's rules, each tried and taken back");
    c->add_option("--scope", check.scope, "Scope that it is tried on; not engaged now")
        ->capture_default_str();
    add_output(*c, check.output, {"table", "json"});
    add_settings(*c, check.settings);
    c->footer("Example: tristrata kill-switch check --scope global\n0: each rule holds; 1: one does not.");
    c->callback([&action] { action = [] { return kill_switch_check(check); }; });

    static KillSwitchOptions history;
    auto* h = noun->add_subcommand("history",
                                   "Transitions, newest first; --evaluations: every attempt and decision");
    h->add_flag("--evaluations", history.evaluations,
                "Attempts and what was decided, would_engage among them");
    h->add_option("--scope", history.scope, "Only this scope, in any letters");
    h->add_option("--limit", history.limit, "At most so many")->capture_default_str();
    add_output(*h, history.output, {"table", "json"});
    add_settings(*h, history.settings);
    h->footer("Example: tristrata kill-switch history --evaluations --limit 20");
    h->callback([&action] { action = [] { return kill_switch_history(history); }; });
}

}  // namespace tristrata::cli
