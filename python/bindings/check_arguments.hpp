#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/chunk.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"
#include "values.hpp"

#include <nanobind/nanobind.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::python {

/// What stands above the plan.
struct PlanArguments {
    std::optional<std::string> file, text, time, method, null, season, by;
    std::vector<std::string> columns;
    std::optional<double> alpha;
    std::optional<std::uint64_t> seed;
    bool multivariate = false;
};

/// How rows are cut into chunks: one of the three.
struct ChunkArguments {
    std::optional<std::string> period;
    std::string zone = "UTC";
    std::optional<std::uint64_t> rows, count;
};

/// A member that Python sets: what cannot be read as it raises, with the member's name.
template <class Of, class Value, class Read>
void bind_member(nanobind::class_<Of>& of, const char* name, Value Of::* member, Read read) {
    of.def_prop_rw(
        name, [member](const Of& one) { return one.*member; },
        [=](Of& one, nanobind::handle given) { one.*member = read(given, name); },
        nanobind::for_setter(nanobind::arg("value").none()));
}

[[nodiscard]] inline std::optional<std::uint64_t> count_of(nanobind::handle value, std::string_view what) {
    return optional_count_of(value, what);
}
[[nodiscard]] inline bool is_set(nanobind::handle value, std::string_view what) {
    return flag_of(value, what).value_or(false);
}

// What is wrong raises, with the name of what was given.

[[nodiscard]] detection::Plan plan_of(const PlanArguments& given);
/// Absent where none of the three is given; more than one is an error.
[[nodiscard]] std::optional<dataset::Chunking> chunking_of(const ChunkArguments& given);
/// As many threads as there are processors where nobody says.
[[nodiscard]] core::Task task_of(nanobind::handle threads);
/// "FROM..TO", or a pair of moments of which either may be None: from is in, to is out.
[[nodiscard]] std::optional<core::TimeRange> window_of(nanobind::handle window, std::string_view what);
/// A table as the plan reads it. Columns that pandas makes of an index that has no name are none of the data.
[[nodiscard]] std::unique_ptr<dataset::Source> source_of(nanobind::handle data, const std::string& name,
                                                         const detection::Plan& plan);

}  // namespace tristrata::python
