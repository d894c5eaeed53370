#include "tristrata/store/uninstall.hpp"

#include "export_layer.hpp"
#include "role_prefix.hpp"
#include "schema_text.hpp"
#include "tristrata/core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Postgres;

/// Whatever a layer's schema holds, in the order in which writers reach for it: who waits for whom is one
/// circle less.
struct Made {
    std::string_view tables, functions, roles;
};
constexpr Made kpi_made{
    "batches events events_parked series archived_days archive_leaves archive_parts probes "
    "schema_version",
    "ensure_day ensure_ahead detach_leaf drop_leaf clear_parked",
    "kpi_writer grafana_reader sql_analyzer maintenance"};
constexpr Made drift_made{
    "batches reports events events_parked references profiles archived_months "
    "archive_leaves archive_parts probes schema_version",
    "ensure_month ensure_ahead detach_leaf drop_leaf clear_parked refuse_change",
    "drift_writer grafana_reader sql_analyzer responder maintenance"};

/// A day or month that stands apart from the events: detached by hand, or rows that came late.
constexpr std::string_view leaf_pattern = "^events_([0-9]{8}|(info|alert)_[0-9]{6})(_late[0-9]+)?$";

struct Present {
    Layer layer;
    std::string prefix;
    std::vector<std::string> tables;        ///< All of them, with their schema.
    std::vector<std::string> event_tables;  ///< "kpi.events" first.
};

const Made& made(Layer layer) { return layer == Layer::kpi ? kpi_made : drift_made; }

/// The folder until it is whole. What was begun goes with it.
class Unfinished {
public:
    explicit Unfinished(std::string folder) : folder_(std::move(folder)) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        std::error_code code;
        if (made_) std::filesystem::remove_all(path(), code);
    }
    core::Status make();
    /// Durable under its name.
    core::Status finish();
    [[nodiscard]] std::string path() const { return folder_ + ".unfinished"; }
    [[nodiscard]] bool finished() const { return finished_; }

private:
    std::string folder_;
    bool made_ = false, finished_ = false;
};

core::Status Unfinished::make() {
    std::error_code code;
    if (std::filesystem::exists(folder_, code) &&
        (!std::filesystem::is_directory(folder_, code) || !std::filesystem::is_empty(folder_, code)))
        return fail(ErrorKind::usage,
                    fmt::format("{} is there already; name a folder that is not, for what the stores hold",
                                core::quoted(folder_)));
    if (std::filesystem::exists(path(), code))
        return fail(
            ErrorKind::usage,
            fmt::format("{} is what a run left that died, or another run's that goes on; the database "
                        "still has all of it: remove it, or name another folder",
                        core::quoted(path())));
    std::filesystem::create_directories(path(), code);
    if (code)
        return fail(ErrorKind::storage,
                    fmt::format("{} cannot be made: {}", core::quoted(path()), code.message()));
    made_ = true;
    return {};
}

core::Status sync_folder(const std::filesystem::path& folder) {
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    const std::error_code code(errno, std::generic_category());
    if (file >= 0) ::close(file);
    if (synced) return {};
    return fail(ErrorKind::storage,
                fmt::format("{} cannot be synced: {}", core::quoted(folder.string()), code.message()));
}

core::Status Unfinished::finish() {
    if (auto synced = sync_folder(path()); !synced) return synced;
    std::error_code code;
    std::filesystem::rename(path(), folder_, code);
    if (code)
        return fail(ErrorKind::storage, fmt::format("{} cannot be renamed to {}: {}", core::quoted(path()),
                                                    core::quoted(folder_), code.message()));
    made_ = false;
    finished_ = true;
    return sync_folder(std::filesystem::path(folder_).parent_path());
}

class Uninstall {
public:
    Uninstall(database::PostgresOptions options, const std::string& folder, const core::Task& task)
        : options_(options),
          database_(std::move(options)),
          folder_(folder),
          unfinished_(folder),
          task_(task) {}
    core::Result<Uninstalled> run(const core::SecretSource& admin);

private:
    core::Status lock();
    /// Its tables, none that is not ours, and none under way.
    core::Status look_at(Present& present);
    core::Status drop();
    core::Status rehearse();
    core::Status export_all();
    /// SQLite keeps a NaN as NULL, which is something else.
    core::Status require_no_nan(const Present& present);
    core::Status find_what_stays();
    /// What one column of a query lists.
    core::Result<std::vector<std::string>> list(std::string_view sql,
                                                std::vector<database::PostgresValue> parameters);

    database::PostgresOptions options_;
    Postgres database_;
    const std::string& folder_;
    Unfinished unfinished_;
    const core::Task& task_;
    std::vector<Present> present_;
    Uninstalled outcome_;
};

core::Result<std::vector<std::string>> Uninstall::list(std::string_view sql,
                                                       std::vector<database::PostgresValue> parameters) {
    auto rows = database_.query(sql, parameters);
    if (!rows) return propagate(rows);
    std::vector<std::string> found;
    for (int i = 0; i < rows->count(); ++i) found.push_back(rows->text(i, 0));
    return found;
}

