#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/sources/open.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::drift_check {

/// A table as a person names it: a file, a folder, s3://…, "-"; or a query on a store of the settings (kpi,
/// drift, read, or a [stores.NAME]). Never a URL, which would stand in the process list.
struct TableName {
    std::string path;
    std::string sql;  ///< In its place, on
    std::string store;
};

/// Without a plan.
/// Errors    usage: a query without its store; configuration: the store is not set; what sources return.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_table(const TableName& name,
                                                                        const sources::SourceOptions& options,
                                                                        const config::Settings& settings,
                                                                        const core::Task& task);

/// As the plan reads it: kinds that it knows better than the first rows do, and the columns that it derives.
/// `read_as` is the reference's schema, for the current side. `notice` is told, in a sentence each, of
/// columns that it may have meant otherwise.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_table(
    const TableName& name, const detection::Plan& plan, const std::optional<dataset::Schema>& read_as,
    const config::Settings& settings, const core::Task& task,
    const std::function<void(std::string_view)>& notice = {});

}  // namespace tristrata::drift_check
