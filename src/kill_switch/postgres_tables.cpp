#include "postgres_state.hpp"
#include "schema_text.hpp"
#include "state_sources.hpp"
#include "tables.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view state_columns =
    "scope, engaged, version, incident, episode, source, who, why, ticket, override_text, evidence::text, "
    "(extract(epoch FROM changed_at) * 1000000)::bigint, "
    "(extract(epoch FROM clock_timestamp() - changed_at) * 1000000)::bigint";

core::Result<State> state_at(const database::PostgresRows& rows, int row) {
    State state;
    auto scope = parse_scope(rows.text(row, 0));
    auto source = parse_source(rows.text(row, 5));
    if (!scope) return propagate(scope);
    if (!source) return propagate(source);
    state.scope = std::move(*scope);
    state.engaged = rows.boolean(row, 1);
    state.version = rows.integer(row, 2);
    state.incident = rows.text(row, 3);
    state.episode = rows.integer(row, 4);
    state.source = *source;
    state.who = rows.text(row, 6);
    state.why = rows.text(row, 7);
    state.ticket = rows.maybe_text(row, 8);
    state.override_text = rows.maybe_text(row, 9);
    state.evidence = rows.maybe_text(row, 10);
    state.changed_at = {rows.integer(row, 11)};
    state.age = {rows.integer(row, 12)};
    return state;
}

class PostgresTables final : public Tables {
public:
    PostgresTables(database::PostgresOptions options, core::Clock& clock)
        : database_(std::move(options)), clock_(clock) {}

    std::string_view backend() const noexcept override { return "postgresql"; }
    std::string where() const override { return database_.where(); }
    bool has_roles() const noexcept override { return true; }

    core::Status require() override {
        auto there = database_.query("SELECT to_regclass('kill_switch.schema_version') IS NOT NULL");
        if (!there) return propagate(there);
        if (!there->boolean(0, 0))
            return fail(ErrorKind::configuration,
                        fmt::format("{}: there are no tables of the kill switch; make them with: tristrata "
                                    "kill-switch init",
                                    database_.where()));
        auto version = database::schema_version(database_, schema);
        if (!version) return propagate(version);
        return database::require_known(database_, schema, *version, postgres_migrations().back().number);
    }

    core::Status transaction(const std::function<core::Status()>& body) override {
        static const std::string begin =
            "BEGIN ISOLATION LEVEL SERIALIZABLE" + std::string(database::Postgres::durable_begin.substr(5));
        constexpr int tries = 25;
        constexpr std::int64_t wait_max = 128'000;
        core::Status status;
        for (int i = 0; i < tries; ++i) {
            status = database_.transaction(body, begin);
            // Another writer was first: what was read is read again. Of two that begin a scope at once, one
            // meets the other's row before the server sees the conflict.
            if (status || (status.error().foreign_code != "40001" && status.error().foreign_code != "40P01" &&
                           status.error().foreign_code != "23505"))
                return status;
            // Each waits for another time, or they would meet again.
            const std::int64_t wait = std::min(wait_max, std::int64_t{1000} << std::min(i, 7));
            const auto drawn = static_cast<std::int64_t>(core::uuid_v7(clock_).bytes.back());
            (void)clock_.sleep_for({wait * drawn / 256}, {});
        }
        return fail(ErrorKind::unavailable,
                    fmt::format("{}: other writers of the kill switch were first {} times in a "
                                "row",
                                database_.where(), tries));
    }

