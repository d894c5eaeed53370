#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tristrata::database {

/// A PostgreSQL URL taken apart: what libpq is given, option by option, so that it parses nothing itself.
struct PostgresAddress {
    struct Host {
        std::string name;  ///< A name, an address, or a socket's folder; empty: libpq's default.
        std::string port;
    };
    std::vector<Host> hosts;  ///< At least one, tried in order.
    std::string user;
    core::Secret password;
    std::string database;
    std::vector<std::pair<std::string, std::string>> options;  ///< What stood behind the ?.

    /// Host, port and database, for messages: "db.internal:5432/observability".
    [[nodiscard]] std::string shown() const;
};

/// postgresql://user:password@host:port[,host:port]/database?option=value, each part percent-encoded.
///
/// Errors    configuration, naming `origin` and never a piece of the URL: a part that is not percent-encoded
///           may be a piece of a password. A second @, or one behind the host, is refused: there a password
///           was written as it is, and what looks like a host may be its end.
[[nodiscard]] core::Result<PostgresAddress> parse_postgres_url(const core::Secret& url,
                                                               const std::string& origin);

}  // namespace tristrata::database
