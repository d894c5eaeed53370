#include "commands.hpp"
#include "console.hpp"
#include "drift_detect.hpp"
#include "opening.hpp"
#include "reading.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/detection/backtest.hpp"
#include "tristrata/report/backtest_html.hpp"
#include "tristrata/report/backtest_table.hpp"
#include "tristrata/report/junit.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<dataset::Chunking> chunking_of(const DriftBacktestOptions& options) {
    const int ways = !options.chunk.empty() + options.rows.has_value() + options.count.has_value();
    if (ways != 1)
        return fail(ErrorKind::usage,
                    "say in one way how the rows are cut: --chunk day (or 15min, hour, week, "
                    "month, quarter, year), --rows N or --count K");
    if (!options.chunk.empty()) {
        auto period = dataset::parse_period(options.chunk);
        if (!period) return propagate(period);
        return dataset::ByPeriod{*period, options.zone};
    }
    auto remainder = dataset::parse_remainder(options.remainder);
    if (!remainder) return propagate(remainder);
    if (options.rows) return dataset::BySize{*options.rows, *remainder};
    return dataset::ByCount{*options.count, *remainder};
}

core::Result<std::vector<drift::BacktestEvent>> events_of(const std::vector<std::string>& texts) {
    std::vector<drift::BacktestEvent> events;
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        auto time = core::parse_timestamp(text.substr(0, equals));
        if (equals == std::string::npos || equals + 1 == text.size())
            return fail(ErrorKind::usage,
                        fmt::format("--event is {}; expected TIME=NAME, such as 2023-03-22T00:00Z=fee_change",
                                    core::quoted(text)));
        if (!time)
            return fail(ErrorKind::usage,
                        fmt::format("--event is {}: {} is no time; expected one such as 2023-03-22T00:00Z",
                                    core::quoted(text), core::quoted(text.substr(0, equals))));
        events.emplace_back();
        events.back().name = text.substr(equals + 1);
        events.back().time = *time;
    }
    return events;
}

/// The chunks of an earlier run; none where there was no such run.
core::Result<std::vector<drift::BacktestChunk>> read_state(const std::string& path) {
    if (path.empty() || !std::filesystem::exists(path)) return std::vector<drift::BacktestChunk>{};
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(ErrorKind::storage, fmt::format("cannot read the state {}", path));
    auto chunks = drift::parse_backtest_chunks(text.view());
    if (!chunks)
        return fail(chunks.error().kind,
                    fmt::format("the state {} cannot be gone on from: {}; remove it to test every chunk anew",
                                path, chunks.error().message));
    return chunks;
}

std::string rendered(const drift::Backtest& backtest, const std::string& json,
                     const DriftBacktestOptions& options, std::optional<drift::Severity> fail_on) {
    const std::string& format = options.output.format;
    if (format == "json") return json;
    if (format == "html") return report::to_html(backtest);
    if (format == "junit") return report::to_junit(backtest, fail_on);
    report::TableStyle style;
    style.colour = options.output.out.empty() && colour_wanted();
    style.width = terminal_width();
    return report::to_table(backtest, style);
}

core::Result<int> run(const DriftBacktestOptions& options) {
    if (!options.parameters.empty())
        return fail(ErrorKind::usage, "--set is for a detector; name one with --detector");
    if (auto status = check_outputs(options.output); !status) return propagate(status);
    std::optional<drift::Severity> fail_on;
    if (options.fail_on != "never") {
        auto parsed = drift::parse_severity(options.fail_on);
        if (!parsed) return propagate(parsed);
        fail_on = *parsed;
    }
    auto plan = plan_of({options.plan, options.time, options.columns, options.method, options.null,
                         options.season, options.alpha, options.seed},
                        options.settings);
    if (!plan) return propagate(plan);
    auto chunking = chunking_of(options);
    if (!chunking) return propagate(chunking);
    auto events = events_of(options.events);
    if (!events) return propagate(events);
    detection::BacktestOptions how;
    how.chunking = *chunking;
    how.events = std::move(*events);
    how.yearly = options.yearly;
    if (options.window) how.window = *options.window;
    if (!options.reference.empty()) {
        if (options.window)
            return fail(ErrorKind::usage, "--reference fixes one reference and --window moves it; give one");
        auto range = window_given("--reference", options.reference);
        if (!range) return propagate(range);
        how.reference = *range;
    }
    const auto created_at = time_or_now("--at", options.at);
    if (!created_at) return propagate(created_at);
    auto state = read_state(options.state);
    if (!state) return propagate(state);

    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    task.limits.threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    auto source = open_table(options.tables, 0, *plan, std::nullopt, options.settings, task);
    if (!source) return propagate(source);
    auto result = detection::backtest(**source, *plan, how, *state, *created_at, task);
    if (!result) return propagate(result);

    const std::string json = drift::to_json(*result) + "\n";
    if (!options.state.empty())
        if (auto status = write_file(options.state, json); !status) return propagate(status);
    const std::string text = rendered(*result, json, options, fail_on);
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    const std::string page = options.output.html.empty() ? "" : report::to_html(*result);
    if (!page.empty())
        if (auto status = write_file(options.output.html, page); !status) return propagate(status);
    note_large_page(options.output.format == "html" ? text : page, result->chunks.size(), "chunks",
                    "longer chunks or fewer --columns make it smaller");
    if (fail_on && result->summary.severity && *result->summary.severity >= *fail_on) return 1;
    if (fail_on && result->summary.tested > 0 && result->summary.without_verdict == result->summary.tested) {
        fmt::print(stderr,
                   "tristrata: no chunk could be tested, so nobody knows whether the data drifted; "
                   "--fail-on never accepts this\n");
        return 3;
    }
    return 0;
}

}  // namespace

int drift_backtest(const DriftBacktestOptions& options) {
    if (const auto status = check_one(options.tables); !status) return report_error(status.error());
    return code_of(options.detector.empty() ? run(options) : drift_detect(options));
}

}  // namespace tristrata::cli
