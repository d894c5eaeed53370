#include "tristrata/http/client.hpp"

#include "connection.hpp"
#include "tristrata/core/program_part.hpp"

#include <algorithm>

namespace tristrata::http {

std::string shown_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(core::hidden);
    const auto begin = scheme + 3;
    const auto end = std::min(url.find('/', begin), url.size());
    const auto at = url.substr(begin, end - begin).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
}

core::Result<ConnectFunction> load_connection(const std::string& file) {
    auto found = core::load_part(file, connect_function, "sending over HTTP", "libcurl4");
    if (!found) return propagate(found);
    return reinterpret_cast<ConnectFunction>(*found);
}

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

Client::~Client() = default;

core::Result<std::unique_ptr<Client>> Client::open() {
    auto connect = load_connection(core::program_part(connection_file));
    if (!connect) return propagate(connect);
    return std::unique_ptr<Client>(new Client(std::unique_ptr<Connection>((*connect)())));
}

core::Result<Response> Client::send(Method method, const Request& request) {
    return connection_->send(method, request);
}

}  // namespace tristrata::http
