#include "tristrata/database/postgres.hpp"

#include "servers/postgres_server.hpp"
#include "tristrata/database/copy_rows.hpp"
#include "tristrata/database/migration.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <thread>

using namespace tristrata;
using core::ErrorKind;
using database::Postgres;

namespace {

class PostgresTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        server_ = std::make_unique<servers::PostgresServer>(std::vector<std::string>{"--tls", "--pooler"});
    }
    static void TearDownTestSuite() { server_.reset(); }

    static database::PostgresOptions options(std::string url) {
        database::PostgresOptions all;
        all.url = {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
        return all;
    }
    static Postgres open(const std::string& url = server_->url()) { return Postgres(options(url)); }
    /// A database of its own.
    static std::string fresh() {
        static int made = 0;
        const std::string name = "test_" + std::to_string(made++);
        auto admin = open();
        EXPECT_TRUE(admin.run("CREATE DATABASE " + name));
        return name;
    }
    static std::unique_ptr<servers::PostgresServer> server_;
};
std::unique_ptr<servers::PostgresServer> PostgresTest::server_;

/// Neither the password, as it is or encoded, nor the URL.
void expect_no_secret(const core::Error& error, const servers::PostgresServer& server) {
    for (const std::string& secret : {server.password(), server.encoded_password(), std::string("p@ss"),
                                      std::string("rd%"), std::string("p%40ss")})
        EXPECT_EQ(error.message.find(secret), std::string::npos) << error.message;
}

}  // namespace

TEST_F(PostgresTest, a_password_full_of_signs_opens_the_door_and_values_go_apart_from_the_text) {
    auto database = open();
    const auto rows = database.query("SELECT $1::text, $2::float8, $3::text IS NULL, 7::bigint",
                                     {"a'; DROP TABLE x; --", "0.1", std::nullopt});
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->count(), 1);
    EXPECT_EQ(rows->text(0, 0), "a'; DROP TABLE x; --");
    EXPECT_EQ(rows->real(0, 1), 0.1);
    EXPECT_TRUE(rows->boolean(0, 2));
    EXPECT_EQ(rows->integer(0, 3), 7);
    EXPECT_EQ(database.query("SELECT $1::text", {std::string("a\0b", 3)}).error().kind,
              ErrorKind::invalid_input);
    EXPECT_FALSE(database.query("SELECT 1; SELECT 2")) << "one statement";
}

TEST_F(PostgresTest, nothing_is_dialled_before_it_is_used) {
    const auto nowhere = open("postgresql://u:x@127.0.0.1:1/d");
    EXPECT_EQ(nowhere.where(), "TRISTRATA_TEST_URL");
    auto used = open("postgresql://u:secret-word@127.0.0.1:1/d");
    const auto status = used.connect();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
    EXPECT_NE(status.error().message.find("127.0.0.1:1/d"), std::string::npos) << status.error().message;
    EXPECT_EQ(status.error().message.find("secret-word"), std::string::npos);
}

TEST_F(PostgresTest, what_is_refused_is_said_by_kind_and_without_a_secret) {
    struct Case {
        std::string url;
        ErrorKind kind;
        std::string code;
    };
    const auto port = std::to_string(server_->port());
    for (const Case& one :
         {Case{server_->url_of("postgres", "wrong-" + server_->encoded_password(), "postgres"),
               ErrorKind::configuration, "28P01"},
          Case{server_->url("nowhere"), ErrorKind::configuration, "3D000"},
          Case{server_->url("postgres", "?sslmode=verify-full&sslrootcert=/none.crt"),
               ErrorKind::configuration, ""},
          Case{"postgresql://postgres@127.0.0.1:" + port + "/postgres?passfile=/none",
               ErrorKind::configuration, ""},
          Case{"postgresql://postgres:p@ss:w/rd%?#@127.0.0.1:" + port + "/postgres", ErrorKind::configuration,
               ""}}) {
        auto database = open(one.url);
        const auto status = database.connect();
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().kind, one.kind) << status.error().message;
        EXPECT_EQ(status.error().foreign_code, one.code) << status.error().message;
        EXPECT_NE(status.error().message.find("TRISTRATA_TEST_URL"), std::string::npos);
        expect_no_secret(status.error(), *server_);
    }
}

