#include "tristrata/http/client.hpp"

#include "connection.hpp"
#include "tristrata/core/program_part.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <algorithm>

namespace tristrata::http {

using core::ErrorKind;
using core::fail;

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
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return fail(
            ErrorKind::configuration,
            fmt::format("sending over HTTP needs {}, which cannot be loaded ({}); it belongs beside the "
                        "program or into ../lib, and needs Debian's package libcurl4",
                        file, ::dlerror()));
    auto function = reinterpret_cast<ConnectFunction>(::dlsym(handle, connect_function));
    if (function == nullptr)
        return fail(ErrorKind::configuration,
                    fmt::format("{} has no function {}: it is not this program's; put the one there that was "
                                "built with it",
                                file, connect_function));
    return function;
}

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

Client::~Client() = default;

core::Result<std::unique_ptr<Client>> Client::open() {
    auto connect = load_connection(core::program_part(connection_file));
    if (!connect) return propagate(connect);
    return std::unique_ptr<Client>(new Client(std::unique_ptr<Connection>((*connect)())));
}

core::Result<Response> Client::post(const Request& request) { return connection_->post(request); }

}  // namespace tristrata::http