core::Status Uninstall::lock() {
    // Who holds the lock waits for the copy, and may wait longer than a server lets an idle transaction
    // stand.
    if (auto set = database_.run("SET LOCAL lock_timeout = '30s'; SET LOCAL statement_timeout = 0; SET LOCAL "
                                 "idle_in_transaction_session_timeout = 0");
        !set)
        return set;
    for (const Present& present : present_) {
        // Who makes a partition or takes one out waits here.
        auto alone = database_.query("SELECT pg_advisory_xact_lock($1::regclass::oid::bigint)",
                                     {fmt::format("{}.events", schema_name(present.layer))});
        if (!alone) return propagate(alone);
    }
    for (Present& present : present_)
        if (auto seen = look_at(present); !seen) return seen;
    return {};
}

core::Status Uninstall::look_at(Present& present) {
    const std::string schema(schema_name(present.layer));
    auto tables = list(
        "SELECT format('%I.%I', $1::text, name) FROM unnest(string_to_array($2, ' ')) WITH ORDINALITY AS "
        "known "
        "(name, place) WHERE to_regclass(format('%I.%I', $1::text, name)) IS NOT NULL ORDER BY place",
        {schema, std::string(made(present.layer).tables)});
    if (!tables) return propagate(tables);
    auto leaves = list(
        "SELECT format('%I.%I', $1::text, relname) FROM pg_class WHERE relnamespace = $1::regnamespace AND "
        "relkind = 'r' AND NOT relispartition AND relname ~ $2 ORDER BY 1",
        {schema, std::string(leaf_pattern)});
    if (!leaves) return propagate(leaves);
    present.event_tables = {schema + ".events", schema + ".events_parked"};
    for (auto* names : {&present.tables, &present.event_tables})
        names->insert(names->end(), leaves->begin(), leaves->end());
    present.tables.insert(present.tables.begin(), tables->begin(), tables->end());
    std::string all;
    for (const std::string& table : present.tables) all += (all.empty() ? "" : ", ") + table;
    if (auto locked = database_.run(fmt::format("LOCK TABLE {} IN EXCLUSIVE MODE", all)); !locked)
        return locked;
    auto strange = list(
        "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v', "
        "'m', "
        "'f') AND NOT relispartition AND relname !~ $2 AND relname <> ALL (string_to_array($3, ' ')) ORDER "
        "BY 1",
        {schema, std::string(leaf_pattern), std::string(made(present.layer).tables)});
    if (!strange) return propagate(strange);
    if (!strange->empty())
        return fail(
            ErrorKind::conflict,
            fmt::format("{}: the schema {} holds {}, which this program does not make: move it elsewhere "
                        "first, or use the newer program that made it",
                        database_.where(), schema, core::quoted(strange->front())));
    auto under_way = list(
        fmt::format("SELECT leaf FROM {}.archive_leaves WHERE dropped_at IS NULL ORDER BY 1", schema), {});
    if (!under_way) return propagate(under_way);
    if (under_way->empty()) return {};
    return fail(
        ErrorKind::conflict,
        fmt::format("{}: {} of {} left for the archive and {} not dropped ({}); finish that first: "
                    "tristrata store retain",
                    database_.where(), core::plural(under_way->size(), "leaf", "leaves"),
                    present.event_tables.front(), under_way->size() == 1 ? "is" : "are", under_way->front()));
}

core::Status Uninstall::drop() {
    for (const Present& present : present_) {
        const std::string schema(schema_name(present.layer));
        std::string script = "DROP TABLE ";
        for (const std::string& table : present.tables)
            script += (&table == &present.tables.front() ? "" : ", ") + table;
        auto functions = list(
            "SELECT format('; DROP FUNCTION %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = "
            "$1::regnamespace AND proname = ANY (string_to_array($2, ' ')) ORDER BY 1",
            {schema, std::string(made(present.layer).functions)});
        if (!functions) return propagate(functions);
        for (const std::string& function : *functions) script += function;
        auto done = database_.run(fmt::format("{}; DROP SCHEMA {}", script, schema));
        constexpr std::string_view dependent_objects = "2BP01";
        if (!done && done.error().foreign_code == dependent_objects)
            return fail(
                ErrorKind::conflict,
                fmt::format("{}; take out first what is not Tristrata's and hangs on the store, such as "
                            "a view",
                            done.error().message),
                done.error().foreign_code);
        if (!done) return done;
    }
    return {};
}

/// Whatever will stand in the way is known before a row is copied.
core::Status Uninstall::rehearse() {
    if (auto point = database_.run("SAVEPOINT rehearsal"); !point) return point;
    if (auto dropped = drop(); !dropped) return dropped;
    return database_.run("ROLLBACK TO rehearsal");
}

