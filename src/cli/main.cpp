#include "arguments.hpp"
#include "commands.hpp"
#include "heap.hpp"
#include "usage.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace tristrata::cli;

constexpr const char* version = TRISTRATA_VERSION;

/// --html beside the result, in every form that there is.
void add_page(CLI::App& command, Output& output) {
    command.add_option("--html", output.html,
                       "Also write the HTML report to this file; - is standard output");
    add_output(command, output, {"table", "json", "html", "junit"});
}

void add_query(CLI::App& command, QueryOptions& query) {
    command.add_option("--sql", query.sql, "A SELECT in place of the last DATA; needs --store");
    command.add_option("--store", query.store,
                       "What --sql asks: kpi, drift, read, or the NAME of a [stores.NAME] in tristrata.toml");
}

void add_drift(CLI::App& app, Action& action) {
    auto* drift =
        app.add_subcommand("drift", "Compare data with a reference; the drift store")->require_subcommand(1);

    static DriftCheckOptions check;
    auto* c = drift->add_subcommand("check", "Compare current with a reference, column by column");
    c->add_option("data", check.tables.data,
                  "REFERENCE CURRENT, or one DATA with two windows of it: CSV, CSV.gz, Parquet, Arrow IPC, "
                  "a folder of them, these on S3 (s3://…), or - for standard input")
        ->expected(0, 2);
    c->add_option("--profile", check.profile,
                  "A saved reference in place of REFERENCE: drift profile makes it");
    c->add_option("--reference-of", check.reference_of,
                  "The reference that was promoted for this module in place of REFERENCE");
    add_query(*c, check.tables.query);
    c->add_option("--time", check.time, "Column that holds the time of each row");
    c->add_option("--reference", check.reference, "Reference window FROM..TO, ISO 8601, half open");
    c->add_option("--current", check.current, "Current window FROM..TO");
    c->add_option("--plan", check.plan, "Plan file: roles, units, kinds, alpha, thresholds");
    c->add_option("--columns", check.columns, "Only these columns, separated by commas")->delimiter(',');
    c->add_option("--by", check.by, "Also compare group by group: the column that holds the groups");
    c->add_option("--groups-max", check.groups_max, "Groups looked at, those with the most rows first (50)");
    c->add_flag("--multivariate", check.multivariate,
                "Also test all columns together: what they mean to each other");
    c->add_option("--method", check.method, "tristrata, evidently or nannyml: whose rules decide");
    c->add_option("--test", check.tests,
                  "Test in place of a kind's own, by its name in drift methods; separated by commas")
        ->delimiter(',');
    c->add_flag("--explain-difference", check.explain_difference,
                "With a peer's method: our verdict too, and why it differs");
    c->add_option("--null", check.null, "auto, independent, dependent or chunks");
    c->add_option("--season", check.season, "none, weekend, weekday or hour: classes of windows for chunks");
    c->add_option("--alpha", check.alpha, "Share of undrifted checks that may raise an alarm (0.05)");
    c->add_option("--seed", check.seed, "Seed of permutation tests (0)");
    c->add_option("--fail-on", check.fail_on, "Exit with 1 at this severity or above")
        ->check(CLI::IsMember({"info", "warn", "crit", "never"}))
        ->capture_default_str();
    c->add_flag("--push", check.push,
                "Push the report to the drift store and the run's own KPIs to the KPI store");
    c->add_option("--module", check.module, "Module that the data belongs to; --push needs it");
    c->add_option("--run-id", check.run_id, "Run that produced the data");
    c->add_option("--at", check.at,
                  "created_at of the report (now); the same check at the same time is the same report");
    c->add_option("--threads", check.threads, "Threads (as many as there are processors)");
    c->add_option("--memory", check.memory_mb, "Buffers for sources that cannot be read by column, in MB")
        ->capture_default_str();
    add_page(*c, check.output);
    add_settings(*c, check.settings);
    c->footer(
        "Example: tristrata drift check last_month.parquet yesterday.parquet --fail-on warn --html "
        "report.html");
    c->callback([&action] { action = [] { return drift_check(check); }; });

    static DriftBacktestOptions back;
    auto* b = drift->add_subcommand("backtest", "Which chunks of a table would have fired, and when");
    b->add_option("data", back.tables.data,
                  "DATA: CSV, CSV.gz, Parquet, Arrow IPC, a folder of them, these on S3 (s3://…), or - for "
                  "standard input")
        ->expected(0, 1);
    add_query(*b, back.tables.query);
    b->add_option("--time", back.time, "Column that holds the time of each row");
    b->add_option("--chunk", back.chunk, "15min, hour, day, week, month, quarter or year");
    b->add_option("--rows", back.rows, "In place of --chunk: so many rows a chunk");
    b->add_option("--count", back.count, "In place of --chunk: so many chunks");
    b->add_option("--remainder", back.remainder, "Rows that fill no chunk of --rows or --count")
        ->check(CLI::IsMember({"keep", "append", "drop"}))
        ->capture_default_str();
    b->add_option("--zone", back.zone, "Time zone of --chunk, such as Europe/Berlin")->capture_default_str();
    b->add_option("--window", back.window, "Chunks of reference before each (60)");
    b->add_option("--reference", back.reference, "In place of --window: one reference FROM..TO");
    b->add_flag("--yearly", back.yearly,
                "Also look for lasting change, with at most alpha false alarms ever");
    b->add_option("--event", back.events, "TIME=NAME: how long until something fired; may be repeated")
        ->allow_extra_args(false);
    b->add_option("--plan", back.plan, "Plan file: roles, units, kinds, derived columns, thresholds");
    b->add_option("--columns", back.columns, "Only these columns, separated by commas")->delimiter(',');
    b->add_option("--method", back.method, "tristrata, or nannyml with --reference: whose rules decide");
    b->add_option("--null", back.null, "auto, independent, dependent or chunks");
    b->add_option("--season", back.season, "none, weekend, weekday or hour: classes of chunks");
    b->add_option("--alpha", back.alpha, "Share of undrifted chunks that may raise an alarm (0.05)");
    b->add_option("--seed", back.seed, "Seed of permutation tests (0)");
    b->add_option("--state", back.state,
                  "Go on from this file, and write it anew: only new chunks are tested");
    b->add_option("--detector", back.detector,
                  "In place of chunks: an online detector, such as adwin, over each column");
    b->add_option("--set", back.parameters, "PARAMETER=NUMBER of the detector; may be repeated")
        ->allow_extra_args(false);
    b->add_option("--fail-on", back.fail_on, "Exit with 1 at this severity or above in a chunk tested now")
        ->check(CLI::IsMember({"info", "warn", "crit", "never"}))
        ->capture_default_str();
    b->add_option("--at", back.at, "created_at of the result (now)");
    b->add_option("--threads", back.threads, "Threads (as many as there are processors)");
    add_page(*b, back.output);
    add_settings(*b, back.settings);
    b->footer(
        "Example: tristrata drift backtest candles.csv.gz --time open_time --chunk day --season weekend "
        "--alpha 0.02 --event 2023-03-22=fee_change");
    b->callback([&action] { action = [] { return drift_backtest(back); }; });

    static DriftMethodsOptions methods;
    auto* m =
        drift->add_subcommand("methods", "List the tests and measures, and those of Evidently and NannyML");
    m->add_option("--method", methods.engine, "Only those of tristrata, evidently or nannyml");
    add_output(*m, methods.output, {"table", "json"});
    m->footer("Example: tristrata drift methods --method tristrata");
    m->callback([&action] { action = [] { return drift_methods(methods); }; });

    static DriftPushOptions push;
    auto* p = drift->add_subcommand(
        "push", "Push a saved JSON report, ours or Evidently's, to the drift store; twice is harmless");
    p->add_option("report", push.report,
                  "REPORT.json, written by drift check --format json, or by Evidently 0.4 to 0.7")
        ->required();
    p->add_option("--module", push.module, "Module that the data belongs to")->required();
    p->add_option("--run-id", push.run_id, "Run that produced the data");
    p->add_option("--drift-type", push.drift_type, "In place of the types that the columns' roles give");
    p->add_option("--at", push.at, "Time of the events where the report carries none (now)");
    add_settings(*p, push.settings);
    p->footer("Example: tristrata drift push report.json --module hamilton.features");
    p->callback([&action] { action = [] { return drift_push(push); }; });

    static DriftListOptions list;
    auto* l = drift->add_subcommand("list", "List drift events, newest first");
    l->add_option("--module", list.module, "Only this module");
    l->add_option("--run-id", list.run_id, "Only this run");
    l->add_option("--drift-type", list.drift_type, "Only this type");
    l->add_option("--severity", list.severity, "This severity or above")
        ->check(CLI::IsMember({"info", "warn", "crit"}));
    l->add_option("--from", list.from, "From this time on");
    l->add_option("--to", list.to, "Before this time");
    l->add_option("--limit", list.limit, "At most so many")->capture_default_str();
    add_output(*l, list.output, {"table", "json"});
    add_settings(*l, list.settings);
    l->footer("Example: tristrata drift list --severity warn --from 2023-03-22");
    l->callback([&action] { action = [] { return drift_list(list); }; });

    static DriftShowOptions show;
    auto* s = drift->add_subcommand("show", "Show one drift event with its payload");
    s->add_option("id", show.id, "event_id, as drift list shows it; its beginning is enough")->required();
    add_output(*s, show.output, {"table", "json"});
    add_settings(*s, show.settings);
    s->footer("Example: tristrata drift show 2ed6657d-e927-568b-95e1-2665a8aea6a2");
    s->callback([&action] { action = [] { return drift_show(show); }; });
}