TEST_F(PostgresTest, a_url_whose_host_was_forgotten_shows_neither_user_nor_password) {
    for (const char* url : {"postgresql://absent-user:51739/d", "postgresql://absent-user:51739:5432/d"}) {
        const auto status = open(url).connect();
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().message.find("absent-user"), std::string::npos) << status.error().message;
        EXPECT_EQ(status.error().message.find("51739"), std::string::npos) << status.error().message;
        EXPECT_NE(status.error().message.find("@"), std::string::npos) << status.error().message;
    }
}

TEST_F(PostgresTest, tls_is_verified_against_the_authority_that_is_named) {
    auto verified =
        open(server_->url("postgres", "?sslmode=verify-full&sslrootcert=" + server_->authority()));
    const auto facts = verified.facts();
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->tls, "TLSv1.3");
    EXPECT_EQ(facts->sslmode, "verify-full");
    EXPECT_EQ(facts->user, "postgres");
    EXPECT_EQ(facts->server_version / 10'000, 15);
    EXPECT_FALSE(facts->pooler);
    auto stranger = open(server_->url("postgres", "?sslmode=verify-full"));
    const auto status = stranger.connect();
    ASSERT_FALSE(status) << "an authority that this machine does not know";
    EXPECT_EQ(status.error().kind, ErrorKind::configuration);
    EXPECT_NE(status.error().message.find("?sslrootcert="), std::string::npos) << status.error().message;
}

TEST_F(PostgresTest, of_several_hosts_each_says_why_it_did_not_answer) {
    auto two = open("postgresql://u:secret-word@127.0.0.1:1,127.0.0.1:2/d");
    const auto status = two.connect();
    ASSERT_FALSE(status);
    for (const char* host : {"127.0.0.1:1/d", "127.0.0.1:2/d"})
        EXPECT_NE(status.error().message.find(host), std::string::npos) << status.error().message;
    EXPECT_EQ(status.error().message.find("secret-word"), std::string::npos) << status.error().message;
}

TEST_F(PostgresTest, a_certificate_can_stand_for_a_password) {
    auto admin = open(server_->url());
    ASSERT_TRUE(admin.run("DROP ROLE IF EXISTS certified; CREATE ROLE certified LOGIN"));
    const std::string folder = server_->authority().substr(0, server_->authority().rfind('/') + 1);
    const auto url = [&](const std::string& key) {
        return fmt::format(
            "postgresql://certified@127.0.0.1:{}/"
            "postgres?sslmode=verify-full&sslrootcert={}&sslcert={}client.crt"
            "&sslkey={}{}",
            server_->port(), server_->authority(), folder, folder, key);
    };
    auto certified = open(url("client.key"));
    const auto facts = certified.facts();
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->user, "certified");
    auto mistaken = open(url("no.key"));
    const auto status = mistaken.connect();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::configuration) << status.error().message;
}

TEST_F(PostgresTest, an_sqlstate_stands_in_the_error_and_a_rows_values_do_not) {
    auto database = open(server_->url(fresh()));
    ASSERT_TRUE(database.run("CREATE TABLE t (x integer CHECK (x > 0), secret text UNIQUE)"));
    EXPECT_EQ(database.query("INSERT INTO t VALUES ($1, 'a')", {"-1"}).error().kind,
              ErrorKind::invalid_input);
    ASSERT_TRUE(database.query("INSERT INTO t VALUES (1, $1)", {"a-secret-row"}));
    const auto twice = database.query("INSERT INTO t VALUES (1, $1)", {"a-secret-row"});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().foreign_code, "23505");
    EXPECT_EQ(twice.error().message.find("a-secret-row"), std::string::npos) << twice.error().message;
    EXPECT_EQ(database.query("SELECT * FROM nowhere").error().kind, ErrorKind::configuration);
    ASSERT_TRUE(database.run("SET statement_timeout = 50"));
    EXPECT_EQ(database.query("SELECT pg_sleep(5)").error().kind, ErrorKind::cancelled);
}

