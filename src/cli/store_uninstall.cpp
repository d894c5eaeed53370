#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/store/uninstall.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// The database that the owner's setting names. Who names a store in a file means that one, which needs no
/// command.
core::Result<core::SecretSource> administrator(const config::Settings& settings) {
    for (const char* key : {"kpi_url", "drift_url", "admin_url"}) {
        const config::Setting* setting = settings.find(key);
        if (setting == nullptr) continue;
        auto url = config::parse_store_url(*setting);
        if (!url) return propagate(url);
        if (url->backend == config::Backend::sqlite)
            return fail(ErrorKind::usage,
                        fmt::format("{} names {}, a store of SQLite: it is a file; move it, or "
                                    "remove it",
                                    setting->origin, url->path));
    }
    auto admin = settings.require("admin_url");
    if (!admin) return propagate(admin);
    return config::source_of(*admin);
}

std::string as_json(const store::Uninstalled& done) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("tables");
    json.begin_array();
    for (const auto& table : done.tables) {
        json.begin_object();
        json.member("table", table.name);
        json.member("rows", table.rows);
        json.member("file", table.file);
        json.end_object();
    }
    json.end_array();
    json.member("twice", done.twice);
    for (const auto& [name, list] :
         {std::pair{"roles", &done.roles}, std::pair{"restored", &done.restored}}) {
        json.key(name);
        json.begin_array();
        for (const auto& one : *list) json.value(one);
        json.end_array();
    }
    json.member("sql", done.sql);
    json.end_object();
    return json.take() + "\n";
}

std::string as_table(const store::Uninstalled& done) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& table : done.tables)
        rows.push_back({table.name, std::to_string(table.rows), table.file});
    std::string text = report::aligned({"table", "rows", "now in"}, rows);
    if (done.twice > 0)
        text += fmt::format("{} parked and among the events too: once in the file\n",
                            core::plural(done.twice, "row was", "rows were"));
    text +=
        "the schemas are dropped; roles belong to the whole server and stay. Where nothing else needs "
        "them:\n";
    return text + done.sql;
}

core::Result<int> uninstall(const UninstallOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto admin = administrator(*settings);
    if (!admin) return propagate(admin);
    if (options.folder.empty())
        return fail(
            ErrorKind::usage,
            "a store is taken out only together with what is in it: name a folder for that, with --export "
            "FOLDER");
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    auto done = store::uninstall_postgres(*admin, options.folder, task);
    if (!done) return propagate(done);
    const std::string text = options.output.format == "json" ? as_json(*done) : as_table(*done);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int store_uninstall(const UninstallOptions& options) { return code_of(uninstall(options)); }

}  // namespace tristrata::cli
