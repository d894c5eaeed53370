#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {

void add_incidents(CLI::App& app, Action& action) {
    auto* incident =
        app.add_subcommand("incident", "What drifted, as people answer it: one row a module and type")
            ->require_subcommand(1);

    static IncidentOptions listed, shown, acked, snoozed, dismissed, silenced, told, stepped;
    auto* l = incident->add_subcommand("list", "Incidents that are not closed, newest first");
    l->add_option("--module", listed.module, "Only this module, or those that begin so with * at its end");
    l->add_option("--severity", listed.severity, "This severity or above")
        ->check(CLI::IsMember({"warn", "crit"}));
    l->add_flag("--closed", listed.closed, "Also those that ended");
    l->add_option("--from", listed.from, "Opened from this time on");
    l->add_option("--to", listed.to, "Opened before this time");
    l->add_option("--limit", listed.limit, "At most so many")->capture_default_str();
    l->add_option("--fail-on", listed.fail_on,
                  "Exit with 1 where one of this severity or above is not closed")
        ->check(CLI::IsMember({"warn", "crit", "never"}))
        ->capture_default_str();
    add_output(*l, listed.output, {"table", "json"});
    add_settings(*l, listed.settings);
    l->footer("Example: tristrata incident list --severity crit");
    l->callback([&action] { action = [] { return incident_list(listed); }; });

    auto* s =
        incident->add_subcommand("show", "One incident: what moved, since when, whose it is, what to do");
    s->add_option("id", shown.id, "Its id, or the first characters of it")->required();
    add_output(*s, shown.output, {"table", "json"});
    add_settings(*s, shown.settings);
    s->footer("Example: tristrata incident show 2ed6657d");
    s->callback([&action] { action = [] { return incident_show(shown); }; });

    const auto add_person = [](CLI::App& command, IncidentOptions& options) {
        command.add_option("id", options.id, "Its id, or the first characters of it")->required();
        command.add_option("--why", options.why, "Why, for whoever reads it next");
        command.add_option("--who", options.who, "Who does it ($USER)");
        add_output(command, options.output, {"table", "json"});
        add_settings(command, options.settings);
    };
    auto* a =
        incident->add_subcommand("ack", "Say that somebody works on it: it pages no more, unless worse");
    add_person(*a, acked);
    a->footer("Example: tristrata incident ack 2ed6657d --why \"the feed is late\"");
    a->callback([&action] { action = [] { return incident_ack(acked); }; });
    auto* z = incident->add_subcommand("snooze", "End its alert until a time; what is open then pages anew");
    add_person(*z, snoozed);
    z->add_option("--for", snoozed.until, "How long (4h, 2d), or until when")->required();
    z->footer("Example: tristrata incident snooze 2ed6657d --for 4h --why \"the vendor mends it\"");
    z->callback([&action] { action = [] { return incident_snooze(snoozed); }; });
    auto* d = incident->add_subcommand("dismiss", "A false alarm: silent while it lasts, and counted");
    add_person(*d, dismissed);
    d->footer("Example: tristrata incident dismiss 2ed6657d --why \"a holiday\"");
    d->callback([&action] { action = [] { return incident_dismiss(dismissed); }; });

    auto* m =
        incident->add_subcommand("silence", "A maintenance window: no pages, and what lasts beyond it pages");
    m->add_option("--module", silenced.module, "Module, or the beginning of several with * at its end")
        ->required();
    m->add_option("--drift-type", silenced.drift_type, "Only this type");
    m->add_option("--window", silenced.window, "FROM..TO, ISO 8601, half open")->required();
    m->add_option("--why", silenced.why, "Why, for whoever reads it next")->required();
    m->add_option("--who", silenced.who, "Who does it ($USER)");
    add_settings(*m, silenced.settings);
    m->footer(
        "Example: tristrata incident silence --module 'train.*' --window 2026-12-01T06:00..2026-12-01T08:00 "
        "--why \"a new disk\"");
    m->callback([&action] { action = [] { return incident_silence(silenced); }; });

    auto* g = incident->add_subcommand("digest", "Warnings of a day, and what was not paged and why");
    g->add_option("--from", told.from, "From this time on (a day before --to)");
    g->add_option("--to", told.to, "Before this time (now)");
    add_output(*g, told.output, {"table"});
    add_settings(*g, told.settings);
    g->footer("Example: tristrata incident digest --from 2026-12-01");
    g->callback([&action] { action = [] { return incident_digest(told); }; });

    auto* t = incident->add_subcommand("step", "Evaluate once: new drift events become incidents and alerts");
    add_settings(*t, stepped.settings);
    t->footer("Example: tristrata incident step");
    t->callback([&action] { action = [] { return incident_step(stepped); }; });
}

}  // namespace tristrata::cli
