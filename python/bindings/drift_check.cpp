#include "drift_check.hpp"

#include "failure.hpp"
#include "interruptible.hpp"
#include "table.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/dataset/derived.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/table.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <algorithm>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using detection::Plan;
using detection::Profile;

/// What stands above the plan.
struct PlanArguments {
    std::optional<std::string> file, text, time, method, null, season, by;
    std::vector<std::string> columns;
    std::optional<double> alpha;
    std::optional<std::uint64_t> seed;
    bool multivariate = false;
};

Plan plan_of(const PlanArguments& given) {
    Plan plan;
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

/// A table as the plan reads it. Columns that pandas makes of an index that has no name are none of the data.
std::unique_ptr<dataset::Source> source_of(nb::handle data, const std::string& name, const Plan& plan) {
    std::vector<std::string> left_out;
    for (int level = 0; level < 8; ++level)
        if (auto index = fmt::format("__index_level_{}__", level); index != plan.time)
            left_out.push_back(index);
    return value_or_raise(dataset::derive(table_of(data, name, left_out), plan.derived, plan.time));
}

std::string check(nb::handle reference, nb::handle current, const PlanArguments& arguments, nb::handle at,
                  const std::optional<std::string>& reference_window,
                  const std::optional<std::string>& current_window, std::optional<unsigned> threads) {
    Plan plan = plan_of(arguments);
    const auto created_at = time_of(at, "at").value_or(core::system_clock().now());
    const auto windows = std::pair{window_of(reference_window), window_of(current_window)};
    core::Result<drift::Report> report;
    if (nb::isinstance<Profile>(reference)) {
        const Profile& profile = nb::cast<const Profile&>(reference);
        if (windows.first)
            raise({core::ErrorKind::usage, "a profile has its window; reference_window is for a table", {}});
        plan = value_or_raise(detection::plan_against(profile, std::move(plan)));
        const auto source = source_of(current, "current", plan);
        report = interruptible(task_of(threads), [&](const core::Task& task) {
            return detection::check(profile, {source.get(), windows.second}, plan, created_at, task);
        });
    } else {
        const auto first = source_of(reference, "reference", plan);
        const bool same = reference.ptr() == current.ptr();
        const auto second = same ? nullptr : source_of(current, "current", plan);
        report = interruptible(task_of(threads), [&](const core::Task& task) {
            return detection::check({first.get(), windows.first},
                                    {same ? first.get() : second.get(), windows.second}, plan, created_at,
                                    task);
        });
    }
    return drift::to_json(value_or_raise(std::move(report)));
}

Profile profile(nb::handle data, const PlanArguments& arguments, const std::optional<std::string>& window,
                std::optional<unsigned> threads) {
    const Plan plan = plan_of(arguments);
    const auto source = source_of(data, "data", plan);
    return value_or_raise(interruptible(task_of(threads), [&](const core::Task& task) {
        return detection::profile({source.get(), window_of(window)}, plan, {}, task);
    }));
}

Profile read_profile(const nb::bytes& bytes, const std::string& name) {
    return value_or_raise(detection::read_profile(std::string(bytes.c_str(), bytes.size()), name, {}));
}

std::string html_of(const std::string& json) {
    return report::to_html(value_or_raise(drift::parse_report(json)));
}

std::string table_text_of(const std::string& json) {
    report::TableStyle style;
    style.colour = false;
    style.width = 120;
    return report::to_table(value_or_raise(drift::parse_report(json)), style);
}

}  // namespace

void bind_drift_check(nb::module_& module) {
    nb::class_<PlanArguments>(module, "PlanArguments", "A plan, and what stands above it.")
        .def(nb::init<>())
        .def_rw("file", &PlanArguments::file, nb::arg("value").none())
        .def_rw("text", &PlanArguments::text, nb::arg("value").none())
        .def_rw("time", &PlanArguments::time, nb::arg("value").none())
        .def_rw("method", &PlanArguments::method, nb::arg("value").none())
        .def_rw("null", &PlanArguments::null, nb::arg("value").none())
        .def_rw("season", &PlanArguments::season, nb::arg("value").none())
        .def_rw("by", &PlanArguments::by, nb::arg("value").none())
        .def_rw("columns", &PlanArguments::columns)
        .def_rw("alpha", &PlanArguments::alpha, nb::arg("value").none())
        .def_rw("seed", &PlanArguments::seed, nb::arg("value").none())
        .def_rw("multivariate", &PlanArguments::multivariate);
    nb::class_<Profile>(module, "Profile",
                        "A reference, saved: what a check needs of it, and no more than a budget.")
        .def_prop_ro(
            "version", [](const Profile& one) { return one.version(); },
            "SHA-256 of what a check can read of it.")
        .def_prop_ro("rows", &Profile::rows)
        .def_prop_ro("columns",
                     [](const Profile& one) {
                         std::vector<std::string> names;
                         for (const auto& field : one.schema().fields) names.push_back(field.name);
                         return names;
                     })
        .def("to_bytes",
             [](const Profile& one) {
                 const std::string bytes = one.bytes();
                 return nb::bytes(bytes.data(), bytes.size());
             })
        .def("__getstate__",
             [](const Profile& one) {
                 const std::string bytes = one.bytes();
                 return nb::bytes(bytes.data(), bytes.size());
             })
        .def("__setstate__",
             [](Profile& empty, const nb::bytes& state) {
                 new (&empty) Profile(read_profile(state, "a pickled profile"));
             })
        .def(
            "__eq__",
            [](const Profile& one, const Profile& other) { return one.version() == other.version(); },
            nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
        .def("__hash__", [](const Profile& one) { return std::hash<std::string>()(one.version()); })
        .def("__repr__", [](const Profile& one) {
            return fmt::format("Profile(version='{}', rows={}, columns={})", one.version().substr(0, 12),
                               one.rows(), one.schema().fields.size());
        });
    module.def("check", check, nb::arg("reference").none(), nb::arg("current").none(), nb::arg("plan"),
               nb::arg("at").none(), nb::arg("reference_window").none(), nb::arg("current_window").none(),
               nb::arg("threads").none());
    module.def("profile", profile, nb::arg("data").none(), nb::arg("plan"), nb::arg("window").none(),
               nb::arg("threads").none());
    module.def("read_profile", read_profile, nb::arg("bytes"), nb::arg("name"));
    module.def(
        "merge_profiles",
        [](const std::vector<Profile>& profiles) { return value_or_raise(detection::merge(profiles)); },
        nb::arg("profiles"));
    module.def("report_html", html_of, nb::arg("json"));
    module.def("report_table", table_text_of, nb::arg("json"));
}

}  // namespace tristrata::python
