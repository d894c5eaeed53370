#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/archive/erase.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/inspection.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// What no command of ours reaches.
std::vector<std::string> not_reached(const config::Settings& settings, bool is_sqlite, bool of_module) {
    std::vector<std::string> left;
    if (settings.text("archive").starts_with("s3:"))
        left.emplace_back(
            "versions of the bucket's objects, where versioning or an object lock keeps them: ask the "
            "bucket");
    else
        left.emplace_back(
            "files in the archive's .incoming that writers left as they died: delete them when nothing "
            "writes");
    left.emplace_back("backups and replicas of the stores and of the archive");
    left.emplace_back(is_sqlite ? "freed pages of the SQLite files: VACUUM rewrites them"
                                : "the server's write-ahead log, and pages until they are vacuumed");
    left.emplace_back(
        "spools: what is pending is stored when it drains, and spool replay sends again what was stored "
        "within a day");
    left.emplace_back("schemas restore_… and files that were restored before, and reports that were saved");
    left.emplace_back("logs and traces");
    if (of_module) left.emplace_back("references of the module and their profiles, which are never changed");
    return left;
}

void write(core::JsonWriter& json, const archive::Manifest& part, const std::optional<std::string>& damage) {
    json.begin_object();
    json.member("half", part.half.empty() ? std::nullopt : std::optional(part.half));
    json.member("day", core::to_string(part.day).substr(0, 10));
    json.member("part", part.part);
    json.member("rows", part.rows);
    json.member("manifest", manifest_key(part));
    if (damage) json.member("damage", *damage);
    json.end_object();
}

