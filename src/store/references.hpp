#pragma once

#include "tristrata/store/store.hpp"

#include <functional>

namespace tristrata::store {

/// Where a backend keeps references and profiles; what promotion and rollback mean is written once, over it.
class ReferenceTable {
public:
    virtual ~ReferenceTable() = default;
    /// The body alone with the table: two promotions of a module are two versions.
    [[nodiscard]] virtual core::Status transaction(const std::function<core::Status()>& body) = 0;
    /// Once: bytes of a known hash are kept already.
    [[nodiscard]] virtual core::Status keep_profile(std::string_view profile_sha256,
                                                    std::string_view bytes) = 0;
    [[nodiscard]] virtual core::Result<std::optional<std::string>> find_profile(
        std::string_view profile_sha256) = 0;
    /// One version of a module's reference, or the newest; nothing where there is none.
    [[nodiscard]] virtual core::Result<std::optional<Reference>> find(
        std::string_view module, std::optional<std::int64_t> version) = 0;
    [[nodiscard]] virtual core::Status insert(const Reference& reference) = 0;
    /// Newest first; up to one row more than the limit.
    [[nodiscard]] virtual core::Result<std::vector<Reference>> list(const ReferenceQuery& query) = 0;
    [[nodiscard]] virtual const std::string& where() const = 0;
};

[[nodiscard]] core::Result<Reference> promote(ReferenceTable& table, const Promotion& promotion);
[[nodiscard]] core::Result<Reference> roll_back(ReferenceTable& table, const Rollback& rollback);
[[nodiscard]] core::Result<Page<Reference>> query(ReferenceTable& table, const ReferenceQuery& query);
[[nodiscard]] core::Result<Reference> current_reference(ReferenceTable& table, std::string_view module);
[[nodiscard]] core::Result<std::string> profile(ReferenceTable& table, std::string_view profile_sha256);

}  // namespace tristrata::store
