#include "tristrata/detection/backtest.hpp"

#include "chunked_table.hpp"
#include "evidence.hpp"
#include "null_choice.hpp"
#include "peer_backtest.hpp"
#include "table_signals.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "verdict.hpp"
#include "yearly.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <variant>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;

/// Chunks that are looked at together: enough to keep every thread busy, few enough to hold their evidence.
constexpr std::size_t chunks_a_block = 64;

/// A chunk to be tested, and the first and last chunk of its reference.
struct ChunkTest {
    std::size_t chunk = 0;
    std::size_t first = 0;
    std::size_t last = 0;
};

std::string describe(const dataset::Chunking& chunking) {
    if (const auto* period = std::get_if<dataset::ByPeriod>(&chunking))
        return fmt::format("{} in {}", dataset::name(period->period), period->zone);
    if (const auto* size = std::get_if<dataset::BySize>(&chunking)) return core::plural(size->rows, "row");
    return core::plural(std::get<dataset::ByCount>(chunking).chunks, "chunk");
}

std::string describe(const BacktestOptions& options) {
    if (!options.reference) return fmt::format("the {} before each", core::plural(options.window, "chunk"));
    const auto end = [](const std::optional<core::Timestamp>& time) {
        return time ? core::to_string(*time) : std::string();
    };
    return end(options.reference->from) + ".." + end(options.reference->to);
}

/// What each chunk is for, and the tests that follow.
core::Result<std::vector<ChunkTest>> tests_of(const ChunkedTable& table, const BacktestOptions& options,
                                              drift::Backtest& result) {
    std::vector<ChunkTest> tests;
    std::vector<std::size_t> whole;
    for (std::size_t i = 0; i < table.chunks(); ++i) {
        const auto& chunk = table.chunk(i);
        auto& row = result.chunks.emplace_back();
        row.key = chunk.key;
        row.from = chunk.from;
        row.to = chunk.to;
        row.rows = chunk.size();
        row.reason = table.shortness(i);
        result.summary.empty_periods += chunk.empty_before;
        if (row.reason.empty()) whole.push_back(i);
        else row.use = drift::ChunkUse::unused;
    }
    if (options.reference) {
        std::vector<std::size_t> fixed;
        for (const std::size_t i : whole) {
            auto& row = result.chunks[i];
            const auto& window = *options.reference;
            if (row.from && row.to && (!window.from || *window.from <= *row.from) &&
                (!window.to || *row.to <= *window.to)) {
                fixed.push_back(i);
                continue;
            }
            row.use = drift::ChunkUse::unused;
            row.reason = "before the end of the reference, and not whole in it";
        }
        if (fixed.empty())
            return fail(
                ErrorKind::usage,
                fmt::format("no whole chunk of {} lies in the reference {}; {} holds chunks from {} to {}",
                            result.chunking, result.reference, result.source.source,
                            result.chunks.empty() ? "nothing" : result.chunks.front().key,
                            result.chunks.empty() ? "nothing" : result.chunks.back().key));
        for (const std::size_t i : whole) {
            if (i <= fixed.back()) continue;
            result.chunks[i].use = drift::ChunkUse::tested;
            result.chunks[i].reason.clear();
            tests.push_back({i, fixed.front(), fixed.back()});
        }
        result.reference_chunks = fixed.size();
        return tests;
    }
    for (std::size_t k = options.window; k < whole.size(); ++k) {
        result.chunks[whole[k]].use = drift::ChunkUse::tested;
        tests.push_back({whole[k], whole[k - options.window], whole[k - 1]});
    }
    result.reference_chunks = options.window;
    if (tests.empty())
        return fail(
            ErrorKind::usage,
            fmt::format("{} holds {} of {}; with {}, {} are needed, so take smaller chunks, a shorter "
                        "--window or more data",
                        result.source.source, core::plural(whole.size(), "whole chunk"), result.chunking,
                        result.reference, options.window + 1));
    return tests;
}

