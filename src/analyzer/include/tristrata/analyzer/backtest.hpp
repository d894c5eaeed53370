#pragma once

#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/core/task.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tristrata::analyzer {

/// What an analyzer would have said.
struct Backtest {
    std::string analyzer;
    core::TimeRange span;  ///< The ends of the windows lie in it.
    std::vector<Judgement> judgements;
    std::uint64_t insufficient_data = 0;
    std::uint64_t alerts = 0;  ///< Windows with an event of warn or crit, and
    std::uint64_t crits = 0;   ///< of crit.
    /// Alerts in a row are one: those of windows that follow each other by `quiet` at most.
    std::uint64_t episodes = 0;
    std::optional<double> alerts_a_week;  ///< These too: of a week or more alone.
    std::optional<double> episodes_a_week;
    static constexpr core::Duration quiet{86'400'000'000};
};

/// Every window whose end lies in (from, to], judged as on that day, by one answer for all of them. A query
/// that groups by a time of its own gives the same rows either way; one that sums up all between :from and
/// :to does not, and has no backtest.
///
/// Errors    usage: no window ends there; what the source says.
[[nodiscard]] core::Result<Backtest> backtest(const Definition& definition, Respondent& respondent,
                                              core::Timestamp from, core::Timestamp to,
                                              const core::Task& task);

}  // namespace tristrata::analyzer
