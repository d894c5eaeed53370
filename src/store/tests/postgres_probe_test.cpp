#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/probe.hpp"
#include "tristrata/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::store;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

class PostgresProbeTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        server_ = std::make_unique<servers::PostgresServer>(std::vector<std::string>{"--tls", "--pooler"});
        for (const Layer layer : {Layer::kpi, Layer::drift})
            ASSERT_TRUE(init_postgres({source_of(server_->url()), "", true}, layer));
    }
    static void TearDownTestSuite() { server_.reset(); }
    static database::Postgres admin(const std::string& name = "postgres") {
        database::PostgresOptions options;
        options.url = source_of(server_->url(name));
        return database::Postgres(options);
    }
    static ServerProbe probe(const std::string& url, Purpose purpose) {
        auto found = probe_postgres(source_of(url), purpose);
        if (found) return std::move(*found);
        ADD_FAILURE() << found.error().message;
        return {};
    }
    static std::unique_ptr<servers::PostgresServer> server_;
};
std::unique_ptr<servers::PostgresServer> PostgresProbeTest::server_;

}  // namespace

TEST_F(PostgresProbeTest, each_role_has_what_it_needs_and_nothing_more) {
    struct Case {
        std::string role;
        Purpose purpose;
    };
    for (const Case& one :
         {Case{"kpi_writer", Purpose::kpi_writer}, Case{"drift_writer", Purpose::drift_writer},
          Case{"grafana_reader", Purpose::reader}, Case{"sql_analyzer", Purpose::reader}}) {
        ASSERT_TRUE(
            admin().run("CREATE ROLE login_" + one.role + " LOGIN PASSWORD 'word' IN ROLE " + one.role));
        const auto found = probe(server_->url_of("login_" + one.role, "word", "postgres"), one.purpose);
        EXPECT_THAT(found.missing, IsEmpty()) << one.role;
        EXPECT_THAT(found.excess, IsEmpty()) << one.role;
        EXPECT_EQ(found.kind, ServerKind::plain);
        EXPECT_EQ(found.user, "login_" + one.role);
        EXPECT_THAT(found.version, ::testing::StartsWith("15."));
    }
}

TEST_F(PostgresProbeTest, a_right_too_few_and_one_too_many_are_said_each) {
    ASSERT_TRUE(
        admin().run("CREATE ROLE odd LOGIN PASSWORD 'word' IN ROLE kpi_writer; GRANT SELECT, DELETE ON "
                    "kpi.events TO odd"));
    const std::string url = server_->url_of("odd", "word", "postgres");
    EXPECT_THAT(probe(url, Purpose::kpi_writer).excess,
                ElementsAre("DELETE on kpi.events", "SELECT on kpi.events"));
    const auto reader = probe(url, Purpose::reader);
    EXPECT_THAT(reader.missing, ElementsAre("USAGE on schema drift", "SELECT on drift.events"));
    EXPECT_THAT(reader.excess, ElementsAre("DELETE on kpi.events", "INSERT on kpi.events"));
    EXPECT_THAT(probe(url, Purpose::drift_writer).missing, Contains("EXECUTE on drift.ensure_month"));
    EXPECT_THAT(probe(url, Purpose::administrator).missing, Contains("CREATE on the database"));
    EXPECT_THAT(probe(server_->url(), Purpose::kpi_writer).excess, Contains("superuser"));
    EXPECT_THAT(probe(server_->url(), Purpose::administrator).missing, IsEmpty());
    ASSERT_TRUE(admin().run("CREATE DATABASE without"));
    EXPECT_THAT(probe(server_->url("without"), Purpose::kpi_writer).missing, Contains("INSERT on kpi.events"))
        << "tables that are not there";
}

TEST_F(PostgresProbeTest, tls_and_a_pooler_are_seen) {
    const auto verified =
        probe(server_->url("postgres", "?sslmode=verify-full&sslrootcert=" + server_->authority()),
              Purpose::administrator);
    EXPECT_EQ(verified.tls, "TLSv1.3");
    EXPECT_THAT(verified.remarks, IsEmpty());
    EXPECT_THAT(probe(server_->url("postgres", "?sslmode=require"), Purpose::administrator).remarks,
                ElementsAre(HasSubstr("sslmode is require")));
    EXPECT_THAT(probe(server_->url("postgres", "?sslmode=disable"), Purpose::administrator).remarks,
                ElementsAre("the connection is not encrypted"));
    EXPECT_FALSE(verified.pooler);
    EXPECT_TRUE(probe(server_->pooler_url("postgres"), Purpose::administrator).pooler);
}

TEST_F(PostgresProbeTest, another_encoding_is_said_and_no_tables_are_made_in_it) {
    ASSERT_TRUE(admin().run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"));
    EXPECT_THAT(probe(server_->url("latin"), Purpose::administrator).remarks, Contains(HasSubstr("LATIN1")));
    const auto made = init_postgres({source_of(server_->url("latin")), "", true}, Layer::kpi);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(made.error().message, HasSubstr("ENCODING 'UTF8'"));
}

/// No package has TimescaleDB: its row in the catalog and its licence are put there by hand.
TEST_F(PostgresProbeTest, the_kinds_of_timescaledb_are_told_by_licence_and_an_old_one_is_warned_of) {
    const auto like = [&](const std::string& name, const char* version, const char* licence) {
        EXPECT_TRUE(admin().run("CREATE DATABASE " + name));
        EXPECT_TRUE(admin().run("ALTER DATABASE " + name + " SET timescaledb.license = '" + licence + "'"));
        EXPECT_TRUE(
            admin(name).run("SET allow_system_table_mods = on; INSERT INTO pg_extension (oid, extname, "
                            "extowner, extnamespace, extrelocatable, extversion) VALUES (99999, "
                            "'timescaledb', 10, 11, false, '" +
                            std::string(version) + "')"));
        return probe(server_->url(name), Purpose::administrator);
    };
    const auto whole = like("whole", "2.28.3", "timescale"), apache = like("apache", "2.17.2", "apache");
    EXPECT_EQ(name(whole.kind), "timescaledb");
    EXPECT_EQ(name(apache.kind), "timescaledb_apache");
    EXPECT_THAT(whole.extensions, Contains(std::pair(std::string("timescaledb"), std::string("2.28.3"))));
    EXPECT_THAT(apache.remarks, Contains(HasSubstr("2.18.1")));
    EXPECT_THAT(whole.remarks, ::testing::Not(Contains(HasSubstr("2.18.1"))));
}

TEST_F(PostgresProbeTest, an_answer_is_recorded_in_each_store_that_is_there) {
    const auto found = probe(server_->url(), Purpose::administrator);
    EXPECT_EQ(*record_probes(source_of(server_->url()), {found}), 2);
    auto database = admin();
    EXPECT_EQ(database.query("SELECT facts->>'user' FROM drift.probes")->text(0, 0), "postgres");
    EXPECT_EQ(database.query("SELECT kind FROM kpi.probes")->text(0, 0), "plain");
    EXPECT_THAT(to_json(found), ::testing::Not(HasSubstr(server_->password().substr(0, 4))));
}
