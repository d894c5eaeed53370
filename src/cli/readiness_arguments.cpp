#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {
namespace {

/// Where the repository is, and its policy.
void add_repository(CLI::App& command, ReadinessOptions& options) {
    command.add_option("--root", options.root, "The repository (the one that holds the working folder)");
    command.add_option("--scope", options.scope,
                       "Policy file (readiness.scope.toml of the repository, or ADR-0070's)");
}

void add_changes(CLI::App& command, ReadinessOptions& options) {
    command.add_option("--base", options.base, "What changed since this branch, tag or commit");
    command.add_option("--head", options.head,
                       "What changed until this one (HEAD); given, plans are judged as they stand in it");
}

void add_facts(CLI::App& command, ReadinessOptions& options) {
    command.add_option(
        "--verify", options.verify,
        "Drift plan in force: what a plan names is looked up among rules, runbooks and owners, too");
    command.add_flag("--against-store", options.against_store,
                     "Look metrics up in the KPI store, too (and what --verify looks up)");
}

}  // namespace

void add_readiness(CLI::App& app, Action& action) {
    auto* readiness =
        app.add_subcommand("readiness", "Whether an ML change may be merged: its MLOps readiness plan")
            ->require_subcommand(1);
    static ReadinessOptions checked, scoped, begun, due, reported, explained;
    checked.version = TRISTRATA_VERSION;
    for (auto* one : {&checked, &scoped, &due, &reported, &explained}) one->output.format = "text";

    auto* c = readiness->add_subcommand("check",
                                        "Judge plans: 0 ready, 1 blocked, 2 usage, 3 could not be evaluated");
    c->add_option("files", checked.files,
                  "Plans; without, that of --story, or those among what changed since --base");
    c->add_option("--file", checked.files_named, "The same")->allow_extra_args(false);
    add_changes(*c, checked);
    c->add_option("--story", checked.story, "Its plan: documentation/stories/STORY/mlops_readiness.md");
    c->add_flag("--all", checked.all, "Every plan of the repository");
    c->add_option("--sections", checked.sections,
                  "Sections that are asked for, such as 1,2,5 (by scope, or all)")
        ->delimiter(',');
    c->add_option("--issue-body", checked.issue_body,
                  "File with the text of an issue that has \"## MLOps readiness\"");
    c->add_option("--issue", checked.issue, "Its address, which the pull request links and findings name");
    c->add_option("--pr-body", checked.pr_body,
                  "File with the text of the pull request: it links plan and review");
    add_facts(*c, checked);
    c->add_flag("--strict", checked.strict, "A warning fails, too");
    c->add_flag("--advisory", checked.advisory,
                "Say it, and end with 0; what cannot be evaluated still ends with 3");
    c->add_flag("--emit", checked.emit, "Emit each check as KPIs of the module readiness");
    c->add_option("--change", checked.change,
                  "With --emit: the pull request or branch that is judged, whose checks count together (the "
                  "branch that is checked out)");
    c->add_flag("--push", checked.push, "Push a drift event for each plan that names what no longer exists");
    c->add_option("--at", checked.at, "The day that sunsets are held against (now)");
    c->add_option("--threads", checked.threads, "Threads (as many as there are processors)");
    add_repository(*c, checked);
    add_output(*c, checked.output, {"text", "json", "junit", "sarif", "github", "comment"});
    add_settings(*c, checked.settings);
    c->footer("Example: tristrata readiness check --base origin/main --format github");
    c->callback([&action] { action = [] { return readiness_check(checked); }; });

    auto* s = readiness->add_subcommand("scope", "Which sections changed paths ask for, and why");
    s->add_option("paths", scoped.files, "Paths of the repository, in place of --base");
    add_changes(*s, scoped);
    add_repository(*s, scoped);
    add_output(*s, scoped.output, {"text", "json"});
    s->footer("Example: tristrata readiness scope --base origin/main");
    s->callback([&action] { action = [] { return readiness_scope(scoped); }; });

    auto* i = readiness->add_subcommand(
        "init", "Write a story's plan with what is known; never over one that is there");
    i->add_option("story", begun.story, "The story's id")->required();
    i->add_option("--title", begun.title, "Its title");
    i->add_option("--owner", begun.owner,
                  "The DRI: a handle, or a name such as \"Maria Silva\" (git's user.name)");
    add_changes(*i, begun);
    add_facts(*i, begun);
    i->add_option("--at", begun.at, "The day on which it is filled (now)");
    add_repository(*i, begun);
    i->add_option("--out", begun.output.out, "Another file; - is standard output");
    i->footer(
        "Example: tristrata readiness init CVN-N001-EF-S07 --title \"The variance selector\" --owner maria");
    i->callback([&action] { action = [] { return readiness_init(begun); }; });

    auto* d =
        readiness->add_subcommand("due", "Sunsets and terms of DRIs that come, and those that are overdue");
    d->add_option("--days", due.days, "Within so many days")
        ->capture_default_str()
        ->check(CLI::Range(0, 36'500));
    d->add_flag("--fail-overdue", due.fail_overdue, "Exit with 1 where something is overdue");
    d->add_option("--at", due.at, "Counted from this day (now)");
    add_repository(*d, due);
    add_output(*d, due.output, {"text", "json", "ics"});
    d->footer("Example: tristrata readiness due --days 14");
    d->callback([&action] { action = [] { return readiness_due(due); }; });

    auto* r =
        readiness->add_subcommand("report", "Whether the gate earns its keep: ADR-0070's own falsifier");
    r->add_option("--from", reported.from, "Checks from this time on");
    r->add_option("--to", reported.to, "Checks before this time");
    add_output(*r, reported.output, {"text", "json"});
    add_settings(*r, reported.settings);
    r->footer("Example: tristrata readiness report --kpi-url sqlite:///kpi.db");
    r->callback([&action] { action = [] { return readiness_report(reported); }; });

    auto* e = readiness->add_subcommand("explain",
                                        "A rule's page: why, what to write, a right and a wrong example");
    e->add_option("rules", explained.files, "Their numbers; without, the list of all");
    add_output(*e, explained.output, {"text", "json"});
    e->footer("Example: tristrata readiness explain RDY402");
    e->callback([&action] { action = [] { return readiness_explain(explained); }; });
}

}  // namespace tristrata::cli
