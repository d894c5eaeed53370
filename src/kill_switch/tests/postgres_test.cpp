#include "tristrata/database/postgres.hpp"
#include "requests.hpp"
#include "schema_text.hpp"
#include "servers/postgres_server.hpp"
#include "tristrata/kill_switch/reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <atomic>
#include <thread>

using namespace tristrata;
using namespace tristrata::kill_switch;
using core::ErrorKind;

namespace {

core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

core::Timestamp now() { return core::system_clock().now(); }
core::Duration minutes(std::int64_t count) { return {count * 60'000'000}; }

/// Each test has a database and roles of its own.
class PostgresKillSwitchTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<servers::PostgresServer>(); }
    static void TearDownTestSuite() { server_.reset(); }

    void SetUp() override {
        static int made = 0;
        name_ = "switch_" + std::to_string(made++);
        prefix_ = name_ + "_";
        auto admin = connect(server_->url());
        ASSERT_TRUE(admin.run("CREATE DATABASE " + name_));
        ASSERT_EQ(
            init(place(server_->url(name_)), source_of(server_->url(name_)), prefix_, core::system_clock())
                .value(),
            2);
        for (const char* role : {"engager", "operator", "grafana_reader"})
            ASSERT_TRUE(admin.run("CREATE ROLE " + prefix_ + role + "_user LOGIN PASSWORD 'word' IN ROLE " +
                                  prefix_ + role));
    }
    static Place place(const std::string& url) {
        Place there;
        there.backend = config::Backend::postgresql;
        there.url = source_of(url);
        return there;
    }
    static database::Postgres connect(const std::string& url) {
        database::PostgresOptions options;
        options.url = source_of(url);
        return database::Postgres(options);
    }
    std::string url_of(const std::string& role) {
        return server_->url_of(prefix_ + role + "_user", "word", name_);
    }
    std::unique_ptr<KillSwitch> open(const std::string& role, Policy policy = {}) {
        auto opened = KillSwitch::open(place(url_of(role)), std::move(policy), core::system_clock());
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
        return std::move(*opened);
    }
    /// As if shadow mode had looked on so many days.
    void look_back(int days) {
        auto admin = connect(server_->url(name_));
        ASSERT_TRUE(admin.run(
            "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, "
            "incident, episode, source, who, why, program_version, asked_at, recorded_at) SELECT "
            "gen_random_uuid(), 'shadow', 'nothing_open', 'r', 'global', 'none', 0, 'incident', 'w', "
            "'y', '0', now(), now() - d * interval '1 day' FROM generate_series(1, " +
            std::to_string(days) + ") AS d"));
    }
    static Policy enforcing() {
        Policy policy;
        policy.mode = Mode::enforcing;
        policy.minimum_dwell = {1};
        return policy;
    }
    std::int64_t ask(const std::string& sql) {
        auto rows = connect(server_->url(name_)).query(sql);
        EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
        return rows->integer(0, 0);
    }

    static std::unique_ptr<servers::PostgresServer> server_;
    std::string name_, prefix_;
};
std::unique_ptr<servers::PostgresServer> PostgresKillSwitchTest::server_;

}  // namespace

