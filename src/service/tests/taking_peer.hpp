#pragma once

#include "tristrata/http/server.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tristrata::service {

/// An Alertmanager that takes everything, and remembers it.
class TakingPeer {
public:
    TakingPeer() {
        http::Options options;
        options.address = {"127.0.0.1", 0};
        options.body_bytes_max = 1u << 20u;
        options.take = [this](const http::Message& message) {
            const std::lock_guard lock(mutex_);
            bodies_.emplace_back(message.body);
            return http::Reply{200, "application/json", "{}"};
        };
        auto server = http::Server::start(options, [this](std::string_view) {
            const std::lock_guard lock(mutex_);
            ++read_;
            return http::Reply{200, "application/json", "[]"};
        });
        if (server) server_ = std::move(*server);
    }
    [[nodiscard]] std::string url() const { return "http://" + http::to_string(server_->address()); }
    [[nodiscard]] std::vector<std::string> bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

    /// How often it was asked for what it holds, which is nothing.
    [[nodiscard]] std::size_t read() {
        const std::lock_guard lock(mutex_);
        return read_;
    }

    /// Nobody listens there.
    static constexpr const char* away = "http://127.0.0.1:1";
    static constexpr const char* away_shown = "http://127.0.0.1:1/api/v2/alerts";

private:
    std::mutex mutex_;
    std::vector<std::string> bodies_;
    std::size_t read_ = 0;
    std::unique_ptr<http::Server> server_;
};

}  // namespace tristrata::service
