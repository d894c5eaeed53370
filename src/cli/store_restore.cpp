#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/archive/restore.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <map>

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
    /// The parts that a layer's store recorded; nothing, with the reason kept, where that cannot be told.
    std::optional<std::vector<store::ArchivePart>> recorded(session::Session& session, Layer layer,
                                                            const char* key) {
        if (session.settings().find(key) == nullptr) {
            unheld_[layer] = fmt::format("{} is not set", config::variable_of(key));
            return std::nullopt;
        }
        auto parts = session.recorded_parts(layer);
        if (parts) return std::move(*parts);
        unheld_[layer] = parts.error().message;
        // Where there is no store, as on another machine, nobody can mend it.
        is_unread_ = is_unread_ || parts.error().kind != ErrorKind::not_found;
        return std::nullopt;
    }
    /// What is not there, and what is there of somebody else.
    void add(Layer layer, const archive::RangeParts& there) {
        for (const auto& part : there.missing) missing_.push_back({layer, part});
        foreign_.insert(foreign_.end(), there.foreign.begin(), there.foreign.end());
    }
    void add(const archive::RestoreOutcome& done) {
        damaged_.insert(damaged_.end(), done.damaged.begin(), done.damaged.end());
        is_any_restored_ = is_any_restored_ || done.parts > 0;
    }
    [[nodiscard]] bool is_whole() const { return missing_.empty() && damaged_.empty() && foreign_.empty(); }
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
        json.key("damaged");
        json.begin_array();
        for (const auto& [part, damage] : damaged_) write(json, part, damage);
        json.end_array();
        json.key("foreign");
        json.begin_array();
        for (const auto& part : foreign_) write(json, part, std::nullopt);
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
        for (const auto& [part, damage] : damaged_)
            text += fmt::format("damaged: {}, {}, part {}: {} ({}): {}\n", schema_name(part.layer), day(part),
                                part.part, core::plural(part.rows, "row"), part.file, damage);
        for (const auto& part : foreign_)
            text += fmt::format("foreign: {}, {}, part {}: {} ({})\n", schema_name(part.layer), day(part),
                                part.part, core::plural(part.rows, "row"), manifest_key(part));
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
    /// Where it is not whole.
    [[nodiscard]] tl::unexpected<core::Error> error(const std::string& archive) const {
        std::vector<std::string> sentences;
        if (!missing_.empty()) {
            std::uint64_t rows = 0;
            for (const auto& [layer, part] : missing_) rows += part.rows;
            sentences.push_back(fmt::format(
                "{} of this range with {}, which the store recorded, {} not in {}, the first: {}; "
                "TRISTRATA_ARCHIVE names another archive, or they were lost",
                core::plural(missing_.size(), "part"), core::plural(rows, "row"),
                missing_.size() == 1 ? "is" : "are", archive, missing_.front().second.manifest));
        }
        if (!damaged_.empty())
            sentences.push_back(fmt::format("{} damaged in {}, the first: {}: {}",
                                            core::plural(damaged_.size(), "part is", "parts are"), archive,
                                            damaged_.front().manifest.file, damaged_.front().damage));
        if (!foreign_.empty())
            sentences.push_back(
                fmt::format("{} in {} not recorded by the store and left out, the first: {}; of a run that "
                            "died, and of rows "
                            "that a backup brought back, tristrata store retain records them; of a store "
                            "that was copied, "
                            "--with-foreign-parts restores them",
                            core::plural(foreign_.size(), "part was", "parts were"), archive,
                            manifest_key(foreign_.front())));
        sentences.emplace_back(is_any_restored_ ? "What is there was restored" : "Nothing was restored");
        return fail(ErrorKind::conflict, fmt::format("{}", fmt::join(sentences, ". ")));
    }

private:
    /// Of a part as the store recorded it, or as the archive has it.
    static std::string day(const auto& part) { return core::to_string(part.day).substr(0, 10); }
    static void write(core::JsonWriter& json, const archive::Manifest& part,
                      const std::optional<std::string>& damage) {
        json.begin_object();
        json.member("layer", schema_name(part.layer));
        json.member("half", part.half.empty() ? std::nullopt : std::optional(part.half));
        json.member("day", day(part));
        json.member("part", part.part);
        json.member("rows", part.rows);
        json.member("manifest", manifest_key(part));
        if (damage) json.member("damage", *damage);
        json.end_object();
    }

    std::vector<std::pair<Layer, store::ArchivePart>> missing_;
    std::vector<archive::DamagedPart> damaged_;
    std::vector<archive::Manifest> foreign_;
    std::map<Layer, std::string> unheld_;
    bool is_unread_ = false;
    bool is_any_restored_ = false;
};

core::Result<int> restore(const RestoreOptions& options) {
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    if (auto apart = (*session)->require_no_store_in(options.into); !apart) return propagate(apart);
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
        auto there = archive::range_parts(**objects, layer, *range, [&, of = layer, setting = key] {
            return core::Result<std::optional<std::vector<store::ArchivePart>>>(
                completeness.recorded(**session, of, setting));
        });
        if (!there) return propagate(there);
        if (options.with_foreign_parts) {
            there->parts.insert(there->parts.end(), there->foreign.begin(), there->foreign.end());
            there->foreign.clear();
        }
        completeness.add(layer, *there);
        if (there->parts.empty()) continue;  // Neither a schema nor a file is made for nothing.
        if (auto made = make_folder(options.into); !made) return propagate(made);
        auto target = (*session)->open_restore(layer, name, options.into);
        if (!target) return propagate(target);
        auto done = archive::restore(**objects, there->parts, *range, **target, "", task);
        if (!done) return propagate(done);
        completeness.add(*done);
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
    if (!completeness.is_whole()) return completeness.error((*objects)->where());
    return refusals.empty() ? completeness.code() : 1;
}

}  // namespace

int store_restore(const RestoreOptions& options) { return code_of(restore(options)); }

}  // namespace tristrata::cli
