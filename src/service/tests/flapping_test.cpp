#include "taking_peer.hpp"
#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/open_incidents.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/session/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

namespace tristrata::service {
namespace {

constexpr const char* analyzers = R"([[analyzer]]
name = "scores"
source = "sql"
query = """
SELECT time, metric_value AS score FROM kpi.events
WHERE metric_name = 'score' AND time >= :from AND time < :to
"""
window = "10m"
reference_windows = 20
minimum = 0.5
drift_type = "prediction_drift"
module = "scores"
metric = "score"

[[analyzer.severity]]
subject = "signal:range"
warn = 0.01
crit = 0.1
rationale = "no score below a half is any good"
)";

/// What is appended is delivered at once.
class Delivering final : public sink::Sink {
public:
    explicit Delivering(notification::AlertDestination& to) : to_(to) {}
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        spool::Batch batch;
        batch.record_class = sink::RecordClass::alert;
        batch.records.assign(records.begin(), records.end());
        auto settled = to_.deliver(batch);
        if (!settled) return propagate(settled);
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }

private:
    notification::AlertDestination& to_;
};

/// KPIs, an analyzer over them, the incidents of what it finds and a webhook: each the product's own, by a
/// clock that is moved by hand.
class FlappingTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        for (const char* name : {"kpi", "drift", "response"})
            settings.set(std::string(name) + "_url",
                         {core::Secret("sqlite:///" + (folder / name).string() + ".db"), name});
        settings.set("webhook_url", {core::Secret(peer.url()), "WH"});
        settings.set("webhook_secret", {core::Secret("k3y"), "WS"});
        session = std::make_unique<session::Session>(settings, clock);
        ASSERT_TRUE(session->init_store(store::Layer::kpi, "", true));
        ASSERT_TRUE(session->init_store(store::Layer::drift, "", true));
        ASSERT_TRUE(incident::init(settings, clock));
        auto definitions = analyzer::parse_definitions(analyzers, "analyzers.toml");
        ASSERT_TRUE(definitions) << definitions.error().message;
        for (const auto& one : definitions->problems) ADD_FAILURE() << one.where << ": " << one.message;
        auto respondents = analyzer::open_respondents(definitions->analyzers, settings);
        ASSERT_TRUE(respondents) << respondents.error().message;
        rounds = std::make_unique<analyzer::Rounds>(
            std::move(definitions->analyzers), std::move(*respondents),
            [this](std::string_view module, drift::DriftType type) {
                return incident::has_open(*incidents->list({}), module, type);
            });
        auto opened = incident::IncidentStore::open(settings);
        ASSERT_TRUE(opened) << opened.error().message;
        incidents.emplace(std::move(*opened));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    /// A window of ten minutes whose one score is this; judged and stepped at its end.
    void pass(double score) {
        execution::KpiRequest kpi;
        kpi.module = "scores";
        kpi.metrics = {{"score", score}};
        const auto emitted = session->emit_kpi(kpi, "scores");
        ASSERT_TRUE(emitted) << emitted.error().message;
        clock.advance({600'000'000});
        core::Task task;
        task.clock = &clock;
        rounds->once(
            clock.now(),
            [&](const analyzer::Definition&, const analyzer::Judgement& one) {
                for (const auto* events : {&one.events, &one.good})
                    for (const auto& event : *events) EXPECT_TRUE(session->push_drift_event(event));
            },
            task);
        incident::StepOptions options;
        options.policy = &policy;
        options.owners = &owners;
        options.clock = &clock;
        options.holder = "test";
        const auto stepped = incidents->step(options, delivering);
        ASSERT_TRUE(stepped) << stepped.error().message;
        ASSERT_FALSE(stepped->not_appended) << stepped->not_appended->message;
    }
    /// Status of each message that the webhook took.
    std::vector<std::string> told() {
        std::vector<std::string> all;
        for (const auto& body : peer.bodies()) all.push_back(nlohmann::json::parse(body).at("status"));
        return all;
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("flapping_test_" + std::to_string(::getpid()));
    config::Settings settings;
    core::ManualClock clock{core::Timestamp{1'700'006'400'000'000}};
    TakingPeer peer;
    std::unique_ptr<session::Session> session;
    std::unique_ptr<analyzer::Rounds> rounds;
    std::optional<incident::IncidentStore> incidents;
    incident::Policy policy;
    config::Owners owners;
    notification::AlertDestination destination{
        [this] { return notification::receivers(settings); }, spool::posix_file_system(), clock, {}};
    Delivering delivering{destination};
};

}  // namespace

TEST_F(FlappingTest, a_value_that_flaps_across_its_bound_for_a_day_is_one_incident_a_page_and_an_end) {
    constexpr unsigned seed = 20261127;
    std::mt19937 random(seed);
    constexpr int windows_a_day = 144;
    for (int left = windows_a_day; left > 0;) {
        pass(0.1);
        --left;
        // Up to five good ones: sometimes it cools and comes back, sometimes it does not.
        for (auto good = 1 + random() % 5; good > 0 && left > 0; --good, --left) pass(0.9);
    }
    incident::IncidentQuery every;
    every.closed = true;
    auto all = incidents->list(every);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 1u) << "seed " << seed;
    EXPECT_GT(all->front().occurrences, 20u);
    EXPECT_GT(all->front().reopened, 3u);
    EXPECT_EQ(told(), (std::vector<std::string>{"firing"}));
    // Good until the cool-down of six hours is over.
    for (int window = 0; window < 45; ++window) pass(0.9);
    all = incidents->list(every);
    ASSERT_EQ(all->size(), 1u);
    EXPECT_EQ(all->front().phase, incident::Phase::closed);
    EXPECT_EQ(told(), (std::vector<std::string>{"firing", "resolved"}));
}

}  // namespace tristrata::service