/// Commands that save a reference, and those that say which one counts.
void add_references(CLI::App& app, Action& action) {
    auto* drift = app.get_subcommand("drift");
    static DriftProfileOptions profile;
    auto* p = drift->add_subcommand("profile", "Save a reference, to check against it later");
    p->add_option("data", profile.tables.data, "CSV, CSV.gz, Parquet, Arrow IPC, a folder of them, or -")
        ->expected(0, 1);
    add_query(*p, profile.tables.query);
    p->add_option("-o", profile.profile, "The profile that is written")->required();
    p->add_option("--time", profile.time, "Column that holds the time of each row");
    p->add_option("--window", profile.window, "Only rows of FROM..TO, ISO 8601, half open");
    p->add_option("--plan", profile.plan, "Plan file: roles, kinds, sensitive columns, derived ones");
    p->add_option("--columns", profile.columns, "Only these columns, separated by commas")->delimiter(',');
    p->add_option("--like", profile.like, "A profile whose schema, plan and edges are taken over");
    p->add_option("--exact-mb", profile.exact_mb,
                  "A column is kept value by value up to so many MB, as counts beyond")
        ->capture_default_str();
    p->add_option("--threads", profile.threads, "Threads (as many as there are processors)");
    p->add_option("--memory", profile.memory_mb, "Buffers for sources that cannot be read by column, in MB")
        ->capture_default_str();
    add_output(*p, profile.output, {"table", "json"});
    add_settings(*p, profile.settings);
    p->footer("Example: tristrata drift profile march.parquet --time open_time -o march.profile");
    p->callback([&action] { action = [] { return drift_profile(profile); }; });

    static DriftMergeOptions merge;
    auto* m = drift->add_subcommand("merge", "One profile of several: the union of their windows");
    m->add_option("profiles", merge.profiles, "Profiles of one schema and plan")->required();
    m->add_option("-o", merge.profile, "The profile that is written")->required();
    m->add_flag("--allow-overlap", merge.allow_overlap,
                "Take windows that hold the same rows or cover the same time: their rows count twice");
    add_output(*m, merge.output, {"table", "json"});
    m->footer("Example: tristrata drift merge march.profile april.profile -o spring.profile");
    m->callback([&action] { action = [] { return drift_merge(merge); }; });

    auto* reference =
        app.add_subcommand("reference", "Which profile a module is compared with, since when and why")
            ->require_subcommand(1);
    static ReferenceOptions promoted, back, listed;
    auto* r = reference->add_subcommand("promote", "Make a profile the reference of a module");
    r->add_option("profile", promoted.profile, "The profile")->required();
    auto* b =
        reference->add_subcommand("rollback", "Return to an earlier reference: a new row with its profile");
    b->add_option("--to", back.to, "The version to return to (the one before)");
    for (const auto& [command, options] : {std::pair{r, &promoted}, std::pair{b, &back}}) {
        command->add_option("--module", options->module, "Module whose data is compared with it")->required();
        command->add_option("--why", options->why, "Why, for whoever reads it next year")->required();
        command->add_option("--who", options->who, "Who does it ($USER)");
        command->add_option("--expires", options->expires,
                            "When it should be renewed: a number of days (90d) or a time");
        command->add_option("--at", options->at, "When it is done (now)");
        add_output(*command, options->output, {"table", "json"});
        add_settings(*command, options->settings);
    }
    r->footer(
        "Example: tristrata reference promote march.profile --module candles.btc --why \"fees returned\"");
    r->callback([&action] { action = [] { return reference_promote(promoted); }; });
    b->footer("Example: tristrata reference rollback --module candles.btc --why \"fees went again\"");
    b->callback([&action] { action = [] { return reference_rollback(back); }; });
    auto* l = reference->add_subcommand("list", "References, newest first");
    l->add_option("--module", listed.module, "Only this module");
    l->add_option("--limit", listed.limit, "At most so many")->capture_default_str();
    l->add_option("--at", listed.at, "Whether they have expired by then (now)");
    add_output(*l, listed.output, {"table", "json"});
    add_settings(*l, listed.settings);
    l->footer("Example: tristrata reference list --module candles.btc");
    l->callback([&action] { action = [] { return reference_list(listed); }; });
}

