#include "schema_text.hpp"
#include "state_sources.hpp"
#include "tables.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <array>
#include <optional>
#include <utility>

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;
using core::fail;
using database::Sqlite;
using database::Statement;

constexpr std::string_view sqlite_state_columns =
    "scope, engaged, version, incident, episode, source, who, why, ticket, override_text, evidence, "
    "changed_at";

/// 27 characters, so that they sort as times do.
std::string fixed_time(core::Timestamp time) {
    const std::int64_t fraction = ((time.microseconds % 1'000'000) + 1'000'000) % 1'000'000;
    const std::string whole = core::to_string(core::Timestamp{time.microseconds - fraction});
    return fmt::format("{}.{:06}Z", whole.substr(0, 19), fraction);
}

class SqliteTables final : public Tables {
public:
    SqliteTables(Sqlite database, core::Clock& clock) : database_(std::move(database)), clock_(clock) {}

    std::string_view backend() const noexcept override { return "sqlite"; }
    std::string where() const override { return database_.path(); }
    bool has_roles() const noexcept override { return false; }

    core::Status require() override {
        auto version = database::schema_version(database_, schema);
        if (!version) return propagate(version);
        if (*version == 0)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: there are no tables of the kill switch; make them with: tristrata "
                                    "kill-switch init",
                                    database_.path()));
        return database::require_known(database_, schema, *version, sqlite_migrations().back().number);
    }

    core::Status transaction(const std::function<core::Status()>& body) override {
        return database_.transaction(body);
    }

    core::Result<std::vector<State>> states(const std::optional<Scope>& scope) override {
        return read("state", "scope = ?1", scope, "ORDER BY scope", 10'000);
    }
    core::Result<std::vector<State>> history(const std::optional<Scope>& scope,
                                             std::uint64_t limit) override {
        // In any letters, as is_same() has it.
        return read("history", "scope = ?1 COLLATE NOCASE", scope, "ORDER BY changed_at DESC, version DESC",
                    limit);
    }

    core::Result<bool> change(const State& state) override {
        auto statement =
            database_.prepare(state.version == 1 ? "INSERT INTO kill_switch.state (scope, engaged, version, "
                                                   "incident, episode, source, who, why, "
                                                   "ticket, override_text, evidence, changed_at) VALUES (?1, "
                                                   "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                                                   "?12) ON CONFLICT DO NOTHING"
                                                 : "UPDATE kill_switch.state SET engaged = ?2, version = ?3, "
                                                   "incident = ?4, episode = ?5, source = ?6, "
                                                   "who = ?7, why = ?8, ticket = ?9, override_text = ?10, "
                                                   "evidence = ?11, changed_at = ?12 WHERE scope "
                                                   "= ?1 AND version = ?3 - 1");
        if (!statement) return propagate(statement);
        statement->bind(1, to_string(state.scope));
        statement->bind(2, std::int64_t{state.engaged ? 1 : 0});
        statement->bind(3, state.version);
        statement->bind(4, state.incident);
        statement->bind(5, state.episode);
        statement->bind(6, name(state.source));
        statement->bind(7, state.who);
        statement->bind(8, state.why);
        statement->bind(9, state.ticket);
        statement->bind(10, state.override_text);
        statement->bind(11, state.evidence);
        statement->bind(12, fixed_time(clock_.now()));
        if (auto row = statement->step(); !row) return propagate(row);
        return database_.changes() >= 1;
    }

    core::Result<std::optional<Decision>> before(const Scope& scope, const std::string& incident,
                                                 std::int64_t episode) override {
        auto statement = database_.prepare(
            "SELECT decision FROM kill_switch.evaluations WHERE scope = ? AND incident = ? AND episode = ? "
            "AND "
            "decision IN ('engaged', 'joined') ORDER BY decision LIMIT 1");
        if (!statement) return propagate(statement);
        statement->bind(1, to_string(scope));
        statement->bind(2, incident);
        statement->bind(3, episode);
        auto row = statement->step();
        if (!row) return propagate(row);
        if (!*row) return std::optional<Decision>();
        auto decision = parse_decision(statement->text(0));
        if (!decision) return propagate(decision);
        return std::optional(*decision);
    }

    core::Result<std::vector<std::string>> joined(const Scope& scope, core::Timestamp since) override {
        auto statement = database_.prepare(
            "SELECT DISTINCT incident FROM kill_switch.evaluations WHERE scope = ? AND decision = 'joined' "
            "AND recorded_at >= ? ORDER BY incident");
        if (!statement) return propagate(statement);
        statement->bind(1, to_string(scope));
        statement->bind(2, fixed_time(since));
        std::vector<std::string> all;
        for (;;) {
            auto row = statement->step();
            if (!row) return propagate(row);
            if (!*row) return all;
            all.push_back(statement->text(0));
        }
    }

    core::Result<std::uint64_t> other_scopes(const Scope& scope, Decision decision,
                                             core::Duration window) override {
        auto statement = database_.prepare(fmt::format(
            "SELECT count(DISTINCT scope) FROM kill_switch.evaluations WHERE scope <> ? AND decision = ? "
            "AND source NOT IN ({}) AND recorded_at > ?",
            person_sources));
        if (!statement) return propagate(statement);
        statement->bind(1, to_string(scope));
        statement->bind(2, name(decision));
        statement->bind(3, fixed_time(clock_.now() + core::Duration{-window.microseconds}));
        return counted(*statement);
    }

    core::Result<std::int64_t> shadow_days() override {
        auto statement = database_.prepare(fmt::format(
            "SELECT count(DISTINCT substr(recorded_at, 1, 10)) FROM kill_switch.evaluations WHERE mode = "
            "'shadow' AND decision IN ({}) AND recorded_at <= ?",
            shadow_decisions));
        if (!statement) return propagate(statement);
        statement->bind(1, fixed_time(clock_.now()));
        auto days = counted(*statement);
        if (!days) return propagate(days);
        return static_cast<std::int64_t>(*days);
    }

    core::Result<std::uint64_t> count(Decision decision) override {
        auto statement = database_.prepare("SELECT count(*) FROM kill_switch.evaluations WHERE decision = ?");
        if (!statement) return propagate(statement);
        statement->bind(1, name(decision));
        return counted(*statement);
    }

    core::Result<bool> record(const EvaluationRow& row) override {
        auto statement = database_.prepare(
            "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
            "episode, "
            "source, who, why, evidence, evidence_sha256, program_version, asked_at, recorded_at) VALUES (?, "
            "?, ?, ?, "
            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        if (!statement) return propagate(statement);
        statement->bind(1, core::to_string(row.evaluation_id));
        statement->bind(2, name(row.mode));
        statement->bind(3, name(row.decision));
        statement->bind(4, row.reason);
        statement->bind(5, row.scope);
        statement->bind(6, row.incident);
        statement->bind(7, row.episode);
        statement->bind(8, row.source);
        statement->bind(9, row.who);
        statement->bind(10, row.why);
        statement->bind(11, row.evidence);
        statement->bind(12, row.evidence_sha256);
        statement->bind(13, program_version());
        statement->bind(14, fixed_time(row.asked_at));
        statement->bind(15, fixed_time(clock_.now()));
        if (auto done = statement->step(); !done) return propagate(done);
        return database_.changes() >= 1;
    }

    core::Result<std::optional<Recorded>> recorded(const core::Uuid& evaluation_id) override {
        auto statement = database_.prepare(
            "SELECT mode, reason, asked_at FROM kill_switch.evaluations WHERE evaluation_id = ?");
        if (!statement) return propagate(statement);
        statement->bind(1, core::to_string(evaluation_id));
        auto row = statement->step();
        if (!row) return propagate(row);
        if (!*row) return std::optional<Recorded>();
        auto asked_at = core::parse_timestamp(statement->text(2));
        if (!asked_at) return propagate(asked_at);
        return std::optional(Recorded{statement->text(0) == "shadow" ? Mode::shadow : Mode::enforcing,
                                      statement->text(1), *asked_at});
    }

    core::Result<std::optional<LastLoss>> last_loss(const std::string& incident) override {
        auto statement = database_.prepare(
            "SELECT episode, max(CASE WHEN decision <> 'nothing_open' THEN asked_at END), max(decision = "
            "'nothing_open') FROM kill_switch.evaluations WHERE incident = ? AND source = 'system' GROUP BY "
            "episode ORDER BY episode DESC LIMIT 1");
        if (!statement) return propagate(statement);
        statement->bind(1, incident);
        auto row = statement->step();
        if (!row) return propagate(row);
        if (!*row) return std::optional<LastLoss>();
        LastLoss last{statement->integer(0), {}, statement->integer(2) != 0};
        if (const auto noted_at = statement->maybe_text(1)) {
            auto at = core::parse_timestamp(*noted_at);
            if (!at) return propagate(at);
            last.noted_at = *at;
        }
        return std::optional(last);
    }

    core::Result<std::vector<Evaluation>> evaluations(std::uint64_t limit) override {
        auto statement = database_.prepare(
            "SELECT recorded_at, mode, decision, reason, scope, incident, episode, source, who, why, "
            "evidence_sha256 "
            "FROM kill_switch.evaluations ORDER BY recorded_at DESC, evaluation_id LIMIT ?");
        if (!statement) return propagate(statement);
        statement->bind(1, static_cast<std::int64_t>(limit));
        std::vector<Evaluation> all;
        for (;;) {
            auto row = statement->step();
            if (!row) return propagate(row);
            if (!*row) return all;
            auto recorded_at = core::parse_timestamp(statement->text(0));
            auto decision = parse_decision(statement->text(2));
            if (!recorded_at) return propagate(recorded_at);
            if (!decision) return propagate(decision);
            all.push_back({*recorded_at, statement->text(1) == "shadow" ? Mode::shadow : Mode::enforcing,
                           *decision, statement->text(3), statement->text(4), statement->text(5),
                           statement->integer(6), statement->text(7), statement->text(8), statement->text(9),
                           statement->maybe_text(10)});
        }
    }

private:
    static core::Result<std::uint64_t> counted(Statement& statement) {
        if (auto row = statement.step(); !row) return propagate(row);
        return static_cast<std::uint64_t>(statement.integer(0));
    }

    core::Result<std::vector<State>> read(std::string_view table, std::string_view of_scope,
                                          const std::optional<Scope>& scope, std::string_view order,
                                          std::uint64_t limit) {
        auto statement =
            database_.prepare(fmt::format("SELECT {} FROM kill_switch.{} WHERE ?1 IS NULL OR {} {} LIMIT ?2",
                                          sqlite_state_columns, table, of_scope, order));
        if (!statement) return propagate(statement);
        statement->bind(1, scope ? std::optional(to_string(*scope)) : std::nullopt);
        statement->bind(2, static_cast<std::int64_t>(limit));
        std::vector<State> all;
        for (;;) {
            auto row = statement->step();
            if (!row) return propagate(row);
            if (!*row) return all;
            State state;
            auto named = parse_scope(statement->text(0));
            auto source = parse_source(statement->text(5));
            auto changed_at = core::parse_timestamp(statement->text(11));
            if (!named) return propagate(named);
            if (!source) return propagate(source);
            if (!changed_at) return propagate(changed_at);
            state.scope = std::move(*named);
            state.engaged = statement->integer(1) != 0;
            state.version = statement->integer(2);
            state.incident = statement->text(3);
            state.episode = statement->integer(4);
            state.source = *source;
            state.who = statement->text(6);
            state.why = statement->text(7);
            state.ticket = statement->maybe_text(8);
            state.override_text = statement->maybe_text(9);
            state.evidence = statement->maybe_text(10);
            state.changed_at = *changed_at;
            state.age = clock_.now() - *changed_at;
            all.push_back(std::move(state));
        }
    }

    Sqlite database_;
    core::Clock& clock_;
};

