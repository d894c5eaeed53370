#include "tristrata/session/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace tristrata;

namespace {

class PayloadTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("payload_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] config::Settings settings(const std::map<std::string, std::string>& values) const {
        config::Settings all;
        for (const auto& [key, value] : values) all.set(key, {core::Secret(value), "test"});
        return all;
    }
    std::filesystem::path folder_;
    core::ManualClock clock_{core::Timestamp{1'679'443'200'000'000}};
};

}  // namespace

TEST_F(PayloadTest, a_secret_in_a_payload_does_not_reach_the_store_and_somebody_is_told) {
    const std::string path = (folder_ / "drift.db").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::drift, clock_));
    std::vector<std::string> said;
    session::Session session(settings({{"drift_url", "sqlite:///" + path}}), clock_,
                             [&](std::string_view sentence) { said.emplace_back(sentence); });
    drift::EventRequest event;
    event.drift_type = drift::DriftType::data_drift;
    event.module = "m";
    event.metric = "x";
    event.severity = drift::Severity::warn;
    event.payload =
        R"({"n":[1,2.50],"password":"hunter2","by":{"who":"jane@example.com","token_count":3},"why":"ok"})";
    ASSERT_TRUE(session.push_drift_event(event));
    auto opened = session.open_store(store::Layer::drift, store::OpenMode::read);
    ASSERT_TRUE(opened) << opened.error().message;
    const auto rows = (*opened)->query(store::DriftQuery{});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->rows.size(), 1u);
    EXPECT_EQ(
        rows->rows[0].payload,
        R"({"n":[1,2.5],"password":"[redacted]","by":{"who":"[redacted]","token_count":3},"why":"ok"})");
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find("2 texts were"), std::string::npos) << said[0];
}

TEST_F(PayloadTest, patterns_of_a_file_are_read_once_and_a_mistake_in_them_is_not_kept) {
    const std::string path = (folder_ / "drift.db").string(), file = (folder_ / "sensitive.toml").string();
    const auto write = [&](const char* text) {
        std::ofstream(file) << "[patterns]\nbadge = \"" << text << "\"\n";
    };
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::drift, clock_));
    session::Session session(settings({{"drift_url", "sqlite:///" + path}, {"sensitive", file}}), clock_);
    drift::EventRequest event;
    event.module = "m";
    event.metric = "x";
    event.severity = drift::Severity::warn;
    event.payload = R"({"who":"badge 77"})";
    write("(");
    EXPECT_FALSE(session.push_drift_event(event));
    write("badge [0-9]+");
    ASSERT_TRUE(session.push_drift_event(event));
    std::filesystem::remove(file);
    ASSERT_TRUE(session.push_drift_event(event)) << "it is read no second time";
    auto opened = session.open_store(store::Layer::drift, store::OpenMode::read);
    ASSERT_TRUE(opened) << opened.error().message;
    const auto rows = (*opened)->query(store::DriftQuery{});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->rows.size(), 2u);
    for (const auto& row : rows->rows) EXPECT_EQ(row.payload, R"({"who":"[redacted]"})");
}
