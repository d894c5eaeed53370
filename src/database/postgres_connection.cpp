#include "libpq.hpp"
#include "postgres_error.hpp"
#include "postgres_state.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>

namespace tristrata::database {
namespace {

using core::ErrorKind;
using core::fail;

constexpr int poll_step_ms = 100;
constexpr const char* public_authorities = "/etc/ssl/certs/ca-certificates.crt";

/// What the environment, a service file or libpq itself sets for an option.
std::string default_of(std::string_view keyword) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all(PQconndefaults(), PQconninfoFree);
    for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (keyword == option->keyword && option->val != nullptr) return option->val;
    return {};
}

/// The options of a connection, each once: the URL's own stand above what is chosen here.
class Options {
public:
    void set(std::string keyword, std::string value) {
        const auto same = std::ranges::find(all_, keyword, &std::pair<std::string, std::string>::first);
        if (same != all_.end()) same->second = std::move(value);
        else all_.emplace_back(std::move(keyword), std::move(value));
    }
    void set_unless_there(const std::string& keyword, std::string value) {
        if (value_of(keyword).empty()) set(keyword, std::move(value));
    }
    [[nodiscard]] std::string value_of(std::string_view keyword) const {
        const auto found = std::ranges::find(all_, keyword, &std::pair<std::string, std::string>::first);
        return found == all_.end() ? std::string() : found->second;
    }
    [[nodiscard]] PGconn* start() const {
        std::vector<const char*> keywords, values;
        for (const auto& [keyword, value] : all_) {
            keywords.push_back(keyword.c_str());
            values.push_back(value.c_str());
        }
        keywords.push_back(nullptr);
        values.push_back(nullptr);
        return PQconnectStartParams(keywords.data(), values.data(), 0);
    }

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

Options options_of(const PostgresAddress& address, const PostgresAddress::Host& host,
                   const PostgresOptions& given) {
    Options options;
    for (const auto& [keyword, value] : address.options) options.set(keyword, value);
    if (!host.name.empty()) options.set("host", host.name);
    if (!host.port.empty()) options.set("port", host.port);
    if (!address.user.empty()) options.set("user", address.user);
    if (!address.password.empty()) options.set("password", address.password.reveal());
    if (!address.database.empty()) options.set("dbname", address.database);
    options.set_unless_there("application_name", given.application);
    options.set_unless_there("target_session_attrs", given.any_server ? "any" : "read-write");
    options.set_unless_there("client_encoding", "UTF8");
    // A network that swallows everything is noticed within half a minute.
    options.set_unless_there("tcp_user_timeout", "30000");
    options.set_unless_there("keepalives_idle", "30");
    const std::string name = host.name.empty() ? default_of("host") : host.name;
    // libpq's own default, prefer, verifies nothing.
    const std::string given_address = options.value_of("hostaddr");
    const bool is_here =
        is_on_this_machine(name, given_address.empty() ? default_of("hostaddr") : given_address);
    if (const std::string set = default_of("sslmode"); !is_here && (set.empty() || set == "prefer"))
        options.set_unless_there("sslmode", "verify-full");
    std::error_code code;
    if (options.value_of("sslmode").starts_with("verify") && default_of("sslrootcert").empty() &&
        std::filesystem::exists(public_authorities, code))
        options.set_unless_there("sslrootcert", public_authorities);
    return options;
}

/// Waits until the socket can be read (or written); false where the time ran out.
bool wait_for(int socket, short events, core::Timestamp deadline) {
    while (true) {
        const auto left = deadline - core::system_clock().steady_now();
        if (left.microseconds <= 0) return false;
        pollfd entry{socket, events, 0};
        const int step = static_cast<int>(std::min<std::int64_t>(poll_step_ms, left.microseconds / 1000 + 1));
        if (::poll(&entry, 1, step) > 0) return true;
    }
}

core::Timestamp in(core::Duration duration) { return core::system_clock().steady_now() + duration; }

/// What libpq says of a host that did not answer; nothing of it where that repeats what is not shown.
std::string said_of(const PostgresAddress::Host& host, std::string_view message, std::string_view password) {
    std::string text = readable_message(message, password);
    if (host.certain) return text;
    // "connection to server at "postgres" (10.0.0.1), port 12345 failed: Connection refused"
    if (const auto failed = text.find(" failed: "); failed != std::string::npos)
        text = text.substr(failed + 9);
    const bool repeats =
        text.find(host.port) != std::string::npos || text.find(host.name) != std::string::npos;
    return fmt::format(
        "{}; no @ stands in the URL, so that its host and port may be a user and a password, which are not "
        "shown: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        repeats ? "the host cannot be reached" : text);
}

bool about_settings(std::string_view message, std::string_view sqlstate) {
    if (kind_of_sqlstate(sqlstate) == ErrorKind::configuration) return true;
    for (const std::string_view words :
         {"certificate", "does not support SSL", "sslmode", "authentication failed", "no password supplied",
          "invalid sslcert", "private key file", "could not parse", "invalid value for"})
        if (message.find(words) != std::string_view::npos) return true;
    return false;
}

}  // namespace

void Postgres::State::drop() noexcept {
    if (connection == nullptr) return;
    // In a child the parent goes on using the connection: a farewell over it would be the parent's end.
    if (owner == ::getpid()) PQfinish(connection);
    else if (PQsocket(connection) >= 0) ::close(PQsocket(connection));
    connection = nullptr;
}

bool Postgres::State::connected() noexcept {
    if (connection == nullptr) return false;
    if (owner != ::getpid() || PQstatus(connection) != CONNECTION_OK) drop();
    return connection != nullptr;
}

core::Status Postgres::State::dial(const PostgresAddress& address, const PostgresAddress::Host& host) {
    if (auto status = load_libpq(); !status) return status;
    PostgresAddress one = address;
    one.hosts = {host};
    const auto give_up = [&](ErrorKind kind, std::string_view why, std::string code) {
        drop();
        return fail(kind, fmt::format("{} ({}): {}", options.url.origin, one.shown(), why), std::move(code));
    };
    PostgresAddress::Host& shown_host = one.hosts.front();
    const Options chosen = options_of(address, host, options);
    connection = chosen.start();
    owner = ::getpid();
    if (connection == nullptr) return fail(ErrorKind::internal, "libpq has no memory for a connection");
    PQsetNoticeReceiver(connection, [](void*, const PGresult*) {}, nullptr);
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    const auto deadline = in(options.connect_timeout);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (PQstatus(connection) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
           state != PGRES_POLLING_FAILED) {
        const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_for(PQsocket(connection), events, deadline))
            return give_up(ErrorKind::unavailable,
                           fmt::format("no answer within {}", core::to_string(options.connect_timeout)), "");
        state = PQconnectPoll(connection);
    }
    if (PQstatus(connection) != CONNECTION_OK) {
        const std::string message = PQerrorMessage(connection);
        const std::string code = sqlstate_within(message);
        const auto kind = about_settings(message, code) ? ErrorKind::configuration : kind_of_sqlstate(code);
        const auto advice = code.empty() ? advice_without_code(message) : advice_for(code);
        // A server that answered was no password.
        if (!code.empty()) shown_host.certain = true;
        return give_up(kind,
                       fmt::format("{}{}{}", said_of(shown_host, message, address.password.reveal()),
                                   advice.empty() ? "" : "; ", advice),
                       code);
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    if (PQsetnonblocking(connection, 1) != 0)
        return give_up(ErrorKind::internal, "libpq cannot be told not to wait", "");
    shown_host.certain = true;
    where = one.shown();
    sslmode = chosen.value_of("sslmode").empty() ? default_of("sslmode") : chosen.value_of("sslmode");
    return {};
}

core::Status Postgres::State::dial_first(const core::Secret& url) {
    auto address = parse_postgres_url(url, options.url.origin);
    if (!address) return propagate(address);
    password = address->password;
    core::Status status;
    std::string before;  // What the hosts said that were tried first.
    for (const auto& host : address->hosts) {
        status = dial(*address, host);
        if (status) return status;
        if (&host != &address->hosts.back()) before += status.error().message + "; ";
    }
    if (status || before.empty()) return status;
    core::Error all = status.error();
    all.message = before + all.message;
    return tl::unexpected(std::move(all));
}

core::Status Postgres::State::connect() {
    if (connected()) return {};
    auto url = options.url.read();
    if (!url) return propagate(url);
    core::Status status = dial_first(*url);
    if (status || status.error().kind != ErrorKind::configuration) return status;
    // The password may have been exchanged between reading and using it.
    auto again = options.url.read();
    if (!again || *again == *url) return status;
    return dial_first(*again);
}

core::Status Postgres::State::flush() {
    const auto deadline = in(options.answer_timeout);
    while (true) {
        const int left = PQflush(connection);
        if (left == 0) return {};
        if (left < 0) return lost("sending");
        // The server may wait for its answer to be read before it reads on.
        if (!wait_for(PQsocket(connection), POLLIN | POLLOUT, deadline)) return lost("sending");
        if (PQconsumeInput(connection) == 0) return lost("sending");
    }
}

core::Result<ResultHandle> Postgres::State::next_result(const std::function<bool()>& stop) {
    const auto deadline = in(options.answer_timeout);
    while (PQisBusy(connection) != 0) {
        pollfd entry{PQsocket(connection), POLLIN, 0};
        if (::poll(&entry, 1, poll_step_ms) > 0 && PQconsumeInput(connection) == 0)
            return lost("waiting for an answer");
        if (stop && stop()) {
            drop();  // The server notices at its next write.
            return fail(ErrorKind::cancelled,
                        fmt::format("the query on {} was stopped before its end", where));
        }
        if (PQisBusy(connection) != 0 && core::system_clock().steady_now() > deadline) {
            drop();
            return fail(ErrorKind::unavailable, fmt::format("{}: no answer within {}", where,
                                                            core::to_string(options.answer_timeout)));
        }
    }
    return ResultHandle(PQgetResult(connection));
}

core::Result<ResultHandle> Postgres::State::last_result() {
    ResultHandle last;
    while (true) {
        auto result = next_result();
        if (!result) return result;
        if (!*result) break;
        const auto status = PQresultStatus(result->get());
        const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        if (!failed) last = std::move(*result);
        // What follows is the copy's bytes, which the caller sends.
        if (status == PGRES_COPY_IN) break;
    }
    if (PQstatus(connection) != CONNECTION_OK) return lost("waiting for an answer");
    if (!last) return fail(ErrorKind::internal, fmt::format("{} gave no answer", where));
    if (PQresultStatus(last.get()) == PGRES_FATAL_ERROR) return refused(last.get());
    return last;
}

tl::unexpected<core::Error> Postgres::State::lost(std::string_view doing) {
    const std::string message = connection == nullptr ? "" : PQerrorMessage(connection);
    drop();
    return fail(ErrorKind::unavailable, fmt::format("{}: the connection was lost while {}: {}", where, doing,
                                                    readable_message(message, password.reveal())));
}

tl::unexpected<core::Error> Postgres::State::refused(const PGresult* result) const {
    const auto field = [&](int code) {
        const char* text = PQresultErrorField(result, code);
        return std::string(text == nullptr ? "" : text);
    };
    // The primary message only: DETAIL and CONTEXT quote the row, but for objects that depend on another.
    constexpr std::string_view insufficient_privilege = "42501", dependent_objects = "2BP01";
    const std::string sqlstate = field(PG_DIAG_SQLSTATE);
    std::string text = readable_message(field(PG_DIAG_MESSAGE_PRIMARY), password.reveal());
    if (sqlstate == dependent_objects)
        if (const std::string detail = readable_message(field(PG_DIAG_MESSAGE_DETAIL), password.reveal());
            !detail.empty())
            text += ": " + detail;
    if (const auto advice = advice_for(sqlstate); !advice.empty()) text += fmt::format("; {}", advice);
    if (sqlstate == insufficient_privilege)
        text += options.where_denied.empty() ? fmt::format(", or name another in {}", options.url.origin)
                                             : ", or " + options.where_denied;
    return fail(kind_of_sqlstate(sqlstate), fmt::format("{}: {}", where, text), sqlstate);
}

}  // namespace tristrata::database