    core::Result<std::vector<State>> states(const std::optional<Scope>& scope) override {
        return read_states(database_, "state", scope, "ORDER BY scope", 10'000);
    }
    core::Result<std::vector<State>> history(const std::optional<Scope>& scope,
                                             std::uint64_t limit) override {
        return read_states(database_, "history", scope, "ORDER BY changed_at DESC, version DESC", limit,
                           Letters::any);
    }

    core::Result<bool> change(const State& state) override { return write_state(database_, state); }

    core::Result<std::optional<Decision>> before(const Scope& scope, const std::string& incident,
                                                 std::int64_t episode) override {
        auto rows = database_.query(
            "SELECT decision FROM kill_switch.evaluations WHERE scope = $1 AND incident = $2 AND episode = "
            "$3 AND "
            "decision IN ('engaged', 'joined') ORDER BY decision LIMIT 1",
            {to_string(scope), incident, std::to_string(episode)});
        if (!rows) return propagate(rows);
        if (rows->count() == 0) return std::optional<Decision>();
        auto decision = parse_decision(rows->text(0, 0));
        if (!decision) return propagate(decision);
        return std::optional(*decision);
    }

    core::Result<std::vector<std::string>> joined(const Scope& scope, core::Timestamp since) override {
        auto rows = database_.query(
            "SELECT DISTINCT incident FROM kill_switch.evaluations WHERE scope = $1 AND decision = 'joined' "
            "AND recorded_at >= $2::timestamptz ORDER BY incident",
            {to_string(scope), core::to_string(since)});
        if (!rows) return propagate(rows);
        std::vector<std::string> all;
        for (int i = 0; i < rows->count(); ++i) all.push_back(rows->text(i, 0));
        return all;
    }

    core::Result<std::uint64_t> other_scopes(const Scope& scope, Decision decision,
                                             core::Duration window) override {
        auto rows = database_.query(
            fmt::format(
                "SELECT count(DISTINCT scope) FROM kill_switch.evaluations WHERE scope <> $1 AND decision = "
                "$2 "
                "AND source NOT IN ({}) AND recorded_at > clock_timestamp() - $3 * interval '1 microsecond'",
                person_sources),
            {to_string(scope), std::string(name(decision)), std::to_string(window.microseconds)});
        if (!rows) return propagate(rows);
        return static_cast<std::uint64_t>(rows->integer(0, 0));
    }

    core::Result<std::int64_t> shadow_days() override {
        auto rows = database_.query(fmt::format(
            "SELECT count(DISTINCT (recorded_at AT TIME ZONE 'UTC')::date) FROM kill_switch.evaluations "
            "WHERE mode = 'shadow' AND decision IN ({}) AND recorded_at <= clock_timestamp()",
            shadow_decisions));
        if (!rows) return propagate(rows);
        return rows->integer(0, 0);
    }

    core::Result<std::uint64_t> count(Decision decision) override {
        auto rows = database_.query("SELECT count(*) FROM kill_switch.evaluations WHERE decision = $1",
                                    {std::string(name(decision))});
        if (!rows) return propagate(rows);
        return static_cast<std::uint64_t>(rows->integer(0, 0));
    }

    core::Result<bool> record(const EvaluationRow& row) override {
        const std::array<database::PostgresValue, 14> values{core::to_string(row.evaluation_id),
                                                             std::string(name(row.mode)),
                                                             std::string(name(row.decision)),
                                                             row.reason,
                                                             row.scope,
                                                             row.incident,
                                                             std::to_string(row.episode),
                                                             row.source,
                                                             row.who,
                                                             row.why,
                                                             row.evidence,
                                                             row.evidence_sha256,
                                                             std::string(program_version()),
                                                             core::to_string(row.asked_at)};
        auto done = database_.query(
            "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
            "episode, "
            "source, who, why, evidence, evidence_sha256, program_version, asked_at) VALUES ($1, $2, $3, $4, "
            "$5, $6, "
            "$7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING",
            values);
        if (!done) return propagate(done);
        return done->affected() == 1;
    }

    core::Result<std::optional<Recorded>> recorded(const core::Uuid& evaluation_id) override {
        auto rows = database_.query(
            "SELECT mode, reason, (extract(epoch FROM asked_at) * 1000000)::bigint FROM "
            "kill_switch.evaluations WHERE evaluation_id = $1",
            {core::to_string(evaluation_id)});
        if (!rows) return propagate(rows);
        if (rows->count() == 0) return std::optional<Recorded>();
        return std::optional(Recorded{rows->text(0, 0) == "shadow" ? Mode::shadow : Mode::enforcing,
                                      rows->text(0, 1), core::Timestamp{rows->integer(0, 2)}});
    }

    core::Result<std::optional<LastLoss>> last_loss(const std::string& incident) override {
        auto rows = database_.query(
            "SELECT episode, coalesce((extract(epoch FROM max(asked_at) FILTER (WHERE decision <> "
            "'nothing_open')) * 1000000)::bigint, 0), bool_or(decision = 'nothing_open') FROM "
            "kill_switch.evaluations WHERE incident = $1 AND source = 'system' GROUP BY episode ORDER BY "
            "episode DESC LIMIT 1",
            {incident});
        if (!rows) return propagate(rows);
        if (rows->count() == 0) return std::optional<LastLoss>();
        return std::optional(
            LastLoss{rows->integer(0, 0), core::Timestamp{rows->integer(0, 1)}, rows->boolean(0, 2)});
    }

    core::Result<std::vector<Evaluation>> evaluations(std::uint64_t limit) override {
        auto rows = database_.query(
            "SELECT (extract(epoch FROM recorded_at) * 1000000)::bigint, mode, decision, reason, scope, "
            "incident, "
            "episode, source, who, why, evidence_sha256 FROM kill_switch.evaluations ORDER BY recorded_at "
            "DESC, "
            "evaluation_id LIMIT $1",
            {std::to_string(limit)});
        if (!rows) return propagate(rows);
        std::vector<Evaluation> all;
        for (int i = 0; i < rows->count(); ++i) {
            auto decision = parse_decision(rows->text(i, 2));
            if (!decision) return propagate(decision);
            all.push_back({{rows->integer(i, 0)},
                           rows->text(i, 1) == "shadow" ? Mode::shadow : Mode::enforcing,
                           *decision,
                           rows->text(i, 3),
                           rows->text(i, 4),
                           rows->text(i, 5),
                           rows->integer(i, 6),
                           rows->text(i, 7),
                           rows->text(i, 8),
                           rows->text(i, 9),
                           rows->maybe_text(i, 10)});
        }
        return all;
    }

private:
    database::Postgres database_;
    core::Clock& clock_;
};

database::PostgresOptions options_of(const core::SecretSource& url, std::string application) {
    database::PostgresOptions options;
    options.url = url;
    options.application = std::move(application);
    options.where_denied = "give it the role engager, or operator to disengage";
    return options;
}

}  // namespace

