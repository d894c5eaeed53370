#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {

void add_events(CLI::App& app, Action& action) {
    auto* event = app.add_subcommand("event", "Events of a run, for logs and traces")->require_subcommand(1);
    static EventEmitOptions emit;
    auto* e = event->add_subcommand("emit", "Print an event's log line and send it to a collector (OTLP)");
    e->add_option("name", emit.name, "NAME of the catalogue (events.toml)")->required();
    e->add_option("fields", emit.fields, "KEY=VALUE ...");
    e->add_option("--trace-id", emit.trace_id, "The active trace: 32 hexadecimal digits");
    e->add_option("--span-id", emit.span_id, "The active span: 16 hexadecimal digits");
    e->add_option("--time", emit.time, "When it happened (now)");
    e->add_option("--events", emit.settings.events, "Catalogue file (TRISTRATA_EVENTS)");
    add_settings(*e, emit.settings);
    e->footer(
        "Example: tristrata event emit training_fold_complete run_id=r1 crypto=BTCUSDC fold_id=0 "
        "duration_ms=12345");
    e->callback([&action] { action = [] { return event_emit(emit); }; });
}

}  // namespace tristrata::cli
