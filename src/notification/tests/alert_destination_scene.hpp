#pragma once

#include "example_alert.hpp"
#include "tristrata/http/server.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/reception.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tristrata::notification {

inline constexpr core::Duration second{1'000'000};

/// Takes webhooks by the same server that the product listens with, and answers as it is told.
class Hook {
public:
    Hook() { start({"127.0.0.1", 0}); }
    void start(const http::Address& address) {
        http::Options options;
        options.address = address;
        options.body_bytes_max = 1U << 20U;
        options.take = [this](const http::Message& message) {
            const auto module =
                nlohmann::json::parse(message.body).at("labels").at("module").get<std::string>();
            std::unique_lock lock(mutex);
            bodies.emplace_back(message.body);
            if (meanwhile) meanwhile();
            if (hangs.contains(module)) {
                lock.unlock();
                std::this_thread::sleep_for(hangs_for);
                lock.lock();
            }
            const auto own = status_of.find(module);
            return http::Reply{own == status_of.end() ? status : own->second, "text/plain", words};
        };
        auto started =
            http::Server::start(options, [](std::string_view) { return http::Reply{404, "", ""}; });
        ASSERT_TRUE(started) << started.error().message;
        server = std::move(*started);
        at = server->address();
    }
    void stop() { server.reset(); }
    [[nodiscard]] std::string url() const { return "http://" + to_string(at) + "/hooks/s3cret"; }
    /// Module and status of what came.
    [[nodiscard]] std::vector<std::string> came() const {
        std::vector<std::string> all;
        for (const auto& body : bodies) {
            const auto json = nlohmann::json::parse(body);
            all.push_back(json.at("labels").at("module").get<std::string>() + " " +
                          json.at("status").get<std::string>());
        }
        return all;
    }

    std::mutex mutex;
    int status = 200;
    std::map<std::string, int> status_of;      ///< To the alerts of one module.
    std::set<std::string, std::less<>> hangs;  ///< Modules whose alerts it answers too late.
    std::chrono::milliseconds hangs_for{1000};
    std::string words;
    std::function<void()> meanwhile;  ///< What happens while it takes one.
    std::vector<std::string> bodies;
    http::Address at;
    std::unique_ptr<http::Server> server;
};

class AlertDestinationTest : public ::testing::Test {
protected:
    AlertDestinationTest() {
        std::filesystem::create_directories(root);
        options.owed_folder = owed_folder(root);
        options.receptions_folder = receptions_folder(root);
        options.notice = [this](std::string_view sentence) {
            const std::lock_guard lock(mutex);
            said.emplace_back(sentence);
        };
    }
    ~AlertDestinationTest() override { std::filesystem::remove_all(root); }

    /// As settings name them.
    void name(const std::string& alertmanagers, const std::string& webhooks) {
        if (!alertmanagers.empty()) settings.set("alertmanager_url", {core::Secret(alertmanagers), "AM"});
        if (!webhooks.empty()) {
            settings.set("webhook_url", {core::Secret(webhooks), "WH"});
            settings.set("webhook_secret", {core::Secret("k3y"), "WS"});
        }
        destination = std::make_unique<AlertDestination>([this] { return receivers(settings); },
                                                         spool::posix_file_system(), clock, options);
    }
    spool::Batch batch(const std::vector<Alert>& alerts) {
        spool::Batch made;
        made.record_class = sink::RecordClass::alert;
        made.number = ++number;
        made.to_row = alerts.size();
        for (const Alert& alert : alerts) made.records.push_back(encode(alert));
        return made;
    }
    core::Result<spool::Settlement> deliver(const std::vector<Alert>& alerts) {
        return destination->deliver(batch(alerts));
    }
    /// As the relay sends it: again, under the same number, where it was not settled.
    core::Result<spool::Settlement> deliver_twice(const std::vector<Alert>& alerts) {
        auto sent = batch(alerts);
        if (auto first = destination->deliver(sent)) return first;
        sent.resent = true;
        return destination->deliver(sent);
    }
    void pass(std::int64_t seconds) {
        clock.steady = clock.steady.load() + core::Duration{seconds * 1'000'000};
    }
    Alert alert(const std::string& module) const { return example_alert(module, clock.wall); }
    Alert resolved(const std::string& module) const {
        Alert over = alert(module);
        over.ends_at = clock.wall;
        return over;
    }
    std::size_t owed() const {
        std::size_t count = 0;
        std::error_code code;
        for (const auto& entry : std::filesystem::directory_iterator(options.owed_folder, code))
            count += entry.path().extension() == ".alert" ? 1U : 0U;
        return count;
    }
    /// An alert of an incident.
    Alert page(const std::string& module) const {
        Alert made = alert(module);
        made.annotations["incident_id"] = "0198c0de-0000-7000-8000-000000000001";
        return made;
    }
    std::vector<Reception> receptions() const {
        std::vector<Reception> all;
        const auto kept = Receptions(spool::posix_file_system(), options.receptions_folder).list();
        EXPECT_TRUE(kept);
        for (const auto& one : *kept) all.push_back(one.reception);
        return all;
    }
    std::string all_said() {
        const std::lock_guard lock(mutex);
        std::string all;
        for (const auto& sentence : said) all += sentence + "\n";
        return all;
    }

    /// The wall's time is real, for Alertmanager's sake; the steady one is moved by hand.
    struct Time final : core::Clock {
        core::Timestamp wall = core::system_clock().now();
        std::atomic<core::Timestamp> steady{core::Timestamp{1}};
        core::Timestamp now() noexcept override { return wall; }
        core::Timestamp steady_now() noexcept override { return steady; }
        bool sleep_for(core::Duration, std::stop_token) override { return true; }
    } clock;
    std::string root =
        std::filesystem::temp_directory_path() / ("alert_destination_test_" + std::to_string(::getpid()));
    config::Settings settings;
    AlertOptions options;
    std::unique_ptr<AlertDestination> destination;
    std::uint64_t number = 0;
    std::mutex mutex;
    std::vector<std::string> said;
};

}  // namespace tristrata::notification