TEST_F(PostgresKillSwitchTest, blanks_are_no_who_why_or_ticket_by_sql_either_and_older_rows_of_them_stay) {
    const auto begun = [](const char* scope, const std::string& who) {
        return fmt::format(
            "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why) "
            "VALUES ('{}', true, 1, 'i', 1, 'cli', E'{}', 'y')",
            scope, who);
    };
    // Over tables of somebody's own (examples/kill_switch/own_tables.sql) the table is called otherwise.
    for (const char* table : {"state", "state_of_scopes"}) {
        auto admin = connect(server_->url(name_));
        ASSERT_TRUE(admin.run("DROP SCHEMA kill_switch CASCADE"));
        ASSERT_EQ(database::migrate(admin, "kill_switch", postgres_migrations().first(1), prefix_).value(),
                  1);
        ASSERT_TRUE(admin.run(begun("crypto:OLD", " ")));
        if (table != std::string("state")) {
            const auto renamed = admin.run(fmt::format(
                "ALTER TABLE kill_switch.state RENAME TO {0}; CREATE VIEW kill_switch.state AS SELECT * FROM "
                "kill_switch.{0}",
                table));
            ASSERT_TRUE(renamed) << renamed.error().message;
        }
        const auto applied =
            init(place(server_->url(name_)), source_of(server_->url(name_)), prefix_, core::system_clock());
        ASSERT_TRUE(applied) << applied.error().message;
        EXPECT_EQ(*applied, 1);
        EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.state WHERE who = ' '"), 1) << "it is not changed";
        for (const char* blank : {"", "  ", "\\t\\n\\r\\x0B\\f"}) {
            EXPECT_FALSE(admin.run(begun("global", blank))) << table;
            for (const int what : {0, 1, 2})
                EXPECT_FALSE(admin.run(fmt::format(
                    "UPDATE kill_switch.{} SET engaged = false, version = 2, who = E'{}', why = "
                    "E'{}', ticket = E'{}'",
                    table, what == 0 ? blank : "w", what == 1 ? blank : "y", what == 2 ? blank : "t")))
                    << table << ": " << what;
        }
        const auto off = admin.run(fmt::format(
            "UPDATE kill_switch.{} SET engaged = false, version = 2, who = 'w', ticket = 't'", table));
        EXPECT_TRUE(off) << off.error().message;
        EXPECT_TRUE(admin.run(begun("global", "w")));
    }
}

TEST_F(PostgresKillSwitchTest, one_decision_is_one_event_however_often_it_is_shown) {
    const core::Timestamp begin = now();
    std::optional<drift::EventRequest> first;
    for (int i = 0; i < 3; ++i) {
        const core::Timestamp at = begin + core::Duration{i * 7'000'001};
        auto request = request_of("crypto:X", "i1", Source::incident, at);
        request.evidence->rows = static_cast<std::uint64_t>(i);
        const auto outcome = open("engager")->engage(request);
        ASSERT_TRUE(outcome) << outcome.error().message;
        EXPECT_EQ(outcome->decision, Decision::insufficient_evidence);
        EXPECT_EQ(outcome->fresh, i == 0);
        const auto event = event_of(*outcome);
        ASSERT_TRUE(event);
        if (!first) first = event;
        EXPECT_EQ(event->event_id, first->event_id);
        EXPECT_EQ(event->time, begin) << "of the first, to the microsecond";
        EXPECT_EQ(event->payload, first->payload);
    }
}

TEST_F(PostgresKillSwitchTest, the_history_of_a_scope_is_the_same_in_any_letters) {
    ASSERT_TRUE(open("engager")->engage(request_of("crypto:BLANK0xI", "i1", Source::cli, now())));
    for (const char* scope : {"crypto:BLANK0xI", "crypto:blank0Xi"})
        EXPECT_EQ(open("engager")->history(*parse_scope(scope), 10)->size(), 1U) << scope;
    EXPECT_EQ(open("engager")->history(*parse_scope("crypto:BLANK0x"), 10)->size(), 0U);
}

TEST_F(PostgresKillSwitchTest, an_open_incident_that_engaged_or_joined_holds_the_scope) {
    for (const char* incident : {"i1", "i2"})
        ASSERT_TRUE(open("engager")->engage(request_of("global", incident, Source::cli, now())));
    Policy quick;
    quick.minimum_dwell = {1};
    for (const char* incident : {"i1", "i2"}) {
        const auto held =
            open("operator", quick)
                ->disengage(disengage_of("global", now()),
                            [&](const std::string& id) -> core::Result<bool> { return id == incident; });
        ASSERT_FALSE(held) << incident;
        EXPECT_EQ(held.error().kind, ErrorKind::refused) << held.error().message;
    }
    const auto free = open("operator", quick)
                          ->disengage(disengage_of("global", now()),
                                      [](const std::string&) -> core::Result<bool> { return false; });
    EXPECT_TRUE(free) << free.error().message;
}

