#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/archive/restore.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// "20261126t104500": sorts by time, and can be a schema's name.
std::string name_of_now() {
    std::string name;
    for (const char c : core::to_string(core::system_clock().now()).substr(0, 19))
        if (c != '-' && c != ':') name += c == 'T' ? 't' : c;
    return name;
}

core::Status make_folder(const std::string& into) {
    std::error_code code;
    if (!into.empty()) std::filesystem::create_directories(into, code);
    if (code)
        return fail(ErrorKind::storage,
                    fmt::format("--into {} cannot be made: {}", core::quoted(into), code.message()));
    return {};
}

/// What the stores recorded of a range, held against what the archive has of it.
class Completeness {
public:
    /// The parts that a layer's store recorded; none, with the reason kept, where that cannot be told.
    std::vector<store::ArchivePart> recorded(session::Session& session, Layer layer, const char* key) {
        if (session.settings().find(key) == nullptr) {
            unheld_.push_back({layer, fmt::format("{} is not set", config::variable_of(key))});
            return {};
        }
        auto parts = session.recorded_parts(layer);
        if (parts) return std::move(*parts);
        unheld_.push_back({layer, parts.error().message});
        // Where there is no store, as on another machine, nobody can mend it.
        is_unread_ = is_unread_ || parts.error().kind != ErrorKind::not_found;
        return {};
    }
    void add_missing(Layer layer, std::vector<store::ArchivePart> parts) {
        for (auto& part : parts) missing_.push_back({layer, std::move(part)});
    }
    [[nodiscard]] bool is_whole() const { return missing_.empty(); }
    [[nodiscard]] int code() const { return is_unread_ ? 1 : 0; }

    void write(core::JsonWriter& json) const {
        json.key("missing");
        json.begin_array();
        for (const auto& [layer, part] : missing_) {
            json.begin_object();
            json.member("layer", schema_name(layer));
            json.member("half", part.half.empty() ? std::nullopt : std::optional(part.half));
            json.member("day", day(part));
            json.member("part", part.part);
            json.member("rows", part.rows);
            json.member("manifest", part.manifest);
            json.end_object();
        }
        json.end_array();
        json.key("not_held_against");
        json.begin_array();
        for (const auto& [layer, reason] : unheld_) {
            json.begin_object();
            json.member("layer", schema_name(layer));
            json.member("reason", reason);
            json.end_object();
        }
        json.end_array();
    }
    [[nodiscard]] std::string lines() const {
        std::string text;
        for (const auto& [layer, part] : missing_)
            text += fmt::format("missing: {}, {}, part {}: {} ({})\n", schema_name(layer), day(part),
                                part.part, core::plural(part.rows, "row"), part.manifest);
        return text;
    }
    [[nodiscard]] std::string notes() const {
        std::string text;
        for (const auto& [layer, reason] : unheld_)
            text += fmt::format(
                "note: {}: nothing could be held against the store's record of what was archived, so that a "
                "part which the archive lost is not seen: {}\n",
                schema_name(layer), reason);
        return text;
    }
    [[nodiscard]] tl::unexpected<core::Error> error(const std::string& archive, bool any_there) const {
        std::uint64_t rows = 0;
        for (const auto& [layer, part] : missing_) rows += part.rows;
        return fail(
            ErrorKind::conflict,
            fmt::format("{} of this range with {}, which the store recorded, {} not in {}, the "
                        "first: {}; TRISTRATA_ARCHIVE names another archive, or they were lost. {}",
                        core::plural(missing_.size(), "part"), core::plural(rows, "row"),
                        missing_.size() == 1 ? "is" : "are", archive, missing_.front().second.manifest,
                        any_there ? "What is there was restored" : "Nothing was restored"));
    }

private:
    static std::string day(const store::ArchivePart& part) { return core::to_string(part.day).substr(0, 10); }

    std::vector<std::pair<Layer, store::ArchivePart>> missing_;
    std::vector<std::pair<Layer, std::string>> unheld_;
    bool is_unread_ = false;
};

core::Result<int> restore(const RestoreOptions& options) {
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto objects = OpenedArchive::of(**session);
    if (!objects) return propagate(objects);
    const std::string name = options.name.empty() ? name_of_now() : options.name;
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("layers");
    json.begin_array();
    std::vector<std::vector<std::string>> rows;
    std::string refusals;
    Completeness completeness;
    for (const auto& [layer, key] : layers) {
        const std::string title(schema_name(layer));
        if (!options.layer.empty() && options.layer != title) continue;
        if (options.layer.empty() && options.into.empty() && (*session)->settings().find(key) == nullptr)
            continue;
        // Before the archive: a part is recorded after it was put.
        const auto recorded = completeness.recorded(**session, layer, key);
        auto there = archive::range_parts(**objects, layer, *range, recorded);
        if (!there) return propagate(there);
        completeness.add_missing(layer, std::move(there->missing));
        if (there->parts.empty()) continue;  // Neither a schema nor a file is made for nothing.
        if (auto made = make_folder(options.into); !made) return propagate(made);
        auto target = (*session)->open_restore(layer, name, options.into);
        if (!target) return propagate(target);
        auto done = archive::restore(**objects, there->parts, *range, **target, "", task);
        if (!done) return propagate(done);
        json.begin_object();
        json.member("layer", title);
        json.member("into", (*target)->where());
        json.member("parts", done->parts);
        json.member("rows", done->read);
        json.member("restored", done->restored);
        json.member("there_already", done->duplicate);
        json.member("refused", done->refused);
        json.end_object();
        if (done->first_refusal)
            refusals += fmt::format(
                "note: {}: {} stay in the archive alone; the first: {}; a restore into "
                "PostgreSQL takes them\n",
                title, core::plural(done->refused, "row"), done->first_refusal->message);
        rows.push_back({title, (*target)->where(), std::to_string(done->parts), std::to_string(done->read),
                        std::to_string(done->restored), std::to_string(done->duplicate),
                        std::to_string(done->refused)});
    }
    json.end_array();
    completeness.write(json);
    json.end_object();
    fmt::print(stderr, "{}{}", refusals, completeness.notes());
    if (rows.empty() && completeness.is_whole())
        return fail(
            ErrorKind::not_found,
            fmt::format("{} holds nothing of this range; tristrata store status shows what was archived",
                        (*objects)->where()));
    std::string text;
    if (options.output.format == "json") {
        text = json.take() + "\n";
    } else {
        if (!rows.empty())
            text = report::aligned({"store", "into", "parts", "rows", "restored", "there already", "refused"},
                                   rows);
        text += completeness.lines();
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (!completeness.is_whole()) return completeness.error((*objects)->where(), !rows.empty());
    return refusals.empty() ? completeness.code() : 1;
}

}  // namespace

int store_restore(const RestoreOptions& options) { return code_of(restore(options)); }

}  // namespace tristrata::cli
