#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/incident/incident.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::incident {

enum class HypothesisVerdict : std::uint8_t {
    held,
    not_held,
    not_yet,      ///< Its horizon has not passed, and it may still hold.
    unmeasurable  ///< What it needs was not counted.
};
[[nodiscard]] std::string_view name(HypothesisVerdict) noexcept;

/// What pg_stat_statements had counted of one kind of statement when it was asked on a day: for as long as
/// the server remembers, not on that day.
struct StatementSample {
    core::Timestamp day;  ///< 00:00 UTC.
    std::uint64_t calls = 0;
    std::uint64_t statements = 0;          ///< Different ones, a user each: entries.
    std::optional<core::Timestamp> since;  ///< When all counts began; a server before 14 does not say.
};

/// What was called between two samples: never more than there were. `restarted`: counts began anew between
/// them, and what was called before that is not known.
struct StatementCalls {
    core::Timestamp from;  ///< The day of the earlier sample.
    core::Timestamp to;    ///< The day of the later one.
    std::uint64_t calls = 0;
    bool restarted = false;
};
/// Between each two that follow each other; the samples by day. A count that fell began anew where all were
/// reset or where it was one statement's; of several that fell together nothing is known, and 0 is said.
/// Example   10, 14, 3 (one statement) gives 4, 3.
[[nodiscard]] std::vector<StatementCalls> calls_between(const std::vector<StatementSample>& samples);

/// A drift check as it told of itself.
struct CheckFigures {
    core::Uuid emit_id;
    std::string module;
    std::optional<std::string> run_id;
    core::Timestamp time;
    std::int64_t duration_ms = 0;
    std::uint64_t rows_reference = 0;
    std::uint64_t rows_current = 0;
    std::uint64_t columns = 0;
};

/// What somebody said of a hypothesis: response.words.
struct Word {
    std::string hypothesis;  ///< "H2"
    core::Timestamp at;
    std::string who;
    std::string why;
};

/// All that the hypotheses are judged by. Where something could not be read, why and what to do.
struct HypothesisFigures {
    core::Timestamp at;                    ///< As of when; what is later is left out.
    std::optional<core::Timestamp> begun;  ///< When the horizons begin; absent: not yet.
    std::string begun_by;                  ///< "--adopted", "the first drift event".
    std::vector<Incident> incidents;
    std::optional<std::string> no_incidents;
    std::vector<CheckFigures> checks;
    std::optional<std::string> no_checks;
    std::vector<StatementSample> ad_hoc;  ///< By day, likewise.
    std::vector<StatementSample> opened;
    std::optional<std::string> no_statements;
    std::vector<Word> words;
};

/// H4: seven days, from the day on which the horizon begins.
struct HypothesisWeek {
    core::Timestamp from;
    std::uint64_t calls = 0;  ///< At least.
    bool whole = false;       ///< Samples bound each of its days.
};

struct JudgedHypothesis {
    std::string name;   ///< "H1"
    std::string claim;  ///< A sentence.
    std::optional<core::Timestamp> from = std::nullopt;
    std::optional<core::Timestamp> to =
        std::nullopt;  ///< The horizon's end; absent: it has none, or has not begun.
    HypothesisVerdict verdict = HypothesisVerdict::not_yet;
    std::string reason = {};
    std::string what_to_do = {};                             ///< Empty: nothing.
    std::optional<core::Timestamp> known_at = std::nullopt;  ///< not_yet: when it is known at the latest.
    std::vector<std::pair<std::string, std::uint64_t>> figures = {};
    std::vector<Incident> incidents = {};  ///< H1: those that another layer saw first.
    std::vector<Word> words = {};          ///< H2
    std::vector<CheckFigures> checks =
        {};  ///< H3: the largest and the slowest up to the size, the largest beyond.
    std::vector<HypothesisWeek> weeks = {};  ///< H4: those that have begun.
};

/// Months of the calendar: a day that the month has not is its last.
/// Example   2026-08-31 and 6 gives 2027-02-28.
[[nodiscard]] core::Timestamp months_later(core::Timestamp time, unsigned months) noexcept;

/// The four hypotheses on which the design rests. A horizon is half open: what is at its end is too late, and
/// at its end the verdict is known.
///
/// H1  within 6 months an incident is opened whose data another layer than the technical one showed first;
///     false alarms, what the watcher says of itself, alerts of other tools and events pushed by hand are
///     none.
/// H2  within 3 months a query of a person's own against kpi.events found something: at least one was
///     counted, and somebody says so.
/// H3  a drift report of up to 10,000 rows a side and 50 columns takes less than 60 s; no horizon.
/// H4  within 90 days the KPI dashboard is opened at least 5 times a week, in four whole weeks on end.
[[nodiscard]] std::vector<JudgedHypothesis> judge(const HypothesisFigures& figures);

}  // namespace tristrata::incident