TEST_F(PostgresKillSwitchTest, who_engages_cannot_disengage_even_by_sql_and_nobody_changes_history) {
    auto engager = open("engager");
    ASSERT_EQ(engager->engage(request_of("global", "i1", Source::cli, now()))->decision, Decision::engaged);
    const auto refused = engager->disengage(disengage_of("global", now()), nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::refused) << "the dwell, before the database is asked";
    Policy quick;
    quick.minimum_dwell = {1};
    const auto denied = open("engager", quick)->disengage(disengage_of("global", now()), nullptr);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::refused);
    EXPECT_NE(denied.error().message.find("operator"), std::string::npos) << denied.error().message;
    auto sql = connect(url_of("engager"));
    for (const char* attempt : {
             "UPDATE kill_switch.state SET engaged = false, version = version + 1, source = 'cli', ticket = "
             "'t'",
             "UPDATE kill_switch.state SET engaged = false",
             "UPDATE kill_switch.state SET version = version + 1",
             "UPDATE kill_switch.state SET scope = 'crypto:X', version = version + 1",
             "UPDATE kill_switch.state SET changed_at = now() - interval '1 day'",
             "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why) "
             "VALUES "
             "('global', false, 2, 'i', 1, 'cli', 'w', 'y') ON CONFLICT (scope) DO UPDATE SET engaged = "
             "false, version = "
             "2, ticket = 't'",
             "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why, "
             "ticket) "
             "VALUES ('crypto:X', false, 1, 'i', 1, 'cli', 'w', 'y', 't')",
             "DELETE FROM kill_switch.state",
             "TRUNCATE kill_switch.state",
             "UPDATE kill_switch.history SET who = 'x'",
             "DELETE FROM kill_switch.history",
             "INSERT INTO kill_switch.history SELECT scope, false, 2, incident, episode, source, who, why, "
             "'t', "
             "NULL, NULL, now(), 'x' FROM kill_switch.state",
             "TRUNCATE kill_switch.history",
             "DELETE FROM kill_switch.evaluations",
             "UPDATE kill_switch.evaluations SET who = 'x'",
             "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
             "episode, "
             "source, who, why, program_version, asked_at, recorded_at) VALUES (gen_random_uuid(), 'shadow', "
             "'nothing_open', 'r', 'global', 'x', 1, 'cli', 'w', 'y', '0', now(), now() - interval '7 days')",
             "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
             "episode, "
             "source, who, why, program_version, asked_at) VALUES (gen_random_uuid(), 'shadow', 'engaged', "
             "'r', "
             "'crypto:X', 'next', 1, 'cli', 'w', 'y', '0', now())",
             "ALTER TABLE kill_switch.state DISABLE ROW LEVEL SECURITY",
             "DROP POLICY engager_engages ON kill_switch.state",
         })
        EXPECT_FALSE(sql.run(attempt)) << attempt;
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.state WHERE engaged AND version = 1"), 1);
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.history"), 1);
    // The owner, too, meets the triggers.
    auto admin = connect(server_->url(name_));
    EXPECT_FALSE(admin.run("UPDATE kill_switch.history SET who = 'x'"));
    EXPECT_FALSE(admin.run("DELETE FROM kill_switch.evaluations"));
    // Who may look sees, and does nothing else.
    auto reader = connect(url_of("grafana_reader"));
    EXPECT_EQ(reader.query("SELECT count(*) FROM kill_switch.state WHERE engaged")->integer(0, 0), 1);
    EXPECT_FALSE(reader.run("UPDATE kill_switch.state SET engaged = false, version = 2"));
    const auto off = open("operator", quick)->disengage(disengage_of("global", now()), nullptr);
    ASSERT_TRUE(off) << off.error().message;
    EXPECT_EQ(
        ask("SELECT count(*) FROM kill_switch.history WHERE database_user = '" + prefix_ + "operator_user'"),
        1);
}

