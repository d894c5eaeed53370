#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/archive/retain.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

std::string day(core::Timestamp time) { return core::to_string(time).substr(0, 10); }

std::string_view state_of(const archive::LeafOutcome& leaf, bool dry_run) {
    if (leaf.dropped) return "archived";
    if (dry_run) return leaf.leaf.state == store::Leaf::State::detached ? "under way" : "due";
    return "failed";
}

void write(core::JsonWriter& json, const archive::LeafOutcome& leaf, bool dry_run) {
    std::uint64_t bytes = 0;
    for (const auto& part : leaf.parts) bytes += part.bytes;
    json.begin_object();
    json.member("half", leaf.leaf.half.empty() ? std::nullopt : std::optional(leaf.leaf.half));
    json.member("from", core::to_string(leaf.leaf.from));
    json.member("to", core::to_string(leaf.leaf.to));
    json.member("rows", leaf.rows);
    json.member("bytes", bytes);
    json.member("state", state_of(leaf, dry_run));
    json.key("manifests");
    json.begin_array();
    for (const auto& part : leaf.parts) json.value(part.manifest);
    json.end_array();
    json.member("error", leaf.error ? std::optional(leaf.error->message) : std::nullopt);
    json.end_object();
}

/// A layer's line of the result, and the first thing that went wrong.
struct Told {
    std::vector<std::vector<std::string>> rows;
    std::string words;
    std::optional<core::Error> error;

    void add(const std::string& name, const archive::RetainOutcome& outcome, bool dry_run) {
        for (const auto& leaf : outcome.leaves) {
            std::uint64_t bytes = 0;
            for (const auto& part : leaf.parts) bytes += part.bytes;
            rows.push_back({leaf.leaf.half.empty() ? name : fmt::format("{} {}", name, leaf.leaf.half),
                            day(leaf.leaf.from), day(leaf.leaf.to), std::to_string(leaf.rows),
                            std::to_string(leaf.parts.size()), std::to_string(bytes),
                            std::string(state_of(leaf, dry_run))});
            if (leaf.error && !error) error = leaf.error;
        }
        if (outcome.cleared.home > 0)
            words += fmt::format("{}: {} went from the parked ones to their partitions\n", name,
                                 core::plural(outcome.cleared.home, "row"));
        if (outcome.cleared.late > 0)
            words += fmt::format("{}: {} came after their day had left\n", name,
                                 core::plural(outcome.cleared.late, "row"));
        for (const auto& [left, why] :
             {std::pair{outcome.cleared.rest.ahead,
                        "no partition is made for more than 60 days ahead, and a later run takes them"},
              std::pair{outcome.cleared.rest.before, "no partition is made for a time before 2000"}})
            if (left > 0)
                words += fmt::format("{}: {} left parked: {}; store status says how to find and erase them\n",
                                     name, core::plural(left, "row"), why);
        if (outcome.leftovers > 0)
            words += fmt::format("{}: {} of a run that had died removed from the archive\n", name,
                                 core::plural(outcome.leftovers, "file"));
    }
};

/// The first moment of the day (kpi) or month (drift) that is not over.
std::string first_not_over(Layer layer) {
    const std::string today = day(core::system_clock().now());
    return layer == Layer::kpi ? today : today.substr(0, 8) + "01";
}

core::Result<int> move(const RetainOptions& options, const archive::RetainOptions& how) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto objects = OpenedArchive::of(**session);
    if (!objects) return propagate(objects);
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("archive", (*objects)->where());
    json.member("dry_run", how.dry_run);
    json.key("layers");
    json.begin_array();
    Told told;
    bool any = false;
    for (const auto& [layer, key] : layers) {
        const std::string name(schema_name(layer));
        if ((*session)->settings().find(key) == nullptr || told.error) continue;
        any = true;
        auto retention = (*session)->open_retention(layer);
        if (!retention) return propagate(retention);
        auto outcome = archive::retain(**retention, layer, **objects, how, task);
        if (!outcome) return propagate(outcome);
        told.add(name, *outcome, how.dry_run);
        const std::string not_over = first_not_over(layer);
        const bool reaches_it =
            how.range && how.range->to && *core::parse_timestamp(not_over) < *how.range->to;
        if (reaches_it)
            told.words += fmt::format("{}: what is of {} or later stays, since that {} is not over\n", name,
                                      not_over, layer == Layer::kpi ? "day" : "month");
        json.begin_object();
        json.member("layer", name);
        json.member("rows", outcome->rows);
        json.member("bytes", outcome->bytes);
        json.member("parked_home", outcome->cleared.home);
        json.member("late", outcome->cleared.late);
        json.member("parked_ahead", outcome->cleared.rest.ahead);
        json.member("parked_before_2000", outcome->cleared.rest.before);
        json.member("leftovers", outcome->leftovers);
        json.member("stays_from", reaches_it ? std::optional(not_over) : std::nullopt);
        json.key("leaves");
        json.begin_array();
        for (const auto& leaf : outcome->leaves) write(json, leaf, how.dry_run);
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    if (!any) return no_store_configured((*session)->settings());
    const std::string text =
        options.output.format == "json" ? json.take() + "\n"
        : told.rows.empty()
            ? told.words + (how.range ? "nothing leaves: only whole, ended days (months, in drift) that lie "
                                        "within the range do\n"
                                      : "nothing is old enough to leave\n")
            : report::aligned({"store", "from", "to", "rows", "days", "bytes", "state"}, told.rows) +
                  told.words;
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (told.error) return tl::unexpected<core::Error>(*told.error);
    return 0;
}

core::Result<int> retain(const RetainOptions& options) {
    // A century: more is a slip of the finger.
    constexpr std::uint64_t days_max = 36'500;
    archive::RetainOptions how;
    for (const auto& [option, given, kept] :
         {std::tuple{"--kpi-days", options.kpi_days, &how.kept.kpi_days},
          std::tuple{"--drift-days", options.drift_days, &how.kept.drift_days},
          std::tuple{"--info-days", options.info_days, &how.kept.info_days}}) {
        if (given < 1 || given > days_max)
            return fail(ErrorKind::usage,
                        fmt::format("{} {}: expected 1 to {} days", option, given, days_max));
        *kept = static_cast<int>(given);
    }
    how.dry_run = options.dry_run;
    how.clock_is_right = options.clock_is_right;
    return move(options, how);
}

core::Result<int> archive_range(const RetainOptions& options) {
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    archive::RetainOptions how;
    how.range = *range;
    how.dry_run = options.dry_run;
    how.clock_is_right = options.clock_is_right;
    return move(options, how);
}

}  // namespace

int store_retain(const RetainOptions& options) { return code_of(retain(options)); }
int store_archive(const RetainOptions& options) { return code_of(archive_range(options)); }

}  // namespace tristrata::cli
