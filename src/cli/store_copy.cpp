#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/store/copy_store.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// Which store a SQLite file is, by its tables.
core::Result<Layer> layer_of(const std::string& path) {
    auto kpi = store::open_sqlite(path, Layer::kpi, store::OpenMode::read);
    if (kpi) return Layer::kpi;
    if (kpi.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found,
                    fmt::format("SOURCE: there is no file {}; nothing was copied", path));
    if (auto drift = store::open_sqlite(path, Layer::drift, store::OpenMode::read); drift)
        return Layer::drift;
    return propagate(kpi);
}

core::Result<int> copy(const CopyOptions& options) {
    auto source = config::parse_store_url({core::Secret(options.source), "SOURCE"});
    if (!source) return propagate(source);
    if (source->backend != config::Backend::sqlite)
        return fail(ErrorKind::usage, "SOURCE is no SQLite store; expected sqlite:///path");
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto admin = settings->require("admin_url");
    if (!admin) return propagate(admin);
    auto target = config::parse_store_url(*admin);
    if (!target) return propagate(target);
    if (target->backend != config::Backend::postgresql)
        return fail(ErrorKind::configuration,
                    fmt::format("{} is where rows are copied to; expected postgresql://USER@HOST/DATABASE",
                                admin->origin));
    auto layer = layer_of(source->path);
    if (!layer) return propagate(layer);
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    auto done = store::copy_to_postgres(source->path, *layer, config::source_of(*admin), task);
    if (!done) return propagate(done);
    const std::string name(schema_name(*layer));
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("layer", name);
    json.member("rows", done->rows);
    json.member("copied", done->copied);
    json.member("parked", done->parked);
    json.member("there_already", done->there_already);
    json.member("refused", done->refused);
    json.member("references", done->references);
    json.end_object();
    const std::string text =
        options.output.format == "json"
            ? json.take() + "\n"
            : report::aligned(
                  {"store", "rows", "copied", "of them parked", "there already", "refused", "references"},
                  {{name, std::to_string(done->rows), std::to_string(done->copied),
                    std::to_string(done->parked), std::to_string(done->there_already),
                    std::to_string(done->refused), std::to_string(done->references)}});
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (done->first_refusal) {
        fmt::print(stderr, "note: {} stay in {} alone; the first: {}\n", core::plural(done->refused, "row"),
                   source->path, done->first_refusal->message);
        return 1;
    }
    return 0;
}

}  // namespace

int store_copy(const CopyOptions& options) { return code_of(copy(options)); }

}  // namespace tristrata::cli
