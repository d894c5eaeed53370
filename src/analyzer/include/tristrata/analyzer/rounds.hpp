#pragma once

#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/definition.hpp"
#include "tristrata/analyzer/failures.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/core/task.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::analyzer {

using Respondents = std::map<Place, std::unique_ptr<Respondent>>;

/// Opens each place that an analyzer asks, once. configuration: the setting that is missing, and whose it is.
[[nodiscard]] core::Result<Respondents> open_respondents(const std::vector<Definition>& definitions,
                                                         const config::Settings& settings);

/// Told each judgement, with what was asked. Called by any thread, never by two at once.
using Observer = std::function<void(const Definition& definition, const Judgement& judgement)>;

/// What was done so far.
struct RoundFigures {
    std::uint64_t judged = 0;
    std::uint64_t failed = 0;       ///< No answer.
    std::uint64_t not_asked = 0;    ///< Of those: its source had just given none to another.
    std::uint64_t passed_over = 0;  ///< Windows that nobody looked at: it was too late for them.
    std::uint64_t waiting = 0;      ///< Windows that are not judged yet: rows of theirs are on their way.
    std::uint64_t behind = 0;       ///< Windows that ended while nothing ran, and are still to be judged;
    std::uint64_t skipped = 0;      ///< and those that are not: they ended too long ago.
};

/// When the oldest of the rows that have not arrived in a store ("kpi") was emitted, as looked up at
/// `not_before` or later; nothing: all have.
using OnTheWay =
    std::function<std::optional<core::Timestamp>(const std::string& store, core::Timestamp not_before)>;

/// The end of the window of each analyzer, by its name, up to which none is left to be looked at.
using LookedAt = std::map<std::string, core::Timestamp, std::less<>>;

/// Windows of an analyzer that ended while nothing ran.
struct Gap {
    std::string analyzer;
    core::Timestamp from;       ///< The end of the first of them.
    std::uint64_t owed = 0;     ///< Of those so many are judged, the latest, and
    std::uint64_t skipped = 0;  ///< these are not.
};

/// Analyzers, each at its own time. Every source has threads of its own, so that one that is slow or dead
/// holds up no other; all SQL together has at most four connections.
///
/// Dead      A source that is unavailable is asked again after 30 s; analyzers that are due until then are
///           told as failures, their source once a module.
/// Clock     A source whose clock is 5 s or more from ours is a finding: its rows stand in the wrong windows.
///           Asked for at the start and every ten minutes.
/// Owed      A window whose source was unavailable is judged when that answers: up to 200 of an analyzer, the
///           oldest first; older ones are passed over.
/// Refused   So is one whose query was refused or cut, once: behind the next window that has an answer, and
///           until then it is asked for again each minute, five times.
/// Row       How many windows in a row had no answer stands in `failures`, which another one of these may go
///           on with.
/// Missed    What ended while nothing ran is judged behind the latest window, the oldest first, whenever
///           nothing else is due: likewise up to 200 of an analyzer, and as findings of their own time.
/// Rows      A window of SQL is not judged while `on_the_way` knows of rows that were emitted before its end:
///           it is looked at again each second, for as long as they move. Rows that stood still for five
///           minutes in which their store answered are waited for no more, and the judgement says so.
/// Hanging   Of analyzers whose last query was not answered in time (cancelled) one is asked at a time,
///           behind those that are due and were answered.
/// Late      An analyzer that is too slow for a window looks at the latest, and passes over those in between.
/// Good      `wants_good` is asked by any thread, also by several at once; so are `on_the_way` and
///           `bad_windows`.
/// Threads   One call of resume(), once() or run() at a time; figures() and looked_at() from any.
class Rounds {
public:
    static constexpr unsigned sql_connections = 4;

    /// `failures`: null for one of its own.
    Rounds(std::vector<Definition> definitions, Respondents respondents, WantsGood wants_good = {},
           std::shared_ptr<Failures> failures = {}, OnTheWay on_the_way = {}, BadWindows bad_windows = {});
    ~Rounds();
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;

    /// Before run(), by what looked_at() said when something last ran: windows that ended since are judged,
    /// too. An analyzer that it does not know begins with its latest window: it has looked up to that one's
    /// begin.
    [[nodiscard]] std::vector<Gap> resume(const LookedAt& before, core::Timestamp now);
    /// The latest window of each that ended by `now`, whatever is on the way. Returns when all are told, or a
    /// stop was asked for.
    void once(core::Timestamp now, const Observer& observer, const core::Task& task);
    /// Until a stop is asked for: the latest window of each at once, and then each as it ends.
    void run(const Observer& observer, const core::Task& task);

    [[nodiscard]] RoundFigures figures() const;
    /// Whatever it says was told the observer before. An analyzer of which nothing was judged yet is as
    /// resume() was given it.
    [[nodiscard]] LookedAt looked_at() const;

private:
    struct Lane;
    struct Shared;
    std::vector<Definition> definitions_;
    Respondents respondents_;
    std::unique_ptr<Shared> shared_;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace tristrata::analyzer
