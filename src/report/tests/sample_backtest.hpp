#pragma once

#include "sample_report.hpp"
#include "tristrata/drift/backtest.hpp"

#include <string>

namespace tristrata::report {

/// Three days: one cut short, one with a drifted column and a gap, a quiet one; and two events.
inline drift::Backtest sample_backtest() {
    drift::Backtest backtest;
    backtest.source = {"candles.csv", "ab", 96, core::Timestamp{0}, core::Timestamp{259'200'000'000}};
    backtest.chunking = "day in UTC";
    backtest.reference = "the 1 chunk before each";
    backtest.plan.expected_false_days_a_year = 6.0;
    backtest.plan.expected_false_days_low = 0.0;
    backtest.plan.expected_false_days_high = 19.0;
    for (std::int64_t day = 0; day < 3; ++day) {
        auto& chunk = backtest.chunks.emplace_back();
        chunk.key = "day " + std::to_string(day);
        chunk.from = core::Timestamp{day * 86'400'000'000};
        chunk.to = core::Timestamp{(day + 1) * 86'400'000'000};
        chunk.use = day == 0 ? drift::ChunkUse::unused : drift::ChunkUse::tested;
        chunk.reason = day == 0 ? "the data begin in the middle of it" : "";
        chunk.columns_tested = 1;
    }
    backtest.chunks[1].findings = {
        {"log\x1b[31m", std::nullopt, drift::Severity::crit, 0.02, "moved"},
        {"", drift::SignalKind::gap, drift::Severity::warn, std::nullopt, "5 rows"}};
    backtest.events = {{"fee", core::Timestamp{86'400'000'000}, {}, {}, {}, {}, {}, {}},
                       {"late", core::Timestamp{259'200'000'000}, {}, {}, {}, {}, {}, {}}};
    drift::summarise(backtest);
    return backtest;
}

}  // namespace tristrata::report
