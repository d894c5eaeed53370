#include "tristrata/notification/resender.hpp"

#include "example_alert.hpp"
#include "servers/alertmanager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <set>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::HasSubstr;

namespace {

/// The wall's time begins now, for Alertmanager's sake, and both move by hand.
struct HandClock final : core::Clock {
    core::Timestamp wall = core::system_clock().now();
    core::Timestamp steady{0};
    core::Timestamp now() noexcept override { return wall; }
    core::Timestamp steady_now() noexcept override { return steady; }
    bool sleep_for(core::Duration, std::stop_token) override { return true; }
    void advance(core::Duration by) {
        wall = wall + by;
        steady = steady + by;
    }
};

class ResenderTest : public ::testing::Test {
protected:
    Resender resender_to(const std::string& urls) {
        settings.set("alertmanager_url", {core::Secret(urls), "AM"});
        return Resender([this] { return receivers(settings); }, clock);
    }
    Alert open(const std::string& module) const { return example_alert(module, begin, "warn"); }

    config::Settings settings;
    HandClock clock;
    core::Timestamp begin = clock.wall;
};

std::vector<std::string> modules_listed(const nlohmann::json& alerts) {
    std::vector<std::string> modules;
    for (const auto& one : alerts) modules.push_back(one.at("labels").at("module").get<std::string>());
    std::ranges::sort(modules);
    return modules;
}

}  // namespace

TEST_F(ResenderTest, each_open_alert_is_sent_again_at_half_of_group_wait_and_not_before) {
    servers::Alertmanager server;
    Resender resender = resender_to(server.url());
    ASSERT_TRUE(resender.is_due());
    const auto first = resender.step({open("features")});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->was_due);
    EXPECT_EQ(first->open, 1u);
    EXPECT_EQ(first->next, (core::Duration{15'000'000}));
    clock.advance({14'999'999});
    EXPECT_FALSE(resender.is_due());
    const auto early = resender.step({open("features")});
    EXPECT_FALSE(early->was_due);
    EXPECT_EQ(early->open, 0u);
    EXPECT_EQ(early->next, (core::Duration{1}));
    clock.advance({1});
    EXPECT_TRUE(resender.step({open("features")})->was_due) << "on the edge";
    EXPECT_EQ(server.alerts().size(), 1u);
}

TEST_F(ResenderTest, an_alertmanager_killed_within_group_wait_pages_all_the_same_and_once) {
    servers::Alertmanager server("3s");
    Resender resender = resender_to(server.url());
    ASSERT_TRUE(resender.step({open("features")})->failed.empty());
    ASSERT_EQ(server.alerts().size(), 1u) << "it was taken with 200";
    server.kill();
    server.start();
    EXPECT_EQ(server.alerts().size(), 0u) << "and forgotten";
    clock.advance({15'000'000});
    ASSERT_TRUE(resender.step({open("features")})->failed.empty());
    const auto listed = server.alerts();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(core::parse_timestamp(listed[0].at("startsAt").get<std::string>())->microseconds / 1000,
              begin.microseconds / 1000)
        << "its start is the first one";
    while (server.pages().empty()) ::usleep(50'000);
    EXPECT_EQ(server.pages().size(), 1u);
}

TEST_F(ResenderTest, what_is_over_is_told_for_five_minutes_and_then_no_more) {
    servers::Alertmanager server;
    Resender resender = resender_to(server.url());
    ASSERT_EQ(resender.step({open("features")})->open, 1u);
    ASSERT_EQ(server.alerts().size(), 1u);
    Alert over = open("features");
    over.ends_at = clock.wall;
    clock.advance({15'000'000});
    EXPECT_EQ(resender.step({over})->resolved, 1u);
    EXPECT_TRUE(server.alerts().empty()) << "Alertmanager lists no resolved alert";
    clock.advance({285'000'000});
    EXPECT_EQ(resender.step({over})->resolved, 1u) << "five minutes, on the edge";
    clock.advance({15'000'000});
    EXPECT_EQ(resender.step({over})->resolved, 0u);
}

TEST_F(ResenderTest, what_is_no_longer_given_stays_open_until_it_is_given_with_its_end) {
    servers::Alertmanager server;
    Resender resender = resender_to(server.url());
    ASSERT_EQ(resender.step({open("features"), open("targets")})->open, 2u);
    clock.advance({15'000'000});
    ASSERT_EQ(resender.step({open("targets")})->open, 1u);
    EXPECT_EQ(modules_listed(server.alerts()), (std::vector<std::string>{"features", "targets"}))
        << "a table that could not be read whole resolves nothing";
}

TEST_F(ResenderTest, a_dead_peer_is_named_and_holds_no_other) {
    servers::Alertmanager first, other;
    Resender resender = resender_to(first.url() + " " + other.url());
    first.kill();
    const auto turn = resender.step({open("features")});
    ASSERT_TRUE(turn) << turn.error().message;
    ASSERT_EQ(turn->failed.size(), 1u);
    EXPECT_THAT(turn->failed[0].first, HasSubstr(first.url()));
    EXPECT_EQ(other.alerts().size(), 1u);
    first.start();
    clock.advance({15'000'000});
    EXPECT_TRUE(resender.step({open("features")})->failed.empty());
    EXPECT_EQ(first.alerts().size(), 1u);
}

TEST_F(ResenderTest, no_alert_is_lost_whenever_alertmanager_is_killed) {
    servers::Alertmanager server("1s");
    Resender resender = resender_to(server.url());
    std::vector<Alert> alerts;
    std::vector<std::string> expected;
    for (int i = 0; i < 12; ++i) {
        const std::string module = "module_" + std::to_string(10 + i);
        alerts.push_back(open(module));
        expected.push_back(module);
        // Before, between and after what is sent: it is dead for every third turn.
        if (i % 3 == 0) server.kill();
        (void)resender.step(alerts);
        clock.advance({15'000'000});
        if (i % 3 == 0) server.start();
    }
    ASSERT_TRUE(resender.step(alerts)->failed.empty());
    EXPECT_EQ(modules_listed(server.alerts()), expected);
    const auto paged = [&] {
        std::set<std::string> modules;
        for (const auto& page : server.pages())
            for (const auto& one : page.at("alerts"))
                modules.insert(one.at("labels").at("module").get<std::string>());
        return modules.size();
    };
    while (paged() < expected.size()) ::usleep(50'000);
}
