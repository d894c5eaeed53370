#include "peer_backtest.hpp"

#include "peer.hpp"
#include "sentence.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::detection {
namespace {

/// Chunks [first, last] of the table, counted from the first one's row.
dataset::Chunks part_of(const ChunkedTable& table, std::size_t first, std::size_t last) {
    dataset::Chunks part;
    const std::size_t begin = table.chunk(first).begin;
    for (std::size_t i = first; i <= last; ++i) {
        auto& chunk = part.chunks.emplace_back(table.chunk(i));
        chunk.begin -= begin;
        chunk.end -= begin;
    }
    return part;
}

/// "Jensen-Shannon distance 0.21, upper bound 0.12"
std::string told(const drift::PeerTest& test, const drift::PeerChunk& chunk) {
    std::string text = test.title;
    if (chunk.value) text += fmt::format(" {:.3g}", *chunk.value);
    if (test.lower) text += fmt::format(", lower bound {:.3g}", *test.lower);
    if (test.upper) text += fmt::format(", upper bound {:.3g}", *test.upper);
    if (!test.lower && !test.upper) text += fmt::format(", {}", test.rule);
    return text;
}

/// What one column's methods say of the k-th measured chunk.
void conclude(drift::BacktestChunk& row, const drift::BacktestColumn& column, std::size_t k,
              drift::Severity severity) {
    const auto measured = [&](const drift::PeerTest& test) { return test.chunks[k].value.has_value(); };
    std::string reason;
    for (const auto& test : column.tests)
        if (test.chunks[k].alert) reason += (reason.empty() ? "" : "; ") + told(test, test.chunks[k]);
    if (!reason.empty())
        row.findings.push_back({column.column, std::nullopt, severity, std::nullopt, sentence(reason)});
    if (!reason.empty() || std::ranges::any_of(column.tests, measured)) ++row.columns_tested;
    else ++row.not_tested;
}

}  // namespace

core::Status run_nannyml(const ChunkedTable& table, const PeerChunks& chunks, const Setting& common,
                         drift::Backtest& result, const core::Task& task) {
    Setting setting = common;
    setting.reference_chunks = part_of(table, chunks.reference_first, chunks.reference_last);
    setting.current_chunks = part_of(table, chunks.first, chunks.last);
    result.columns.resize(table.columns());
    auto status = core::parallel_for(
        table.columns(), task.limits.threads, task.stop, [&](std::size_t i) -> core::Status {
            if (auto going = task.check(); !going) return going;
            auto findings = find_by_nannyml(table.field(i),
                                            table.rows_of(i, chunks.reference_first, chunks.reference_last),
                                            table.rows_of(i, chunks.first, chunks.last), setting, i);
            result.columns[i] = {table.field(i).name, sentence(findings.obstacle), std::move(findings.tests)};
            return {};
        });
    if (!status) return status;
    const drift::Severity severity = common.plan->severity.of_peer();
    for (std::size_t i = chunks.first; i <= chunks.last; ++i) {
        auto& row = result.chunks[i];
        row.findings.clear();
        row.columns_tested = row.insufficient_data = row.not_tested = 0;
        for (const auto& column : result.columns) conclude(row, column, i - chunks.first, severity);
    }
    return {};
}

}  // namespace tristrata::detection
