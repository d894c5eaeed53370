#pragma once

#include "postgres_url.hpp"
#include "tristrata/database/postgres.hpp"

#include <libpq-fe.h>
#include <sys/types.h>
#include <memory>
#include <string_view>

namespace tristrata::database {

/// How each statement with parameters that this program sends begins, also where a person wrote the rest: so
/// that what counts statements (pg_stat_statements) tells them from those that people send themselves.
inline constexpr std::string_view own_mark = "/* tristrata */ ";

struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct PostgresRows::State {
    ResultHandle result;
};

struct Postgres::State {
    PostgresOptions options;
    PGconn* connection = nullptr;
    pid_t owner = 0;  ///< The process that connected.
    core::Secret password;
    std::string where;
    std::string sslmode;

    explicit State(PostgresOptions given) : options(std::move(given)), where(options.url.origin) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { drop(); }

    /// Closes the connection; in a child of the process that made it, only its descriptor there.
    void drop() noexcept;
    [[nodiscard]] bool connected() noexcept;
    [[nodiscard]] core::Status connect();
    /// The first host of the URL that answers as it should.
    [[nodiscard]] core::Status dial_first(const core::Secret& url);
    /// The host's connection, or why there is none.
    [[nodiscard]] core::Status dial(const PostgresAddress& address, const PostgresAddress::Host& host);

    /// Until everything that was sent has left, and the next result is there or `stop` says so.
    [[nodiscard]] core::Status flush();
    [[nodiscard]] core::Result<ResultHandle> next_result(const std::function<bool()>& stop = {});
    /// The last result of what was sent; an error among them is the answer.
    [[nodiscard]] core::Result<ResultHandle> last_result();

    [[nodiscard]] tl::unexpected<core::Error> lost(std::string_view doing);
    [[nodiscard]] tl::unexpected<core::Error> refused(const PGresult* result) const;
};

}  // namespace tristrata::database
