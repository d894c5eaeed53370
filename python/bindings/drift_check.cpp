#include "drift_check.hpp"

#include "check_arguments.hpp"
#include "failure.hpp"
#include "interruptible.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/table.hpp"
#include "unlocked.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using detection::Plan;
using detection::Profile;

void refuse_window(const std::optional<core::TimeRange>& window, std::string_view argument) {
    if (window)
        raise({core::ErrorKind::usage,
               fmt::format("a profile has its window; {} is for a table", argument),
               {}});
}

/// The plan as both of two profiles can answer it. They may have one name: the side stands before what is
/// wrong.
Plan plan_of_side(std::string_view side, const Profile& profile, Plan plan) {
    return value_or_raise(detection::plan_against(profile, std::move(plan)), side);
}

using Windows = std::pair<std::optional<core::TimeRange>, std::optional<core::TimeRange>>;

/// Of a reference that is a profile or a table, and a current that is a profile.
core::Result<drift::Report> check_saved(nb::handle reference, const Profile& current, Plan plan,
                                        core::Timestamp created_at, const Windows& windows,
                                        nb::handle threads) {
    refuse_window(windows.second, "current_window");
    plan = plan_of_side("current", current, std::move(plan));
    if (nb::isinstance<Profile>(reference)) {
        refuse_window(windows.first, "reference_window");
        const Profile& saved = nb::cast<const Profile&>(reference);
        plan = plan_of_side("reference", saved, std::move(plan));
        return interruptible(task_of(threads), [&](const core::Task& task) {
            return detection::check(saved, current, plan, created_at, task);
        });
    }
    const auto source = source_of(reference, "reference", plan);
    return interruptible(task_of(threads), [&](const core::Task& task) -> core::Result<drift::Report> {
        auto made = detection::profile({source.get(), windows.first}, plan, {}, task);
        if (!made) return propagate(made);
        return detection::check(*made, current, plan, created_at, task);
    });
}

std::string check(nb::handle reference, nb::handle current, const PlanArguments& arguments, nb::handle at,
                  nb::handle reference_window, nb::handle current_window, nb::handle threads) {
    Plan plan = plan_of(arguments);
    const auto created_at = time_of(at, "at").value_or(core::system_clock().now());
    const Windows windows{window_of(reference_window, "reference_window"),
                          window_of(current_window, "current_window")};
    core::Result<drift::Report> report;
    if (nb::isinstance<Profile>(current)) {
        report = check_saved(reference, nb::cast<const Profile&>(current), std::move(plan), created_at,
                             windows, threads);
    } else if (nb::isinstance<Profile>(reference)) {
        const Profile& profile = nb::cast<const Profile&>(reference);
        refuse_window(windows.first, "reference_window");
        plan = plan_of_side("reference", profile, std::move(plan));
        const auto source = source_of(current, "current", plan);
        report = interruptible(task_of(threads), [&](const core::Task& task) {
            return detection::check(profile, {source.get(), windows.second}, plan, created_at, task);
        });
    } else {
        const bool same = reference.ptr() == current.ptr();
        const auto first = source_of(reference, same ? "table" : "reference", plan);
        const auto second = same ? nullptr : source_of(current, "current", plan);
        report = interruptible(task_of(threads), [&](const core::Task& task) {
            return detection::check({first.get(), windows.first},
                                    {same ? first.get() : second.get(), windows.second}, plan, created_at,
                                    task);
        });
    }
    const drift::Report made = value_or_raise(std::move(report));
    return unlocked([&] { return drift::to_json(made); });
}

Profile profile(nb::handle data, const PlanArguments& arguments, nb::handle window, nb::handle exact_mb,
                nb::handle threads, const Profile* like, const std::string& name) {
    Plan plan = plan_of(arguments);
    if (like != nullptr) plan = value_or_raise(detection::plan_against(*like, std::move(plan)));
    const auto within = window_of(window, "window");
    detection::ProfileOptions how;
    how.like = like;
    how.column_bytes = SIZE_MAX;
    if (const auto given = optional_number_of(exact_mb, "exact_mb")) {
        constexpr double bytes_in_mb = 1 << 20, most = 1e9;
        if (!(*given >= 0.0 && *given <= most))
            raise({core::ErrorKind::usage,
                   fmt::format("exact_mb is {}; expected megabytes, from 0 to {:.0f}", *given, most),
                   {}});
        how.column_bytes = static_cast<std::size_t>(*given * bytes_in_mb);
    }
    const auto source = source_of(data, name, plan);
    return value_or_raise(interruptible(task_of(threads), [&](const core::Task& task) {
        return detection::profile({source.get(), within}, plan, how, task);
    }));
}

Profile counted(const Profile& whole, const std::vector<std::string>& columns, const Profile* like) {
    std::vector<std::size_t> fields;
    for (const auto& column : columns) {
        const auto field = whole.schema().find(column);
        if (!field)
            raise({core::ErrorKind::usage, fmt::format("the profile has no column '{}'", column), {}});
        fields.push_back(*field);
    }
    return value_or_raise(unlocked([&] { return detection::counted(whole, fields, like); }));
}

Profile common_edges(const std::vector<Profile>& parts) {
    return value_or_raise(unlocked([&] { return detection::common_edges(parts); }));
}

Profile joined(const std::vector<Profile>& parts, const std::string& name, std::uint64_t left_out) {
    const auto patterns = plan_of({}).patterns;
    return value_or_raise(unlocked([&] { return detection::join(parts, name, left_out, patterns); }));
}

nb::bytes bytes_of(const Profile& one) {
    const std::string bytes = unlocked([&] { return one.bytes(); });
    return nb::bytes(bytes.data(), bytes.size());
}

