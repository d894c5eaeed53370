#include "tristrata/http/server.hpp"

#include "listener.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/authentication.hpp"
#include "tristrata/core/program_part.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace tristrata::http {
namespace {

using core::ErrorKind;
using core::fail;

std::string advice_for(int code) {
    switch (code) {
        case EADDRINUSE:
            return "another process listens there; name another port, or 0 for a free one";
        case EADDRNOTAVAIL:
            return "it is no address of this machine; 127.0.0.1 is its own, 0.0.0.0 all that it has";
        case EACCES:
            return "ports below 1024 are the administrator's; name one above";
        default:
            return "name an address of this machine, such as 127.0.0.1:0";
    }
}

/// 401 where what is shown is not "Bearer" and the token, 503 where nobody knows the token.
int refusal_of(const core::SecretSource& bearer, std::string_view authorization) {
    constexpr int not_allowed = 401, not_now = 503;
    constexpr std::string_view scheme = "Bearer ";
    const auto token = bearer.read();
    if (!token || token->empty()) return not_now;
    if (authorization.size() < scheme.size() ||
        core::lowered(authorization.substr(0, scheme.size())) != core::lowered(scheme))
        return not_allowed;
    return core::is_same_secret(*token, authorization.substr(scheme.size())) ? 0 : not_allowed;
}

core::Error of_the_tls(const ServerTls& tls) {
    return {
        ErrorKind::configuration,
        fmt::format("TLS cannot be spoken with the certificate {} and the key {}{}; expected PEM files that "
                    "belong together and that this user may read",
                    core::quoted(tls.certificate), core::quoted(tls.key),
                    tls.client_authority.empty()
                        ? ""
                        : fmt::format(", for clients of {}", core::quoted(tls.client_authority))),
        {}};
}

}  // namespace

core::Result<Address> parse_address(std::string_view text) {
    const auto refused = [&] {
        return fail(ErrorKind::usage,
                    fmt::format("{} is no address to listen on; expected HOST:PORT, such as 127.0.0.1:9871 "
                                "or [::1]:9871, with a port from 0 (a free one) to 65535",
                                core::quoted(text)));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return refused();
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    // Without brackets the colons of an IPv6 address are not told from the port's.
    if (host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) return refused();
    Address address{std::string(host), 0};
    const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (port.empty() || code != std::errc() || end != port.data() + port.size()) return refused();
    return address;
}

std::string to_string(const Address& address) {
    const bool brackets = address.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", brackets ? "[" : "", address.host, brackets ? "]" : "", address.port);
}

bool is_loopback(const Address& address) {
    return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
}

core::Result<ListenFunction> load_listener(const std::string& file) {
    auto found = core::load_part(file, listen_function, "serving HTTP", "libcpp-httplib0.11");
    if (!found) return propagate(found);
    return reinterpret_cast<ListenFunction>(*found);
}

Server::Server(Address address, std::unique_ptr<Listener> listener)
    : address_(std::move(address)), listener_(std::move(listener)) {}

Server::~Server() { stop(); }

void Server::stop() { listener_->stop(); }

core::Result<std::unique_ptr<Server>> Server::start(const Options& options, const Answer& answer) {
    auto listen = load_listener(core::program_part(listener_file));
    if (!listen) return propagate(listen);
    errno = 0;
    const Service service{options, answer, [bearer = options.bearer](const std::string& authorization) {
                              return bearer ? refusal_of(*bearer, authorization) : 0;
                          }};
    std::unique_ptr<Listener> listener((*listen)(service));
    if (!listener) {
        const int code = errno;
        if (code == wrong_tls) return tl::unexpected(of_the_tls(options.tls));
        return fail(ErrorKind::unavailable,
                    fmt::format("cannot listen on {}: {}; {}", to_string(options.address),
                                code == 0 ? "the host is not known" : std::strerror(code), advice_for(code)),
                    std::to_string(code));
    }
    Address taken{options.address.host, listener->port()};
    return std::unique_ptr<Server>(new Server(std::move(taken), std::move(listener)));
}

}  // namespace tristrata::http
