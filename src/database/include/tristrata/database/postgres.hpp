#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::database {

/// How a server is reached and how long it may take.
struct PostgresOptions {
    core::SecretSource url;  ///< Read at each connect, so that a rotated password is found.
    std::string application = "tristrata";
    core::Duration connect_timeout{10'000'000};  ///< A host of the URL.
    core::Duration answer_timeout{60'000'000};   ///< A statement, and a piece of a COPY.
    bool any_server = false;                     ///< One that only reads will do.
    /// What else helps a user that misses a right; empty: to name another user in the URL's setting.
    std::string where_denied;
};

/// The database that a URL names, before the ? or behind it; empty where it leaves that to the server. Asks
/// no server.
/// Errors    configuration: it is no PostgreSQL URL; names the setting and no piece of it.
[[nodiscard]] core::Result<std::string> database_of(const core::SecretSource& url);

/// A parameter of a statement as PostgreSQL's text, or NULL.
using PostgresValue = std::optional<std::string>;

/// The rows of one statement, all of them in memory. Rows and columns count from 0.
class PostgresRows {
public:
    PostgresRows(PostgresRows&&) noexcept;
    PostgresRows& operator=(PostgresRows&&) noexcept;
    ~PostgresRows();

    [[nodiscard]] int count() const;
    [[nodiscard]] int columns() const;
    /// How many rows an INSERT, UPDATE or DELETE touched.
    [[nodiscard]] std::uint64_t affected() const;
    [[nodiscard]] bool null(int row, int column) const;
    [[nodiscard]] std::string text(int row, int column) const;
    [[nodiscard]] std::int64_t integer(int row, int column) const;
    [[nodiscard]] double real(int row, int column) const;
    [[nodiscard]] bool boolean(int row, int column) const;
    [[nodiscard]] std::optional<std::string> maybe_text(int row, int column) const;
    [[nodiscard]] std::optional<double> maybe_real(int row, int column) const;
    [[nodiscard]] std::optional<std::int64_t> maybe_integer(int row, int column) const;

private:
    friend class Postgres;
    struct State;
    explicit PostgresRows(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One connection to a PostgreSQL server, made at the first use and again after it was lost. TLS is verified
/// (sslmode=verify-full) unless the URL or PGSSLMODE says otherwise or the server is on this machine; only a
/// server that takes writes is accepted (target_session_attrs=read-write) unless the URL says otherwise.
/// Nothing is left behind in a session, so that a pooler in transaction mode may stand in between.
///
/// Errors    By SQLSTATE, which stands in foreign_code: unavailable (no answer, shutting down, too many
///           connections, read-only, deadlock: retry), configuration (URL, authentication, TLS, rights, a
///           table or database that is not there), invalid_input (a value or row that it refuses), cancelled
///           (its time ran out), possibly_persisted (the connection was lost while committing). No message
///           holds the URL, its user or the password.
/// Fork      A child makes a connection of its own and leaves its parent's alone.
/// Threads   One at a time.
class Postgres {
public:
    explicit Postgres(PostgresOptions options);
    Postgres(Postgres&&) noexcept;
    Postgres& operator=(Postgres&&) noexcept;
    ~Postgres();

    /// Nothing where there is a connection.
    [[nodiscard]] core::Status connect();
    /// Forgets the connection; the next use makes another.
    void disconnect() noexcept;

    /// One statement by the extended protocol, its parameters apart from its text.
    [[nodiscard]] core::Result<PostgresRows> query(std::string_view sql,
                                                   std::span<const PostgresValue> parameters = {});
    [[nodiscard]] core::Result<PostgresRows> query(std::string_view sql,
                                                   std::initializer_list<PostgresValue> parameters) {
        return query(sql, std::span(parameters.begin(), parameters.size()));
    }
    /// A script of our own, without parameters.
    [[nodiscard]] core::Status run(std::string_view sql);
    /// COPY … FROM STDIN, with its bytes.
    [[nodiscard]] core::Status copy_in(std::string_view sql, std::string_view bytes);

    /// BEGIN, body, COMMIT; ROLLBACK where the body fails. `begin` is a script: BEGIN and what is set with
    /// it. The commit waits for the disk whatever the role's default says.
    template <class Body>
    [[nodiscard]] core::Status transaction(const Body& body, std::string_view begin = durable_begin) {
        if (auto status = run(begin); !status) return status;
        core::Status status = body();
        if (status) return commit();
        (void)run("ROLLBACK");
        return status;
    }

    /// Tells libpq and the server apart from what stands between them.
    struct Facts {
        int server_version = 0;  ///< 150018
        std::string database;
        std::string user;
        bool pooler = false;  ///< Another process answers than the one that was dialled.
        std::string tls;      ///< "TLSv1.3", empty without.
        std::string sslmode;  ///< "verify-full", …
    };
    [[nodiscard]] core::Result<Facts> facts();
    /// Host, port and database of the URL, once connected; the setting's name before.
    [[nodiscard]] const std::string& where() const noexcept;

    static constexpr std::string_view durable_begin =
        "BEGIN; SELECT set_config('synchronous_commit', 'on', true) WHERE "
        "current_setting('synchronous_commit') IN ('off', 'local')";

private:
    friend class PostgresCursor;
    struct State;
    [[nodiscard]] core::Status commit();
    std::unique_ptr<State> state_;
};

}  // namespace tristrata::database