TEST_F(PostgresKillSwitchTest, enforcing_needs_the_setting_and_seven_days_in_shadow) {
    const auto request = request_of("crypto:BTCUSDT", "i1", Source::incident, now());
    EXPECT_EQ(open("engager", enforcing())->engage(request)->decision, Decision::would_engage);
    look_back(5);  // With today's row six days.
    EXPECT_EQ(open("engager", enforcing())->engage(request)->decision, Decision::would_engage);
    EXPECT_NE(open("engager", enforcing())->overview()->mode_reason.find("6 of 7"), std::string::npos);
    look_back(6);
    EXPECT_EQ(open("engager")->engage(request)->decision, Decision::would_engage) << "without the setting";
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.history"), 0);
    EXPECT_EQ(open("engager", enforcing())->engage(request)->decision, Decision::engaged);
}

TEST_F(PostgresKillSwitchTest, what_lost_telemetry_engages_or_finds_engaged_pages_somebody) {
    look_back(8);
    Policy policy = enforcing();
    policy.telemetry_lost = Policy::TelemetryLost::engage;
    for (const Decision decision : {Decision::engaged, Decision::joined}) {
        const auto lost = open("engager", policy)->telemetry_lost("incidents cannot be read", now(), now());
        ASSERT_TRUE(lost) << lost.error().message;
        EXPECT_EQ(lost->decision, decision);
        const auto event = event_of(*lost);
        ASSERT_TRUE(event) << "no incident pages of it";
        EXPECT_EQ(event->severity, drift::Severity::crit);
        EXPECT_EQ(event->metric, "engaged:global");
        EXPECT_NE(event->payload.find("incidents cannot be read: "), std::string::npos) << event->payload;
    }
}

TEST_F(PostgresKillSwitchTest, a_loss_engages_once_and_the_next_again_whoever_was_restarted_in_between) {
    look_back(8);
    Policy policy = enforcing();
    policy.telemetry_lost = Policy::TelemetryLost::engage;
    const core::Timestamp midday{now().microseconds / 86'400'000'000 * 86'400'000'000 + 43'200'000'000};
    const auto lost = [&](std::int64_t minute, std::optional<core::Timestamp> read_at) {
        const auto outcome =
            open("engager", policy)->telemetry_lost("they cannot be read", midday + minutes(minute), read_at);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome->decision;
    };
    const auto disengage = [&] {
        const auto off = open("operator", policy)->disengage(disengage_of("global", now()), nullptr);
        EXPECT_TRUE(off) << off.error().message;
    };
    EXPECT_EQ(lost(0, {}), Decision::engaged);
    disengage();
    EXPECT_EQ(lost(1, {}), Decision::repeated) << "begun in the same loss, of which a person decided";
    EXPECT_EQ(lost(1, midday + minutes(-1)), Decision::repeated) << "another that lost them, too";
    EXPECT_EQ(lost(9, midday + minutes(5)), Decision::engaged) << "they were read in between";
    disengage();
    for (const std::int64_t minute : {10, 11})
        ASSERT_TRUE(open("engager")->telemetry_found(midday + minutes(minute)));
    EXPECT_EQ(
        ask("SELECT count(*) FROM kill_switch.evaluations WHERE reason = 'incidents can be read again'"), 1);
    EXPECT_EQ(lost(12, {}), Decision::engaged) << "begun in the next loss";
}

TEST_F(PostgresKillSwitchTest, writers_at_once_make_one_transition_each_version) {
    constexpr int writers = 4, rounds = 12;
    std::atomic<int> engaged = 0, joined = 0, disengaged = 0, other = 0;
    const auto write = [&](int number) {
        auto at = open("operator", enforcing());
        for (int round = 0; round < rounds; ++round) {
            auto request =
                request_of("crypto:BTCUSDT", "i" + std::to_string(number * 100 + round), Source::cli, now());
            const auto outcome = at->engage(request);
            if (!outcome) ADD_FAILURE() << outcome.error().message;
            else if (outcome->decision == Decision::engaged) ++engaged;
            else if (outcome->decision == Decision::joined) ++joined;
            else ++other;
            const auto off = at->disengage(disengage_of("crypto:BTCUSDT", now()), nullptr);
            if (off) ++disengaged;
            else if (off.error().kind != ErrorKind::not_found && off.error().kind != ErrorKind::refused)
                ADD_FAILURE() << off.error().message;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < writers; ++i) threads.emplace_back(write, i);
    }
    EXPECT_EQ(engaged + joined, writers * rounds);
    EXPECT_EQ(other, 0);
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.history"), engaged + disengaged);
    EXPECT_EQ(ask("SELECT max(version) FROM kill_switch.history"), engaged + disengaged)
        << "no version twice";
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.history WHERE engaged"), engaged);
}

TEST_F(PostgresKillSwitchTest, of_two_writers_who_looked_at_one_version_the_second_is_told) {
    auto first = open("operator", enforcing()), second = open("operator", enforcing());
    ASSERT_TRUE(first->engage(request_of("global", "i1", Source::cli, now())));
    auto request = disengage_of("global", now());
    request.expected_version = second->overview()->states.front().version;
    ASSERT_TRUE(first->disengage(request, nullptr));
    ASSERT_TRUE(first->engage(request_of("global", "i2", Source::cli, now())));
    const auto late = second->disengage(request, nullptr);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::conflict) << late.error().message;
    EXPECT_TRUE(second->overview()->states.front().engaged) << "what engaged since is still engaged";
}

