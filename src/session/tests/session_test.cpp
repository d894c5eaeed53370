#include "tristrata/session/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

using namespace tristrata;

namespace {

class SessionTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("session_test_" + std::to_string(::getpid()));
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

TEST_F(SessionTest, an_emit_goes_to_the_configured_store) {
    const std::string path = (folder_ / "kpi.db").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    session::Session session(settings({{"kpi_url", "sqlite:///" + path}, {"environment", "test"}}), clock_);
    execution::KpiRequest request;
    request.module = "m";
    request.metrics = {{"x", 1.5}};
    const auto receipt = session.emit_kpi(request, "caller");
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->acknowledgement.durability, sink::Durability::committed);
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    const auto page = (*store)->query(store::KpiQuery{});
    ASSERT_EQ(page->rows.size(), 1u);
    EXPECT_NE(page->rows[0].tags.find("\"environment\":\"test\""), std::string::npos);
}

TEST_F(SessionTest, without_a_setting_there_is_no_silent_default) {
    session::Session session(settings({}), clock_);
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    const auto receipt = session.emit_kpi(request, "caller");
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, core::ErrorKind::configuration);
    EXPECT_NE(receipt.error().message.find("TRISTRATA_KPI_URL"), std::string::npos);
    EXPECT_FALSE(session.push_drift_event({}));
}

TEST_F(SessionTest, a_postgresql_url_is_refused_without_being_shown) {
    session::Session session(settings({{"kpi_url", "postgresql://u:hunter2@h/d"}}), clock_);
    const auto path = session.sqlite_path(store::Layer::kpi);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().message.find("hunter2"), std::string::npos);
}
