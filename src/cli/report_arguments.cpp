#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {

void add_reports(CLI::App& app, Action& action) {
    auto* report =
        app.add_subcommand("report", "What the stores say of the whole of it")->require_subcommand(1);
    static HypothesesOptions options;
    auto* h = report->add_subcommand(
        "hypotheses", "Whether it is worth having: four hypotheses, each with its figures and its horizon");
    h->add_option("--adopted", options.adopted, "When the horizons begin (the first drift event)");
    h->add_option("--at", options.at, "As of when it is judged, and the day of --sample (now)");
    h->add_flag(
        "--sample", options.sample,
        "First keep what PostgreSQL has counted of statements until now, as KPIs; serve does so daily");
    h->add_option("--found", options.found, "Say that a query found something; needs --why")
        ->check(CLI::IsMember({"H2"}));
    h->add_option("--why", options.why, "Which query, and what it found");
    h->add_option("--who", options.who, "Who says it ($USER)");
    add_output(*h, options.output, {"table", "json"});
    add_settings(*h, options.settings);
    h->footer("Example: tristrata report hypotheses --adopted 2026-01-01");
    h->callback([&action] { action = [] { return report_hypotheses(options); }; });
}

}  // namespace tristrata::cli
