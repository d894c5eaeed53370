#include "tristrata/readiness/policy_in_force.hpp"

#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <optional>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;

constexpr const char* policy_name = "readiness.scope.toml";

/// Relative to the repository; empty where the file lies elsewhere.
std::string path_inside(const std::filesystem::path& root, const std::string& given) {
    if (given.empty()) return policy_name;
    std::error_code code;
    const auto file = std::filesystem::weakly_canonical(std::filesystem::absolute(given, code), code);
    const auto house = std::filesystem::weakly_canonical(root, code);
    const auto inside = file.lexically_relative(house).generic_string();
    return code || inside.empty() || inside.starts_with("..") ? "" : inside;
}

/// The file as it stands in a commit; nothing where it is not there.
core::Result<std::optional<Policy>> policy_at(const std::filesystem::path& root, const std::string& commit,
                                              const std::string& file) {
    auto text = text_at(root, commit, file);
    if (!text && text.error().kind == ErrorKind::not_found) return std::optional<Policy>{};
    if (!text) return propagate(text);
    auto policy = Policy::parse(*text, fmt::format("{} ({})", file, commit.substr(0, 12)));
    if (!policy) return propagate(policy);
    return std::optional(std::move(*policy));
}

/// The file of the working tree; nothing where there is none and none was given.
core::Result<std::optional<Policy>> policy_here(const std::filesystem::path& root, const std::string& given,
                                                const std::string& file) {
    std::error_code code;
    const std::filesystem::path path = given.empty() ? root / file : std::filesystem::path(given);
    if (given.empty() && std::filesystem::is_symlink(path, code))
        return core::fail(ErrorKind::refused, fmt::format("{} is a link; a link is not followed", file));
    if (given.empty() && !std::filesystem::exists(path, code)) return std::optional<Policy>{};
    auto policy = Policy::read(path);
    if (!policy) return propagate(policy);
    return std::optional(std::move(*policy));
}

}  // namespace

core::Result<PolicyInForce> policy_in_force(const std::filesystem::path& root, const std::string& given,
                                            const std::string& ancestor, const std::string& head) {
    PolicyInForce counts;
    counts.file = path_inside(root, given);
    if (!ancestor.empty() && !counts.file.empty()) {
        auto before = policy_at(root, ancestor, counts.file);
        if (!before) return propagate(before);
        if (*before) {
            counts.policy = std::move(**before);
            counts.whose =
                fmt::format("{} as it stands at the base ({})", counts.file, ancestor.substr(0, 12));
            return counts;
        }
    }
    auto now = head.empty() || counts.file.empty() ? policy_here(root, given, counts.file)
                                                   : policy_at(root, head, counts.file);
    if (!now) return propagate(now);
    const bool unaccepted = !ancestor.empty() && !counts.file.empty();
    if (!*now) {
        counts.policy = Policy::defaults();
        counts.whose = "ADR-0070's own";
    } else if (unaccepted) {
        counts.policy = (*now)->beside_the_defaults();
        counts.whose =
            fmt::format("ADR-0070's own, and {} beside it, which the base does not have", counts.file);
    } else {
        counts.policy = std::move(**now);
        counts.whose = counts.file.empty() ? given : counts.file;
    }
    return counts;
}

}  // namespace tristrata::readiness