/// Name, type and the source's word for it, of each column: what a file is read as.
std::vector<std::tuple<std::string, std::string, std::string>> fields_of(const Profile& one) {
    std::vector<std::tuple<std::string, std::string, std::string>> fields;
    for (const auto& field : one.schema().fields)
        fields.emplace_back(field.name, std::string(dataset::name(field.type)), field.foreign_type);
    return fields;
}

std::map<std::string, std::uint64_t> column_bytes(const Profile& one) {
    std::map<std::string, std::uint64_t> bytes;
    const auto sizes = unlocked([&] { return one.column_bytes(); });
    for (std::size_t i = 0; i < sizes.size(); ++i) bytes.emplace(one.schema().fields[i].name, sizes[i]);
    return bytes;
}

/// Microseconds of the earliest and the latest row; nothing where no column orders them.
std::optional<std::pair<std::int64_t, std::int64_t>> span_of(const Profile& one) {
    std::optional<std::pair<std::int64_t, std::int64_t>> span;
    for (const auto& window : one.windows()) {
        if (!window.first || !window.last) continue;
        const auto first = window.first->microseconds, last = window.last->microseconds;
        span = span ? std::pair(std::min(span->first, first), std::max(span->second, last))
                    : std::pair(first, last);
    }
    return span;
}

std::uint64_t left_out_of(const Profile& one) {
    std::uint64_t rows = 0;
    for (const auto& window : one.windows()) rows += window.left_out;
    return rows;
}

/// The columns that are there, but not value by value.
std::vector<std::string> columns_of_counts(const Profile& one) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < one.schema().fields.size(); ++i)
        if (one.kept(i) && !one.exact(i)) names.push_back(one.schema().fields[i].name);
    return names;
}

Profile read_profile(const nb::bytes& bytes, const std::string& name) {
    std::string whole(bytes.c_str(), bytes.size());
    return value_or_raise(unlocked([&] { return detection::read_profile(std::move(whole), name, {}); }));
}

/// The text of a report in a file, which is looked at as a whole.
std::string read_report(const nb::bytes& bytes, const std::string& name) {
    const std::string_view whole(bytes.c_str(), bytes.size());
    value_or_raise(unlocked([&] { return drift::parse_report(whole); }), name);
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return std::string(whole.starts_with(mark) ? whole.substr(mark.size()) : whole);
}

std::string html_of(const std::string& json) {
    return value_or_raise(unlocked([&]() -> core::Result<std::string> {
        const auto report = drift::parse_report(json);
        if (!report) return propagate(report);
        return report::to_html(*report);
    }));
}

std::string table_text_of(const std::string& json) {
    report::TableStyle style;
    style.colour = false;
    style.width = 120;
    return value_or_raise(unlocked([&]() -> core::Result<std::string> {
        const auto report = drift::parse_report(json);
        if (!report) return propagate(report);
        return report::to_table(*report, style);
    }));
}

}  // namespace

void bind_drift_check(nb::module_& module) {
    nb::class_<PlanArguments> plan(module, "PlanArguments", "A plan, and what stands above it.");
    plan.def(nb::init<>());
    bind_member(plan, "file", &PlanArguments::file, optional_text_of);
    bind_member(plan, "text", &PlanArguments::text, optional_text_of);
    bind_member(plan, "time", &PlanArguments::time, optional_text_of);
    bind_member(plan, "method", &PlanArguments::method, optional_text_of);
    bind_member(plan, "null", &PlanArguments::null, optional_text_of);
    bind_member(plan, "season", &PlanArguments::season, optional_text_of);
    bind_member(plan, "by", &PlanArguments::by, optional_text_of);
    bind_member(plan, "columns", &PlanArguments::columns, texts_of);
    bind_member(plan, "alpha", &PlanArguments::alpha, optional_number_of);
    bind_member(plan, "seed", &PlanArguments::seed, count_of);
    bind_member(plan, "multivariate", &PlanArguments::multivariate, is_set);
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
        .def_prop_ro("left_out", left_out_of, "Rows that have no time, and are in none of its windows.")
        .def_prop_ro("span", span_of,
                     "Its earliest and latest time, in microseconds since 1970; None without a time column.")
        .def_prop_ro("counted", columns_of_counts, "The columns that are kept as counts, not value by value.")
        .def_prop_ro("fields", fields_of, "Name, type, and the source's word for it, of each column.")
        .def_prop_ro("column_bytes", column_bytes, "Bytes that each column takes.")
        .def("to_bytes", bytes_of)
        .def("__getstate__", bytes_of)
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
               nb::arg("exact_mb").none(), nb::arg("threads").none(), nb::arg("like").none() = nb::none(),
               nb::arg("name") = "data");
    module.def("read_profile", read_profile, nb::arg("bytes"), nb::arg("name"));
    module.def(
        "merge_profiles",
        [](const std::vector<Profile>& profiles) {
            return value_or_raise(unlocked([&] { return detection::merge(profiles); }));
        },
        nb::arg("profiles"));
    module.def(
        "time_column", [](const PlanArguments& arguments) { return plan_of(arguments).time; },
        nb::arg("plan"), "The column that orders the rows, by a plan that is valid; empty where none does.");
    module.def("count_columns", counted, nb::arg("profile"), nb::arg("columns"), nb::arg("like").none());
    module.def("common_edges", common_edges, nb::arg("parts"));
    module.def("join_profiles", joined, nb::arg("parts"), nb::arg("name"), nb::arg("left_out"));
    module.def("read_report", read_report, nb::arg("bytes"), nb::arg("name"));
    module.def("report_html", html_of, nb::arg("json"));
    module.def("report_table", table_text_of, nb::arg("json"));
}

}  // namespace tristrata::python