core::Status Uninstall::require_no_nan(const Present& present) {
    const bool is_kpi = present.layer == Layer::kpi;
    const std::string_view time = is_kpi ? "time" : "detected_at";
    std::vector<std::string> numbers{"metric_value"};
    if (!is_kpi) numbers = {"reference_value", "current_value", "significance"};
    for (const std::string& table : present.event_tables) {
        for (const std::string& number : numbers) {
            auto found = database_.query(fmt::format(
                "SELECT event_id, to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM "
                "{1} WHERE {2} = 'NaN' LIMIT 1",
                time, table, number));
            if (!found) return propagate(found);
            if (found->count() == 0) continue;
            return fail(
                ErrorKind::conflict,
                fmt::format(
                    "{0}: {1} is NaN in a row of {2} (event_id {3}, {4} {5}), which SQLite does not hold; "
                    "somebody's own SQL wrote it. Make it NULL in all of them as who owns the table, and "
                    "run again: UPDATE {2} SET {1} = NULL WHERE {1} = 'NaN'; or delete them: DELETE FROM "
                    "{2} WHERE {1} = 'NaN'",
                    database_.where(), number, table, found->text(0, 0), time, found->text(0, 1)));
        }
    }
    return {};
}

core::Status Uninstall::export_all() {
    for (const Present& present : present_)
        if (auto held = require_no_nan(present); !held) return held;
    if (auto folder = unfinished_.make(); !folder) return folder;
    for (const Present& present : present_) {
        const std::string path =
            (std::filesystem::path(unfinished_.path()) / schema_name(present.layer)).string() + ".db";
        if (auto done =
                export_layer(database_, options_, present.layer, present.event_tables, path, task_, outcome_);
            !done)
            return done;
    }
    for (auto& table : outcome_.tables)
        table.file = (std::filesystem::path(folder_) / std::filesystem::path(table.file).filename()).string();
    return unfinished_.finish();
}

core::Status Uninstall::find_what_stays() {
    std::vector<std::string> asked;
    for (const Present& present : present_) {
        auto roles = list(
            "SELECT quote_ident(rolname) FROM pg_roles JOIN unnest(string_to_array($1, ' ')) AS name ON "
            "rolname = "
            "$2 || name",
            {std::string(made(present.layer).roles), present.prefix});
        if (!roles) return propagate(roles);
        for (const std::string& role : *roles)
            if (std::ranges::find(outcome_.roles, role) == outcome_.roles.end())
                outcome_.roles.push_back(role);
        auto schemas = list(
            "SELECT quote_ident(nspname) FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE "
            "starts_with(nspname, 'restore_') AND rolname = $1 ORDER BY 1",
            {present.prefix + "maintenance"});
        if (!schemas) return propagate(schemas);
        for (const std::string& schema : *schemas)
            if (std::ranges::find(outcome_.restored, schema) == outcome_.restored.end())
                outcome_.restored.push_back(schema);
    }
    for (const std::string& schema : outcome_.restored)
        outcome_.sql += fmt::format("DROP SCHEMA {} CASCADE;\n", schema);
    if (!outcome_.roles.empty()) {
        outcome_.sql += "DROP ROLE ";
        for (const std::string& role : outcome_.roles)
            outcome_.sql += (&role == &outcome_.roles.front() ? "" : ", ") + role;
        outcome_.sql += ";\n";
    }
    return {};
}

core::Result<Uninstalled> Uninstall::run(const core::SecretSource& admin) {
    for (const Layer layer : {Layer::kpi, Layer::drift}) {
        auto prefix = prefix_there(database_, layer);
        if (!prefix) return propagate(prefix);
        if (!*prefix) continue;
        // It opens as a store does, and says what is wrong as a store does.
        if (auto store = open_postgres(admin, layer, OpenMode::maintain); !store) return propagate(store);
        present_.push_back({layer, **prefix, {}, {}});
    }
    if (present_.empty())
        return fail(
            ErrorKind::not_found,
            fmt::format("{} holds no store of Tristrata: there is nothing to take out", database_.where()));
    auto status = database_.transaction([&]() -> core::Status {
        if (auto alone = lock(); !alone) return alone;
        if (auto may = rehearse(); !may) return may;
        if (auto exported = export_all(); !exported) return exported;
        if (auto found = find_what_stays(); !found) return found;
        // Outside of the transaction, on a connection that was lost and made again, there is no such point.
        if (auto same = database_.run("RELEASE rehearsal"); !same) return same;
        return drop();
    });
    if (status) return std::move(outcome_);
    core::Error error = status.error();
    if (error.kind == ErrorKind::possibly_persisted)
        error.message = fmt::format(
            "{}: the connection was lost while the stores were dropped; {} holds all of "
            "them, and tristrata store status tells whether the database does too",
            database_.where(), core::quoted(folder_));
    else if (unfinished_.finished())
        error.message += fmt::format(
            "; the database is as it was, and {} holds a copy of it: remove that and run "
            "again",
            core::quoted(folder_));
    else error.message += "; the database is as it was";
    return tl::unexpected(std::move(error));
}

}  // namespace

core::Result<Uninstalled> uninstall_postgres(const core::SecretSource& admin, const std::string& folder,
                                             const core::Task& task) {
    database::PostgresOptions options;
    options.url = admin;
    options.application = "tristrata store uninstall";
    std::string plain = folder;  // "out/" would be renamed from "out/.unfinished".
    while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
    return Uninstall(std::move(options), plain, task).run(admin);
}

}  // namespace tristrata::store