core::Result<int> erase(const EraseOptions& options) {
    store::Erasure what;
    if (!options.run_id.empty()) what.run_id = options.run_id;
    if (!options.module.empty()) what.module = options.module;
    if (!what.run_id && !what.module)
        return fail(ErrorKind::usage, "nothing says what to erase; give --run-id, --module, or both");
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto objects = OpenedArchive::of(**session);
    if (!objects) return propagate(objects);
    archive::EraseHow how;
    how.dry_run = !options.yes;
    how.without_lost_parts = options.without_lost_parts;
    how.with_foreign_parts = options.with_foreign_parts;
    std::vector<std::string> lost;
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("erased", options.yes);
    json.key("layers");
    json.begin_array();
    std::vector<std::vector<std::string>> rows;
    bool is_sqlite = false;
    for (const auto& [layer, key] : layers) {
        if ((*session)->settings().find(key) == nullptr) continue;
        auto url = (*session)->store_url(layer);
        if (!url) return propagate(url);
        is_sqlite = is_sqlite || url->backend == config::Backend::sqlite;
        auto retention = (*session)->open_retention(layer);
        if (!retention) return propagate(retention);
        auto done = archive::erase(**retention, layer, **objects, what, how, task);
        if (!done) {
            core::Error error = done.error();
            if (options.yes && !rows.empty())
                error.message += fmt::format("; that is {}, and {} was erased before", schema_name(layer),
                                             rows.front().front());
            return tl::unexpected(std::move(error));
        }
        json.begin_object();
        json.member("layer", schema_name(layer));
        json.member("stored_rows", done->stored_rows);
        json.member("parked_rows", done->parked_rows);
        json.member("archived_rows", done->archived_rows);
        json.member("parts", done->parts);
        json.member("files_removed", done->files_removed);
        json.member("payloads_removed", done->payloads_removed);
        json.key("lost_parts");
        json.begin_array();
        for (const auto& part : done->not_there) {
            json.begin_object();
            json.member("half", part.half.empty() ? std::nullopt : std::optional(part.half));
            json.member("day", core::to_string(part.day).substr(0, 10));
            json.member("part", part.part);
            json.member("rows", part.rows);
            json.member("manifest", part.manifest);
            json.end_object();
            lost.push_back(fmt::format(
                "{} with {} of any run, which {} recorded and {} does not have; wherever it is",
                part.manifest, core::plural(part.rows, "row"), (*retention)->where(), (*objects)->where()));
        }
        json.end_array();
        json.key("damaged_parts");
        json.begin_array();
        for (const auto& [part, damage] : done->damaged) {
            write(json, part, damage);
            lost.push_back(
                fmt::format("{} with {} of any run, which is damaged ({}) and stays as it is: delete it "
                            "where nothing of it can be saved",
                            part.file, core::plural(part.rows, "row"), damage));
        }
        json.end_array();
        json.key("foreign_parts");
        json.begin_array();
        for (const auto& part : done->foreign) {
            write(json, part, std::nullopt);
            lost.push_back(fmt::format(
                "{} with {} of any run, which {} did not record; --with-foreign-parts erases there, too",
                manifest_key(part), core::plural(part.rows, "row"), (*retention)->where()));
        }
        json.end_array();
        json.end_object();
        rows.push_back({std::string(schema_name(layer)), std::to_string(done->stored_rows),
                        std::to_string(done->parked_rows), std::to_string(done->archived_rows),
                        std::to_string(done->parts), std::to_string(done->files_removed),
                        std::to_string(done->payloads_removed)});
    }
    json.end_array();
    if (rows.empty()) return no_store_configured((*session)->settings());
    auto left = not_reached((*session)->settings(), is_sqlite, what.module.has_value());
    left.insert(left.begin(), lost.begin(), lost.end());
    json.key("not_reached");
    json.begin_array();
    for (const auto& one : left) json.value(one);
    json.end_array();
    json.end_object();
    std::string text;
    if (options.output.format == "json") {
        text = json.take() + "\n";
    } else {
        text = report::aligned(
            {"store", "stored rows", "parked", "archived", "in parts", "files removed", "payloads removed"},
            rows);
        if (!options.yes) text += "counted only; --yes erases them, for good\n";
        for (const auto& one : left) text += fmt::format("not reached: {}\n", one);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

/// A spool of this machine may hold a row that points to an object which no stored row names yet.
core::Status require_drained(const config::Settings& settings) {
    if (settings.find("spool") == nullptr) return {};
    const std::string root = settings.text("spool");
    auto slots = spool::status(spool::posix_file_system(), root);
    if (!slots && slots.error().kind == ErrorKind::not_found) return {};
    if (!slots) return propagate(slots);
    const auto drift = static_cast<std::size_t>(sink::RecordClass::drift);
    for (const auto& slot : *slots) {
        if (slot.unreadable) return tl::unexpected<core::Error>(*slot.unreadable);
        if (slot.classes[drift].pending > 0)
            return fail(
                ErrorKind::conflict,
                fmt::format("{} holds {} that may point to payloads; store them first with: tristrata "
                            "spool drain",
                            slot.folder, core::plural(slot.classes[drift].pending, "pending row")));
    }
    return {};
}

core::Result<int> sweep(const SweepOptions& options) {
    // A spool keeps a record for 14 days before it parks it; other machines' spools cannot be seen from here.
    constexpr std::uint64_t days_min = 30, days_max = 36'500;
    if (options.days < days_min || options.days > days_max)
        return fail(
            ErrorKind::usage,
            fmt::format("--days {}: expected {} to {} days; a spool of another machine may hold a row "
                        "that long",
                        options.days, days_min, days_max));
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    if (auto drained = require_drained((*session)->settings()); !drained) return propagate(drained);
    auto objects = OpenedArchive::of(**session);
    if (!objects) return propagate(objects);
    auto retention = (*session)->open_retention(Layer::drift);
    if (!retention) return propagate(retention);
    core::Task task;
    task.stop = interrupted();
    const core::Duration age{static_cast<std::int64_t>(options.days) * 86'400'000'000};
    auto done = archive::sweep(**retention, **objects, age, options.dry_run, "", task);
    if (!done) return propagate(done);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("dry_run", options.dry_run);
    json.member("objects", done->objects);
    json.member("named", done->named);
    json.member("young", done->young);
    json.member("removed", done->removed);
    json.member("bytes", done->bytes);
    json.end_object();
    const std::string text =
        options.output.format == "json"
            ? json.take() + "\n"
            : fmt::format("{} of payloads: a row points to {}, {} younger than {}, {} {} ({} bytes)\n",
                          core::plural(done->objects, "object"), done->named, done->young,
                          core::plural(options.days, "day"), done->removed,
                          options.dry_run ? "would be removed" : "removed", done->bytes);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int store_erase(const EraseOptions& options) { return code_of(erase(options)); }
int store_sweep(const SweepOptions& options) { return code_of(sweep(options)); }

}  // namespace tristrata::cli
