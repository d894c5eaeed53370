#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace tristrata::model_quality {

/// Some columns of a source by name.
struct NamedColumns {
    std::map<std::string, dataset::Column, std::less<>> columns;
    std::uint64_t rows = 0;
};

/// usage: a needed column is not there, with the nearest name or those that are, and what names it; a
/// column that is optional too may be absent.
[[nodiscard]] core::Result<NamedColumns> read_named(dataset::Source& source, const QualityPlan& plan,
                                                    const std::set<std::string>& needed,
                                                    const std::set<std::string>& optional,
                                                    const core::Task& task);

}  // namespace tristrata::model_quality
