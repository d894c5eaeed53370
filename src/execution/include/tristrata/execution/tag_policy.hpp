#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::execution {

struct TagKey {
    std::string key;
    std::string reason;  ///< Why it may be used: empty only in a file that `tags check` complains of.
    std::string where;   ///< "tags.toml:4", or "built in".
};

/// Which tags may be written: the whitelist (tags.toml), the library's own keys, the PII deny-list, and the
/// patterns of values that look like secrets.
class TagPolicy {
public:
    /// variant, crypto, fold_id, model, environment, host.
    [[nodiscard]] static TagPolicy defaults();
    /// The whitelist of the file in place of the default one; `sensitive` adds value patterns.
    [[nodiscard]] static core::Result<TagPolicy> read(const std::filesystem::path& tags,
                                                      config::SensitivePatterns sensitive = {});

    [[nodiscard]] const std::vector<TagKey>& keys() const noexcept { return keys_; }
    /// Refuses unknown, reserved and deny-listed keys (folded for case and '-', '_'), naming the nearest
    /// known.
    [[nodiscard]] core::Status check_key(std::string_view key) const;
    /// Whether the key is the library's own: caller_module, trace_id, task_id, cache_hit, override,
    /// hamilton_run_id, readiness_change, readiness_check.
    [[nodiscard]] static bool is_reserved(std::string_view key);
    /// The value, or "[redacted]" where it looks like a secret.
    [[nodiscard]] std::string redacted(std::string_view value) const;
    [[nodiscard]] bool looks_sensitive(std::string_view value) const;

private:
    std::vector<TagKey> keys_;
    config::SensitivePatterns sensitive_;
};

}  // namespace tristrata::execution
