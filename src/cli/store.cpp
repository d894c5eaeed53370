#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/store/store.hpp"

#include <fmt/format.h>
#include <array>
#include <filesystem>

namespace tristrata::cli {
namespace {

constexpr std::array layers{std::pair{store::Layer::kpi, "kpi_url"},
                            std::pair{store::Layer::drift, "drift_url"}};

core::Result<int> init(const StoreOptions& options) {
    if (options.print) {
        for (const auto& [layer, key] : layers) fmt::print("{}", store::sqlite_schema(layer));
        return 0;
    }
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    bool any = false;
    std::filesystem::path first;
    for (const auto& [layer, key] : layers) {
        if ((*session)->settings().find(key) == nullptr) continue;
        auto path = (*session)->sqlite_path(layer);
        if (!path) return propagate(path);
        // Before a table is made: half of two stores is none.
        std::error_code code;
        const auto here = std::filesystem::weakly_canonical(std::filesystem::absolute(*path), code);
        if (!first.empty() && here == first)
            return core::fail(
                core::ErrorKind::configuration,
                fmt::format("the KPI store and the drift store are both {}; each needs a file of "
                            "its own",
                            *path));
        first = here;
    }
    for (const auto& [layer, key] : layers) {
        if ((*session)->settings().find(key) == nullptr) continue;
        auto path = (*session)->sqlite_path(layer);
        if (!path) return propagate(path);
        auto applied = store::init_sqlite(*path, layer, core::system_clock());
        if (!applied) return propagate(applied);
        fmt::print("{} store {}{}\n", layer == store::Layer::kpi ? "KPI" : "drift", *path,
                   *applied == 0
                       ? std::string(" is up to date")
                       : fmt::format(": {} applied",
                                     core::plural(static_cast<std::uint64_t>(*applied), "migration")));
        any = true;
    }
    if (!any)
        return core::fail(
            core::ErrorKind::configuration,
            "no store is configured; set TRISTRATA_KPI_URL and TRISTRATA_DRIFT_URL, or: tristrata "
            "store init --kpi-url sqlite:///kpi.db --drift-url sqlite:///drift.db");
    return 0;
}

core::Result<int> status(const StoreOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("stores");
    json.begin_array();
    std::vector<std::vector<std::string>> rows;
    const auto time = [](const std::optional<core::Timestamp>& t) {
        return t ? std::optional(core::to_string(*t)) : std::nullopt;
    };
    for (const auto& [layer, key] : layers) {
        if ((*session)->settings().find(key) == nullptr) continue;
        auto store = (*session)->open_store(layer, store::OpenMode::read);
        if (!store) return propagate(store);
        auto found = (*store)->status();
        if (!found) return propagate(found);
        for (const auto& table : found->tables) {
            json.begin_object();
            json.member("table", table.name);
            json.member("backend", found->backend);
            json.member("where", found->where);
            json.member("schema_version", found->schema_version);
            json.member("newest_version", found->newest_version);
            json.member("bytes", found->bytes);
            json.member("rows", table.rows);
            json.member("first", time(table.first));
            json.member("last", time(table.last));
            json.end_object();
            rows.push_back({table.name, found->where, found->backend,
                            fmt::format("{} of {}", found->schema_version, found->newest_version),
                            std::to_string(table.rows), time(table.first).value_or("-"),
                            time(table.last).value_or("-"), std::to_string(found->bytes)});
        }
    }
    json.end_array();
    json.end_object();
    if (rows.empty())
        return core::fail(core::ErrorKind::configuration,
                          "no store is configured; set TRISTRATA_KPI_URL or TRISTRATA_DRIFT_URL");
    const std::string text =
        options.output.format == "json"
            ? json.take() + "\n"
            : report::aligned({"table", "where", "backend", "schema", "rows", "first", "last", "bytes"},
                              rows);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

int code_of(const core::Result<int>& code) { return code ? *code : report_error(code.error()); }

}  // namespace

int store_init(const StoreOptions& options) { return code_of(init(options)); }
int store_status(const StoreOptions& options) { return code_of(status(options)); }

}  // namespace tristrata::cli