void add_quality_options(CLI::App& command, QualityOptions& quality, bool estimating) {
    command
        .add_option("data", quality.tables.data,
                    "REFERENCE CURRENT, or one DATA with two windows of it: CSV, CSV.gz, Parquet, Arrow IPC, "
                    "a folder of them, these on S3 (s3://…), or - for standard input")
        ->expected(0, 2);
    add_query(command, quality.tables.query);
    command.add_option("--y-true", quality.y_true, "Column of what came true")->capture_default_str();
    command.add_option("--y-pred", quality.y_pred, "Column of the prediction; '' for none")
        ->capture_default_str();
    command
        .add_option("--y-proba", quality.y_proba,
                    "Column of the positive class's probability, or CLASS=COLUMN for each class")
        ->delimiter(',');
    command.add_option("--positive", quality.positive, "Which of two classes is the positive one (1, true)");
    command.add_option("--problem", quality.problem,
                       "binary, multiclass or regression (read off the columns)");
    command.add_option("--labels", quality.labels,
                       "File of labels that came later, or -: --key and --y-true");
    command.add_option("--key", quality.key, "Column by which labels are joined");
    if (estimating)
        command
            .add_option("--features", quality.features,
                        "Columns that the estimate may use (all others but keys and times)")
            ->delimiter(',');
    command.add_option("--time", quality.time, "Column that holds the time of each row");
    command.add_option("--reference", quality.reference, "Reference window FROM..TO, ISO 8601, half open");
    command.add_option("--current", quality.current, "Current window FROM..TO");
    command.add_option("--chunk", quality.chunk,
                       "Cut current: 15min, hour, day, week, month, quarter or year");
    command.add_option("--rows", quality.rows, "In place of --chunk: so many rows a chunk");
    command.add_option("--count", quality.count, "In place of --chunk: so many chunks");
    command.add_option("--remainder", quality.remainder, "Rows that fill no chunk of --rows or --count")
        ->check(CLI::IsMember({"keep", "append", "drop"}))
        ->capture_default_str();
    command.add_option("--zone", quality.zone, "Time zone of --chunk, such as Europe/Berlin")
        ->capture_default_str();
    command.add_option("--alpha", quality.alpha, "Share of unchanged models that may raise an alarm")
        ->capture_default_str();
    command.add_option("--seed", quality.seed, "Seed of draws and trees")->capture_default_str();
    command.add_option("--fail-on", quality.fail_on, "Exit with 1 at this severity or above")
        ->check(CLI::IsMember({"info", "warn", "crit", "never"}))
        ->capture_default_str();
    command.add_flag("--push", quality.push, "Push what was found to the drift store");
    command.add_option("--module", quality.module, "Module that the model belongs to; --push needs it");
    command.add_option("--run-id", quality.run_id, "Run that produced the data");
    command.add_option("--at", quality.at, "created_at of the report (now)");
    command.add_option("--threads", quality.threads, "Threads (as many as there are processors)");
    add_page(command, quality.output);
    add_settings(command, quality.settings);
}

