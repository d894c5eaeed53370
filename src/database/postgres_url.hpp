#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::database {

/// A PostgreSQL URL taken apart: what libpq is given, option by option, so that it parses nothing itself.
struct PostgresAddress {
    struct Host {
        std::string name;  ///< A name, an address, or a socket's folder; empty: libpq's default.
        std::string port;
        bool certain = true;  ///< Not where user:password, its @HOST forgotten, would read the same.
    };
    std::vector<Host> hosts;  ///< At least one, tried in order.
    std::string user;
    core::Secret password;
    std::string database;
    std::vector<std::pair<std::string, std::string>> options;  ///< What stood behind the ?.

    /// Host, port and database, for messages: "db.internal:5432/observability"; "[hidden]" for a host and
    /// port that may be a user and a password.
    [[nodiscard]] std::string shown() const;
};

/// postgresql://user:password@host:port[,host:port]/database?option=value, each part percent-encoded.
///
/// Errors    configuration, naming `origin` and never a piece of the URL: a part that is not percent-encoded
///           may be a piece of a password. A second @, or one behind the host, is refused: there a password
///           was written as it is, and what looks like a host may be its end. So is a host with two colons.
[[nodiscard]] core::Result<PostgresAddress> parse_postgres_url(const core::Secret& url,
                                                               const std::string& origin);

/// Whether a host (a name, or several parted by commas) is this machine. An address that is given beside it
/// (hostaddr) is what is dialled, whatever the name says.
[[nodiscard]] bool is_on_this_machine(std::string_view host, std::string_view address);

}  // namespace tristrata::database
