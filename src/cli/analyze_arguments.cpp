#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {
namespace {

void add_file(CLI::App& command, AnalyzeOptions& options) {
    command.add_option("file", options.file, "TOML file of analyzers")->capture_default_str();
}

void add_choice(CLI::App& command, AnalyzeOptions& options) {
    command.add_option("--only", options.names, "Only these analyzers, separated by commas")->delimiter(',');
    command.add_option("--fail-on", options.fail_on, "Exit with 1 at this severity or above")
        ->check(CLI::IsMember({"info", "warn", "crit", "never"}))
        ->capture_default_str();
}

}  // namespace

void add_analyzers(CLI::App& app, Action& action) {
    auto* analyze = app.add_subcommand("analyze", "Queries of Prometheus and SQL, judged window by window")
                        ->require_subcommand(1);
    static AnalyzeOptions lint;
    auto* l =
        analyze->add_subcommand("lint", "Every mistake of a file of analyzers, without asking a source");
    add_file(*l, lint);
    add_output(*l, lint.output, {"table", "json"});
    l->footer("Example: tristrata analyze lint analyzers.toml");
    l->callback([&action] { action = [] { return analyze_lint(lint); }; });

    static AnalyzeOptions back;
    auto* b = analyze->add_subcommand("backtest", "What analyzers would have said, and how often");
    add_file(*b, back);
    b->add_option("--from", back.from, "Windows that end after this time (30 days ago)");
    b->add_option("--to", back.to, "... and by this one (now)");
    back.fail_on = "never";
    add_choice(*b, back);
    add_output(*b, back.output, {"table", "json"});
    add_settings(*b, back.settings);
    b->footer("Example: tristrata analyze backtest analyzers.toml --from 2026-01-01 --to 2026-02-01");
    b->callback([&action] { action = [] { return analyze_backtest(back); }; });

    static AnalyzeOptions run;
    auto* r = analyze->add_subcommand("run", "Judge the latest windows, and push what moved or is missing");
    add_file(*r, run);
    r->add_flag("--once", run.once, "Each analyzer once, then end; else each at its time, until a signal");
    r->add_flag("--dry-run", run.dry_run, "Push nothing");
    r->add_option("--at", run.at, "With --once: as if it were this time (now)");
    add_choice(*r, run);
    add_output(*r, run.output, {"table", "json"});
    add_settings(*r, run.settings);
    r->footer("Example: tristrata analyze run analyzers.toml --once --dry-run");
    r->callback([&action] { action = [] { return analyze_run(run); }; });
}

}  // namespace tristrata::cli
