#include "tristrata/notification/silencer.hpp"

#include "example_alert.hpp"
#include "servers/alertmanager.hpp"
#include "tristrata/http/client.hpp"
#include "tristrata/notification/resender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <nlohmann/json.hpp>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::HasSubstr;

namespace {

/// The wall's time begins now, for Alertmanager's sake, and moves by hand.
struct WallClock final : core::Clock {
    core::Timestamp wall = core::system_clock().now();
    core::Timestamp now() noexcept override { return wall; }
    core::Timestamp steady_now() noexcept override { return {wall.microseconds - begin.microseconds}; }
    bool sleep_for(core::Duration, std::stop_token) override { return true; }
    core::Timestamp begin = wall;
};

class SilencerTest : public ::testing::Test {
protected:
    Silencer silencer_at(const std::string& urls) {
        settings.set("alertmanager_url", {core::Secret(urls), "AM"});
        return Silencer([this] { return receivers(settings); }, clock);
    }
    Answered answered(const std::string& module) {
        return {core::uuid_v5(core::tristrata_namespace(), module), example_alert(module, clock.begin), "eve",
                "I am looking"};
    }
    Answered over(const std::string& module) {
        Answered one = answered(module);
        one.alert.ends_at = clock.wall;
        return one;
    }
    core::Result<Resent> tell(const std::vector<Alert>& alerts) {
        return Resender([this] { return receivers(settings); }, clock).step(alerts);
    }

    config::Settings settings;
    WallClock clock;
};

std::vector<nlohmann::json> lasting(const nlohmann::json& silences) {
    std::vector<nlohmann::json> all;
    for (const auto& one : silences)
        if (one.at("status").at("state") != "expired") all.push_back(one);
    return all;
}

std::size_t pages_of(const nlohmann::json& pages, const std::string& module, const std::string& status) {
    return static_cast<std::size_t>(std::ranges::count_if(pages, [&](const nlohmann::json& page) {
        return page.at("status") == status && page.at("groupLabels").at("module") == module;
    }));
}

}  // namespace

