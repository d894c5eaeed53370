#include "check_arguments.hpp"

#include "failure.hpp"
#include "table.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/dataset/derived.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <thread>

namespace nb = nanobind;

namespace tristrata::python {

std::optional<dataset::Chunking> chunking_of(const ChunkArguments& given) {
    const int ways = given.period.has_value() + given.rows.has_value() + given.count.has_value();
    if (ways > 1) raise({core::ErrorKind::usage, "give one of chunk, rows and count", {}});
    if (given.period)
        return dataset::ByPeriod{value_or_raise(dataset::parse_period(*given.period)), given.zone};
    if (given.rows) return dataset::BySize{*given.rows, dataset::Remainder::keep};
    if (given.count) return dataset::ByCount{*given.count, dataset::Remainder::keep};
    return std::nullopt;
}

detection::Plan plan_of(const PlanArguments& given) {
    detection::Plan plan;
    if (given.file) plan = value_or_raise(detection::read_plan(*given.file));
    if (given.text) plan = value_or_raise(detection::parse_plan(*given.text, "plan"));
    if (given.time) plan.time = *given.time;
    if (!given.columns.empty()) plan.columns = given.columns;
    if (given.method) plan.method = *given.method;
    if (given.null) plan.null = value_or_raise(detection::parse_null(*given.null));
    if (given.season) plan.season = value_or_raise(detection::parse_season(*given.season));
    if (given.by) plan.by = *given.by;
    if (given.alpha) plan.alpha = *given.alpha;
    if (given.seed) plan.seed = *given.seed;
    if (given.multivariate) plan.multivariate = true;
    const auto settings =
        value_or_raise(config::read_settings(config::process_environment(), std::nullopt, {}));
    plan.patterns = value_or_raise(config::SensitivePatterns::of(settings));
    if (auto status = detection::validate(plan); !status) raise(status.error());
    return plan;
}

core::Task task_of(std::optional<unsigned> threads) {
    core::Task task;
    task.limits.threads = threads.value_or(std::max(1u, std::thread::hardware_concurrency()));
    return task;
}

std::optional<core::TimeRange> window_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return value_or_raise(core::parse_time_range(*text));
}

std::unique_ptr<dataset::Source> source_of(nb::handle data, const std::string& name,
                                           const detection::Plan& plan) {
    std::vector<std::string> left_out;
    for (int level = 0; level < 8; ++level)
        if (auto index = fmt::format("__index_level_{}__", level); index != plan.time)
            left_out.push_back(index);
    return value_or_raise(dataset::derive(table_of(data, name, left_out), plan.derived, plan.time));
}

}  // namespace tristrata::python
