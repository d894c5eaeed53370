#include "tristrata/database/postgres.hpp"

#include "postgres_state.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace tristrata::database {

using core::ErrorKind;
using core::fail;

namespace {

std::string_view cell(const PGresult* result, int row, int column) {
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

PostgresRows::PostgresRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
PostgresRows::PostgresRows(PostgresRows&&) noexcept = default;
PostgresRows& PostgresRows::operator=(PostgresRows&&) noexcept = default;
PostgresRows::~PostgresRows() = default;

int PostgresRows::count() const { return PQntuples(state_->result.get()); }
int PostgresRows::columns() const { return PQnfields(state_->result.get()); }
std::uint64_t PostgresRows::affected() const {
    return number_of<std::uint64_t>(PQcmdTuples(state_->result.get()));
}
bool PostgresRows::null(int row, int column) const {
    return PQgetisnull(state_->result.get(), row, column) == 1;
}
std::string PostgresRows::text(int row, int column) const {
    return std::string(cell(state_->result.get(), row, column));
}
std::int64_t PostgresRows::integer(int row, int column) const {
    return number_of<std::int64_t>(cell(state_->result.get(), row, column));
}
double PostgresRows::real(int row, int column) const {
    return number_of<double>(cell(state_->result.get(), row, column));
}
bool PostgresRows::boolean(int row, int column) const {
    return cell(state_->result.get(), row, column) == "t";
}
std::optional<std::string> PostgresRows::maybe_text(int row, int column) const {
    return null(row, column) ? std::nullopt : std::optional(text(row, column));
}
std::optional<double> PostgresRows::maybe_real(int row, int column) const {
    return null(row, column) ? std::nullopt : std::optional(real(row, column));
}
std::optional<std::int64_t> PostgresRows::maybe_integer(int row, int column) const {
    return null(row, column) ? std::nullopt : std::optional(integer(row, column));
}

Postgres::Postgres(PostgresOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Postgres::Postgres(Postgres&&) noexcept = default;
Postgres& Postgres::operator=(Postgres&&) noexcept = default;
Postgres::~Postgres() = default;

core::Status Postgres::connect() { return state_->connect(); }
void Postgres::disconnect() noexcept { state_->drop(); }
const std::string& Postgres::where() const noexcept { return state_->where; }

core::Result<PostgresRows> Postgres::query(std::string_view sql, std::span<const PostgresValue> parameters) {
    if (auto status = state_->connect(); !status) return propagate(status);
    std::vector<const char*> values;
    for (const auto& parameter : parameters) {
        // A C string ends at its first zero: the rest would be lost silently.
        if (parameter && parameter->find('\0') != std::string::npos)
            return fail(ErrorKind::invalid_input, "a text holds the byte 0, which PostgreSQL cannot keep",
                        "22021");
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    const std::string marked = fmt::format("{}{}", own_mark, sql);
    if (PQsendQueryParams(state_->connection, marked.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) != 1)
        return state_->lost("sending");
    if (auto sent = state_->flush(); !sent) return propagate(sent);
    auto result = state_->last_result();
    if (!result) return propagate(result);
    auto state = std::make_unique<PostgresRows::State>();
    state->result = std::move(*result);
    return PostgresRows(std::move(state));
}

core::Status Postgres::run(std::string_view sql) {
    if (auto status = state_->connect(); !status) return status;
    if (PQsendQuery(state_->connection, std::string(sql).c_str()) != 1) return state_->lost("sending");
    if (auto sent = state_->flush(); !sent) return sent;
    if (auto result = state_->last_result(); !result) return propagate(result);
    return {};
}

core::Status Postgres::copy_in(std::string_view sql, std::string_view bytes) {
    if (auto status = run(sql); !status) return status;
    constexpr std::size_t piece_bytes = 1u << 18u;
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, std::min(bytes.size(), piece_bytes));
        const int sent = PQputCopyData(state_->connection, piece.data(), static_cast<int>(piece.size()));
        if (sent < 0) return state_->lost("sending rows");
        if (sent == 1) bytes.remove_prefix(piece.size());
        if (auto flushed = state_->flush(); !flushed) return flushed;
    }
    for (int ended = 0; ended == 0;) {
        ended = PQputCopyEnd(state_->connection, nullptr);
        if (ended < 0) return state_->lost("sending rows");
        if (auto flushed = state_->flush(); !flushed) return flushed;
    }
    if (auto result = state_->last_result(); !result) return propagate(result);
    return {};
}

core::Status Postgres::commit() {
    if (PQsendQuery(state_->connection, "COMMIT") != 1) return state_->lost("sending");
    auto sent = state_->flush();
    auto result = sent ? state_->last_result() : core::Result<ResultHandle>(propagate(sent));
    if (!result) {
        const std::string& code = result.error().foreign_code;
        if (!code.starts_with("57P0") && (!code.empty() || state_->connection != nullptr))
            return propagate(result);
        // The server may have read the COMMIT, and may have died before or after it did it.
        return fail(ErrorKind::possibly_persisted,
                    fmt::format("{}; it may or may not be stored, and storing it again is harmless",
                                result.error().message));
    }
    // A transaction that had failed unseen is rolled back by its COMMIT, without an error.
    if (std::string_view(PQcmdStatus(result->get())) != "COMMIT")
        return fail(ErrorKind::internal, fmt::format("{}: the transaction was rolled back", where()));
    return {};
}

core::Result<Postgres::Facts> Postgres::facts() {
    auto rows = query("SELECT pg_backend_pid(), current_database(), current_user");
    if (!rows) return propagate(rows);
    Facts facts;
    facts.server_version = PQserverVersion(state_->connection);
    facts.database = rows->text(0, 1);
    facts.user = rows->text(0, 2);
    facts.pooler = rows->integer(0, 0) != PQbackendPID(state_->connection);
    if (PQsslInUse(state_->connection) == 1) {
        const char* protocol = PQsslAttribute(state_->connection, "protocol");
        facts.tls = protocol == nullptr ? "TLS" : protocol;
    }
    facts.sslmode = state_->sslmode;
    return facts;
}

}  // namespace tristrata::database
