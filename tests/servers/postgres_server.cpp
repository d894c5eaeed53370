#include "postgres_server.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace tristrata::servers {

PostgresServer::PostgresServer(const std::vector<std::string>& arguments)
    : process_("postgres.py", arguments) {
    const auto said = nlohmann::json::parse(process_.said());
    port_ = said.at("port").get<int>();
    pooler_port_ = said.value("pooler_port", 0);
    password_ = said.at("password").get<std::string>();
    encoded_password_ = said.at("password_encoded").get<std::string>();
    authority_ = said.value("authority", std::string());
    folder_ = said.at("folder").get<std::string>();
}

std::string PostgresServer::url(const std::string& database, const std::string& query) const {
    return url_of("postgres", encoded_password_, database) + query;
}

std::string PostgresServer::url_of(const std::string& user, const std::string& encoded_password,
                                   const std::string& database) const {
    return "postgresql://" + user + ":" + encoded_password + "@127.0.0.1:" + std::to_string(port_) + "/" +
           database;
}

std::string PostgresServer::pooler_url(const std::string& database) const {
    return "postgresql://postgres:" + encoded_password_ + "@127.0.0.1:" + std::to_string(pooler_port_) + "/" +
           database;
}

std::vector<std::string> PostgresServer::full_disk() { return {"--full-disk", TRISTRATA_FULL_DISK}; }

std::string PostgresServer::log() const {
    std::stringstream text;
    text << std::ifstream(folder_ + "/postgres.log").rdbuf();
    return text.str();
}

}  // namespace tristrata::servers