TEST_F(SilencerTest, what_somebody_answered_for_is_paged_no_more_by_alertmanager_also_when_it_is_over) {
    // It pages again every second, so that each second without a page shows.
    servers::Alertmanager server("1s", "1s");
    Silencer silencer = silencer_at(server.url());
    ASSERT_TRUE(tell({answered("features").alert, answered("targets").alert})->failed.empty());
    while (pages_of(server.pages(), "features", "firing") < 2) ::usleep(50'000);
    const auto begun = silencer.step({answered("features")});
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_TRUE(begun->failed.empty());
    EXPECT_EQ(begun->begun, 1u);
    const auto silences = lasting(server.silences());
    ASSERT_EQ(silences.size(), 1u);
    EXPECT_EQ(silences[0].at("createdBy"), "tristrata");
    EXPECT_THAT(silences[0].at("comment").get<std::string>(), HasSubstr("acknowledged by eve: I am looking"));
    EXPECT_EQ(silences[0].at("matchers").size(), answered("features").alert.labels.size() + 1);
    // One that is under way may still come; the other shows how much time has passed.
    ::usleep(1'500'000);
    const std::size_t before = pages_of(server.pages(), "features", "firing");
    const std::size_t others = pages_of(server.pages(), "targets", "firing");
    while (pages_of(server.pages(), "targets", "firing") < others + 4) ::usleep(50'000);
    EXPECT_EQ(pages_of(server.pages(), "features", "firing"), before);
    // It is over: its end is told, and it is not paged for that.
    const auto ended = silencer.step({over("features")});
    ASSERT_TRUE(ended && ended->failed.empty());
    EXPECT_EQ(ended->ended, 1u);
    EXPECT_TRUE(lasting(server.silences()).empty());
    const std::size_t then = pages_of(server.pages(), "targets", "firing");
    while (pages_of(server.pages(), "targets", "firing") < then + 3) ::usleep(50'000);
    EXPECT_EQ(pages_of(server.pages(), "features", "firing"), before);
    EXPECT_EQ(silencer.step({over("features")})->ended, 0u) << "once";
}

TEST_F(SilencerTest, what_is_new_to_an_incident_is_paged_beside_the_silence_of_its_first_page) {
    servers::Alertmanager server("1s", "1s");
    Silencer silencer = silencer_at(server.url());
    ASSERT_TRUE(tell({answered("features").alert})->failed.empty());
    ASSERT_EQ(silencer.step({answered("features")})->begun, 1u);
    Alert next = answered("features").alert;
    next.labels["page"] = "2";
    ASSERT_TRUE(tell({next})->failed.empty());
    const auto is_told = [&] {
        return std::ranges::any_of(server.pages(), [](const nlohmann::json& page) {
            return std::ranges::any_of(page.at("alerts"), [](const nlohmann::json& alert) {
                return alert.at("labels").value("page", "") == "2";
            });
        });
    };
    for (int i = 0; i < 400 && !is_told(); ++i) ::usleep(50'000);
    EXPECT_TRUE(is_told());
    EXPECT_EQ(lasting(server.silences()).size(), 1u);
}

TEST_F(SilencerTest, a_silence_is_made_once_whoever_does_it_and_again_where_it_was_forgotten) {
    servers::Alertmanager server;
    Silencer first = silencer_at(server.url()), other = silencer_at(server.url());
    EXPECT_EQ(first.step({answered("features")})->begun, 1u);
    EXPECT_EQ(other.step({answered("features")})->begun, 0u);
    EXPECT_EQ(first.step({answered("features"), answered("targets")})->begun, 1u);
    EXPECT_EQ(lasting(server.silences()).size(), 2u);
    // Killed, it has not written them down.
    server.kill();
    EXPECT_EQ(first.step({answered("features")})->failed.size(), 1u);
    server.start();
    EXPECT_EQ(first.step({answered("features")})->begun + lasting(server.silences()).size(), 2u);
}

TEST_F(SilencerTest, it_lasts_a_day_where_nobody_extends_it_and_is_extended_at_half_of_that) {
    servers::Alertmanager server;
    Silencer silencer = silencer_at(server.url());
    ASSERT_EQ(silencer.step({answered("features")})->begun, 1u);
    const std::string ends_at = lasting(server.silences())[0].at("endsAt").get<std::string>();
    // Alertmanager shows milliseconds.
    EXPECT_EQ((core::parse_timestamp(ends_at)->microseconds + 1000 - clock.begin.microseconds) / 1'000'000,
              86'400);
    clock.wall = clock.wall + core::Duration{43'190'000'000};
    EXPECT_EQ(silencer.step({answered("features")})->extended, 0u);
    clock.wall = clock.wall + core::Duration{20'000'000};
    const auto extended = silencer.step({answered("features")});
    ASSERT_TRUE(extended && extended->failed.empty()) << extended->failed.front().second.message;
    EXPECT_EQ(extended->extended, 1u);
    EXPECT_EQ(silencer.step({answered("features")})->extended, 0u);
    EXPECT_EQ(silencer.step({over("features")})->ended, 1u) << "there is one of it";
}

TEST_F(SilencerTest, what_a_peer_refuses_of_one_holds_no_silence_of_another) {
    servers::Alertmanager server;
    Silencer silencer = silencer_at(server.url());
    ASSERT_EQ(silencer.step({answered("a")})->begun, 1u);
    // Of one that is over the end is refused, and of one that lasts the silence.
    Answered ended = over("a"), nameless = answered("b");
    ended.alert.labels["not-a-name"] = "x";
    nameless.alert.labels = {{"module", ""}};
    const auto done = silencer.step({ended, nameless, answered("c"), answered("d")});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->begun, 2u);
    ASSERT_EQ(done->failed.size(), 1u);
    EXPECT_THAT(done->failed[0].second.message, HasSubstr("not-a-name")) << "the first";
    EXPECT_EQ(lasting(server.silences()).size(), 3u);
}

TEST_F(SilencerTest,
       silences_of_people_and_of_other_incidents_are_left_alone_and_a_dead_peer_holds_no_other) {
    servers::Alertmanager server;
    Silencer silencer = silencer_at(server.url() + " http://127.0.0.1:1");
    const auto begun = silencer.step({answered("features"), answered("targets")});
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_EQ(begun->begun, 2u);
    ASSERT_EQ(begun->failed.size(), 1u);
    EXPECT_THAT(begun->failed[0].first, HasSubstr("127.0.0.1:1"));
    auto client = http::Client::open().value();
    http::Request request;
    request.url = server.url() + "/api/v2/silences";
    const std::string body =
        R"({"matchers":[{"name":"module","value":"features","isRegex":false}],"startsAt":")" +
        core::to_string(clock.wall) + R"(","endsAt":")" +
        core::to_string(clock.wall + core::Duration{3'600'000'000}) +
        R"(","createdBy":"bob","comment":"incident of mine"})";
    request.body = body;
    request.headers.emplace_back("Content-Type", core::Secret("application/json"));
    ASSERT_EQ(client->post(request)->status, 200);
    EXPECT_EQ(silencer.step({over("features"), answered("targets")})->ended, 1u);
    std::vector<std::string> left;
    for (const auto& one : lasting(server.silences())) left.push_back(one.at("createdBy").get<std::string>());
    EXPECT_THAT(left, ::testing::UnorderedElementsAre("bob", "tristrata"));
    EXPECT_EQ(silencer.step({})->failed.size(), 0u) << "nobody is asked where there is nothing";
}
