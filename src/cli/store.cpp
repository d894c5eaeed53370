#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/store/store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace tristrata::cli {
namespace {

core::Result<int> print(const StoreOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    for (const auto& [layer, key] : layers) {
        bool is_postgres = options.backend == "postgresql";
        if (const auto* setting = settings->find(key); options.backend.empty() && setting != nullptr) {
            auto url = config::parse_store_url(*setting);
            if (!url) return propagate(url);
            is_postgres = url->backend == config::Backend::postgresql;
        }
        auto schema =
            is_postgres ? store::postgres_schema(layer, options.role_prefix) : store::sqlite_schema(layer);
        if (!schema) return propagate(schema);
        fmt::print("{}", *schema);
    }
    // On PostgreSQL incidents stand beside the drift store: where they are, or where nothing says where
    // stores are.
    bool incidents = options.backend == "postgresql";
    if (const auto* setting = settings->find("response_url"); options.backend.empty() && setting != nullptr) {
        auto url = config::parse_store_url(*setting);
        if (!url) return propagate(url);
        incidents = url->backend == config::Backend::postgresql;
    }
    if (!incidents) return 0;
    auto schema = incident::postgres_schema(options.role_prefix);
    if (!schema) return propagate(schema);
    fmt::print("{}", *schema);
    return 0;
}

/// Before a table is made: half of two stores is none.
core::Status check_files_apart(session::Session& session) {
    std::filesystem::path first;
    for (const auto& [layer, key] : layers) {
        if (session.settings().find(key) == nullptr) continue;
        auto url = session.store_url(layer);
        if (!url) return propagate(url);
        if (url->backend != config::Backend::sqlite) continue;
        std::error_code code;
        const auto here = std::filesystem::weakly_canonical(std::filesystem::absolute(url->path), code);
        if (!first.empty() && here == first)
            return core::fail(
                core::ErrorKind::configuration,
                fmt::format("the KPI store and the drift store are both {}; each needs a file of "
                            "its own",
                            url->path));
        first = here;
    }
    return {};
}

core::Result<int> init(const StoreOptions& options) {
    if (options.print) return print(options);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    if (auto apart = check_files_apart(**session); !apart) return propagate(apart);
    bool any = false;
    for (const auto& [layer, key] : layers) {
        const config::Setting* setting = (*session)->settings().find(key);
        if (setting == nullptr) continue;
        auto url = (*session)->store_url(layer);
        if (!url) return propagate(url);
        auto applied = (*session)->init_store(layer, options.role_prefix, options.accept == "plain");
        if (!applied) return propagate(applied);
        const bool is_sqlite = url->backend == config::Backend::sqlite;
        fmt::print("{} store {}{}\n", layer == store::Layer::kpi ? "KPI" : "drift",
                   is_sqlite ? url->path : "on PostgreSQL",
                   *applied == 0
                       ? std::string(" is up to date")
                       : fmt::format(": {} applied",
                                     core::plural(static_cast<std::uint64_t>(*applied), "migration")));
        if (!is_sqlite)
            if (auto usable = (*session)->open_store(layer, store::OpenMode::write); !usable)
                fmt::print(stderr, "note: {} cannot be used yet: {}\n", setting->origin,
                           usable.error().message);
        any = true;
    }
    if (const auto* setting = (*session)->settings().find("response_url"); setting != nullptr) {
        auto applied = incident::init((*session)->settings(), (*session)->clock());
        if (!applied) return propagate(applied);
        auto url = config::parse_store_url(*setting);
        fmt::print(
            "incidents {}{}\n", url && url->backend == config::Backend::sqlite ? url->path : "on PostgreSQL",
            *applied == 0 ? std::string(" are up to date")
                          : fmt::format(": {} applied",
                                        core::plural(static_cast<std::uint64_t>(*applied), "migration")));
        any = true;
    }
    if (!any)
        return no_store_configured(
            (*session)->settings(),
            "tristrata store init --kpi-url sqlite:///kpi.db --drift-url sqlite:///drift.db");
    return 0;
}

/// From here on another engine is worth its trouble.
constexpr std::uint64_t rows_of_day_max = 100'000;

/// What becomes of parked rows, and how to find and erase them.
void warn_about_parked(const store::TableStatus& parked, const store::ParkedRest& rest) {
    std::string words =
        fmt::format("warning: {} holds {} whose time has no partition, {} to {}\n", parked.name,
                    core::plural(parked.rows, "row"), parked.first ? core::to_string(*parked.first) : "?",
                    parked.last ? core::to_string(*parked.last) : "?");
    if (const std::uint64_t others = parked.rows - std::min(parked.rows, rest.ahead + rest.before);
        others > 0)
        words += fmt::format("  {}: tristrata store retain takes {} where {}\n", core::plural(others, "row"),
                             others == 1 ? "it" : "them", others == 1 ? "it belongs" : "they belong");
    if (rest.ahead > 0)
        words += fmt::format(
            "  {} more than 60 days ahead, of a clock that went wrong: parked until that day comes near and "
            "tristrata store retain runs\n",
            core::plural(rest.ahead, "row"));
    if (rest.before > 0)
        words += fmt::format("  {} before 2000: parked for good\n", core::plural(rest.before, "row"));
    if (rest.ahead + rest.before > 0)
        words += fmt::format(
            "  of which runs: SELECT module, run_id, count(*) FROM {} GROUP BY 1, 2; to erase one, with all "
            "its rows: tristrata store erase --run-id RUN (--yes), or --module MODULE\n",
            parked.name);
    fmt::print(stderr, "{}", words);
}

/// What an operator should look at before it is felt.
void warn_about(const store::StoreStatus& status) {
    constexpr core::Duration alarm{7 * 86'400'000'000};
    if (status.horizon && *status.horizon - core::system_clock().now() < alarm)
        fmt::print(
            stderr,
            "warning: the partitions of {} end at {}, in less than 7 days; run: tristrata store init\n",
            status.tables.front().name, core::to_string(*status.horizon));
    if (status.tables.size() > 1 && status.tables[1].rows > 0)
        warn_about_parked(status.tables[1], status.parked_rest);
    if (status.under_way > 0)
        fmt::print(
            stderr,
            "warning: {} of {} left for the archive and {} not dropped: a run is under way, or it died; run: "
            "tristrata store retain\n",
            core::plural(status.under_way, "leaf", "leaves"), status.tables.front().name,
            status.under_way == 1 ? "is" : "are");
    if (const std::uint64_t rows_of_day = status.rows_of_week / 7; rows_of_day > rows_of_day_max)
        fmt::print(
            stderr,
            "warning: {} took {} rows a day over the last week, above {}: emit fewer metrics, keep fewer "
            "days (tristrata store retain --kpi-days 30){}, or ask whether this is a case for an engine "
            "of another kind\n",
            status.tables.front().name, core::readable(static_cast<double>(rows_of_day)),
            core::readable(static_cast<double>(rows_of_day_max)),
            status.backend.starts_with("sqlite") ? ", move to PostgreSQL (docs/postgresql.md)" : "");
}

/// "2024-01-01..2024-06-01 (100 days, 12 parts, 4,711 rows)", a line a half.
void tell_archived(const std::vector<std::pair<std::string, store::ArchivedRange>>& ranges,
                   std::string& text) {
    for (const auto& [table, range] : ranges)
        text +=
            fmt::format("archived: {}{}, {}..{}: {} in {}, {}\n", table,
                        range.half.empty() ? "" : " " + range.half, core::to_string(range.from).substr(0, 10),
                        core::to_string(range.to).substr(0, 10), core::plural(range.days, "day"),
                        core::plural(range.parts, "part"), core::plural(range.rows, "row"));
}

void write_archived(const std::vector<std::pair<std::string, store::ArchivedRange>>& ranges,
                    core::JsonWriter& json) {
    json.key("archived");
    json.begin_array();
    for (const auto& [table, range] : ranges) {
        json.begin_object();
        json.member("table", table);
        json.member("half", range.half.empty() ? std::nullopt : std::optional(range.half));
        json.member("from", core::to_string(range.from));
        json.member("to", core::to_string(range.to));
        json.member("days", range.days);
        json.member("parts", range.parts);
        json.member("rows", range.rows);
        json.end_object();
    }
    json.end_array();
}

core::Result<int> status(const StoreOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    for (const auto& sentence : stores_not_read((*session)->settings()))
        fmt::print(stderr, "note: {}\n", sentence);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("stores");
    json.begin_array();
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> ends;  ///< Of the partitions, a row each.
    bool any_partitions = false;
    std::vector<std::pair<std::string, store::ArchivedRange>> archived;
    const auto time = [](const std::optional<core::Timestamp>& t) {
        return t ? std::optional(core::to_string(*t)) : std::nullopt;
    };
    std::optional<core::Error> not_there;
    for (const auto& [layer, key] : layers) {
        if (!(*session)->may_read(layer)) continue;
        auto store = (*session)->open_store(layer, store::OpenMode::read);
        // Who only reads names a server, and not what is there.
        if (!store && store.error().kind == core::ErrorKind::configuration &&
            (*session)->settings().find(key) == nullptr) {
            fmt::print(stderr, "note: {}\n", store.error().message);
            not_there = store.error();
            continue;
        }
        if (!store) return propagate(store);
        auto found = (*store)->status();
        if (!found) return propagate(found);
        warn_about(*found);
        for (const auto& range : found->archived) archived.emplace_back(found->tables.front().name, range);
        for (const auto& table : found->tables) {
            json.begin_object();
            json.member("table", table.name);
            json.member("backend", found->backend);
            json.member("where", found->where);
            json.member("schema_version", found->schema_version);
            json.member("newest_version", found->newest_version);
            json.member("bytes", table.bytes);
            json.member("rows", table.rows);
            if (&table == &found->tables.front()) json.member("rows_of_week", found->rows_of_week);
            json.member("first", time(table.first));
            json.member("last", time(table.last));
            json.member("partitions_end", time(found->horizon));
            json.end_object();
            rows.push_back({table.name, found->where, found->backend,
                            fmt::format("{} of {}", found->schema_version, found->newest_version),
                            std::to_string(table.rows), time(table.first).value_or("-"),
                            time(table.last).value_or("-"), std::to_string(table.bytes)});
            if (found->horizon) any_partitions = true;
            ends.push_back(&table == &found->tables.front() && found->horizon
                               ? core::to_string(*found->horizon).substr(0, 10)
                               : "-");
        }
    }
    json.end_array();
    write_archived(archived, json);
    json.end_object();
    if (rows.empty() && not_there) return tl::unexpected(*not_there);
    if (rows.empty()) return no_store_configured((*session)->settings());
    std::string text;
    if (options.output.format == "json") {
        text = json.take() + "\n";
    } else {
        std::vector<std::string> head{"table", "where", "backend", "schema",
                                      "rows",  "first", "last",    "bytes"};
        if (any_partitions) {
            head.emplace_back("partitions end");
            for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(ends[i]);
        }
        text = report::aligned(head, rows);
        tell_archived(archived, text);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int store_init(const StoreOptions& options) { return code_of(init(options)); }
int store_status(const StoreOptions& options) { return code_of(status(options)); }

}  // namespace tristrata::cli
