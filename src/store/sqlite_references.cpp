#include "sqlite_references.hpp"

#include "sqlite_time.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;
using database::Sqlite;
using database::Statement;

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

/// One version of a module's reference, or the newest; nothing where there is none.
core::Result<std::optional<Reference>> find(Sqlite& database, std::string_view module,
                                            std::optional<std::int64_t> version) {
    auto statement = database.prepare(
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

tl::unexpected<core::Error> none(const Sqlite& database, std::string_view module) {
    return fail(ErrorKind::not_found,
                fmt::format("{} holds no reference of module {}; promote a profile with: tristrata reference "
                            "promote P --module {} --why TEXT",
                            database.path(), core::quoted(module), module));
}

core::Status require_words(std::string_view who, std::string_view why, std::string_view module) {
    const auto missing = module.empty() ? "module" : who.empty() ? "who" : why.empty() ? "why" : "";
    if (std::string_view(missing).empty()) return {};
    return fail(ErrorKind::usage,
                fmt::format("a reference without a {} explains nothing to whoever reads it next year; give "
                            "--{}",
                            missing, missing));
}

core::Status insert(Sqlite& database, const Reference& reference) {
    auto row = database.prepare(fmt::format(
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

/// The row that follows the newest one.
Reference next(const std::optional<Reference>& newest, std::string module) {
    Reference reference;
    reference.module = std::move(module);
    reference.version = newest ? newest->version + 1 : 1;
    if (newest) reference.replaces = newest->version;
    return reference;
}

}  // namespace

core::Result<Reference> promote(Sqlite& database, const Promotion& promotion) {
    if (auto status = require_words(promotion.who, promotion.why, promotion.module); !status)
        return propagate(status);
    Reference reference;
    auto status = database.transaction([&]() -> core::Status {
        auto profile = database.prepare(
            "INSERT INTO drift.profiles (profile_sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        if (!profile) return propagate(profile);
        profile->bind(1, promotion.profile_sha256);
        profile->bind_blob(2, promotion.bytes);
        if (auto done = profile->step(); !done) return propagate(done);
        auto newest = find(database, promotion.module, std::nullopt);
        if (!newest) return propagate(newest);
        reference = next(*newest, promotion.module);
        reference.profile_sha256 = promotion.profile_sha256;
        reference.who = promotion.who;
        reference.why = promotion.why;
        reference.promoted_at = promotion.at;
        reference.expires_at = promotion.expires_at;
        return insert(database, reference);
    });
    if (!status) return propagate(status);
    return reference;
}

core::Result<Reference> roll_back(Sqlite& database, const Rollback& rollback) {
    if (auto status = require_words(rollback.who, rollback.why, rollback.module); !status)
        return propagate(status);
    Reference reference;
    auto status = database.transaction([&]() -> core::Status {
        auto newest = find(database, rollback.module, std::nullopt);
        if (!newest) return propagate(newest);
        if (!*newest) return none(database, rollback.module);
        const auto wanted = rollback.to ? rollback.to : (*newest)->replaces;
        if (!wanted)
            return fail(
                ErrorKind::not_found,
                fmt::format("reference {} of {} is the first one: there is none before it to return to",
                            (*newest)->version, rollback.module));
        auto target = find(database, rollback.module, wanted);
        if (!target) return propagate(target);
        if (!*target || (*target)->version == (*newest)->version)
            return fail(ErrorKind::not_found, fmt::format("{} has no earlier reference {}; its newest is {}",
                                                          rollback.module, *wanted, (*newest)->version));
        reference = next(*newest, rollback.module);
        reference.profile_sha256 = (*target)->profile_sha256;
        reference.who = rollback.who;
        reference.why = fmt::format("back to {}: {}", *wanted, rollback.why);
        reference.promoted_at = rollback.at;
        reference.expires_at = rollback.expires_at ? rollback.expires_at : (*target)->expires_at;
        return insert(database, reference);
    });
    if (!status) return propagate(status);
    return reference;
}

core::Result<Page<Reference>> query(Sqlite& database, const ReferenceQuery& query) {
    auto statement = database.prepare(fmt::format(
        "SELECT {} FROM drift.\"references\" WHERE ?1 IS NULL OR module = ?1 ORDER BY promoted_at "
        "DESC, module, version DESC LIMIT {}",
        columns, query.limit + 1));
    if (!statement) return propagate(statement);
    if (query.module) statement->bind(1, *query.module);
    else statement->bind_null(1);
    Page<Reference> page;
    while (true) {
        auto more = statement->step();
        if (!more) return propagate(more);
        if (!*more) break;
        if (page.rows.size() == query.limit) {
            page.truncated = true;
            break;
        }
        auto reference = reference_of(*statement);
        if (!reference) return propagate(reference);
        page.rows.push_back(std::move(*reference));
    }
    return page;
}

core::Result<Reference> current_reference(Sqlite& database, std::string_view module) {
    auto newest = find(database, module, std::nullopt);
    if (!newest) return propagate(newest);
    if (!*newest) return none(database, module);
    return std::move(**newest);
}

core::Result<std::string> profile(Sqlite& database, std::string_view profile_sha256) {
    auto statement = database.prepare("SELECT bytes FROM drift.profiles WHERE profile_sha256 = ?1");
    if (!statement) return propagate(statement);
    statement->bind(1, profile_sha256);
    auto more = statement->step();
    if (!more) return propagate(more);
    if (!*more)
        return fail(ErrorKind::not_found,
                    fmt::format("{} holds no profile {}", database.path(), profile_sha256));
    return statement->blob(0);
}

}  // namespace tristrata::store
