#include "sqlite_references.hpp"

#include "stored_time.hpp"

#include <fmt/format.h>

namespace tristrata::store {

using database::Statement;

namespace {

constexpr std::string_view columns =
    "module, version, profile_sha256, who, why, promoted_at, expires_at, replaces";

core::Result<Reference> reference_of(const Statement& row) {
    Reference reference;
    reference.module = row.text(0);
    reference.version = row.integer(1);
    reference.profile_sha256 = row.text(2);
    reference.who = row.text(3);
    reference.why = row.text(4);
    auto promoted_at = read_time(row.text(5));
    if (!promoted_at) return propagate(promoted_at);
    reference.promoted_at = *promoted_at;
    if (const auto expires_at = row.maybe_text(6)) {
        auto time = read_time(*expires_at);
        if (!time) return propagate(time);
        reference.expires_at = *time;
    }
    reference.replaces = row.maybe_integer(7);
    return reference;
}

}  // namespace

core::Status SqliteReferences::transaction(const std::function<core::Status()>& body) {
    return database_.transaction(body);
}

core::Status SqliteReferences::keep_profile(std::string_view profile_sha256, std::string_view bytes) {
    auto profile = database_.prepare(
        "INSERT INTO drift.profiles (profile_sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    if (!profile) return propagate(profile);
    profile->bind(1, profile_sha256);
    profile->bind_blob(2, bytes);
    if (auto done = profile->step(); !done) return propagate(done);
    return {};
}

core::Result<std::optional<Reference>> SqliteReferences::find(std::string_view module,
                                                              std::optional<std::int64_t> version) {
    auto statement = database_.prepare(
        fmt::format("SELECT {} FROM drift.\"references\" WHERE module = ?1 AND (?2 IS NULL OR version = ?2) "
                    "ORDER BY version DESC LIMIT 1",
                    columns));
    if (!statement) return propagate(statement);
    statement->bind(1, module);
    statement->bind(2, version);
    auto more = statement->step();
    if (!more) return propagate(more);
    if (!*more) return std::optional<Reference>();
    auto found = reference_of(*statement);
    if (!found) return propagate(found);
    return std::optional(std::move(*found));
}

core::Status SqliteReferences::insert(const Reference& reference) {
    auto row = database_.prepare(fmt::format(
        "INSERT INTO drift.\"references\" ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", columns));
    if (!row) return propagate(row);
    row->bind(1, reference.module);
    row->bind(2, reference.version);
    row->bind(3, reference.profile_sha256);
    row->bind(4, reference.who);
    row->bind(5, reference.why);
    row->bind(6, stored_time(reference.promoted_at));
    row->bind(7, reference.expires_at ? std::optional(stored_time(*reference.expires_at)) : std::nullopt);
    row->bind(8, reference.replaces);
    if (auto done = row->step(); !done) return propagate(done);
    return {};
}

core::Result<std::vector<Reference>> SqliteReferences::list(const ReferenceQuery& query) {
    auto statement = database_.prepare(fmt::format(
        "SELECT {} FROM drift.\"references\" WHERE ?1 IS NULL OR module = ?1 ORDER BY promoted_at "
        "DESC, module, version DESC LIMIT {}",
        columns, query.limit + 1));
    if (!statement) return propagate(statement);
    if (query.module) statement->bind(1, *query.module);
    else statement->bind_null(1);
    std::vector<Reference> rows;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) return rows;
        auto reference = reference_of(*statement);
        if (!reference) return propagate(reference);
        rows.push_back(std::move(*reference));
    }
}

core::Result<std::optional<std::string>> SqliteReferences::find_profile(std::string_view profile_sha256) {
    auto statement = database_.prepare("SELECT bytes FROM drift.profiles WHERE profile_sha256 = ?1");
    if (!statement) return propagate(statement);
    statement->bind(1, profile_sha256);
    auto more = statement->step();
    if (!more) return propagate(more);
    return *more ? std::optional(statement->blob(0)) : std::nullopt;
}

}  // namespace tristrata::store
