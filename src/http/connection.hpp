#pragma once

#include "tristrata/http/client.hpp"

namespace tristrata::http {

/// What the part that is loaded when first used gives: a connection that sends.
class Connection {
public:
    virtual ~Connection() = default;
    [[nodiscard]] virtual core::Result<Response> send(Method method, const Request& request) = 0;
};

/// The caller's to delete.
using ConnectFunction = Connection* (*)();
inline constexpr const char* connect_function = "tristrata_http_connect";
inline constexpr const char* connection_file = "tristrata_http_client.so";

/// Loads the part from this file. configuration: it cannot be loaded, or is of another build.
[[nodiscard]] core::Result<ConnectFunction> load_connection(const std::string& file);

}  // namespace tristrata::http