void add_quality(CLI::App& app, Action& action) {
    auto* quality =
        app.add_subcommand("quality", "How good a model is, with labels or without")->require_subcommand(1);
    static QualityOptions check, estimate;
    auto* c = quality->add_subcommand("check", "Metrics of current's labels beside the reference's");
    add_quality_options(*c, check, false);
    c->footer(
        "Example: tristrata quality check reference.parquet current.parquet --y-proba y_pred_proba --count "
        "10");
    c->callback([&action] { action = [] { return quality_check(check); }; });
    auto* e = quality->add_subcommand("estimate", "Metrics of current without labels (CBPE, DLE)");
    add_quality_options(*e, estimate, true);
    e->footer(
        "Example: tristrata quality estimate reference.parquet current.parquet --y-proba y_pred_proba "
        "--count 10");
    e->callback([&action] { action = [] { return quality_estimate(estimate); }; });
}

void add_kpi(CLI::App& app, Action& action) {
    auto* kpi = app.add_subcommand("kpi", "Execution KPIs of a run")->require_subcommand(1);
    static KpiEmitOptions emit;
    auto* e = kpi->add_subcommand("emit", "Write KPIs, one row a metric, all or none");
    e->add_option("metrics", emit.metrics, "NAME=VALUE ...");
    e->add_option("--module", emit.module, "Module that emits")->required();
    e->add_option("--run-id", emit.run_id, "Run");
    e->add_option("--dag-node", emit.dag_node, "Node of the DAG");
    e->add_option("--duration-ms", emit.duration_ms, "How long it took, in milliseconds");
    e->add_option("--success", emit.success, "Whether it did what was asked")
        ->check(CLI::IsMember({"true", "false"}));
    e->add_option("--tag", emit.tags, "KEY=VALUE, KEY from the whitelist (tags.toml); may be repeated")
        ->allow_extra_args(false);
    e->add_option("--time", emit.time, "Time of the emit (now)");
    e->add_option("--event-id", emit.event_id, "UUID of the emit: the same id and time again are harmless");
    e->add_option("--tags", emit.settings.tags, "Whitelist file (TRISTRATA_TAGS)");
    add_settings(*e, emit.settings);
    e->footer(
        "Example: tristrata kpi emit --module hamilton.features --run-id r1 --tag crypto=BTCUSDC "
        "success_rate=0.97 n_output=985");
    e->callback([&action] { action = [] { return kpi_emit(emit); }; });

    static KpiQueryOptions query;
    auto* q = kpi->add_subcommand("query", "Read KPIs, rows or by hour or day");
    q->add_option("--module", query.module, "Only this module");
    q->add_option("--metric", query.metric, "Only this metric");
    q->add_option("--run-id", query.run_id, "Only this run");
    q->add_option("--from", query.from, "From this time on");
    q->add_option("--to", query.to, "Before this time");
    q->add_option("--by", query.by, "Group by hour or day")->check(CLI::IsMember({"hour", "day"}));
    q->add_option("--limit", query.limit, "At most so many rows")->capture_default_str();
    add_output(*q, query.output, {"table", "json"});
    add_settings(*q, query.settings);
    q->footer("Example: tristrata kpi query --module hamilton.features --metric success_rate --by day");
    q->callback([&action] { action = [] { return kpi_query(query); }; });
}

