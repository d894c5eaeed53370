#include "posting.hpp"

#include "example_alert.hpp"
#include "servers/alertmanager.hpp"
#include "tristrata/http/server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

namespace tristrata::notification {
namespace {

using ::testing::HasSubstr;

constexpr core::Duration posting_timeout{5'000'000}, lasts_for{3'600'000'000};

Receivers peer_at(const std::string& url) {
    config::Settings settings;
    settings.set("alertmanager_url", {core::Secret(url), "AM"});
    return receivers(settings).value();
}

Alert linking_to(const std::string& url, const std::string& module = "features") {
    Alert alert = example_alert(module, core::system_clock().now());
    alert.generator_url = url;
    return alert;
}

TEST(Posting, a_link_that_alertmanager_would_refuse_costs_nobody_the_page) {
    servers::Alertmanager server;
    std::vector<Alert> alerts;
    for (const char* url :
         {"http://u:pw@prom/x", "http://[hidden]@prom/x", "http://prom/%zz", "http://prom:abc/",
          "http://[fe80::1%eth0]:9090/", "http://prom\\/x", "http://prom /x"})
        alerts.push_back(linking_to(url, fmt::format("m{}", alerts.size())));
    const Receivers all = peer_at(server.url());
    Posting posting(core::system_clock(), posting_timeout, lasts_for);
    for (const auto& outcome : posting.send(all.all.front(), all, alerts))
        EXPECT_EQ(outcome.kind, Outcome::Kind::taken) << outcome.error.message;
    const auto listed = server.alerts();
    EXPECT_EQ(listed.size(), alerts.size());
    for (const auto& one : listed)
        EXPECT_EQ(one.value("generatorURL", ""), one.at("labels").at("module") == "m0" ? "http://prom/x" : "")
            << one;
}

TEST(Posting, an_alert_with_a_link_that_is_refused_is_sent_once_more_without_it) {
    std::mutex mutex;
    std::vector<std::string> bodies;
    bool takes_without = true;
    http::Options options;
    options.address = {"127.0.0.1", 0};
    options.body_bytes_max = 1U << 20U;
    options.take = [&](const http::Message& message) {
        const std::lock_guard lock(mutex);
        bodies.emplace_back(message.body);
        const bool links = bodies.back().find("generatorURL") != std::string::npos;
        return http::Reply{takes_without && !links ? 200 : 422, "text/plain", links ? "a link" : "another"};
    };
    auto server = http::Server::start(options, [](std::string_view) { return http::Reply{404, "", ""}; });
    ASSERT_TRUE(server) << server.error().message;
    const Receivers all = peer_at("http://" + to_string((*server)->address()));
    Posting posting(core::system_clock(), posting_timeout, lasts_for);
    const auto send = [&] {
        return posting.send(all.all.front(), all, {linking_to("https://grafana/d")}).front();
    };
    EXPECT_EQ(send().kind, Outcome::Kind::taken);
    EXPECT_EQ(bodies.size(), 2u);
    takes_without = false;
    const Outcome refused = send();
    EXPECT_EQ(refused.kind, Outcome::Kind::refused);
    EXPECT_THAT(refused.error.message, HasSubstr("a link")) << "the words of the first answer";
    EXPECT_EQ(bodies.size(), 4u);
}

}  // namespace
}  // namespace tristrata::notification
