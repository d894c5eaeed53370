#include "postgres_url.hpp"

#include "libpq.hpp"
#include "tristrata/database/postgres.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

namespace tristrata::database {
namespace {

using core::ErrorKind;
using core::fail;

tl::unexpected<core::Error> refuse(const std::string& origin, std::string_view what) {
    return fail(
        ErrorKind::configuration,
        fmt::format("{} is no PostgreSQL URL: {}; expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE "
                    "with each part percent-encoded (@ is %40, : %3A, / %2F, ? %3F, # %23, % %25)",
                    origin, what));
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Nothing where a % has not two hexadecimal digits behind it, or stands for the byte 0.
std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = digit_of(text[i + 1]), low = digit_of(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return result;
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5) return false;
    int number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
    }
    return number >= 1 && number <= 65'535;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_known_option(const std::string& name) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> known(PQconndefaults(),
                                                                             PQconninfoFree);
    for (const PQconninfoOption* option = known.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (name == option->keyword) return true;
    return false;
}

bool is_address(std::string_view text) {
    const std::string without_zone(text.substr(0, text.find('%')));
    in6_addr place{};
    return ::inet_pton(AF_INET, without_zone.c_str(), &place) == 1 ||
           ::inet_pton(AF_INET6, without_zone.c_str(), &place) == 1;
}

/// A name or an address that is this machine's own.
bool is_here(std::string_view host) {
    return host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" ||
           host == "127.0.0.1" || host == "::1";
}

/// What stands behind the authority's @, or all of it.
core::Status read_hosts(std::string_view text, bool behind_at, PostgresAddress& address,
                        const std::string& origin) {
    const bool colon_without_at = !behind_at && text.find(':') != std::string_view::npos;
    for (const std::string_view entry : split(text, ',')) {
        std::string_view name = entry, port;
        const bool bracketed = entry.starts_with('[');
        const auto bracket = bracketed ? entry.find(']') : std::string_view::npos;
        if (bracketed && (bracket == std::string_view::npos || !is_address(entry.substr(1, bracket - 1)) ||
                          !(bracket + 1 == entry.size() || entry[bracket + 1] == ':')))
            return refuse(origin, "a host begins with [ and is no IPv6 address between brackets");
        const auto colon = entry.find(':', bracketed ? bracket : 0);
        if (colon != std::string_view::npos && entry.find(':', colon + 1) != std::string_view::npos)
            return refuse(origin,
                          "its host holds two colons (is the @ behind the password missing, or the "
                          "brackets around an IPv6 address?)");
        if (colon != std::string_view::npos) {
            name = entry.substr(0, colon);
            port = entry.substr(colon + 1);
            if (!is_port(port))
                return refuse(origin,
                              "behind the host's colon stands no port from 1 to 65535 (is the @ behind the "
                              "password missing?)");
        }
        if (bracketed) name = name.substr(1, name.size() - 2);
        const auto decoded_name = decoded(name);
        if (!decoded_name) return refuse(origin, "its host is not percent-encoded");
        const bool certain = !colon_without_at || is_address(name) || name == "localhost";
        address.hosts.push_back({*decoded_name, std::string(port), certain});
    }
    return {};
}

core::Status read_options(std::string_view text, PostgresAddress& address, const std::string& origin) {
    for (const std::string_view entry : split(text, '&')) {
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos) return refuse(origin, "behind the ? stands a word without a =");
        const auto name = decoded(entry.substr(0, equals)), value = decoded(entry.substr(equals + 1));
        if (!name || !value) return refuse(origin, "an option behind the ? is not percent-encoded");
        if (!is_known_option(*name))
            return refuse(origin, "behind the ? stands an option that libpq does not know");
        if (*name == "password") address.password = core::Secret(*value);
        else if (*name == "user") address.user = *value;
        else if (*name == "dbname") address.database = *value;
        else if (*name == "host") address.hosts.front().name = *value;
        else if (*name == "port" && is_port(*value)) address.hosts.front().port = *value;
        else if (*name == "port") return refuse(origin, "its option port is none");
        else address.options.emplace_back(*name, *value);
    }
    return {};
}

}  // namespace

std::string PostgresAddress::shown() const {
    std::string text;
    for (const Host& host : hosts)
        text += fmt::format("{}{}", text.empty() ? "" : ",",
                            host.certain ? host.name + (host.port.empty() ? "" : ":") + host.port
                                         : std::string(core::hidden));
    return fmt::format("{}/{}", text, database);
}

core::Result<PostgresAddress> parse_postgres_url(const core::Secret& url, const std::string& origin) {
    if (auto status = load_libpq(); !status) return propagate(status);
    std::string_view rest = url.reveal();
    const auto scheme = rest.find("://");
    if (scheme == std::string_view::npos ||
        (rest.substr(0, scheme) != "postgresql" && rest.substr(0, scheme) != "postgres"))
        return refuse(origin, "it does not begin with postgresql://");
    rest.remove_prefix(scheme + 3);
    if (std::ranges::any_of(rest, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        return refuse(origin, "it holds a control character");
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    const auto ats = std::ranges::count(rest, '@');
    if (ats > 1 || (ats == 1 && authority.find('@') == std::string_view::npos))
        return refuse(origin, "its password holds one of @ / ? as it is");

    PostgresAddress address;
    std::string_view hosts = authority;
    if (const auto at = authority.find('@'); at != std::string_view::npos) {
        const std::string_view credentials = authority.substr(0, at);
        hosts = authority.substr(at + 1);
        const auto colon = credentials.find(':');
        const auto user = decoded(credentials.substr(0, colon));
        const auto password = colon == std::string_view::npos ? std::optional<std::string>("")
                                                              : decoded(credentials.substr(colon + 1));
        if (!user || !password) return refuse(origin, "its user or password is not percent-encoded");
        address.user = *user;
        address.password = core::Secret(*password);
    }
    const bool behind_at = hosts.size() != authority.size();
    if (auto status = read_hosts(hosts, behind_at, address, origin); !status) return propagate(status);
    rest.remove_prefix(authority.size());
    const auto question = rest.find('?');
    if (rest.starts_with('/')) {
        const auto database =
            decoded(rest.substr(1, question == std::string_view::npos ? question : question - 1));
        if (!database || database->find('/') != std::string::npos)
            return refuse(origin, "its database is not percent-encoded");
        address.database = *database;
    }
    if (question != std::string_view::npos)
        if (auto status = read_options(rest.substr(question + 1), address, origin); !status)
            return propagate(status);
    // Who names the user behind the ? has written none before the host.
    if (!behind_at && !address.user.empty())
        for (auto& host : address.hosts) host.certain = true;
    return address;
}

core::Result<std::string> database_of(const core::SecretSource& url) {
    auto secret = url.read();
    if (!secret) return propagate(secret);
    auto address = parse_postgres_url(*secret, url.origin);
    if (!address) return propagate(address);
    return std::move(address->database);
}

bool is_on_this_machine(std::string_view host, std::string_view address) {
    return std::ranges::all_of(split(address.empty() ? host : address, ','), is_here);
}

}  // namespace tristrata::database