void add_spool(CLI::App& app, Action& action) {
    auto* spool = app.add_subcommand("spool", "What was emitted and is on its way to the stores")
                      ->require_subcommand(1);
    static SpoolOptions status;
    auto* s = spool->add_subcommand("status", "What became of every row, slot by slot");
    add_output(*s, status.output, {"table", "json"});
    add_settings(*s, status.settings);
    s->footer("Example: tristrata spool status --spool /var/lib/tristrata/spool");
    s->callback([&action] { action = [] { return spool_status(status); }; });

    static SpoolOptions drain;
    auto* d = spool->add_subcommand("drain", "Carry what is spooled to the stores");
    d->add_flag("--follow", drain.follow, "Go on until interrupted");
    d->add_flag("--parked", drain.parked, "Also what was parked, since no destination took it for too long");
    d->add_option("--budget", drain.budget, "Without --follow: give up after this time")
        ->capture_default_str();
    add_output(*d, drain.output, {"table", "json"});
    add_settings(*d, drain.settings);
    d->footer("Example: tristrata spool drain --budget 30s");
    d->callback([&action] { action = [] { return spool_drain(drain); }; });

    static SpoolOptions check;
    check.version = version;
    auto* c = spool->add_subcommand("check",
                                    "Read every byte and change nothing; 1 where something is damaged, 3 "
                                    "where a newer version wrote something");
    add_output(*c, check.output, {"table", "json"});
    add_settings(*c, check.settings);
    c->footer("Example: tristrata spool check --format json");
    c->callback([&action] { action = [] { return spool_check(check); }; });

    static SpoolOptions replay;
    auto* r = spool->add_subcommand("replay",
                                    "Send again what was stored before; what is there already is not "
                                    "stored twice");
    r->add_option("--since", replay.since, "What was emitted at this time or later, ISO 8601")->required();
    add_output(*r, replay.output, {"table", "json"});
    add_settings(*r, replay.settings);
    r->footer("Example: tristrata spool replay --since 2026-01-01T08:00");
    r->callback([&action] { action = [] { return spool_replay(replay); }; });
}