Setting setting_of(const ChunkedTable& table, const ChunkTest& test, const Setting& common) {
    Setting setting = common;
    const std::size_t begin = table.chunk(test.first).begin;
    for (std::size_t i = test.first; i <= test.last; ++i)
        setting.windows.push_back(
            {table.chunk(i).begin - begin, table.chunk(i).end - begin, table.season_class(i)});
    setting.current_class = table.season_class(test.chunk);
    return setting;
}

Evidence look(const ChunkedTable& table, std::size_t column, const ChunkTest& test, const Setting& setting,
              RollingWindows* rolling) {
    std::optional<PreparedColumn> prepared;
    if (rolling != nullptr) {
        std::vector<std::size_t> reference(test.last - test.first + 1);
        std::iota(reference.begin(), reference.end(), test.first);
        prepared = rolling->move_to(reference, test.chunk);
    }
    return examine(table.field(column), table.rows_of(column, test.first, test.last),
                   table.rows_of(column, test.chunk, test.chunk), setting, column,
                   prepared ? &*prepared : nullptr);
}

void add_signals(std::vector<drift::Finding>& findings, const std::string& column,
                 const std::vector<drift::Signal>& signals) {
    for (const auto& signal : signals)
        if (signal.verdict == drift::Verdict::drift)
            findings.push_back({column, signal.kind, signal.severity.value_or(drift::Severity::info),
                                std::nullopt, signal.reason});
}

/// One chunk's verdicts. Columns that drift are looked at again, in full: only their severity and their
/// reason rest on more than the brief look saw.
void conclude(drift::BacktestChunk& row, std::vector<Evidence> evidence, const ChunkedTable& table,
              const ChunkTest& test, const Setting& common) {
    Setting setting = setting_of(table, test, common);
    auto columns = judge(evidence, setting);
    if (setting.brief) {
        setting.brief = false;
        bool again = false;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].verdict != drift::Verdict::drift) continue;
            evidence[i] = look(table, i, test, setting, nullptr);
            again = true;
        }
        if (again) columns = judge(std::move(evidence), setting);
    }
    for (const auto& column : columns) {
        switch (column.verdict) {
            case drift::Verdict::drift:
                row.findings.push_back({column.name, std::nullopt,
                                        column.severity.value_or(drift::Severity::info),
                                        column.test ? column.test->p_adjusted : std::nullopt, column.reason});
                ++row.columns_tested;
                break;
            case drift::Verdict::no_drift:
                ++row.columns_tested;
                break;
            case drift::Verdict::insufficient_data:
                ++row.insufficient_data;
                break;
            case drift::Verdict::not_tested:
                ++row.not_tested;
                break;
        }
    }
    for (const auto& column : columns) add_signals(row.findings, column.name, column.signals);
    add_signals(
        row.findings, "",
        table_signals(table.side_of(test.first, test.last), table.side_of(test.chunk, test.chunk), setting));
}

/// Tests what the state does not hold, block by block: columns side by side, each through all chunks of the
/// block.
core::Status run(const ChunkedTable& table, const std::vector<ChunkTest>& tests, const Setting& common,
                 drift::Backtest& result, const core::Task& task) {
    std::vector<std::optional<RollingWindows>> rolling(table.columns());
    if (common.null == Null::chunks)
        for (std::size_t i = 0; i < table.columns(); ++i)
            if (const auto* sorted = table.sorted(i)) rolling[i].emplace(*sorted);
    for (std::size_t begin = 0; begin < tests.size(); begin += chunks_a_block) {
        const std::size_t end = std::min(tests.size(), begin + chunks_a_block);
        std::vector<std::vector<Evidence>> evidence(end - begin, std::vector<Evidence>(table.columns()));
        auto status = core::parallel_for(
            table.columns(), task.limits.threads, task.stop, [&](std::size_t column) -> core::Status {
                for (std::size_t k = begin; k < end; ++k) {
                    if (auto going = task.check(); !going) return going;
                    evidence[k - begin][column] =
                        look(table, column, tests[k], setting_of(table, tests[k], common),
                             rolling[column] ? &*rolling[column] : nullptr);
                }
                return {};
            });
        if (!status) return status;
        status = core::parallel_for(end - begin, task.limits.threads, task.stop,
                                    [&](std::size_t k) -> core::Status {
                                        conclude(result.chunks[tests[begin + k].chunk],
                                                 std::move(evidence[k]), table, tests[begin + k], common);
                                        return {};
                                    });
        if (!status) return status;
        if (task.progress != nullptr) task.progress->advanced("chunks", end, tests.size());
    }
    return {};
}

