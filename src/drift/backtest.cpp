#include "tristrata/drift/backtest.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::drift {
namespace {

constexpr std::array uses{ChunkUse::reference, ChunkUse::tested, ChunkUse::unused};
constexpr double week_us = 7 * 86'400'000'000.0;

/// The first chunk that ends after the event and fired, and how long after it that chunk ended.
template <class Fired>
void find_first(const Backtest& backtest, core::Timestamp time, Fired fired, std::optional<std::string>& key,
                std::optional<core::Duration>& delay) {
    key.reset();
    delay.reset();
    for (const auto& chunk : backtest.chunks) {
        if (chunk.use != ChunkUse::tested || !chunk.to || *chunk.to <= time || !fired(chunk)) continue;
        key = chunk.key;
        delay = *chunk.to - time;
        return;
    }
}

}  // namespace

std::string_view name(ChunkUse use) noexcept {
    switch (use) {
        case ChunkUse::reference:
            return "reference";
        case ChunkUse::tested:
            return "tested";
        case ChunkUse::unused:
            return "unused";
    }
    return "unused";
}

core::Result<ChunkUse> parse_chunk_use(std::string_view text) {
    for (const auto use : uses)
        if (name(use) == text) return use;
    return core::fail(
        core::ErrorKind::invalid_input,
        fmt::format("the use of a chunk is {}; expected reference, tested or unused", core::quoted(text)));
}

bool drifted(const BacktestChunk& chunk) noexcept {
    return std::ranges::any_of(chunk.findings, [](const Finding& finding) { return !finding.signal; });
}

bool signalled(const BacktestChunk& chunk) noexcept {
    return std::ranges::any_of(chunk.findings, [](const Finding& finding) {
        return finding.signal && finding.severity >= Severity::warn;
    });
}

void summarise(Backtest& backtest) {
    BacktestSummary& summary = backtest.summary;
    const auto reused = summary.reused, empty_periods = summary.empty_periods;
    const auto severity = summary.severity;
    summary = {};
    summary.reused = reused;
    summary.empty_periods = empty_periods;
    summary.severity = severity;
    double tested_us = 0.0;
    bool dated = true;
    for (const auto& chunk : backtest.chunks) {
        ++summary.chunks;
        summary.unused += chunk.use == ChunkUse::unused;
        if (chunk.use != ChunkUse::tested) continue;
        ++summary.tested;
        summary.drifted += drifted(chunk);
        summary.signalled += signalled(chunk);
        summary.without_verdict += chunk.columns_tested == 0;
        summary.insufficient_data += chunk.insufficient_data;
        summary.not_tested += chunk.not_tested;
        summary.alarms += chunk.yearly && chunk.yearly->alarm;
        if (chunk.from && chunk.to) tested_us += static_cast<double>((*chunk.to - *chunk.from).microseconds);
        else dated = false;
    }
    if (dated && tested_us > 0.0) {
        summary.drifted_a_week = static_cast<double>(summary.drifted) * week_us / tested_us;
        summary.signalled_a_week = static_cast<double>(summary.signalled) * week_us / tested_us;
    }
    for (auto& event : backtest.events) {
        find_first(backtest, event.time, drifted, event.first_drift, event.time_to_drift);
        find_first(backtest, event.time, signalled, event.first_signal, event.time_to_signal);
        find_first(
            backtest, event.time,
            [](const BacktestChunk& chunk) { return chunk.yearly && chunk.yearly->alarm; }, event.first_alarm,
            event.time_to_alarm);
    }
}

}  // namespace tristrata::drift
