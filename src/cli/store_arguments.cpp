#include "arguments.hpp"
#include "commands.hpp"

#include <CLI/CLI.hpp>

namespace tristrata::cli {
namespace {

constexpr const char* clock_help =
    "A store on SQLite that nobody wrote for a month: this machine's clock is right, days may leave by it";

}  // namespace

void add_settings(CLI::App& command, SettingOptions& settings) {
    command.add_option("--config", settings.config, "Settings file in place of ./tristrata.toml");
    command.add_option("--kpi-url", settings.kpi_url,
                       "KPI store, such as sqlite:///kpi.db (TRISTRATA_KPI_URL)");
    command.add_option("--drift-url", settings.drift_url,
                       "Drift store, such as sqlite:///drift.db (TRISTRATA_DRIFT_URL)");
    command.add_option("--spool", settings.spool, "Folder of the spool (TRISTRATA_SPOOL)");
}

void add_output(CLI::App& command, Output& output, const std::vector<std::string>& formats) {
    command.add_option("--format", output.format, "How the result is written")
        ->check(CLI::IsMember(formats))
        ->capture_default_str();
    command.add_option("--out", output.out, "Write the result to this file");
}

void add_stores(CLI::App& app, Action& action) {
    auto* store = app.add_subcommand("store", "The KPI store and the drift store")->require_subcommand(1);
    static StoreOptions init;
    auto* i = store->add_subcommand("init", "Create or migrate the configured stores; safe to run twice");
    i->add_flag("--print", init.print, "Print the SQL instead of running it");
    i->add_option("--backend", init.backend, "What --print prints; default: that of the configured stores")
        ->check(CLI::IsMember({"sqlite", "postgresql"}));
    i->add_option("--accept", init.accept, "plain: PostgreSQL's own partitions, without TimescaleDB")
        ->check(CLI::IsMember({"plain"}));
    i->add_option("--role-prefix", init.role_prefix, "Before each PostgreSQL role's name, such as cvntrade_");
    add_settings(*i, init.settings);
    i->footer("Example: tristrata store init --kpi-url sqlite:///kpi.db --drift-url sqlite:///drift.db");
    i->callback([&action] { action = [] { return store_init(init); }; });
    static StoreOptions status;
    auto* s = store->add_subcommand("status", "Version, size, rows and time range of the configured stores");
    add_output(*s, status.output, {"table", "json"});
    add_settings(*s, status.settings);
    s->footer("Example: tristrata store status --format json");
    s->callback([&action] { action = [] { return store_status(status); }; });
    static StoreOptions probe;
    auto* p = store->add_subcommand("probe", "What each PostgreSQL server is and what its user may");
    add_output(*p, probe.output, {"table", "json"});
    add_settings(*p, probe.settings);
    p->footer(
        "Example: tristrata store probe --format json\n0: each user has what it needs; 1: one misses a "
        "right.");
    p->callback([&action] { action = [] { return store_probe(probe); }; });
    static RetainOptions retain;
    auto* r = store->add_subcommand(
        "retain",
        "Move to the archive what is older than is kept: archive, read back, drop; safe to run twice");
    r->add_option("--kpi-days", retain.kpi_days, "Days that KPIs stay after their own is over")
        ->capture_default_str();
    r->add_option("--drift-days", retain.drift_days, "Days that warn and crit events stay after their month")
        ->capture_default_str();
    r->add_option("--info-days", retain.info_days, "Days that info events stay after their month")
        ->capture_default_str();
    r->add_flag("--dry-run", retain.dry_run, "Say what would leave, and change nothing");
    r->add_flag("--clock-is-right", retain.clock_is_right, clock_help);
    add_output(*r, retain.output, {"table", "json"});
    add_settings(*r, retain.settings);
    r->footer("Example: tristrata store retain --dry-run");
    r->callback([&action] { action = [] { return store_retain(retain); }; });
    static RetainOptions archive;
    auto* a = store->add_subcommand(
        "archive", "Move a range to the archive before its time: whole days (KPI) and months (drift) of it");
    a->add_option("--from", archive.from, "Begin, ISO 8601")->required();
    a->add_option("--to", archive.to, "End, ISO 8601; not in the range itself")->required();
    a->add_flag("--dry-run", archive.dry_run, "Say what would leave, and change nothing");
    a->add_flag("--clock-is-right", archive.clock_is_right, clock_help);
    add_output(*a, archive.output, {"table", "json"});
    add_settings(*a, archive.settings);
    a->footer("Example: tristrata store archive --from 2026-01-01 --to 2026-02-01 --dry-run");
    a->callback([&action] { action = [] { return store_archive(archive); }; });
    static RestoreOptions restore;
    auto* b = store->add_subcommand(
        "restore", "Bring a range back from the archive, beside the store: a schema restore_NAME, or files");
    b->add_option("--from", restore.from, "Begin, ISO 8601");
    b->add_option("--to", restore.to, "End, ISO 8601; not in the range itself");
    b->add_option("--layer", restore.layer, "Only this layer")->check(CLI::IsMember({"kpi", "drift"}));
    b->add_option("--name", restore.name, "On PostgreSQL: what the schema restore_NAME is called");
    b->add_option("--into", restore.into, "A folder for SQLite files: kpi.db, drift.db");
    b->add_flag("--with-foreign-parts", restore.with_foreign_parts,
                "Restore what the store did not record, too: of a store that was copied, or of another");
    add_output(*b, restore.output, {"table", "json"});
    add_settings(*b, restore.settings);
    b->footer("Example: tristrata store restore --from 2026-01-01 --to 2026-02-01 --into restored");
    b->callback([&action] { action = [] { return store_restore(restore); }; });
    static CopyOptions copy;
    auto* c = store->add_subcommand(
        "copy",
        "Copy a SQLite store into the stores on PostgreSQL that TRISTRATA_ADMIN_URL names; repeatable");
    c->add_option("source", copy.source, "The SQLite store, sqlite:///path")->required();
    add_output(*c, copy.output, {"table", "json"});
    add_settings(*c, copy.settings);
    c->footer(
        "Example: tristrata store copy sqlite:///kpi.db\n0: all of it is there; 1: PostgreSQL refused a "
        "row.");
    c->callback([&action] { action = [] { return store_copy(copy); }; });
    static EraseOptions erase;
    auto* e = store->add_subcommand(
        "erase",
        "Erase the rows of a run or a module from stores and archive; without --yes they are counted");
    e->add_option("--run-id", erase.run_id, "Rows of this run");
    e->add_option("--module", erase.module, "Rows of this module; with --run-id, of the run's that are its");
    e->add_flag("--yes", erase.yes, "Erase them, for good");
    e->add_flag(
        "--without-lost-parts", erase.without_lost_parts,
        "Erase everywhere else where parts are lost, damaged or foreign, which are named as not reached");
    e->add_flag(
        "--with-foreign-parts", erase.with_foreign_parts,
        "Erase in parts that the store did not record, too: of a store that was copied, or of another");
    add_output(*e, erase.output, {"table", "json"});
    add_settings(*e, erase.settings);
    e->footer("Example: tristrata store erase --run-id run-1");
    e->callback([&action] { action = [] { return store_erase(erase); }; });
    static SweepOptions sweep;
    auto* w = store->add_subcommand("sweep", "Remove payload objects to which no row points any more");
    w->add_option("--days", sweep.days, "Only objects older than so many days, 30 or more")
        ->capture_default_str();
    w->add_flag("--dry-run", sweep.dry_run, "Count them, and change nothing");
    add_output(*w, sweep.output, {"table", "json"});
    add_settings(*w, sweep.settings);
    w->footer("Example: tristrata store sweep --dry-run");
    w->callback([&action] { action = [] { return store_sweep(sweep); }; });
    static UninstallOptions uninstall;
    auto* u = store->add_subcommand(
        "uninstall",
        "Take the stores out of the database that TRISTRATA_ADMIN_URL names, after all in them is exported");
    u->add_option("--export", uninstall.folder,
                  "A new folder for SQLite stores with all that was there: kpi.db, drift.db");
    add_output(*u, uninstall.output, {"table", "json"});
    add_settings(*u, uninstall.settings);
    u->footer("Example: tristrata store uninstall --export exported");
    u->callback([&action] { action = [] { return store_uninstall(uninstall); }; });
}

}  // namespace tristrata::cli
