#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "reading.hpp"
#include "saved_reference.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using detection::Profile;

core::Task task_of(unsigned threads, std::uint64_t memory_mb, core::Progress* progress) {
    core::Task task;
    task.stop = interrupted();
    task.progress = progress;
    task.limits.threads = threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
    task.limits.bytes = memory_mb << 20u;
    return task;
}

/// What was written, with what was done to the rows.
core::Status say(const Profile& profile, const std::string& path, std::size_t given, const Output& output) {
    std::size_t kept = 0, exact = 0;
    for (std::size_t i = 0; i < profile.schema().fields.size(); ++i) {
        kept += profile.kept(i) ? 1 : 0;
        exact += profile.kept(i) && profile.exact(i) ? 1 : 0;
    }
    const auto windows = profile.windows();
    const auto twice = detection::rows_twice(profile);
    std::uint64_t left_out = 0;
    for (const auto& window : windows) left_out += window.left_out;
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(path, ignored);
    if (output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("profile", path);
        json.member("version", profile.version());
        json.member("source", profile.source());
        json.member("bytes", static_cast<std::uint64_t>(bytes));
        json.member("rows", profile.rows());
        json.member("rows_without_time", left_out);
        json.member("columns", static_cast<std::uint64_t>(kept));
        json.member("columns_exact", static_cast<std::uint64_t>(exact));
        json.member("windows", static_cast<std::uint64_t>(windows.size()));
        json.member("windows_given", static_cast<std::uint64_t>(given));
        json.member("rows_twice", twice.empty() ? std::nullopt : std::optional(twice));
        json.end_object();
        return write_result(output, json.take() + "\n");
    }
    std::string text =
        fmt::format("{}: {} of {}, {}{}, {}, {}\nversion {}\n", path, core::plural(profile.rows(), "row"),
                    profile.source(), core::plural(kept, "column"),
                    exact == kept ? "" : fmt::format(" ({} of them as counts)", kept - exact),
                    core::plural(windows.size(), "window"), core::plural(bytes, "byte"), profile.version());
    if (left_out > 0)
        text +=
            core::plural(left_out, "row has no time and was", "rows have no time and were") + " left out\n";
    if (given > windows.size())
        text += fmt::format("{} of {} windows stood in more than one profile and {} once\n",
                            given - windows.size(), given, given - windows.size() == 1 ? "counts" : "count");
    if (!twice.empty()) text += twice + "\n";
    return write_result(output, text);
}

core::Result<int> make(const DriftProfileOptions& options) {
    if (auto status = check_one(options.tables); !status) return propagate(status);
    auto plan = plan_of({options.plan, options.time, options.columns, {}, {}, {}, {}, {}}, options.settings);
    if (!plan) return propagate(plan);
    std::optional<core::TimeRange> window;
    if (!options.window.empty()) {
        auto range = window_given("--window", options.window);
        if (!range) return propagate(range);
        window = *range;
    }
    ProgressLine progress;
    const core::Task task = task_of(options.threads, options.memory_mb, &progress);
    detection::ProfileOptions how;
    how.column_bytes = options.exact_mb << 20u;
    std::optional<Profile> like;
    std::optional<dataset::Schema> read_as;
    if (!options.like.empty()) {
        auto read = drift_check::read_profile_file(options.like, task);
        if (!read) return propagate(read);
        like = std::move(*read);
        how.like = &*like;
        read_as = like->schema();
        auto agreed = detection::plan_against(*like, std::move(*plan));
        if (!agreed) return propagate(agreed);
        *plan = std::move(*agreed);
    }
    auto source = open_table(options.tables, 0, *plan, read_as, options.settings, task);
    if (!source) return propagate(source);
    auto made = detection::profile({source->get(), window}, *plan, how, task);
    if (!made) return propagate(made);
    if (auto status = write_profile_file(options.profile, *made); !status) return propagate(status);
    if (auto status = say(*made, options.profile, 1, options.output); !status) return propagate(status);
    return 0;
}

core::Result<int> merge(const DriftMergeOptions& options) {
    ProgressLine progress;
    const core::Task task = task_of(0, 512, &progress);
    std::vector<Profile> profiles;
    std::size_t given = 0;
    for (const auto& path : options.profiles) {
        auto read = drift_check::read_profile_file(path, task);
        if (!read) return propagate(read);
        given += read->windows().size();
        profiles.push_back(std::move(*read));
    }
    auto merged = detection::merge(
        profiles, options.allow_overlap ? detection::Overlap::allowed : detection::Overlap::refused);
    if (!merged) return propagate(merged);
    if (auto status = write_profile_file(options.profile, *merged); !status) return propagate(status);
    if (auto status = say(*merged, options.profile, given, options.output); !status) return propagate(status);
    return 0;
}

}  // namespace

int drift_profile(const DriftProfileOptions& options) { return code_of(make(options)); }
int drift_merge(const DriftMergeOptions& options) { return code_of(merge(options)); }

}  // namespace tristrata::cli