/// One test a chunk, all year round; 0 where chunks have no length.
double tests_a_year(const std::vector<ChunkTest>& tests, const drift::Backtest& result,
                    const OrderedSide& side, bool by_period) {
    double total_us = 0.0;
    for (const ChunkTest& test : tests) {
        const auto& row = result.chunks[test.chunk];
        if (!row.from || !row.to) return 0.0;
        total_us += static_cast<double>((*row.to - *row.from).microseconds);
        // Chunks of rows end with their last row, which lasts as long as its step.
        if (!by_period && side.profile) total_us += static_cast<double>(side.profile->step_us);
    }
    if (!(total_us > 0.0)) return 0.0;
    return std::floor(365.0 * 8.64e10 * static_cast<double>(tests.size()) / total_us + 1e-6);
}

std::string digest_of_question(const Plan& plan, const drift::Backtest& result, const ChunkedTable& table) {
    std::string question = digest(plan) + "|" + result.chunking + "|" + result.reference;
    for (std::size_t i = 0; i < table.columns(); ++i) question += "|" + table.field(i).name;
    return question;
}

core::Status refuse(const Plan& plan, const BacktestOptions& options) {
    if (auto status = validate(plan); !status) return status;
    if (plan.engine() == Engine::evidently)
        return fail(
            ErrorKind::usage,
            "Evidently compares two tables and knows no chunks over time: expected --method tristrata or "
            "nannyml, found evidently; cut the table and run drift check on its parts");
    if (plan.engine() == Engine::nannyml && !options.reference)
        return fail(ErrorKind::usage,
                    "NannyML fits its thresholds on one reference: name it with --reference FROM..TO");
    if (plan.explain_difference)
        return fail(
            ErrorKind::usage,
            "a backtest does not explain differences; leave out explain_difference, or run drift check "
            "on the chunk in question");
    if (!plan.by.empty())
        return fail(ErrorKind::usage,
                    "a backtest does not split by groups; leave out by, or check each group");
    if (options.yearly && options.reference)
        return fail(
            ErrorKind::usage,
            "--yearly needs a reference that grows with each tested chunk: held against a fixed one it "
            "raises several times the false alarms it promises; leave out --reference");
    if (!options.reference && options.window == 0)
        return fail(ErrorKind::usage, "--window is 0 chunks; a chunk needs at least one before it");
    if (plan.time.empty() && (options.reference || !options.events.empty() || plan.season != Season::none))
        return fail(ErrorKind::usage,
                    "a fixed reference, events and seasons need the column that holds the time; name it with "
                    "--time");
    return {};
}

/// Times without a zone are UTC; who cuts them by the days of another zone may have meant that zone's.
std::string zoneless(const dataset::Schema& schema, const std::string& time,
                     const dataset::Chunking& chunking) {
    const auto* period = std::get_if<dataset::ByPeriod>(&chunking);
    const auto field = schema.find(time);
    if (period == nullptr || period->zone == "UTC" || !field) return "";
    const auto& type = schema.fields[*field].foreign_type;
    if (!type.starts_with("timestamp") || type.find("tz=") != std::string::npos) return "";
    return fmt::format(
        "the times of {} carry no zone and were read as UTC, though the days are those of {}; write "
        "them with their offset (+01:00) if they are local",
        core::quoted(time), period->zone);
}

}  // namespace

