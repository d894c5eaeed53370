#pragma once

#include "server_process.hpp"

#include <string>

namespace tristrata::servers {

/// A Prometheus of its own while it stands: prometheus.py is started, and told to stop at the end. Throws
/// std::runtime_error where it does not come up.
class PrometheusServer {
public:
    /// What it knows: a file of OpenMetrics text, or nothing; and whom it answers: a file of its
    /// --web.config.file, or everybody.
    explicit PrometheusServer(const std::string& openmetrics_file, const std::string& web_config_file = {});

    [[nodiscard]] const std::string& url() const { return url_; }
    /// It takes connections and answers nothing, until start().
    void stop() { process_.command("stop"); }
    void start() { process_.command("start"); }

private:
    ServerProcess process_;
    std::string url_;
};

}  // namespace tristrata::servers
