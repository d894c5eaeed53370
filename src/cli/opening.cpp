#include "opening.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/database/postgres.hpp"

#include <fmt/format.h>
#include <cstdio>
#include <optional>
#include <string_view>
#include <tuple>

namespace tristrata::cli {
namespace {

/// As the URL has it; absent where it is none of PostgreSQL, cannot be read, or leaves it to the server.
std::optional<std::string> database_of(const config::Setting& setting) {
    auto kind = config::parse_store_url(setting);
    if (!kind || kind->backend != config::Backend::postgresql) return std::nullopt;
    auto database = database::database_of(config::source_of(setting));
    if (!database || database->empty()) return std::nullopt;
    return *database;
}

}  // namespace

std::vector<std::string> stores_not_read(const config::Settings& settings) {
    std::vector<std::string> sentences;
    const config::Setting* reader = settings.find("read_url");
    if (reader == nullptr) return sentences;
    const auto read = database_of(*reader);
    for (const auto& [layer, key] : layers) {
        const config::Setting* writer = settings.find(key);
        const auto written = writer == nullptr ? std::nullopt : database_of(*writer);
        if (read && written && *read != *written)
            sentences.push_back(fmt::format(
                "{} and {} name different databases: rows go to the one, status and queries read the other",
                writer->origin, reader->origin));
    }
    return sentences;
}

core::Result<config::Settings> read_settings(const SettingOptions& options) {
    const std::optional<std::filesystem::path> file =
        options.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.config);
    return config::read_settings(config::process_environment(), file,
                                 {{"kpi_url", options.kpi_url},
                                  {"drift_url", options.drift_url},
                                  {"spool", options.spool},
                                  {"tags", options.tags},
                                  {"events", options.events}});
}

tl::unexpected<core::Error> no_store_configured(const config::Settings& settings, std::string_view example) {
    std::string misspelt;
    for (const auto& [layer, key] : layers) misspelt += settings.misspelt(key);
    const bool admin_alone = settings.find("admin_url") != nullptr;
    return core::fail(
        core::ErrorKind::configuration,
        fmt::format("no store is configured{}; set TRISTRATA_KPI_URL or TRISTRATA_DRIFT_URL{}{}{}",
                    admin_alone ? " (TRISTRATA_ADMIN_URL says who makes the tables, not of which store)" : "",
                    example.empty() ? "" : ", or: ", example, misspelt));
}

core::Result<std::unique_ptr<session::Session>> open_session(const SettingOptions& options) {
    auto settings = read_settings(options);
    if (!settings) return propagate(settings);
    return std::make_unique<session::Session>(
        std::move(*settings), core::system_clock(),
        [](std::string_view sentence) { fmt::print(stderr, "note: {}\n", sentence); });
}

core::Result<OpenedArchive> OpenedArchive::of(session::Session& session) {
    auto objects = session.open_objects();
    if (!objects) return propagate(objects);
    return OpenedArchive(std::move(*objects));
}

OpenedArchive::~OpenedArchive() {
    if (objects_ && objects_->repeated() > 0)
        fmt::print(stderr, "tristrata: {} to {} failed and had to be sent again\n",
                   core::plural(objects_->repeated(), "request"), objects_->where());
}

core::Result<config::SensitivePatterns> read_patterns(const SettingOptions& options) {
    const auto settings = read_settings(options);
    if (!settings) return propagate(settings);
    return config::SensitivePatterns::of(*settings);
}

std::string how_taken(const sink::Acknowledgement& taken) {
    if (taken.durability == sink::Durability::committed)
        return fmt::format(
            "({} there already{})", core::plural(taken.duplicate, "was", "were"),
            taken.parked == 0
                ? ""
                : fmt::format("; {} parked, since no partition has a place for {} "
                              "time: tristrata store status counts {}",
                              core::plural(taken.parked, "is", "are"), taken.parked == 1 ? "its" : "their",
                              taken.parked == 1 ? "it" : "them"));
    return fmt::format("(spooled: {})", sink::name(taken.durability));
}

core::Result<core::Timestamp> time_or_now(std::string_view option, const std::string& text) {
    if (text.empty()) return core::system_clock().now();
    auto time = core::parse_timestamp(text);
    if (!time) return core::fail(time.error().kind, fmt::format("{}: {}", option, time.error().message));
    return time;
}

core::Result<core::TimeRange> window_given(std::string_view option, const std::string& text) {
    auto window = core::parse_time_range(text);
    if (!window)
        return core::fail(window.error().kind, fmt::format("{}: {}", option, window.error().message));
    return window;
}

core::Result<core::TimeRange> range_of(const std::string& from, const std::string& to) {
    core::TimeRange range;
    for (const auto& [option, text, end] :
         {std::tuple{"--from", &from, &range.from}, std::tuple{"--to", &to, &range.to}}) {
        if (text->empty()) continue;
        auto time = time_or_now(option, *text);
        if (!time) return propagate(time);
        *end = *time;
    }
    if (range.from && range.to && *range.to <= *range.from)
        return core::fail(core::ErrorKind::usage,
                          fmt::format("--from {} --to {}: no time lies between; --to must come after --from",
                                      core::to_string(*range.from), core::to_string(*range.to)));
    return range;
}

}  // namespace tristrata::cli
