#include "check_arguments.hpp"

#include "failure.hpp"
#include "table.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/derived.hpp"
#include "values.hpp"

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
    if (given.file) {
        auto read = detection::read_plan(*given.file);
        // An argument here, not a setting: as any other file that is named.
        if (!read && !read.error().foreign_code.empty()) read.error().kind = core::ErrorKind::not_found;
        plan = value_or_raise(std::move(read));
    }
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

core::Task task_of(nb::handle threads) {
    core::Task task;
    const auto given = optional_count_of(threads, "threads", 1);
    task.limits.threads = given ? static_cast<unsigned>(std::min<std::uint64_t>(*given, 4096))
                                : std::max(1u, std::thread::hardware_concurrency());
    return task;
}

std::optional<core::TimeRange> window_of(nb::handle window, std::string_view what) {
    if (window.is_none()) return std::nullopt;
    if (PyUnicode_Check(window.ptr())) return value_or_raise(core::parse_time_range(text_of(window, what)));
    if ((!PyTuple_Check(window.ptr()) && !PyList_Check(window.ptr())) || PySequence_Size(window.ptr()) != 2)
        raise_type(
            fmt::format("{} is of type {}; expected a window: a text such as "
                        "\"2026-01-01..2026-02-01\", or a pair (from, to) of datetimes, texts or None",
                        what, Py_TYPE(window.ptr())->tp_name));
    core::TimeRange range{time_of(window[0], fmt::format("the beginning of {}", what)),
                          time_of(window[1], fmt::format("the end of {}", what))};
    if (range.from && range.to && !(*range.from < *range.to))
        raise({core::ErrorKind::usage,
               fmt::format("{} holds no time: its end, {}, must come after its beginning, {}", what,
                           core::to_string(*range.to), core::to_string(*range.from)),
               {}});
    return range;
}

std::unique_ptr<dataset::Source> source_of(nb::handle data, const std::string& name,
                                           const detection::Plan& plan) {
    std::vector<std::string> left_out;
    for (int level = 0; level < 8; ++level)
        if (auto index = fmt::format("__index_level_{}__", level); index != plan.time)
            left_out.push_back(index);
    auto source = value_or_raise(dataset::derive(table_of(data, name, left_out), plan.derived, plan.time));
    if (!plan.time.empty() && !source->schema().find(plan.time) && nb::hasattr(data, "nameless_index") &&
        nb::cast<bool>(data.attr("nameless_index")))
        raise(
            {core::ErrorKind::usage,
             fmt::format("{0} has no time column {1}; the frame's index has no name, and is left out: if the "
                         "times stand in it, give frame.rename_axis({1})",
                         name, core::quoted(plan.time)),
             {}});
    return source;
}

}  // namespace tristrata::python
