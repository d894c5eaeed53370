#include "tristrata/incident/open_incidents.hpp"

#include "events.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

namespace tristrata::incident {
namespace {

using drift::DriftType;

class Taking final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }
};

class OpenIncidentsTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        for (const char* name : {"drift", "response"})
            settings.set(
                std::string(name) + "_url",
                {core::Secret("sqlite:///" + (folder / (std::string(name) + ".db")).string()), name});
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void make_stores() {
        ASSERT_TRUE(store::init_sqlite((folder / "drift.db").string(), store::Layer::drift, clock));
        ASSERT_TRUE(init_sqlite((folder / "response.db").string(), clock));
    }
    void make_incident() {
        auto drifts =
            store::open_sqlite((folder / "drift.db").string(), store::Layer::drift, store::OpenMode::write);
        ASSERT_TRUE(drifts) << drifts.error().message;
        drift::Push push;
        push.events = {event_at(clock.now(), drift::Severity::crit)};
        ASSERT_TRUE((*drifts)->ingest(std::vector{drift::encode(push)}, std::nullopt));
        auto incidents = IncidentStore::open(settings);
        ASSERT_TRUE(incidents) << incidents.error().message;
        const Policy policy;
        const auto owners = config::Owners::of(settings);
        Taking alerts;
        StepOptions options;
        options.policy = &policy;
        options.owners = &*owners;
        options.clock = &clock;
        options.holder = "test";
        const auto stepped = incidents->step(options, alerts);
        ASSERT_TRUE(stepped) << stepped.error().message;
        ASSERT_EQ(stepped->opened, 1u);
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("open_incidents_test_" + std::to_string(::getpid()));
    config::Settings settings;
    core::ManualClock clock{monday};
    std::vector<std::string> errors;
};

TEST_F(OpenIncidentsTest, are_those_of_their_module_and_type_as_the_store_last_said) {
    make_stores();
    OpenIncidents known{settings, clock, [](const core::Error& error) { ADD_FAILURE() << error.message; }};
    EXPECT_FALSE(known.is_open("features", DriftType::latency_drift));
    make_incident();
    EXPECT_FALSE(known.is_open("features", DriftType::latency_drift)) << "it was just asked";
    clock.advance(OpenIncidents::asked_again);
    EXPECT_TRUE(known.is_open("features", DriftType::latency_drift));
    EXPECT_FALSE(known.is_open("features", DriftType::volume_drift));
    EXPECT_FALSE(known.is_open("train", DriftType::latency_drift));
}

TEST_F(OpenIncidentsTest, a_store_that_does_not_answer_is_told_once_and_nothing_is_open) {
    OpenIncidents known{settings, clock,
                        [this](const core::Error& error) { errors.push_back(error.message); }};
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(known.is_open("features", DriftType::latency_drift));
        clock.advance(OpenIncidents::asked_again);
    }
    EXPECT_EQ(errors.size(), 1u);
    make_stores();
    make_incident();
    EXPECT_TRUE(known.is_open("features", DriftType::latency_drift)) << "asked again, it answers";
}

TEST(HasOpen, what_is_closed_is_not_open) {
    std::vector<Incident> one(1);
    one[0].module = "m";
    one[0].drift_type = DriftType::volume_drift;
    one[0].phase = Phase::cooling;
    EXPECT_TRUE(has_open(one, "m", DriftType::volume_drift));
    one[0].phase = Phase::closed;
    EXPECT_FALSE(has_open(one, "m", DriftType::volume_drift));
    EXPECT_FALSE(has_open({}, "m", DriftType::volume_drift));
}

}  // namespace
}  // namespace tristrata::incident
