#include "tristrata/incident/statement_counts.hpp"

#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/incident/hypothesis_figures.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/store/store_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::incident;
using ::testing::HasSubstr;

namespace {

constexpr const char* opened_sql =
    "/* tristrata panel=execution/opened */\nWITH found (value) AS (SELECT DISTINCT module FROM kpi.series) "
    "SELECT value FROM found UNION ALL SELECT '(none)' WHERE NOT EXISTS (SELECT FROM found) ORDER BY 1 LIMIT "
    "1000";
constexpr const char* panel_sql =
    "/* tristrata panel=execution/emits */\nSELECT count(*) FROM kpi.events WHERE emit_seq = 0";

core::SecretSource word_of(const std::string& url) {
    return {"TRISTRATA_READ_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

/// A server that counts statements, with a KPI store of its own for each test. What a person sends goes by
/// run(), which bears no mark.
class StatementCountsTest : public ::testing::Test {
protected:
    void SetUp() override {
        static servers::PostgresServer running({"--set", "shared_preload_libraries=pg_stat_statements"});
        static int made = 0;
        server_ = &running;
        name_ = "counted_" + std::to_string(++made);
        run(server_->url(), "CREATE DATABASE " + name_);
        ASSERT_TRUE(store::init_postgres({word_of(admin()), "", true}, store::Layer::kpi));
        run(admin(),
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana') THEN CREATE "
            "ROLE grafana LOGIN PASSWORD 'word' IN ROLE grafana_reader; END IF; END $$");
    }
    [[nodiscard]] std::string admin() const { return server_->url(name_); }
    [[nodiscard]] std::string reader() const { return server_->url_of("grafana", "word", name_); }
    static void run(const std::string& url, const std::string& sql) {
        database::PostgresOptions options;
        options.url = word_of(url);
        const auto done = database::Postgres(options).run(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    void extend() { run(admin(), "CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset()"); }
    [[nodiscard]] StatementCount count(std::string_view kind) const {
        const auto counts = count_statements(word_of(admin()));
        if (!counts) {
            ADD_FAILURE() << counts.error().message;
            return {};
        }
        for (const auto& one : counts->counts)
            if (one.kind == kind) return one;
        return {std::string(kind), 0, 0};
    }
    /// As `serve` and `report hypotheses --sample` do, straight into the store.
    void sample(core::Timestamp at) const {
        auto counts = count_statements(word_of(admin()));
        ASSERT_TRUE(counts) << counts.error().message;
        auto kpi = store::open_postgres(word_of(admin()), store::Layer::kpi, store::OpenMode::write);
        ASSERT_TRUE(kpi);
        store::StoreSink sink(**kpi, sink::RecordClass::kpi);
        core::ManualClock clock(at);
        const auto policy = execution::TagPolicy::defaults();
        for (const auto& request : samples_of(*counts, at))
            ASSERT_TRUE(execution::emit_kpi({&sink, &clock, &policy, ""}, request));
    }

    servers::PostgresServer* server_ = nullptr;
    std::string name_;
};

}  // namespace

TEST_F(StatementCountsTest, panels_and_queries_of_people_are_told_apart_from_our_own) {
    extend();
    EXPECT_EQ(count(opened_kind).calls, 0U);
    for (int i = 0; i < 3; ++i) run(reader(), opened_sql);
    run(reader(), panel_sql);
    EXPECT_EQ(count(opened_kind).calls, 3U);
    EXPECT_EQ(count("execution/emits").calls, 1U);
    EXPECT_EQ(count(ad_hoc_kind).calls, 0U) << "panels ask kpi.events too";

    run(reader(), "SELECT module, avg(duration_ms) FROM kpi.events GROUP BY module");
    run(reader(), "-- who fails?\n  select count(*) from \"kpi\" . \"events\" where not success");
    run(admin(), "WITH a AS (SELECT 1 FROM KPI.EVENTS) SELECT count(*) FROM a");
    EXPECT_EQ(count(ad_hoc_kind).calls, 3U);
    EXPECT_EQ(count(ad_hoc_kind).statements, 3U);
    for (const char* other :
         {"SELECT count(*) FROM kpi.series", "SELECT count(*) FROM kpi.events_parked",
          "DELETE FROM kpi.events WHERE module = 'nobody'", "ANALYZE kpi.events", "SELECT 'kpi.events'"})
        run(admin(), other);
    EXPECT_EQ(count(ad_hoc_kind).calls, 3U) << "they are no queries of kpi.events";

    // What this program asks, whoever it comes as.
    auto kpi = store::open_postgres(word_of(reader()), store::Layer::kpi, store::OpenMode::read);
    ASSERT_TRUE(kpi);
    ASSERT_TRUE((*kpi)->query(store::KpiQuery()));
    ASSERT_TRUE((*kpi)->status());
    EXPECT_EQ(count(ad_hoc_kind).calls, 3U);
    EXPECT_GT(count_statements(word_of(admin()))->since->microseconds, 0);
}

TEST_F(StatementCountsTest, what_is_missing_says_what_to_do) {
    const auto refusal = [](const std::string& url) {
        const auto counts = count_statements(word_of(url));
        EXPECT_FALSE(counts);
        return counts ? std::string() : counts.error().message;
    };
    EXPECT_THAT(refusal(admin()), HasSubstr("CREATE EXTENSION pg_stat_statements"));
    extend();
    EXPECT_TRUE(count_statements(word_of(admin())));
    EXPECT_THAT(refusal(reader()), HasSubstr("GRANT pg_read_all_stats"));
    EXPECT_THAT(refusal(server_->url()), HasSubstr("no kpi.events"));
    run(admin(), "ALTER DATABASE " + name_ + " SET pg_stat_statements.track = 'none'");
    EXPECT_THAT(refusal(admin()), HasSubstr("pg_stat_statements.track"));

    servers::PostgresServer plain;
    run(plain.url(), "CREATE DATABASE plain");
    ASSERT_TRUE(store::init_postgres({word_of(plain.url("plain")), "", true}, store::Layer::kpi));
    EXPECT_THAT(refusal(plain.url("plain")), HasSubstr("shared_preload_libraries"));
    run(plain.url("plain"), "CREATE EXTENSION pg_stat_statements");
    EXPECT_THAT(refusal(plain.url("plain")), HasSubstr("shared_preload_libraries"));
}

TEST_F(StatementCountsTest, H4_is_held_by_what_was_sampled_over_five_weeks_with_a_reset_between) {
    extend();
    const core::Timestamp begun = core::parse_timestamp("2026-03-02").value();
    std::uint64_t opened = 0;
    for (int day = 0; day <= 35; ++day) {
        const core::Timestamp at{begun.microseconds + day * 86'400'000'000 + 3'600'000'000};
        sample(at);
        if (day == 16) run(admin(), "SELECT pg_stat_statements_reset()");
        if (day < 35 && day % 7 < 5)
            for (int i = 0; i <= day % 2; ++i, ++opened) run(reader(), opened_sql);
        // Another service that samples the same day is no second row, though it has other counts.
        if (day == 20) sample({at.microseconds + 7'200'000'000});
    }
    database::PostgresOptions options;
    options.url = word_of(admin());
    database::Postgres database(options);
    EXPECT_EQ(database.query("SELECT count(*) FROM kpi.events_parked WHERE dag_node = 'execution/opened'")
                      ->integer(0, 0) +
                  database
                      .query("SELECT count(*) FROM kpi.events WHERE dag_node = 'execution/opened' AND "
                             "metric_name = 'statement_calls'")
                      ->integer(0, 0),
              36);
    HypothesisFigures figures;
    figures.begun = begun;
    figures.at = {begun.microseconds + 36 * 86'400'000'000};
    auto kpi = store::open_postgres(word_of(admin()), store::Layer::kpi, store::OpenMode::read);
    ASSERT_TRUE(kpi);
    ASSERT_TRUE(read_kpis(**kpi, figures));
    ASSERT_EQ(figures.opened.size(), 36U);
    const auto judged = judge(figures).at(3);
    EXPECT_EQ(judged.verdict, HypothesisVerdict::held) << judged.reason;
    ASSERT_EQ(judged.weeks.size(), 6U);
    std::uint64_t counted = 0;
    for (const auto& week : judged.weeks) counted += week.calls;
    EXPECT_EQ(counted, opened) << "the reset was at a day's beginning, and lost nothing";
    EXPECT_EQ(judge(figures).at(1).verdict, HypothesisVerdict::not_yet);
}

TEST(StatementCounts, of_SQLite_there_are_none) {
    config::Settings settings;
    settings.set("kpi_url", {core::Secret("sqlite:///kpi.db"), "TRISTRATA_KPI_URL"});
    const auto counts = count_statements(settings);
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(counts.error().message, HasSubstr("SQLite"));
}

TEST(Words, are_kept_once_and_never_changed) {
    const auto folder = std::filesystem::temp_directory_path() / ("words_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string drift = folder / "drift.db", response = folder / "response.db";
    core::ManualClock clock(core::parse_timestamp("2026-01-01").value());
    ASSERT_TRUE(store::init_sqlite(drift, store::Layer::drift, clock));
    ASSERT_TRUE(init_sqlite(response, clock));
    auto store = IncidentStore::open_sqlite(response, drift);
    ASSERT_TRUE(store) << store.error().message;
    const Word word{"H2", clock.now(), "eve", "folds of ETH are half as long"};
    ASSERT_TRUE(store->say(word));
    ASSERT_TRUE(store->say(word));
    for (const char* blank : {"", " \r\n", "\u00A0", "\u200B"}) {
        EXPECT_FALSE(store->say({"H2", clock.now(), "eve", blank}));
        EXPECT_FALSE(store->say({"H2", clock.now(), blank, "x"}));
    }
    const auto words = store->words(clock.now());
    ASSERT_TRUE(words);
    ASSERT_EQ(words->size(), 1U);
    EXPECT_EQ(words->front().why, word.why);
    EXPECT_TRUE(store->words({clock.now().microseconds - 1})->empty());
    std::filesystem::remove_all(folder);
}
