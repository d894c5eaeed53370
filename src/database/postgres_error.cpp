#include "postgres_error.hpp"

#include "tristrata/core/secret.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::database {
namespace {

using core::ErrorKind;

/// SQLSTATEs by their beginning, the first that fits (PostgreSQL 15, appendix A).
struct Class {
    std::string_view beginning;
    ErrorKind kind;
    std::string_view advice;
};
constexpr std::array classes{
    Class{"08", ErrorKind::unavailable, ""},
    Class{"25006", ErrorKind::unavailable,
          "the server takes no writes at the moment: a standby, or its disk is full"},
    Class{"40", ErrorKind::unavailable, ""},
    Class{"53100", ErrorKind::unavailable, "the server's disk is full"},
    Class{"53300", ErrorKind::unavailable,
          "raise what it names (max_connections, or ALTER ROLE ... CONNECTION LIMIT), or put a pooler in "
          "between"},
    Class{"53", ErrorKind::unavailable, ""},
    Class{"55P03", ErrorKind::unavailable, "another transaction holds a lock"},
    Class{"57014", ErrorKind::cancelled, "it took longer than it may"},
    Class{"57", ErrorKind::unavailable, ""},
    Class{"58", ErrorKind::unavailable, ""},
    Class{"28", ErrorKind::configuration, "check user and password in the URL, and pg_hba.conf"},
    Class{"3D000", ErrorKind::configuration, "create the database, or name another one"},
    Class{"42501", ErrorKind::configuration, "grant its user what it needs (tristrata store probe names it)"},
    Class{"0A000", ErrorKind::configuration, ""},
    Class{"0LP01", ErrorKind::configuration, ""},
    Class{"42", ErrorKind::configuration, "make or migrate the tables with: tristrata store init"},
    Class{"3F000", ErrorKind::configuration, "make the tables with: tristrata store init"},
    Class{"22", ErrorKind::invalid_input, ""},
    Class{"23", ErrorKind::invalid_input, ""},
    Class{"54", ErrorKind::invalid_input, ""},
};

const Class* class_of(std::string_view sqlstate) noexcept {
    const auto* found =
        std::ranges::find_if(classes, [&](const Class& c) { return sqlstate.starts_with(c.beginning); });
    return found == classes.end() ? nullptr : found;
}

bool is_sqlstate(std::string_view text) {
    return text.size() == 5 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

/// Where a severity ends and the SQLSTATE begins: behind ":  ".
std::size_t code_position(std::string_view message) {
    for (std::size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1))
        if (message.size() >= at + 9 && is_sqlstate(message.substr(at + 3, 5)) && message[at + 8] == ':')
            return at + 3;
    return std::string_view::npos;
}

}  // namespace

ErrorKind kind_of_sqlstate(std::string_view sqlstate) noexcept {
    if (sqlstate.empty()) return ErrorKind::unavailable;
    const Class* found = class_of(sqlstate);
    return found == nullptr ? ErrorKind::internal : found->kind;
}

std::string_view advice_for(std::string_view sqlstate) noexcept {
    const Class* found = class_of(sqlstate);
    return found == nullptr ? std::string_view() : found->advice;
}

std::string_view advice_without_code(std::string_view message) noexcept {
    if (message.find("certificate verify failed") == std::string_view::npos) return {};
    return "name the file of the authority that signed its certificate: ?sslrootcert=/PATH/ca.pem in the URL";
}

std::string sqlstate_within(std::string_view message) {
    const auto at = code_position(message);
    return at == std::string_view::npos ? std::string() : std::string(message.substr(at, 5));
}

std::string readable_message(std::string_view message, std::string_view password) {
    if (const auto at = code_position(message); at != std::string_view::npos) message.remove_prefix(at + 7);
    std::string text(message.substr(0, message.find('\n')));
    // A password so short stands in every sentence; it would hide the sentence, not itself.
    constexpr std::size_t shortest_hidden = 4;
    // Hidden in its place alone, the rest of a known sentence would tell it.
    if (password.size() >= shortest_hidden && text.find(password) != std::string::npos)
        return fmt::format("{} (its words hold the password)", core::hidden);
    const auto first = text.find_first_not_of(' ');
    return core::valid_utf8(first == std::string::npos ? text : text.substr(first));
}

}  // namespace tristrata::database
