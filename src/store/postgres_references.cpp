#include "postgres_references.hpp"

#include "stored_time.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

using database::PostgresValue;

constexpr std::string_view selected =
    "module, version, profile_sha256, who, why, (extract(epoch FROM promoted_at) * 1000000)::bigint, "
    "(extract(epoch FROM expires_at) * 1000000)::bigint, replaces";

Reference reference_of(const database::PostgresRows& rows, int row) {
    Reference reference;
    reference.module = rows.text(row, 0);
    reference.version = rows.integer(row, 1);
    reference.profile_sha256 = rows.text(row, 2);
    reference.who = rows.text(row, 3);
    reference.why = rows.text(row, 4);
    reference.promoted_at = {rows.integer(row, 5)};
    if (const auto expires = rows.maybe_integer(row, 6)) reference.expires_at = core::Timestamp{*expires};
    reference.replaces = rows.maybe_integer(row, 7);
    return reference;
}

PostgresValue number(const std::optional<std::int64_t>& value) {
    return value ? PostgresValue(std::to_string(*value)) : std::nullopt;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + 2 * bytes.size());
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4u];
        text += digits[static_cast<unsigned char>(c) & 15u];
    }
    return text;
}

std::string bytes_of(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (std::size_t i = 2; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    return bytes;
}

}  // namespace

core::Status PostgresReferences::transaction(const std::function<core::Status()>& body) {
    return database_.transaction([&]() -> core::Status {
        if (auto alone = database_.run("LOCK TABLE drift.\"references\" IN SHARE ROW EXCLUSIVE MODE"); !alone)
            return alone;
        return body();
    });
}

core::Status PostgresReferences::keep_profile(std::string_view profile_sha256, std::string_view bytes) {
    auto kept = database_.query(
        "INSERT INTO drift.profiles (profile_sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {std::string(profile_sha256), hexadecimal(bytes)});
    if (!kept) return propagate(kept);
    return {};
}

core::Result<std::optional<std::string>> PostgresReferences::find_profile(std::string_view profile_sha256) {
    auto rows =
        database_.query("SELECT '\\x' || encode(bytes, 'hex') FROM drift.profiles WHERE profile_sha256 = $1",
                        {std::string(profile_sha256)});
    if (!rows) return propagate(rows);
    return rows->count() == 0 ? std::nullopt : std::optional(bytes_of(rows->text(0, 0)));
}

core::Result<std::optional<Reference>> PostgresReferences::find(std::string_view module,
                                                                std::optional<std::int64_t> version) {
    auto rows = database_.query(
        fmt::format(
            "SELECT {} FROM drift.\"references\" WHERE module = $1 AND ($2::bigint IS NULL OR version = "
            "$2) ORDER BY version DESC LIMIT 1",
            selected),
        {std::string(module), number(version)});
    if (!rows) return propagate(rows);
    return rows->count() == 0 ? std::nullopt : std::optional(reference_of(*rows, 0));
}

core::Status PostgresReferences::insert(const Reference& reference) {
    auto done = database_.query(
        "INSERT INTO drift.\"references\" (module, version, profile_sha256, who, why, promoted_at, "
        "expires_at, "
        "replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {reference.module, std::to_string(reference.version), reference.profile_sha256, reference.who,
         reference.why, stored_time(reference.promoted_at),
         reference.expires_at ? PostgresValue(stored_time(*reference.expires_at)) : std::nullopt,
         number(reference.replaces)});
    if (!done) return propagate(done);
    return {};
}

core::Result<std::vector<Reference>> PostgresReferences::list(const ReferenceQuery& query) {
    auto rows = database_.query(
        fmt::format(
            "SELECT {} FROM drift.\"references\" WHERE $1::text IS NULL OR module = $1 ORDER BY promoted_at "
            "DESC, module COLLATE \"C\", version DESC LIMIT {}",
            selected, query.limit + 1),
        {query.module});
    if (!rows) return propagate(rows);
    std::vector<Reference> all;
    for (int row = 0; row < rows->count(); ++row) all.push_back(reference_of(*rows, row));
    return all;
}

}  // namespace tristrata::store
