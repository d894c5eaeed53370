#include "prometheus_server.hpp"

#include <nlohmann/json.hpp>

namespace tristrata::servers {

PrometheusServer::PrometheusServer(const std::string& openmetrics_file, const std::string& web_config_file)
    : process_("prometheus.py", {"--openmetrics", openmetrics_file, "--web-config", web_config_file}),
      url_(nlohmann::json::parse(process_.said()).at("url").get<std::string>()) {}

}  // namespace tristrata::servers
