#pragma once

#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/definition.hpp"
#include "tristrata/analyzer/reference_windows.hpp"
#include "tristrata/core/error.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/drift/report.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::analyzer {

/// What an analyzer said of one window.
struct Judgement {
    std::string analyzer;
    core::Timestamp from;  ///< The window, half open; `to` is the time of its events.
    core::Timestamp to;
    /// The worst of its columns; not_tested where the source gave no answer.
    drift::Verdict verdict = drift::Verdict::not_tested;
    std::string reason;                             ///< One sentence, for a person.
    std::uint64_t rows = 0;                         ///< Of the window, and
    std::uint64_t reference_rows = 0;               ///< of the windows before it,
    std::uint64_t reference_windows = 0;            ///< of which so many hold rows, and
    std::optional<core::Timestamp> reference_from;  ///< where they begin; absent where there was no answer.
    std::vector<drift::EventRequest>
        events;  ///< What moved and what is missing: all have ids and severities.
    /// What was looked at and was good, as info, of the types that were asked for: an incident of one
    /// recovers by them.
    std::vector<drift::EventRequest> good;
    std::vector<std::string> notes;          ///< What the source warned of, what was left out.
    std::optional<core::ErrorKind> failure;  ///< Why there was no answer.
    /// The worst severity of the events.
    [[nodiscard]] std::optional<drift::Severity> severity() const noexcept;
};

/// Whether anybody wants to know what was good of a module and a type, as where an incident of them is open.
using WantsGood = std::function<bool(std::string_view module, drift::DriftType type)>;

/// The end that lies last at or before `now` less the delay, also before the epoch: ends are multiples of
/// `every` since it.
[[nodiscard]] core::Timestamp window_end(core::Duration every, core::Duration delay,
                                         core::Timestamp now) noexcept;
[[nodiscard]] inline core::Timestamp window_end(const Definition& definition, core::Timestamp now) noexcept {
    return window_end(definition.every, definition.delay, now);
}

/// Judges the window that ends at `to` by an answer that covers it and its reference. What moved is
/// detection's verdict under the null `chunks`: the window's rank among the reference's windows. What is
/// missing is told as it is: no rows, none with a number, fewer than rows_min, an expected combination
/// without a number. Bounds are the window's own, however few its rows are.
///
/// Severity  The policy's: of a column that drifts the worse of its distribution and of the drift type's row,
///           for the relative change of the median, or of a minimum or maximum that lies outside the
///           reference's; of what is missing the row of row_count.
/// Ids       uuid5 of analyzer, window and metric: judged again they are the same rows.
/// Few       Fewer than reference_min windows with rows: insufficient_data, and only the plan's bounds are
///           looked at.
/// Bad       Windows of `bad` are no reference: reference_of(), which is what the answer covers; a note says
///           so. Where fewer than reference_min are left, all are.
/// Good      `wants_good` is asked at most once a type, before anything is made of it; without it there is no
///           good event.
[[nodiscard]] Judgement judge(const Definition& definition, const Answer& answer, core::Timestamp to,
                              const core::Task& task, const WantsGood& wants_good = {},
                              std::span<const core::TimeRange> bad = {});

/// A source without an answer is a finding too: one event of type data_quality, of the size of `failures` in
/// a row against signal:freshness.
[[nodiscard]] Judgement judge_failure(const Definition& definition, const core::Error& error,
                                      std::uint64_t failures, core::Timestamp to);

/// A source whose clock is not ours: an event of type data_quality, of the size of the difference in windows
/// against signal:freshness.
[[nodiscard]] Judgement judge_clock(const Definition& definition, core::Duration ahead, core::Timestamp to);

}  // namespace tristrata::analyzer