core::Result<std::vector<State>> read_states(database::Postgres& database, std::string_view table,
                                             const std::optional<Scope>& scope, std::string_view order,
                                             std::uint64_t limit, Letters letters) {
    // By the letters of ASCII, which alone a scope has: another locale lowers I to another letter.
    const std::string_view of_scope =
        letters == Letters::any ? R"(lower(scope COLLATE "C") = lower($1 COLLATE "C"))" : "scope = $1";
    auto rows = database.query(
        fmt::format("SELECT {} FROM kill_switch.{} WHERE $1::text IS NULL OR {} {} LIMIT $2", state_columns,
                    table, of_scope, order),
        {scope ? database::PostgresValue(to_string(*scope)) : std::nullopt, std::to_string(limit)});
    if (!rows) return propagate(rows);
    std::vector<State> all;
    for (int i = 0; i < rows->count(); ++i) {
        auto one = state_at(*rows, i);
        if (!one) return propagate(one);
        all.push_back(std::move(*one));
    }
    return all;
}

core::Result<bool> write_state(database::Postgres& database, const State& state) {
    const std::array<database::PostgresValue, 11> values{to_string(state.scope),
                                                         state.engaged ? "true" : "false",
                                                         std::to_string(state.version),
                                                         state.incident,
                                                         std::to_string(state.episode),
                                                         std::string(name(state.source)),
                                                         state.who,
                                                         state.why,
                                                         state.ticket,
                                                         state.override_text,
                                                         state.evidence};
    // No ON CONFLICT, which a view would refuse: of two that begin a scope at once one is refused, and tries
    // again.
    auto done = database.query(
        state.version == 1
            ? "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why, "
              "ticket, override_text, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            : "UPDATE kill_switch.state SET engaged = $2, version = $3, incident = $4, episode = $5, source "
              "= $6, who = $7, why = $8, ticket = $9, override_text = $10, evidence = $11 WHERE scope = $1 "
              "AND version = $3 - 1",
        values);
    if (!done) return propagate(done);
    return done->affected() == 1;
}

std::unique_ptr<Tables> open_postgres_tables(const core::SecretSource& url, core::Clock& clock) {
    auto options = options_of(url, "tristrata kill-switch");
    options.connect_timeout = {3'000'000};
    options.answer_timeout = {10'000'000};
    return std::make_unique<PostgresTables>(std::move(options), clock);
}

StateSource postgres_state_source(const core::SecretSource& url) {
    auto options = options_of(url, "tristrata kill-switch reader");
    // A poll that takes longer is as good as none; the age of the last answer counts meanwhile.
    options.connect_timeout = {1'000'000};
    options.answer_timeout = {500'000};
    auto database = std::make_shared<database::Postgres>(std::move(options));
    return [database]() -> core::Result<std::vector<Scope>> {
        auto rows = database->query("SELECT scope FROM kill_switch.state WHERE engaged");
        if (!rows) return propagate(rows);
        std::vector<Scope> scopes;
        for (int i = 0; i < rows->count(); ++i) {
            auto scope = parse_scope(rows->text(i, 0));
            if (!scope) return propagate(scope);
            scopes.push_back(std::move(*scope));
        }
        return scopes;
    };
}

}  // namespace tristrata::kill_switch