TEST_F(PostgresTest, a_failed_body_leaves_nothing) {
    auto database = open(server_->url(fresh()));
    ASSERT_TRUE(database.run("CREATE TABLE t (x integer)"));
    EXPECT_FALSE(database.transaction([&]() -> core::Status {
        if (auto one = database.query("INSERT INTO t VALUES (1)"); !one) return propagate(one);
        return core::fail(ErrorKind::internal, "stop");
    }));
    EXPECT_EQ(database.query("SELECT count(*) FROM t")->integer(0, 0), 0);
    EXPECT_TRUE(database.transaction(
        [&]() -> core::Status {
            auto setting = database.query("SHOW synchronous_commit");
            EXPECT_EQ(setting->text(0, 0), "on") << "a default of off is not taken";
            return {};
        },
        std::string("SET synchronous_commit = off; ") + std::string(Postgres::durable_begin)));
    ASSERT_TRUE(database.run("RESET synchronous_commit"));
}

TEST_F(PostgresTest, rows_are_copied_as_they_are) {
    auto database = open(server_->url(fresh()));
    ASSERT_TRUE(
        database.run("CREATE TABLE t (id uuid, at timestamptz, name text, document jsonb, x float8, n "
                     "bigint, s smallint, yes boolean, no text)"));
    database::CopyRows rows;
    const auto id = core::uuid_v5(core::tristrata_namespace(), "x");
    constexpr int count = 20'000;  // Several pieces.
    for (int i = 0; i < count; ++i) {
        rows.row(9);
        rows.uuid(id);
        rows.time({1'679'443'200'123'456});
        rows.text("a'b\"c\n😀");
        rows.json(R"({"a": 1})");
        rows.real(5e-324);
        rows.integer(-i);
        rows.small(-3);
        rows.boolean(true);
        rows.null();
    }
    ASSERT_TRUE(database.copy_in("COPY t FROM STDIN (FORMAT binary)", rows.finish()));
    const auto found = database.query(
        "SELECT count(*), min(n), min(id::text), min(name), bool_and(yes), bool_and(no IS NULL), min(s), "
        "min(x), "
        "min(document->>'a'), (extract(epoch FROM min(at)) * 1000000)::bigint FROM t");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->integer(0, 0), count);
    EXPECT_EQ(found->integer(0, 1), -(count - 1));
    EXPECT_EQ(found->text(0, 2), core::to_string(id));
    EXPECT_EQ(found->text(0, 3), "a'b\"c\n😀");
    EXPECT_TRUE(found->boolean(0, 4) && found->boolean(0, 5));
    EXPECT_EQ(found->integer(0, 6), -3);
    EXPECT_EQ(found->real(0, 7), 5e-324);
    EXPECT_EQ(found->text(0, 8), "1");
    EXPECT_EQ(found->integer(0, 9), 1'679'443'200'123'456);
    EXPECT_FALSE(database.copy_in("COPY t FROM STDIN (FORMAT binary)", "no copy"));
    EXPECT_TRUE(database.query("SELECT 1")) << "the connection is of use after a copy that was refused";
}

TEST_F(PostgresTest, a_lost_connection_is_unavailable_and_the_next_use_makes_another) {
    auto database = open();
    ASSERT_TRUE(database.connect());
    auto killer = open();
    const auto pid = database.query("SELECT pg_backend_pid()");
    ASSERT_TRUE(killer.query("SELECT pg_terminate_backend($1)", {pid->text(0, 0)}));
    const auto lost = database.query("SELECT 1");
    if (!lost) {
        EXPECT_EQ(lost.error().kind, ErrorKind::unavailable) << lost.error().message;
    }
    EXPECT_TRUE(database.query("SELECT 1"));
}

TEST_F(PostgresTest, a_connection_lost_while_committing_leaves_it_open_whether_it_is_stored) {
    auto database = open(server_->url(fresh()));
    ASSERT_TRUE(database.run("CREATE TABLE t (x integer)"));
    // A trigger at the commit that ends its own server process.
    ASSERT_TRUE(
        database.run("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                     "pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$; "
                     "CREATE CONSTRAINT TRIGGER t_die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR "
                     "EACH ROW EXECUTE FUNCTION die()"));
    const auto status = database.transaction([&]() -> core::Status {
        auto one = database.query("INSERT INTO t VALUES (1)");
        return one ? core::Status() : propagate(one);
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::possibly_persisted) << status.error().message;
}

TEST_F(PostgresTest, a_server_that_does_not_answer_is_left_after_the_time_that_was_given) {
    auto all = options(server_->url());
    all.answer_timeout = {200'000};
    Postgres database(all);
    const auto late = database.query("SELECT pg_sleep(5)");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
    EXPECT_NE(late.error().message.find("no answer within"), std::string::npos) << late.error().message;
}

TEST_F(PostgresTest, a_password_exchanged_under_way_is_read_again) {
    auto admin = open();
    ASSERT_TRUE(admin.run("CREATE ROLE rotated LOGIN PASSWORD 'new-one'"));
    int reads = 0;
    database::PostgresOptions all;
    all.url = {
        "TRISTRATA_TEST_URL_FILE", [&] {
            const char* password = ++reads == 1 ? "old-one" : "new-one";
            return core::Result<core::Secret>(core::Secret(server_->url_of("rotated", password, "postgres")));
        }};
    Postgres database(all);
    EXPECT_TRUE(database.connect());
    EXPECT_EQ(reads, 2);
    database.disconnect();
    EXPECT_TRUE(database.connect());
    EXPECT_EQ(reads, 3) << "read at each connect";
}

TEST_F(PostgresTest, a_server_that_only_reads_is_passed_over) {
    const std::string name = fresh();
    {
        auto admin = open();
        ASSERT_TRUE(admin.run("ALTER DATABASE " + name + " SET default_transaction_read_only = on"));
    }
    auto writer = open(server_->url(name));
    const auto status = writer.connect();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::unavailable) << status.error().message;
    auto reader = open(server_->url(name, "?target_session_attrs=any"));
    EXPECT_TRUE(reader.connect());
    EXPECT_EQ(reader.query("CREATE TABLE t (x integer)").error().kind, ErrorKind::unavailable);
}

TEST_F(PostgresTest, a_child_makes_a_connection_of_its_own_and_leaves_its_parents_alone) {
    auto database = open();
    const auto mine = database.query("SELECT pg_backend_pid()")->integer(0, 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto theirs = database.query("SELECT pg_backend_pid()");
        ::_exit(theirs && theirs->integer(0, 0) != mine ? 42 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 42);
    EXPECT_EQ(database.query("SELECT pg_backend_pid()")->integer(0, 0), mine);
}

TEST_F(PostgresTest, a_pooler_in_transaction_mode_is_noticed_and_stands_in_nobodys_way) {
    const std::string name = fresh();
    auto direct = open(server_->url(name));
    ASSERT_TRUE(direct.run("CREATE TABLE t (x bigint)"));
    auto pooled = open(server_->pooler_url(name));
    const auto facts = pooled.facts();
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_TRUE(facts->pooler);
    const auto status = pooled.transaction([&]() -> core::Status {
        if (auto made = pooled.run("CREATE TEMP TABLE staged (x bigint) ON COMMIT DROP"); !made) return made;
        database::CopyRows rows;
        rows.row(1);
        rows.integer(7);
        if (auto copied = pooled.copy_in("COPY staged FROM STDIN (FORMAT binary)", rows.finish()); !copied)
            return copied;
        auto stored = pooled.query("INSERT INTO t SELECT x FROM staged");
        return stored ? core::Status() : propagate(stored);
    });
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(direct.query("SELECT sum(x) FROM t")->integer(0, 0), 7);
}

TEST_F(PostgresTest, migrating_twice_and_at_once_is_harmless_and_a_newer_schema_a_conflict) {
    const database::Migration steps[]{
        {1,
         "CREATE SCHEMA s; CREATE TABLE s.schema_version (version bigint PRIMARY KEY, applied_at timestamptz "
         "NOT "
         "NULL DEFAULT now()); CREATE TABLE s.t (x text DEFAULT ':prefix:writer')"},
        {2, "CREATE INDEX t_x ON s.t (x)"}};
    const std::string name = fresh();
    const auto run = [&] {
        auto database = open(server_->url(name));
        const auto applied = database::migrate(database, "s", steps, "a_");
        EXPECT_TRUE(applied) << applied.error().message;
    };
    {
        std::jthread one(run), two(run);
    }
    auto database = open(server_->url(name));
    EXPECT_EQ(*database::schema_version(database, "s"), 2);
    EXPECT_EQ(*database::migrate(database, "s", steps, "a_"), 0);
    ASSERT_TRUE(database.run("INSERT INTO s.t DEFAULT VALUES"));
    EXPECT_EQ(database.query("SELECT x FROM s.t")->text(0, 0), "a_writer");
    EXPECT_EQ(database::migrate(database, "s", std::span(steps).first(1), "a_").error().kind,
              ErrorKind::conflict);
}
