#pragma once

#include "server_process.hpp"

#include <string>
#include <vector>

namespace tristrata::servers {

/// A PostgreSQL of its own while it stands: postgres.py is started, and told to stop at the end. The
/// superuser is `postgres`, with a password that breaks careless parsers. Throws std::runtime_error where it
/// does not come up.
class PostgresServer {
public:
    /// `arguments` of postgres.py: "--tls", "--pooler", "--set", "NAME=VALUE".
    explicit PostgresServer(const std::vector<std::string>& arguments = {});

    /// The superuser's URL of a database; `query` such as "?sslmode=require".
    [[nodiscard]] std::string url(const std::string& database = "postgres",
                                  const std::string& query = {}) const;
    /// The same through the pooler.
    [[nodiscard]] std::string pooler_url(const std::string& database) const;
    /// Another user's URL; the password is percent-encoded.
    [[nodiscard]] std::string url_of(const std::string& user, const std::string& encoded_password,
                                     const std::string& database) const;
    [[nodiscard]] const std::string& password() const { return password_; }
    [[nodiscard]] const std::string& encoded_password() const { return encoded_password_; }
    [[nodiscard]] int port() const { return port_; }
    /// The certificate that signed the server's; with --tls.
    [[nodiscard]] const std::string& authority() const { return authority_; }
    /// What the server's log holds so far.
    [[nodiscard]] std::string log() const;

    /// At once, as when the power is cut; start() brings the same data back.
    void stop() { process_.command("stop"); }
    void start() { process_.command("start"); }
    /// As an administrator does: sessions end, nothing is lost.
    void restart() { process_.command("restart"); }
    /// The cluster as it is now is kept aside; go_back() makes it the server's again, as a failover to a
    /// standby that lagged: what was committed since is gone.
    void snapshot() { process_.command("snapshot"); }
    void go_back() { process_.command("go_back"); }
    /// With full_disk() among the arguments: from here on no file of the server grows, until make_room().
    void fill() { process_.command("fill"); }
    void make_room() { process_.command("make_room"); }
    [[nodiscard]] static std::vector<std::string> full_disk();

private:
    ServerProcess process_;
    int port_ = 0, pooler_port_ = 0;
    std::string password_, encoded_password_, authority_, folder_;
};

}  // namespace tristrata::servers