TEST_F(PostgresKillSwitchTest, more_scopes_than_the_limit_ask_a_person_also_when_they_come_at_once) {
    look_back(7);
    constexpr int scopes = 8;
    std::atomic<int> engaged = 0, asked = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < scopes; ++i)
            threads.emplace_back([&, i] {
                auto at = open("engager", enforcing());
                auto request = request_of("crypto:C" + std::to_string(i), "i" + std::to_string(i),
                                          Source::incident, now());
                auto outcome = at->engage(request);
                while (!outcome && outcome.error().kind == ErrorKind::unavailable)
                    outcome = at->engage(request);
                if (!outcome) ADD_FAILURE() << outcome.error().message;
                else if (outcome->decision == Decision::engaged) ++engaged;
                else if (outcome->decision == Decision::asked_human) ++asked;
            });
    }
    EXPECT_EQ(engaged, 3);
    EXPECT_EQ(asked, scopes - 3);
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.state WHERE engaged"), 3);
    Policy wide = enforcing();
    wide.over_limit = Policy::OverLimit::global;
    const auto outcome = open("engager", wide)->engage(request_of("crypto:Z", "z", Source::incident, now()));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(to_string(outcome->scope), "global");
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.state WHERE engaged AND scope = 'global'"), 1);
}

TEST_F(PostgresKillSwitchTest,
       an_engagement_is_read_within_a_few_polls_and_a_server_that_is_gone_reads_as_engaged) {
    Reader reader(state_source(place(url_of("grafana_reader"))), boot_clock(), {});
    const auto watch = reader.watch(std::vector{*parse_scope("crypto:BTCUSDT")});
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    ASSERT_TRUE(open("engager")->engage(request_of("crypto:BTCUSDT", "i1", Source::cli, now())));
    ASSERT_TRUE(reader.poll()) << "the next poll sees it";
    EXPECT_EQ(watch.reading(), Reading::engaged);
    ASSERT_TRUE(open("operator", enforcing())->disengage(disengage_of("crypto:BTCUSDT", now()), nullptr));
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    const auto rows = ask("SELECT count(*) FROM kill_switch.history");
    server_->stop();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(reader.poll());
    EXPECT_TRUE(watch.engaged());
    server_->start();
    core::Status back;
    for (int i = 0; i < 100 && !(back = reader.poll()); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(back);
    EXPECT_EQ(watch.reading(), Reading::clear);
    EXPECT_EQ(ask("SELECT count(*) FROM kill_switch.history"), rows) << "reading as engaged writes no row";
}
