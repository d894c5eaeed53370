#include "drift_check.hpp"

#include "check_arguments.hpp"
#include "failure.hpp"
#include "interruptible.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/table.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using detection::Plan;
using detection::Profile;

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
