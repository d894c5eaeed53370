#include "check_source.hpp"

#include "tristrata/dataset/no_row.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace tristrata::service {
namespace {

using drift::DriftType;
using drift::Severity;
using ::testing::HasSubstr;

constexpr core::Duration a_day{86'400'000'000};

class AlertsTaken final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }
};

/// A check of a table each day, on stores in files.
class CheckSourceTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        for (const char* name : {"kpi", "drift", "response"})
            settings.set(std::string(name) + "_url",
                         {core::Secret("sqlite:///" + path(std::string(name) + ".db")), name});
        settings.set("checks", {core::Secret(path("checks.toml")), "TRISTRATA_CHECKS"});
        ASSERT_TRUE(store::init_sqlite(path("kpi.db"), store::Layer::kpi, clock));
        ASSERT_TRUE(store::init_sqlite(path("drift.db"), store::Layer::drift, clock));
        ASSERT_TRUE(incident::init_sqlite(path("response.db"), clock));
        write("reference.csv", 50);
        std::ofstream(path("checks.toml"))
            << "[[check]]\nname = \"features\"\nmodule = \"m\"\ncurrent = \"" << path("current.csv")
            << "\"\nreference = \"" << path("reference.csv") << "\"\n";
        // Without a spool of its own: what is pushed is in the store at once.
        session = std::make_shared<session::Session>(settings, clock);
        auto opened = Checks::open(session, settings, path("spool"), failures, log);
        ASSERT_TRUE(opened) << opened.error().message;
        checks = std::move(*opened);
        duties = checks->duties();
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
    void write(const std::string& name, int rows) const {
        std::ofstream file(path(name));
        file << "price\n";
        for (int i = 0; i < rows; ++i) file << i % 7 << "\n";
    }
    bool run() { return duties.front().run({}).has_value(); }

    /// Of the source alone, the newest first.
    std::vector<drift::Event> events() {
        store::DriftQuery query;
        query.module = "m";
        auto opened = session->open_store(store::Layer::drift, store::OpenMode::read);
        auto page = (*opened)->query(query);
        EXPECT_TRUE(page) << page.error().message;
        std::vector<drift::Event> found;
        for (auto& one : page->rows)
            if (one.metric.ends_with("_features")) found.push_back(std::move(one));
        return found;
    }
    std::map<DriftType, incident::Incident> incidents() {
        auto incidents = incident::IncidentStore::open(settings);
        EXPECT_TRUE(incidents) << incidents.error().message;
        const incident::Policy policy;
        const auto owners = config::Owners::of(settings);
        AlertsTaken alerts;
        incident::StepOptions options;
        options.policy = &policy;
        options.owners = &*owners;
        options.clock = &clock;
        options.holder = "test";
        const auto stepped = incidents->step(options, alerts);
        EXPECT_TRUE(stepped) << stepped.error().message;
        std::map<DriftType, incident::Incident> all;
        auto open = incidents->list({});
        EXPECT_TRUE(open) << open.error().message;
        for (auto& one : *open) all.emplace(one.drift_type, std::move(one));
        return all;
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("check_source_test_" + std::to_string(::getpid()));
    config::Settings settings;
    core::ManualClock clock{core::Timestamp{1'700'006'400'000'000}};
    std::shared_ptr<Log> log = std::make_shared<Log>(LogFormat::text, clock, [](std::string_view) {});
    std::shared_ptr<analyzer::Failures> failures = std::make_shared<analyzer::Failures>();
    std::shared_ptr<session::Session> session;
    std::shared_ptr<Checks> checks;
    std::vector<Duty> duties;
};

}  // namespace

TEST_F(CheckSourceTest, the_third_window_in_a_row_is_crit_although_settings_are_read_anew_in_between) {
    for (int window = 0; window < 3; ++window) {
        EXPECT_FALSE(run());
        clock.advance({86'400'000'000});
        auto again = Checks::open(session, settings, path("spool"), failures, log);
        ASSERT_TRUE(again) << again.error().message;
        checks = std::move(*again);
        duties = checks->duties();
    }
    const auto found = events();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].current_value, 3.0);
    EXPECT_EQ(found[0].severity, Severity::crit);
}

TEST_F(CheckSourceTest, a_missing_table_is_an_event_a_window_warn_at_first_and_crit_from_the_third) {
    EXPECT_FALSE(run());
    clock.advance(Checks::after_failure);
    EXPECT_FALSE(run());
    auto found = events();
    ASSERT_EQ(found.size(), 1u) << "a window, not a try";
    EXPECT_EQ(found[0].drift_type, DriftType::data_quality);
    EXPECT_EQ(found[0].metric, "source_features");
    EXPECT_EQ(found[0].severity, Severity::warn);
    EXPECT_EQ(found[0].current_value, 1.0);
    EXPECT_THAT(drift::words_of(found[0]).sentence, HasSubstr("no such file"));
    EXPECT_EQ(checks->figures()[0].failures, 2u);
    for (const auto severity : {Severity::warn, Severity::crit}) {
        clock.advance(a_day);
        EXPECT_FALSE(run());
        EXPECT_EQ(events().front().severity, severity);
    }
    EXPECT_EQ(events().size(), 3u);
    ASSERT_EQ(incidents().size(), 1u);
    EXPECT_EQ(incidents().at(DriftType::data_quality).severity, Severity::crit);
}

TEST_F(CheckSourceTest, a_table_without_a_row_is_an_incident_that_ends_when_rows_come_again) {
    write("current.csv", 0);
    EXPECT_FALSE(run());
    auto found = events();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].metric == "row_count_features" ? found[0].severity : found[1].severity,
              Severity::crit);
    EXPECT_EQ(found[0].metric == "row_count_features" ? found[1].severity : found[0].severity, Severity::info)
        << "it could be read";
    auto open = incidents();
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open.at(DriftType::volume_drift).severity, Severity::crit);
    EXPECT_THAT(open.at(DriftType::volume_drift).findings.at(0).sentence, HasSubstr("a header and no row"));
    write("current.csv", 50);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(incidents().at(DriftType::volume_drift).phase, incident::Phase::open);
        clock.advance(a_day);
        EXPECT_TRUE(run());
    }
    EXPECT_EQ(incidents().at(DriftType::volume_drift).phase, incident::Phase::cooling);
    EXPECT_EQ(checks->figures()[0].runs, 3u);
}

