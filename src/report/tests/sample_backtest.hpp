#pragma once

#include "sample_report.hpp"
#include "tristrata/drift/backtest.hpp"

#include <string>
#include <vector>

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

/// What another tool measured in sample_backtest(): one method of x, and nothing of t.
inline std::vector<drift::BacktestColumn> peer_columns() {
    drift::PeerTest test;
    test.method = "wasserstein";
    test.title = "Wasserstein distance";
    test.score = 0.4;
    test.upper = 0.25;
    test.alerts = 1;
    test.chunks = {{"day 1", 96, 0.1, false}, {"day 2", 96, 0.4, true}};
    return {{"x", "", {test}}, {"t", "It orders the rows.", {}}};
}

/// `days` days: half of them a reference, every ninth after it drifted in one column of three or more, with
/// each severity; a gap, a day without a verdict, two events and an alarm of lasting change.
inline drift::Backtest varied_backtest(std::int64_t days) {
    auto backtest = sample_backtest();
    backtest.chunks.clear();
    backtest.yearly = true;
    backtest.plan.null = "chunks";
    backtest.plan.null_reason = "chunks: asked for";
    constexpr std::int64_t day_us = 86'400'000'000;
    for (std::int64_t day = 0; day < days; ++day) {
        auto& chunk = backtest.chunks.emplace_back();
        chunk.key = core::to_string(core::Timestamp{day * day_us}).substr(0, 10);
        chunk.from = core::Timestamp{day * day_us};
        chunk.to = core::Timestamp{(day + 1) * day_us};
        chunk.rows = 96;
        if (2 * day < days) continue;
        chunk.use = drift::ChunkUse::tested;
        chunk.columns_tested = 4;
        chunk.yearly = drift::YearlyStep{0.5, -0.1, day + 5 == days, "trades", ""};
        if (day % 9 == 4)
            for (std::int64_t column = 0; column <= day % 3; ++column)
                chunk.findings.push_back({"column_" + std::to_string(column), std::nullopt,
                                          static_cast<drift::Severity>(day / 9 % 3), 0.02,
                                          "The median fell from 105,382 to 12,178."});
    }
    backtest.chunks[static_cast<std::size_t>(days - 2)].findings.push_back(
        {"", drift::SignalKind::gap, drift::Severity::warn, std::nullopt, "5 rows are missing"});
    backtest.chunks.back().columns_tested = 0;
    backtest.chunks.back().insufficient_data = 4;
    for (std::size_t i = 0; i < backtest.events.size(); ++i)
        backtest.events[i].time = core::Timestamp{(days / 2 + 3 * static_cast<std::int64_t>(i)) * day_us + 1};
    backtest.source.to = core::Timestamp{days * day_us};
    backtest.notes = {"open_time is read as milliseconds since 1970"};
    drift::summarise(backtest);
    return backtest;
}

}  // namespace tristrata::report