/// Which files a path leads to: the database's, and those that SQLite keeps beside it; device and number,
/// none where one is not there.
using FileIdentity = std::array<std::optional<std::pair<dev_t, ino_t>>, 3>;

FileIdentity identity_of(const std::string& path) {
    FileIdentity identity;
    for (std::size_t i = 0; const char* beside : {"", "-wal", "-shm"}) {
        struct stat found{};
        if (::stat((path + beside).c_str(), &found) == 0) identity[i] = {found.st_dev, found.st_ino};
        ++i;
    }
    return identity;
}

/// A file that is read again and again. One that was deleted can still be read while it is open, and a copy
/// that was put in its place is another: it is opened anew where the path leads elsewhere.
struct OpenFile {
    Sqlite database;
    std::optional<FileIdentity> identity;  ///< Absent: not known, so the next poll opens anew.
};

}  // namespace

core::Result<std::unique_ptr<Tables>> open_sqlite_tables(const std::string& path, core::Clock& clock) {
    auto database = Sqlite::open(path, schema, database::Access::write, false);
    if (!database && database.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::configuration,
                    fmt::format("{}; make it with: tristrata kill-switch init", database.error().message));
    if (!database) return propagate(database);
    return std::make_unique<SqliteTables>(std::move(*database), clock);
}