void add_rest(CLI::App& app, Action& action) {
    static ServeOptions serving;
    serving.version = version;
    auto* v = app.add_subcommand(
        "serve",
        "Carry the spool to the stores, keep partitions ahead, run analyzers, evaluate incidents, answer "
        "/metrics and /healthz");
    v->add_option("--listen", serving.listen, "HOST:PORT; port 0 is a free one, and printed")
        ->capture_default_str();
    v->add_option("--log-format", serving.log_format, "One event a line on standard error: logfmt, or JSON")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    v->add_option("--budget", serving.budget, "How long the end waits for what is under way: 5s, 1m, …")
        ->capture_default_str();
    v->add_flag("--retain", serving.retain, "Also do what `store retain` does, at once and then once a day");
    add_settings(*v, serving.settings);
    v->footer(
        "Example: tristrata serve --listen 127.0.0.1:0 --log-format json\nSIGHUP: settings are read anew. "
        "Ends at SIGTERM or SIGINT. 0: all was carried; 3: something is left, and stays in the spool.");
    v->callback([&action] { action = [] { return serve(serving); }; });

    auto* tags = app.add_subcommand("tags", "The whitelist of KPI tags")->require_subcommand(1);
    static TagsCheckOptions check;
    auto* t = tags->add_subcommand("check", "Find keys without a reason or without a use");
    t->add_option("--uses", check.uses, "Folder of the code that uses the tags")->required();
    t->add_option("--tags", check.settings.tags, "Whitelist file (TRISTRATA_TAGS)");
    add_output(*t, check.output, {"table", "json"});
    add_settings(*t, check.settings);
    t->footer("Example: tristrata tags check --tags tags.toml --uses src");
    t->callback([&action] { action = [] { return tags_check(check); }; });

    static DoctorOptions doctoring;
    auto* d =
        app.add_subcommand("doctor", "What is set, from where, and whether it works; secrets stay hidden");
    add_output(*d, doctoring.output, {"table", "json"});
    add_settings(*d, doctoring.settings);
    d->footer("Example: tristrata doctor");
    d->callback([&action] { action = [] { return doctor(doctoring); }; });
}

}  // namespace

int main(int argc, char** argv) {
    settle_heap(argc > 1 && std::string_view(argv[1]) == "readiness" ? Heaps::own : Heaps::shared);
    // A file that reaches ulimit -f is then a write that fails, with its reason, and no end without a word.
    (void)std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app{"Tristrata watches ML pipelines on three layers: technical, execution, drift.", "tristrata"};
    app.set_version_flag("--version", std::string("tristrata ") + version);
    app.formatter(help_format());
    app.require_subcommand(1);
    app.fallthrough(false);
    app.footer(
        "Exit codes: 0 fine, 1 the check found something, 2 usage or configuration, 3 could not evaluate.\n"
        "Settings: arguments, then environment (TRISTRATA_KPI_URL, TRISTRATA_DRIFT_URL, ...), then "
        "./tristrata.toml.");
    Action action;
    add_drift(app, action);
    add_references(app, action);
    add_quality(app, action);
    add_kpi(app, action);
    add_events(app, action);
    add_incidents(app, action);
    add_analyzers(app, action);
    add_reports(app, action);
    add_stores(app, action);
    add_spool(app, action);
    add_kill_switch(app, action);
    add_readiness(app, action);
    add_rest(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        fmt::print(stderr, "{}\nRun with --help for more information.\n",
                   usage_error(app, error, argc, argv));
        return 2;
    }
    if (const auto wrong = misread_value(app); !wrong.empty()) {
        fmt::print(stderr, "{}\nRun with --help for more information.\n", wrong);
        return 2;
    }
    if (const auto refused = refused_output(file_arguments(app)); !refused.empty()) {
        fmt::print(stderr, "{}\n", refused);
        return 2;
    }
    const int code = action ? action() : 2;
    // Everything is closed and written; what is left to take down is Arrow's threads and pools, which takes
    // longer than a small check.
    std::fflush(nullptr);
    std::quick_exit(code);
}
