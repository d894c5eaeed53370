#include "tristrata/core/json_writer.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/probe.hpp"

#include <fmt/format.h>
#include <cstdio>
#include <tuple>

namespace tristrata::store {
namespace {

using database::Postgres;

Postgres connect(const core::SecretSource& url) {
    database::PostgresOptions options;
    options.url = url;
    options.application = "tristrata store probe";
    options.any_server = true;
    return Postgres(std::move(options));
}

/// One right on one table or function: what asks for it, in words and in SQL.
struct Right {
    std::string words;
    std::string sql;  ///< Null where the object is not there.
};

/// Looked up in the catalog: to_regclass is an error where the schema may not be used.
Right on_table(std::string_view privilege, std::string_view schema, std::string_view table) {
    return {fmt::format("{} on {}.{}", privilege, schema, table),
            fmt::format(
                "has_table_privilege((SELECT pg_class.oid FROM pg_catalog.pg_class JOIN "
                "pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = '{}' AND relname "
                "= '{}'), '{}')",
                schema, table, privilege)};
}

/// On some of its columns, as grants to single ones are.
Right on_columns(std::string_view privilege, std::string_view schema, std::string_view table) {
    Right right = on_table(privilege, schema, table);
    right.sql.replace(0, std::string_view("has_table_privilege").size(), "has_any_column_privilege");
    return right;
}

Right on_function(std::string_view schema, std::string_view function) {
    return {fmt::format("EXECUTE on {}.{}", schema, function),
            fmt::format(
                "has_function_privilege((SELECT pg_proc.oid FROM pg_catalog.pg_proc JOIN "
                "pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = '{}' AND proname "
                "= '{}'), 'EXECUTE')",
                schema, function)};
}

Right on_schema(std::string_view schema) {
    return {
        fmt::format("USAGE on schema {}", schema),
        fmt::format(
            "has_schema_privilege((SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '{}'), 'USAGE')",
            schema)};
}

/// What the policies of kill_switch.state leave to who may write it; the table has another name where
/// kill_switch.state is a view (docs/kill_switch.md).
constexpr std::string_view may_disengage =
    "EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE "
    "n.nspname = 'kill_switch' AND c.relname IN ('state', 'state_of_scopes') AND c.relrowsecurity AND (NOT "
    "row_security_active(c.oid) OR EXISTS (SELECT FROM pg_catalog.pg_policy p, unnest(p.polroles) AS r WHERE "
    "p.polrelid = c.oid AND p.polcmd IN ('w', '*') AND pg_get_expr(p.polwithcheck, p.polrelid) = 'true' AND "
    "CASE WHEN r = 0 THEN true ELSE pg_has_role(r, 'USAGE') END)))";

const Right is_switch_owner{
    "owner of kill_switch.state",
    "EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE "
    "n.nspname = 'kill_switch' AND c.relname = 'state' AND pg_has_role(c.relowner, 'USAGE'))"};

const Right is_superuser{"superuser",
                         "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)"};

std::vector<Right> needed(Purpose purpose) {
    switch (purpose) {
        case Purpose::kpi_writer:
            return {on_schema("kpi"),
                    on_table("INSERT", "kpi", "events"),
                    on_table("INSERT", "kpi", "events_parked"),
                    on_table("INSERT", "kpi", "series"),
                    on_table("INSERT", "kpi", "batches"),
                    on_table("SELECT", "kpi", "schema_version"),
                    on_function("kpi", "ensure_day"),
                    on_function("kpi", "ensure_ahead")};
        case Purpose::drift_writer:
            return {on_schema("drift"),
                    on_table("INSERT", "drift", "events"),
                    on_table("INSERT", "drift", "events_parked"),
                    on_table("INSERT", "drift", "reports"),
                    on_table("INSERT", "drift", "batches"),
                    on_table("SELECT", "drift", "schema_version"),
                    on_function("drift", "ensure_month"),
                    on_function("drift", "ensure_ahead")};
        case Purpose::reader:
            return {on_schema("kpi"), on_table("SELECT", "kpi", "events"), on_schema("drift"),
                    on_table("SELECT", "drift", "events")};
        case Purpose::responder:
            return {on_schema("response"),
                    on_table("SELECT", "response", "schema_version"),
                    on_table("INSERT", "response", "incidents"),
                    on_table("UPDATE", "response", "incidents"),
                    on_table("INSERT", "response", "transitions"),
                    on_table("INSERT", "response", "signals"),
                    on_table("DELETE", "response", "signals"),
                    on_table("INSERT", "response", "processed"),
                    on_table("INSERT", "response", "pages"),
                    on_table("INSERT", "response", "silences"),
                    on_table("UPDATE", "response", "lease"),
                    on_schema("drift"),
                    on_table("SELECT", "drift", "events"),
                    on_table("SELECT", "drift", "events_parked")};
        case Purpose::kill_switch:
            return {on_schema("kill_switch"), on_table("SELECT", "kill_switch", "schema_version"),
                    on_table("SELECT", "kill_switch", "state"), on_table("SELECT", "kill_switch", "history"),
                    on_table("SELECT", "kill_switch", "evaluations")};
        case Purpose::administrator:
            return {{"CREATE on the database", "has_database_privilege(current_database(), 'CREATE')"},
                    {"CREATEROLE, or the roles that are there",
                     "(SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = "
                     "current_user) OR "
                     "EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname LIKE '%maintenance' AND "
                     "pg_has_role(oid, 'MEMBER'))"}};
    }
    return {};
}

std::vector<Right> too_many(Purpose purpose) {
    if (purpose == Purpose::administrator) return {};
    std::vector<Right> rights{is_superuser};
    if (purpose == Purpose::kill_switch) {
        rights.push_back(is_switch_owner);
        return rights;
    }
    for (const std::string_view schema : {"kpi", "drift"}) {
        for (const std::string_view privilege : {"UPDATE", "DELETE", "TRUNCATE"})
            rights.push_back(on_table(privilege, schema, "events"));
        rights.push_back(
            on_table(purpose == Purpose::reader || purpose == Purpose::responder ? "INSERT" : "SELECT",
                     schema, "events"));
    }
    return rights;
}

core::Result<std::vector<std::string>> with_answer(Postgres& database, const std::vector<Right>& rights,
                                                   bool wanted) {
    std::vector<std::string> found;
    if (rights.empty()) return found;
    std::string sql;
    for (const Right& right : rights)
        sql += fmt::format("{}coalesce({}, false)", sql.empty() ? "SELECT " : ", ", right.sql);
    auto rows = database.query(sql);
    if (!rows) return propagate(rows);
    for (std::size_t i = 0; i < rights.size(); ++i)
        if (rows->boolean(0, static_cast<int>(i)) == wanted) found.push_back(rights[i].words);
    return found;
}

/// Behind the right to read: that, to engage, and to disengage.
core::Result<std::string> what_it_may(Postgres& database) {
    auto engage = with_answer(
        database,
        {on_columns("INSERT", "kill_switch", "state"), on_columns("UPDATE", "kill_switch", "state"),
         on_columns("INSERT", "kill_switch", "evaluations")},
        false);
    if (!engage) return propagate(engage);
    if (!engage->empty())
        return fmt::format("may read, neither engage nor disengage: misses {}", fmt::join(*engage, ", "));
    auto both = database.query(fmt::format("SELECT {}", may_disengage));
    if (!both) return propagate(both);
    return std::string(both->boolean(0, 0) ? "may read, engage and disengage"
                                           : "may read and engage, not disengage");
}

/// Whether a version "2.17.2" is before another one.
bool before(const std::string& version, std::tuple<int, int, int> other) {
    std::tuple<int, int, int> own{0, 0, 0};
    (void)std::sscanf(version.c_str(), "%d.%d.%d", &std::get<0>(own), &std::get<1>(own), &std::get<2>(own));
    return own < other;
}

core::Status look_at_extensions(Postgres& database, ServerProbe& probe) {
    auto rows = database.query(
        "SELECT extname, extversion, current_setting('timescaledb.license', true) FROM "
        "pg_catalog.pg_extension WHERE "
        "extname IN ('timescaledb', 'pg_cron', 'pg_partman', 'pg_stat_statements') ORDER BY extname");
    if (!rows) return propagate(rows);
    for (int i = 0; i < rows->count(); ++i) {
        probe.extensions.emplace_back(rows->text(i, 0), rows->text(i, 1));
        if (rows->text(i, 0) != "timescaledb") continue;
        probe.kind =
            rows->maybe_text(i, 2) == "timescale" ? ServerKind::timescaledb : ServerKind::timescaledb_apache;
        if (before(rows->text(i, 1), {2, 18, 1}))
            probe.remarks.push_back(fmt::format(
                "TimescaleDB {} loses new rows behind a duplicate in compressed chunks (fixed in 2.18.1): "
                "compress nothing that may still be sent again",
                rows->text(i, 1)));
    }
    if (probe.kind != ServerKind::plain)
        probe.remarks.emplace_back(
            "the tables are plain partitions here too: no retention or compression policy "
            "of TimescaleDB touches them");
    return {};
}

}  // namespace

std::string_view name(ServerKind kind) noexcept {
    switch (kind) {
        case ServerKind::timescaledb:
            return "timescaledb";
        case ServerKind::timescaledb_apache:
            return "timescaledb_apache";
        case ServerKind::plain:
            break;
    }
    return "plain";
}

core::Result<ServerProbe> probe_postgres(const core::SecretSource& url, Purpose purpose) {
    Postgres database = connect(url);
    auto facts = database.facts();
    if (!facts) return propagate(facts);
    ServerProbe probe;
    probe.setting = url.origin;
    probe.where = database.where();
    probe.user = facts->user;
    probe.tls = facts->tls;
    probe.sslmode = facts->sslmode;
    probe.pooler = facts->pooler;
    auto rows = database.query(
        "SELECT current_setting('server_version'), current_setting('server_encoding'), "
        "has_database_privilege(current_database(), 'TEMP'), current_setting('transaction_read_only')");
    if (!rows) return propagate(rows);
    const std::string version = rows->text(0, 0);
    probe.version = version.substr(0, version.find(' '));
    probe.encoding = rows->text(0, 1);
    probe.temporary_tables = rows->boolean(0, 2);
    if (probe.encoding != "UTF8")
        probe.remarks.push_back(fmt::format("the database's encoding is {}; expected UTF8", probe.encoding));
    if (rows->text(0, 3) == "on") probe.remarks.emplace_back("the server takes no writes at the moment");
    if (!probe.temporary_tables && (purpose == Purpose::kpi_writer || purpose == Purpose::drift_writer))
        probe.remarks.emplace_back("TEMP is not granted: large batches are stored more slowly, as arrays");
    if (probe.tls.empty()) probe.remarks.emplace_back("the connection is not encrypted");
    else if (probe.sslmode != "verify-full")
        probe.remarks.push_back(fmt::format(
            "the server's certificate is not held against its name: sslmode is {}", probe.sslmode));
    if (auto status = look_at_extensions(database, probe); !status) return propagate(status);
    auto missing = with_answer(database, needed(purpose), false);
    if (!missing) return propagate(missing);
    auto excess = with_answer(database, too_many(purpose), true);
    if (!excess) return propagate(excess);
    probe.missing = std::move(*missing);
    probe.excess = std::move(*excess);
    if (purpose == Purpose::kill_switch && probe.missing.empty()) {
        auto may = what_it_may(database);
        if (!may) return propagate(may);
        probe.may = std::move(*may);
    }
    return probe;
}

std::string to_json(const ServerProbe& probe) {
    core::JsonWriter json;
    const auto list = [&](std::string_view key, const std::vector<std::string>& words) {
        json.key(key);
        json.begin_array();
        for (const auto& word : words) json.value(word);
        json.end_array();
    };
    json.begin_object();
    json.member("setting", probe.setting);
    json.member("where", probe.where);
    json.member("user", probe.user);
    json.member("kind", name(probe.kind));
    json.member("version", probe.version);
    json.member("encoding", probe.encoding);
    json.member("tls", probe.tls);
    json.member("sslmode", probe.sslmode);
    json.member("pooler", probe.pooler);
    json.member("temporary_tables", probe.temporary_tables);
    json.key("extensions");
    json.begin_object();
    for (const auto& [extension, version] : probe.extensions) json.member(extension, version);
    json.end_object();
    list("missing", probe.missing);
    list("excess", probe.excess);
    list("remarks", probe.remarks);
    if (!probe.may.empty()) json.member("may", probe.may);
    json.end_object();
    return json.take();
}

core::Result<int> record_probes(const core::SecretSource& admin, const std::vector<ServerProbe>& probes) {
    Postgres database = connect(admin);
    int recorded = 0;
    for (const std::string_view schema : {"kpi", "drift"}) {
        auto there = database.query("SELECT to_regclass($1) IS NOT NULL", {fmt::format("{}.probes", schema)});
        if (!there) return propagate(there);
        if (!there->boolean(0, 0)) continue;
        ++recorded;
        for (const ServerProbe& probe : probes) {
            auto kept =
                database.query(fmt::format("INSERT INTO {}.probes (kind, facts) VALUES ($1, $2)", schema),
                               {std::string(name(probe.kind)), to_json(probe)});
            if (!kept) return propagate(kept);
        }
    }
    return recorded;
}

}  // namespace tristrata::store
