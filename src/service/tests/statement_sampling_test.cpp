#include "statement_sampling.hpp"

#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::service;
using ::testing::HasSubstr;

namespace {

core::SecretSource told(const std::string& url) {
    return {"TRISTRATA_KPI_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

}  // namespace

TEST(StatementSampling, a_day_has_one_sample_and_a_server_that_does_not_count_is_said_once) {
    servers::PostgresServer server({"--set", "shared_preload_libraries=pg_stat_statements"});
    database::PostgresOptions options;
    options.url = told(server.url());
    database::Postgres database(options);
    ASSERT_TRUE(store::init_postgres({told(server.url()), "", true}, store::Layer::kpi));
    core::ManualClock clock(core::system_clock().now());
    config::Settings settings;
    settings.set("kpi_url", {core::Secret(server.url()), "TRISTRATA_KPI_URL"});
    const auto session = std::make_shared<session::Session>(settings, clock);
    std::vector<std::string> lines;
    const auto log = std::make_shared<Log>(LogFormat::text, clock,
                                           [&](std::string_view line) { lines.emplace_back(line); });
    const auto sampling = StatementSampling::open(session, clock, log);
    ASSERT_NE(sampling, nullptr);
    EXPECT_FALSE(sampling->run());
    EXPECT_FALSE(sampling->run());
    ASSERT_EQ(lines.size(), 1U) << "once, not each hour";
    EXPECT_THAT(lines[0], HasSubstr("CREATE EXTENSION"));

    ASSERT_TRUE(database.run("CREATE EXTENSION pg_stat_statements"));
    const auto samples = [&] {
        return database.query(
            "SELECT count(*), count(DISTINCT time) FROM kpi.events WHERE module = "
            "'tristrata' AND metric_name = 'statement_calls' AND dag_node IN ('ad_hoc', "
            "'execution/opened')");
    };
    EXPECT_TRUE(sampling->run());
    EXPECT_EQ(samples()->integer(0, 0), 2);
    EXPECT_TRUE(sampling->run());
    // A service that began anew, and another one.
    const auto again = StatementSampling::open(session, clock, log);
    EXPECT_TRUE(again->run());
    EXPECT_EQ(samples()->integer(0, 0), 2);
    clock.advance({86'400'000'000});
    EXPECT_TRUE(sampling->run());
    EXPECT_TRUE(again->run());
    EXPECT_EQ(samples()->integer(0, 0), 4);
    EXPECT_EQ(samples()->integer(0, 1), 2);
    EXPECT_EQ(lines.size(), 1U);
}

TEST(StatementSampling, is_nothing_for_SQLite) {
    config::Settings settings;
    settings.set("kpi_url", {core::Secret("sqlite:///kpi.db"), "TRISTRATA_KPI_URL"});
    const auto session = std::make_shared<session::Session>(settings, core::system_clock());
    const auto log = std::make_shared<Log>(LogFormat::text, core::system_clock(), [](std::string_view) {});
    EXPECT_EQ(StatementSampling::open(session, core::system_clock(), log), nullptr);
}
