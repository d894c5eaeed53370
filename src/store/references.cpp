#include "references.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view back = "back to ";

tl::unexpected<core::Error> none(const ReferenceTable& table, std::string_view module) {
    return fail(ErrorKind::not_found,
                fmt::format("{} holds no reference of module {}; promote a profile with: tristrata reference "
                            "promote P --module {} --why TEXT",
                            table.where(), core::quoted(module), module));
}

core::Status require_words(std::string_view who, std::string_view why, std::string_view module) {
    const auto missing = module.empty() ? "module" : who.empty() ? "who" : why.empty() ? "why" : "";
    if (std::string_view(missing).empty()) return {};
    return fail(ErrorKind::usage,
                fmt::format("a reference without a {} explains nothing to whoever reads it next year; give "
                            "--{}",
                            missing, missing));
}

/// The row that follows the newest one.
Reference next(const std::optional<Reference>& newest, std::string module) {
    Reference reference;
    reference.module = std::move(module);
    reference.version = newest ? newest->version + 1 : 1;
    if (newest) reference.replaces = newest->version;
    return reference;
}

/// The version whose profile a rollback brought back, as roll_back() writes it in `why`; nothing for a
/// promotion.
std::optional<std::int64_t> back_to(const Reference& reference) {
    std::string_view text = reference.why;
    if (!text.starts_with(back)) return std::nullopt;
    text.remove_prefix(back.size());
    std::int64_t version = 0;
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), version);
    const auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (trouble != std::errc() || !rest.starts_with(": ") || version >= reference.version)
        return std::nullopt;
    return version;
}

/// The version that was in force before the profile of `reference` was promoted: not the one that a rollback
/// to that profile replaced, which was judged bad.
core::Result<std::optional<std::int64_t>> before(ReferenceTable& table, Reference reference) {
    while (const auto target = back_to(reference)) {
        auto found = table.find(reference.module, target);
        if (!found) return propagate(found);
        // A promotion whose reason only reads like a rollback brought a profile of its own.
        if (!*found || (*found)->profile_sha256 != reference.profile_sha256) break;
        reference = std::move(**found);
    }
    return reference.replaces;
}

}  // namespace

core::Result<Reference> promote(ReferenceTable& table, const Promotion& promotion) {
    if (auto status = require_words(promotion.who, promotion.why, promotion.module); !status)
        return propagate(status);
    Reference reference;
    auto status = table.transaction([&]() -> core::Status {
        if (auto kept = table.keep_profile(promotion.profile_sha256, promotion.bytes); !kept) return kept;
        auto newest = table.find(promotion.module, std::nullopt);
        if (!newest) return propagate(newest);
        reference = next(*newest, promotion.module);
        reference.profile_sha256 = promotion.profile_sha256;
        reference.who = promotion.who;
        reference.why = promotion.why;
        reference.promoted_at = promotion.at;
        reference.expires_at = promotion.expires_at;
        return table.insert(reference);
    });
    if (!status) return propagate(status);
    return reference;
}

core::Result<Reference> roll_back(ReferenceTable& table, const Rollback& rollback) {
    if (auto status = require_words(rollback.who, rollback.why, rollback.module); !status)
        return propagate(status);
    Reference reference;
    auto status = table.transaction([&]() -> core::Status {
        auto newest = table.find(rollback.module, std::nullopt);
        if (!newest) return propagate(newest);
        if (!*newest) return none(table, rollback.module);
        auto wanted = rollback.to;
        if (!wanted) {
            auto earlier = before(table, **newest);
            if (!earlier) return propagate(earlier);
            wanted = *earlier;
        }
        if (!wanted)
            return fail(ErrorKind::not_found,
                        fmt::format("reference {} of {} {}: there is none before it to return to",
                                    (*newest)->version, rollback.module,
                                    back_to(**newest) ? "holds the profile that was promoted first"
                                                      : "is the first one"));
        auto target = table.find(rollback.module, wanted);
        if (!target) return propagate(target);
        if (!*target || (*target)->version == (*newest)->version)
            return fail(ErrorKind::not_found, fmt::format("{} has no earlier reference {}; its newest is {}",
                                                          rollback.module, *wanted, (*newest)->version));
        reference = next(*newest, rollback.module);
        reference.profile_sha256 = (*target)->profile_sha256;
        reference.who = rollback.who;
        reference.why = fmt::format("{}{}: {}", back, *wanted, rollback.why);
        reference.promoted_at = rollback.at;
        reference.expires_at = rollback.expires_at ? rollback.expires_at : (*target)->expires_at;
        return table.insert(reference);
    });
    if (!status) return propagate(status);
    return reference;
}

core::Result<Page<Reference>> query(ReferenceTable& table, const ReferenceQuery& query) {
    auto rows = table.list(query);
    if (!rows) return propagate(rows);
    Page<Reference> page{std::move(*rows), false};
    page.truncated = page.rows.size() > query.limit;
    if (page.truncated) page.rows.resize(query.limit);
    return page;
}

core::Result<Reference> current_reference(ReferenceTable& table, std::string_view module) {
    auto newest = table.find(module, std::nullopt);
    if (!newest) return propagate(newest);
    if (!*newest) return none(table, module);
    return std::move(**newest);
}

core::Result<std::string> profile(ReferenceTable& table, std::string_view profile_sha256) {
    auto bytes = table.find_profile(profile_sha256);
    if (!bytes) return propagate(bytes);
    if (!*bytes)
        return fail(ErrorKind::not_found,
                    fmt::format("{} holds no profile {}", table.where(), profile_sha256));
    return std::move(**bytes);
}

}  // namespace tristrata::store
