#pragma once

#include "tristrata/dataset/source.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tristrata::dataset {

struct MemoryColumn {
    std::string name;
    /// Numbers, or labels, or microseconds since the epoch.
    std::variant<std::vector<double>, std::vector<std::string>, std::vector<std::int64_t>> values;
};

/// A table in memory: for simulations and tests. Outlives the batches that are read from it.
class MemorySource final : public Source {
public:
    explicit MemorySource(std::vector<MemoryColumn> columns);
    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] const Schema& schema() const noexcept override { return schema_; }
    [[nodiscard]] Access access() const noexcept override { return Access::by_column; }
    [[nodiscard]] core::Result<std::string> digest(const core::Task& task) override;
    [[nodiscard]] std::optional<std::uint64_t> rows() const noexcept override { return rows_; }
    [[nodiscard]] core::Result<std::unique_ptr<BatchStream>> open(std::span<const std::size_t> fields,
                                                                  const core::Task& task) override;

private:
    std::string name_ = "memory";
    std::vector<MemoryColumn> columns_;
    Schema schema_;
    std::uint64_t rows_ = 0;
};

}  // namespace tristrata::dataset