TEST(CheckSource, only_a_current_table_without_a_row_is_a_volume) {
    CheckDefinition one;
    one.name = "features";
    one.module = "m";
    one.current = {"", "SELECT 1", "kpi"};
    const core::Timestamp to{1'700'006'400'000'000};
    const auto metrics = [&](const CheckSource& source) {
        std::vector<std::pair<std::string, Severity>> all;
        for (const auto& event : source_events(one, to, source))
            all.emplace_back(event.metric, event.severity.value());
        return all;
    };
    using Told = std::vector<std::pair<std::string, Severity>>;
    const core::Error empty{core::ErrorKind::invalid_input, "no row", std::string(dataset::no_row_code)};
    const core::Error away{core::ErrorKind::unavailable, "postgresql://u:s3cret@h/d is away", "08006"};
    EXPECT_EQ(metrics({5, {}, 0}),
              (Told{{"row_count_features", Severity::info}, {"source_features", Severity::info}}));
    EXPECT_EQ(metrics({0, {}, 0}),
              (Told{{"row_count_features", Severity::crit}, {"source_features", Severity::info}}));
    EXPECT_EQ(metrics({0, empty, 1}),
              (Told{{"row_count_features", Severity::crit}, {"source_features", Severity::info}}));
    EXPECT_EQ(metrics({0, away, 2}), (Told{{"source_features", Severity::warn}}));
    EXPECT_EQ(metrics({0, away, 3}), (Told{{"source_features", Severity::crit}}));
    const auto told = source_events(one, to, {0, away, 3});
    EXPECT_EQ(told[0].payload.find("s3cret"), std::string::npos) << told[0].payload;
    EXPECT_THAT(told[0].payload, HasSubstr("query on kpi"));
    EXPECT_EQ(told[0].event_id, source_events(one, to, {0, away, 3})[0].event_id);
    EXPECT_NE(told[0].event_id, source_events(one, to, {0, away, 2})[0].event_id);
}

}  // namespace tristrata::service
