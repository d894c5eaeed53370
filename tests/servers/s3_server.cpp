#include "s3_server.hpp"

#include <nlohmann/json.hpp>

namespace tristrata::servers {

S3Server::S3Server() : process_("s3.py", {}) {
    const auto said = nlohmann::json::parse(process_.said());
    const auto text = [&](const char* key) { return said.at(key).get<std::string>(); };
    endpoint_ = text("endpoint");
    host_endpoint_ = text("host_endpoint");
    faulty_endpoint_ = text("faulty_endpoint");
    tls_endpoint_ = text("tls_endpoint");
    authority_ = text("authority");
    bucket_ = text("bucket");
    writer_ = {text("access_key"), text("secret_key")};
    reader_ = {text("reader_access_key"), text("reader_secret_key")};
}

S3Server::Seen S3Server::seen() {
    const auto told = nlohmann::json::parse(process_.ask("tell"));
    Seen seen;
    for (const auto& request : told.at("requests"))
        seen.requests.push_back({request.at("method").get<std::string>(),
                                 request.at("path").get<std::string>(),
                                 request.at("headers").get<std::map<std::string, std::string>>()});
    seen.faults = told.at("faults").get<std::map<std::string, std::uint64_t>>();
    return seen;
}

}  // namespace tristrata::servers