core::Result<drift::Backtest> backtest(dataset::Source& source, const Plan& plan,
                                       const BacktestOptions& options,
                                       const std::vector<drift::BacktestChunk>& state,
                                       core::Timestamp created_at, const core::Task& task) {
    if (auto status = refuse(plan, options); !status) return propagate(status);
    drift::Backtest result;
    result.created_at = created_at;
    result.chunking = describe(options.chunking);
    result.reference = describe(options);
    result.yearly = options.yearly;
    result.events = options.events;
    result.source.source = source.name();
    auto table = ChunkedTable::read(source, plan, options.chunking, result.notes, task);
    if (!table) return propagate(table);
    result.source.rows = table->rows();
    result.source.from = table->side().from;
    result.source.to = table->side().to;
    if (table->dropped_rows() > 0)
        result.notes.push_back(core::plural(table->dropped_rows(), "row fills no chunk and was dropped",
                                            "rows fill no chunk and were dropped"));
    const bool by_period = std::holds_alternative<dataset::ByPeriod>(options.chunking);
    if (by_period && table->side().profile && table->side().profile->step_us == 0)
        result.notes.push_back(
            "rows come at no regular step, so nobody knows whether the first and the last "
            "period are whole; they are taken to be");
    if (const auto note = zoneless(source.schema(), plan.time, options.chunking); !note.empty())
        result.notes.push_back(note);
    auto tests = tests_of(*table, options, result);
    if (!tests) return propagate(tests);

    Setting common;
    common.plan = &plan;
    common.ordered = true;
    common.columns = table->columns();
    common.brief = true;
    const bool by_peer = plan.engine() != Engine::tristrata;
    result.plan.method = plan.method;
    result.plan.null = name(plan.null);
    if (by_peer) {
        result.plan.null_reason = "none: the peer's thresholds decide, and nothing corrects over columns";
    } else {
        auto chosen = choose_null(plan, source.schema(), common.ordered, result.reference_chunks);
        if (!chosen) return propagate(chosen);
        common.null = chosen->first;
        if (common.null != Null::chunks) common.brief = false;
        result.plan.null_reason = fmt::format("{}: {}", name(common.null), chosen->second);
    }
    result.plan.season = name(plan.season);
    result.plan.alpha = plan.alpha;
    result.plan.digest = digest(plan);
    if (!tests->empty() && !by_peer)
        state_false_days(result.plan, setting_of(*table, tests->front(), common),
                         tests_a_year(*tests, result, table->side(), by_period));

    std::vector<std::string> contents(table->chunks());
    auto hashed = core::parallel_for(contents.size(), task.limits.threads, task.stop,
                                     [&](std::size_t i) -> core::Status {
                                         contents[i] = table->digest(i);
                                         return {};
                                     });
    if (!hashed) return propagate(hashed);
    const std::string question = digest_of_question(plan, result, *table);
    std::map<std::string, const drift::BacktestChunk*, std::less<>> known;
    for (const auto& chunk : state) known.emplace(chunk.key, &chunk);
    std::vector<ChunkTest> fresh;
    for (const ChunkTest& test : *tests) {
        auto& row = result.chunks[test.chunk];
        core::Sha256 inputs;
        inputs.update(question);
        for (std::size_t i = test.first; i <= test.last; ++i) inputs.update(contents[i]);
        inputs.update(contents[test.chunk]);
        row.inputs = inputs.finish();
        const auto found = known.find(row.key);
        if (found == known.end() || found->second->inputs != row.inputs) {
            fresh.push_back(test);
            continue;
        }
        row = *found->second;
        row.yearly.reset();
        result.reused.push_back(test.chunk);
        ++result.summary.reused;
    }
    // A peer's bounds rest on the reference alone: its chunks are measured in one go, those of the state too.
    if (by_peer && !tests->empty()) {
        const ChunkTest& first = tests->front();
        const PeerChunks chunks{first.first, first.last, first.chunk, tests->back().chunk};
        if (auto status = run_nannyml(*table, chunks, common, result, task); !status)
            return propagate(status);
    }
    if (!by_peer)
        if (auto status = run(*table, fresh, common, result, task); !status) return propagate(status);
    for (const ChunkTest& test : fresh)
        for (const auto& finding : result.chunks[test.chunk].findings)
            result.summary.severity = std::max(result.summary.severity, std::optional(finding.severity));
    if (options.yearly) {
        auto status = run_yearly(*table, plan, question, contents, known, result, task);
        if (!status) return propagate(status);
    }
    auto version = source.digest(task);
    if (!version) return propagate(version);
    result.source.version = *version;
    drift::summarise(result);
    return result;
}

}  // namespace tristrata::detection