StateSource sqlite_state_source(const std::string& path) {
    auto open = std::make_shared<std::optional<OpenFile>>();
    return [path, open]() -> core::Result<std::vector<Scope>> {
        if (*open && (*open)->identity != identity_of(path)) open->reset();
        if (!*open) {
            constexpr core::Duration busy{100'000};
            const auto before = identity_of(path);
            auto database = Sqlite::open(path, schema, database::Access::read, false, busy);
            if (!database) return propagate(database);
            // Replaced while it was opened: which of them it is nobody knows, so the next poll opens anew.
            const auto after = identity_of(path);
            open->emplace(
                OpenFile{std::move(*database), before[0] == after[0] ? std::optional(after) : std::nullopt});
        }
        const auto ask = [&]() -> core::Result<std::vector<Scope>> {
            auto statement = (*open)->database.prepare("SELECT scope FROM kill_switch.state WHERE engaged");
            if (!statement) return propagate(statement);
            std::vector<Scope> scopes;
            for (;;) {
                auto row = statement->step();
                if (!row) return propagate(row);
                if (!*row) return scopes;
                auto scope = parse_scope(statement->text(0));
                if (!scope) return propagate(scope);
                scopes.push_back(std::move(*scope));
            }
        };
        auto scopes = ask();
        if (!scopes) open->reset();
        return scopes;
    };
}

}  // namespace tristrata::kill_switch
