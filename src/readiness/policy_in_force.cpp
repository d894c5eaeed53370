#include "tristrata/readiness/policy_in_force.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
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

std::string at_the_base(const std::string& ancestor) {
    return fmt::format("at the base ({})", ancestor.substr(0, 12));
}

/// A path that a policy's mend may have beside it.
bool is_decision(const std::string& path) {
    return path.ends_with(".md") && !path.ends_with("/mlops_readiness.md") &&
           std::ranges::any_of(readings_of("**/{adr,adrs,decisions}/**"),
                               [&](const std::string& one) { return matches(one, path); });
}

/// What counts where the policy of the base cannot be read, for `why`: ADR-0070's own with the mended one
/// beside it, of a change set that mends it and does nothing else. Where plans and template lay cannot be
/// told, so that nothing else could be guarded.
core::Result<PolicyInForce> of_a_mend(const std::filesystem::path& root, const core::Error& why,
                                      const std::string& ancestor, const std::string& head,
                                      const std::string& file) {
    auto changed = changed_paths(root, ancestor, head);
    if (!changed) return propagate(changed);
    const bool mends = std::ranges::binary_search(*changed, file);
    const auto other = std::ranges::find_if(
        *changed, [&](const std::string& path) { return path != file && !is_decision(path); });
    if (!mends || other != changed->end())
        return core::fail(
            why.kind,
            fmt::format("{}: so it stands {}, and by it no change set can be judged but one that mends it: "
                        "expected a change set of {} alone, or with its ADR{}",
                        why.message, at_the_base(ancestor), file,
                        mends ? fmt::format("; this one changes {}, too", core::quoted(*other, 200)) : ""),
            why.foreign_code);
    auto now = policy_at(root, head, file);
    if (!now)
        return core::fail(now.error().kind,
                          fmt::format("{}: nor could it be read {}; expected what mends it",
                                      now.error().message, at_the_base(ancestor)),
                          now.error().foreign_code);
    const auto policy = *now ? (*now)->beside_the_defaults() : Policy::defaults();
    return PolicyInForce{
        policy, file,
        fmt::format("ADR-0070's own{}: {} {} cannot be read, and this change set mends it",
                    *now ? ", and the mended one beside it" : "", file, at_the_base(ancestor))};
}

/// A file of owners that a first policy names, where the base has none at the decision's place: somebody's
/// are more than nobody's.
void add_owners(Policy& both, const Policy& own, const std::filesystem::path& root,
                const std::string& ancestor) {
    const auto there = text_at(root, ancestor, both.places.owners);
    if (own.places.owners.empty() || there || there.error().kind != ErrorKind::not_found) return;
    both.places.owners = own.places.owners;
    both.places.owners_named = own.places.owners_named;
}

/// Whether the change set brings the gate itself: its template or workflow, where the base has neither, and
/// nothing else that a first policy could open the gate of, as owners or a plan.
core::Result<bool> brings_gate(const std::filesystem::path& root, const std::string& ancestor,
                               const std::string& last) {
    const Policy own = Policy::defaults();
    const std::array<std::string, 2> gate{own.template_file, ".github/workflows/readiness.yml"};
    const auto is_absent = [&](const std::string& path) {
        const auto there = text_at(root, ancestor, path);
        return !there && there.error().kind == ErrorKind::not_found;
    };
    if (!std::ranges::all_of(gate, is_absent) || !is_absent(own.places.owners)) return false;
    auto plans = paths_at(root, ancestor, own.stories);
    if (!plans) return propagate(plans);
    return std::ranges::none_of(
               *plans, [](const std::string& path) { return path.ends_with("/mlops_readiness.md"); }) &&
           std::ranges::any_of(
               gate, [&](const std::string& path) { return text_at(root, last, path).has_value(); });
}

}  // namespace

core::Result<PolicyInForce> policy_in_force(const std::filesystem::path& root, const std::string& given,
                                            const std::string& ancestor, const std::string& head) {
    PolicyInForce counts;
    counts.file = path_inside(root, given);
    const bool of_a_change = !ancestor.empty() && !counts.file.empty();
    if (of_a_change) {
        const std::string last = head.empty() ? "HEAD" : head;
        auto before = policy_at(root, ancestor, counts.file);
        if (!before && before.error().kind == ErrorKind::unavailable) return propagate(before);
        if (!before) return of_a_mend(root, before.error(), ancestor, last, counts.file);
        if (*before) {
            // What cannot be read is refused before it is what every change set is judged by.
            if (auto after = policy_at(root, last, counts.file); !after)
                return core::fail(after.error().kind,
                                  fmt::format("{}: the change set makes it so, and once it is merged no "
                                              "change set could be judged by it; mend it before",
                                              after.error().message),
                                  after.error().foreign_code);
            counts.policy = std::move(**before);
            counts.whose = fmt::format("{} as it stands {}", counts.file, at_the_base(ancestor));
            return counts;
        }
    }
    auto now = head.empty() || counts.file.empty() ? policy_here(root, given, counts.file)
                                                   : policy_at(root, head, counts.file);
    if (!now) return propagate(now);
    if (!*now) {
        counts.policy = Policy::defaults();
        counts.whose = "ADR-0070's own";
    } else if (of_a_change) {
        counts.policy = (*now)->beside_the_defaults();
        auto brings = brings_gate(root, ancestor, head.empty() ? "HEAD" : head);
        if (!brings) return propagate(brings);
        if (*brings) {
            counts.policy.places = (*now)->places;
            counts.policy.teams = (*now)->teams;
        } else {
            add_owners(counts.policy, **now, root, ancestor);
        }
        counts.whose = fmt::format(
            "ADR-0070's own, and {} beside it, which the base does not have and which may only ask "
            "for more",
            counts.file);
    } else {
        counts.policy = std::move(**now);
        counts.whose = counts.file.empty() ? given : counts.file;
    }
    return counts;
}

}  // namespace tristrata::readiness
