#pragma once

#include "tristrata/execution/kpi.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::execution {

/// What a record holds before its tags and metrics; nothing is owned.
struct KpiHead {
    const core::Uuid& emit_id;
    core::Timestamp time;
    std::string_view module;
    const std::optional<std::string>& run_id;
    const std::optional<std::string>& dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<bool> success;
};

/// Writes a record of format 2 (docs/formats/record.md), part after part: tags in the order of their keys.
class KpiPacker {
public:
    explicit KpiPacker(const KpiHead& head);
    void count(std::size_t parts);  ///< Before the tags, and before the metrics.
    void tag(std::string_view key, std::string_view value);
    void metric(std::string_view name, double value);
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    void text(std::string_view value);
    void fixed(std::uint64_t value);
    std::string bytes_;
};

}  // namespace tristrata::execution
