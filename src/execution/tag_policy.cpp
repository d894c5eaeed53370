#include "tristrata/execution/tag_policy.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/secret.hpp"

#include "tristrata/config/document.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::execution {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::array<std::string_view, 8> reserved{"caller_module",    "trace_id",       "task_id",
                                                   "cache_hit",        "override",       "hamilton_run_id",
                                                   "readiness_change", "readiness_check"};
constexpr std::array<std::string_view, 3> denied{"email", "wallet_address", "api_key"};
constexpr std::string_view denied_ending = "_secret";

/// Lower case, '-' as '_': Api-Key is api_key.
std::string folded(std::string_view key) {
    std::string out = core::lowered(key);
    std::ranges::replace(out, '-', '_');
    return out;
}

bool is_denied(const std::string& key) {
    return std::ranges::find(denied, key) != denied.end() || key.ends_with(denied_ending) ||
           key == denied_ending.substr(1);
}

core::Result<std::vector<TagKey>> read_keys(const std::filesystem::path& file) {
    auto document = config::read_document(file);
    if (!document) return propagate(document);
    config::Reader root = document->root();
    auto tags = root.table("tags");
    if (!tags) return propagate(tags);
    if (!*tags)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: expected a table [tags] with a reason per key", file.string()));
    std::vector<TagKey> keys;
    for (const auto& key : (*tags)->keys()) {
        auto reason = (*tags)->text(key);
        if (!reason) return propagate(reason);
        if (is_denied(folded(key)))
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {} is on the PII deny-list and can be no tag", (*tags)->where(key),
                                    core::quoted(key)));
        keys.push_back({key, reason->value_or(""), (*tags)->where(key)});
    }
    if (auto status = root.finish(); !status) return propagate(status);
    return keys;
}

}  // namespace

TagPolicy TagPolicy::defaults() {
    TagPolicy policy;
    policy.keys_ = {
        {"variant", "which variant of an experiment a run belongs to", "built in"},
        {"crypto", "which instrument a run is about", "built in"},
        {"fold_id", "which fold of a walk-forward validation", "built in"},
        {"model", "which model a run trains or serves", "built in"},
        {"environment", "production, staging, test: set by the library from TRISTRATA_ENVIRONMENT",
         "built in"},
        {"host", "which machine a run ran on", "built in"},
    };
    return policy;
}

core::Result<TagPolicy> TagPolicy::read(const std::filesystem::path& tags,
                                        config::SensitivePatterns sensitive) {
    TagPolicy policy = defaults();
    policy.sensitive_ = std::move(sensitive);
    if (!tags.empty()) {
        auto keys = read_keys(tags);
        if (!keys) return propagate(keys);
        policy.keys_ = std::move(*keys);
    }
    return policy;
}

bool TagPolicy::is_reserved(std::string_view key) {
    return std::ranges::find(reserved, key) != reserved.end();
}

core::Status TagPolicy::check_key(std::string_view key) const {
    const std::string plain = folded(key);
    if (is_denied(plain))
        return fail(ErrorKind::refused,
                    fmt::format("the tag {} is on the PII deny-list: such values must not reach a store",
                                core::quoted(key)));
    if (is_reserved(plain))
        return fail(ErrorKind::refused,
                    fmt::format("the tag {} is the library's own; leave it out", core::quoted(key)));
    if (std::ranges::find(keys_, key, &TagKey::key) != keys_.end()) return {};
    std::vector<std::string> known;
    for (const auto& one : keys_) known.push_back(one.key);
    const auto near = core::nearest(key, known);
    std::string all;
    for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
    return fail(
        ErrorKind::refused,
        fmt::format(
            "the tag {} is not on the whitelist; {} A new tag is a line with a reason in tags.toml, the "
            "file that TRISTRATA_TAGS names",
            core::quoted(key),
            near.empty() ? fmt::format("known are {}.", all)
                         : fmt::format("did you mean {}?", core::quoted(near))));
}

bool TagPolicy::looks_sensitive(std::string_view value) const { return sensitive_.match(value).has_value(); }

std::string TagPolicy::redacted(std::string_view value) const {
    return std::string(looks_sensitive(value) ? core::redacted : value);
}

}  // namespace tristrata::execution
