#pragma once

#include "references.hpp"
#include "tristrata/database/postgres.hpp"

namespace tristrata::store {

class PostgresReferences final : public ReferenceTable {
public:
    explicit PostgresReferences(database::Postgres& database) : database_(database) {}
    core::Status transaction(const std::function<core::Status()>& body) override;
    core::Status keep_profile(std::string_view profile_sha256, std::string_view bytes) override;
    core::Result<std::optional<std::string>> find_profile(std::string_view profile_sha256) override;
    core::Result<std::optional<Reference>> find(std::string_view module,
                                                std::optional<std::int64_t> version) override;
    core::Status insert(const Reference& reference) override;
    core::Result<std::vector<Reference>> list(const ReferenceQuery& query) override;
    [[nodiscard]] const std::string& where() const override { return database_.where(); }

private:
    database::Postgres& database_;
};

}  // namespace tristrata::store
