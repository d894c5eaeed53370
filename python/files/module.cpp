#include "failure.hpp"
#include "interruptible.hpp"
#include "table.hpp"
#include "tristrata/sources/open.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

/// A file, folder or key of S3, open.
struct File {
    std::shared_ptr<dataset::Source> source;
};

/// Name, type, and the source's word for it, as a profile tells them (_core.Profile.fields).
using Fields = std::vector<std::tuple<std::string, std::string, std::string>>;

dataset::Schema schema_of(const Fields& fields) {
    dataset::Schema schema;
    for (const auto& [name, type, foreign_type] : fields) {
        auto kind = dataset::Type::integer;
        while (dataset::name(kind) != type && kind != dataset::Type::unsupported)
            kind = static_cast<dataset::Type>(static_cast<std::uint8_t>(kind) + 1);
        schema.fields.push_back({name, kind, foreign_type});
    }
    return schema;
}

File open_file(const std::string& path, const std::string& time, const File* like,
               const std::optional<Fields>& fields) {
    sources::SourceOptions options;
    options.time = time;
    if (like != nullptr) options.read_as = like->source->schema();
    if (fields) options.read_as = schema_of(*fields);
    auto opened = interruptible(
        core::Task(), [&](const core::Task& task) { return sources::open_source(path, options, task); });
    return {std::shared_ptr<dataset::Source>(value_or_raise(std::move(opened)))};
}

}  // namespace
}  // namespace tristrata::python

NB_MODULE(_files, module) {
    using tristrata::python::File;
    module.doc() =
        "Files and folders of CSV, Parquet and Arrow as the command line reads them; it links pyarrow's "
        "Arrow.";
    nb::set_leak_warnings(false);
    nb::module_::import_("atexit").attr("register")(nb::cpp_function([] {
        tristrata::python::WithoutGil::end_of_interpreter(std::chrono::steady_clock::now() +
                                                          tristrata::python::calls_wait);
    }));
    nb::class_<File>(module, "File", "A table in a file, a folder of files, or under a key of S3.")
        .def(
            "__arrow_c_stream__",
            [](const File& file, nb::handle) { return tristrata::python::stream_of(file.source); },
            nb::arg("requested_schema") = nb::none(), "All of its columns, read as the stream is.")
        .def_prop_ro("name", [](const File& file) { return file.source->name(); });
    module.def(
        "open_file", &tristrata::python::open_file, nb::arg("path"), nb::arg("time") = "",
        nb::arg("like").none() = nb::none(), nb::arg("fields").none() = nb::none(),
        "Opens a table; `like` is the reference's, whose types the columns of a CSV keep; `fields` are "
        "those of a reference that is a profile.");
}
