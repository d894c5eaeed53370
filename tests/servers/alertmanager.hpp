#pragma once

#include "server_process.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace tristrata::servers {

/// An Alertmanager of its own while it stands, and who takes its pages: alertmanager.py. Throws
/// std::runtime_error where it does not come up.
class Alertmanager {
public:
    explicit Alertmanager(const std::string& group_wait = "1s", const std::string& repeat_interval = "4h")
        : process_("alertmanager.py", {"--group-wait", group_wait, "--repeat-interval", repeat_interval}),
          url_(nlohmann::json::parse(process_.said()).at("url").get<std::string>()) {}

    [[nodiscard]] const std::string& url() const { return url_; }
    /// At once, as a power cut does.
    void kill() { process_.command("kill"); }
    void start() { process_.command("start"); }
    /// What its API lists.
    [[nodiscard]] nlohmann::json alerts() { return nlohmann::json::parse(process_.ask("alerts")); }
    [[nodiscard]] nlohmann::json silences() { return nlohmann::json::parse(process_.ask("silences")); }
    /// What it has sent to people so far.
    [[nodiscard]] nlohmann::json pages() { return nlohmann::json::parse(process_.ask("pages")); }

private:
    ServerProcess process_;
    std::string url_;
};

}  // namespace tristrata::servers
