#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

/// Cooling: it recovered, and a return within the cool-down is the same incident; its alert still lasts.
enum class Phase : std::uint8_t { open, cooling, closed };
[[nodiscard]] std::string_view name(Phase) noexcept;

/// Why an incident closed.
enum class Ending : std::uint8_t {
    recovered,    ///< Good evaluations, and no return within the cool-down.
    quiet,        ///< Nothing was heard any more, which proves nothing.
    false_alarm,  ///< A person dismissed it, and it recovered or its silence ran out.
};
[[nodiscard]] std::string_view name(Ending) noexcept;

/// Why a page is held back. Each of these ends, and then it pages what is still open. While a
/// crit is snoozed it is `snoozed`, unless somebody acknowledged it since: then the end of the snooze pages
/// nobody.
enum class Hold : std::uint8_t { none, maintenance, inhibited, snoozed, budget, dismissed };
[[nodiscard]] std::string_view name(Hold) noexcept;

/// What was seen of one metric: the aggregates that stay when logs and traces are gone.
struct Finding {
    std::string metric;
    drift::Severity severity = drift::Severity::warn;  ///< The worst.
    core::Timestamp first_seen;
    core::Timestamp last_seen;
    std::uint64_t occurrences = 0;
    std::optional<double>
        reference_value;  ///< Of the worst event that was the last to be seen, from here on.
    std::optional<double> current_value;
    std::string measured;  ///< What the two are: "median", "share"; empty where the event does not say.
    std::optional<double> significance;
    core::Uuid event_id;
    std::optional<core::Uuid> report_id;
    std::optional<std::string> run_id;
    std::string reference_version;  ///< What it was compared with; empty where the event does not say.
    std::string sentence;           ///< The reason, in words.
    std::string payload;            ///< JSON; at most 8 KiB, else who found it.
    /// Which of the incident's tellings spoke of it as crit; 0: nobody was told of that. Who acknowledged or
    /// dismissed the incident was told of all that was crit there.
    std::uint64_t told = 0;
    /// By its evaluations' own times; absent: it is bad, or was again within the cool-down behind that.
    std::optional<core::Timestamp> recovered_at = {};
    bool operator==(const Finding&) const = default;
};

/// An object with the names above, as the store keeps it and people are shown it; null for what is not known.
void write_finding(core::JsonWriter& json, const Finding& finding);

/// What became of a page that a receiver refused for good.
struct Refusal {
    core::Timestamp at;
    bool is_told = false;  ///< Another receiver took it, then or later; else nobody was told.
    std::string words;     ///< Who refused it, with what words, and who took it.
    bool operator==(const Refusal&) const = default;
};

/// What moved in a module, of one type: however many metrics, one incident.
struct Incident {
    core::Uuid incident_id;  ///< Made of module, type and the event that opened it: found again the same.
    std::string module;
    drift::DriftType drift_type = drift::DriftType::data_drift;
    Phase phase = Phase::open;
    drift::Severity severity = drift::Severity::warn;  ///< The worst since it opened; warn or crit.
    core::Timestamp first_seen;                        ///< By the events' own times.
    std::string first_layer;  ///< Which layer's data showed it first: technical, execution or drift.
    core::Timestamp last_seen;
    core::Timestamp opened_at;  ///< By the clock of who evaluates, as all from here on.
    std::optional<core::Timestamp> cooling_since;
    std::optional<core::Timestamp> closed_at;
    std::optional<Ending> ending;
    core::Timestamp heard_at;       ///< When an evaluation of it last came,
    core::Timestamp bad_at;         ///< and when a bad one did.
    std::uint64_t occurrences = 0;  ///< Events of warn or crit.
    std::uint64_t reopened = 0;
    std::optional<core::Timestamp> starts_at;  ///< Of its alert: of the first crit; no re-send changes it.
    std::optional<core::Timestamp> paged_at;
    Hold hold = Hold::none;
    std::optional<core::Uuid> inhibited_by;
    std::string acked_by;  ///< Empty: nobody did.
    std::optional<core::Timestamp> acked_at;
    std::optional<core::Timestamp> snoozed_until;
    std::optional<core::Timestamp> dismissed_at;
    std::string owner;
    std::string route;
    std::string runbook;
    std::int64_t seq = 0;           ///< Of its last transition.
    std::vector<Finding> findings;  ///< At most 100, the first; more are counted.
    std::uint64_t findings_left_out = 0;
    /// 1: its page went out, or would have; one more for each page of what was new to it behind that.
    std::uint64_t tellings = 0;
    bool has_cooled = false;      ///< Since its last page: what is new to it then pages.
    Hold news_hold = Hold::none;  ///< What holds back the page of what is new to it.
    /// Of its last page; absent: nobody refused that. Read from its history by list(), find() and digest().
    std::optional<Refusal> refusal = {};
    /// A page of it waits in the store: no spool has taken it. Read likewise.
    bool is_page_waiting = false;
    bool operator==(const Incident&) const = default;
};

/// What an event, by its payload, is worth to whoever acts by itself: drift where it speaks of values that
/// came; insufficient_data of rows, labels, columns or times that did not come, or came twice, and of values
/// of a window in which some are missing; not_tested of a source without an answer or a clock, and of what
/// cannot be read.
[[nodiscard]] drift::Verdict evidence_verdict(std::string_view payload);

/// One check of one metric, whatever came of it.
struct Evaluation {
    core::Timestamp at;
    core::Uuid event_id;
    std::optional<core::Uuid> report_id;
    drift::Severity level = drift::Severity::info;  ///< info: good.
    std::optional<core::Uuid> incident_id = {};  ///< Of which it is part, where it was bad; absent: of none.
    bool is_evidence = false;                    ///< It found a drift of values that came: evidence_verdict.
    bool found_missing = false;            ///< It found that rows or labels did not come, or came twice.
    std::optional<core::Uuid> alert = {};  ///< Of another tool, which told it: told_alert().
    bool ended = false;                    ///< That tool has told its end.
    bool operator==(const Evaluation&) const = default;
};

/// What is remembered of a metric that was bad: the counters of hysteresis.
struct Signal {
    std::string module;
    drift::DriftType drift_type = drift::DriftType::data_drift;
    std::string metric;
    bool by_report = false;          ///< A report of its module speaks of it, also where it has no row there.
    std::vector<Evaluation> recent;  ///< By time; the last 48.
    std::optional<core::Uuid> incident_id;  ///< Bad in this one, and not recovered.
    bool operator==(const Signal&) const = default;
};

/// A row of an incident's history, which is never changed.
struct Transition {
    core::Uuid incident_id;
    std::int64_t seq = 0;  ///< From 1.
    core::Timestamp at;
    std::string kind;  ///< opened, escalated, cooling, reopened, closed, paged, withheld, resolved, late,
                       ///< acked, untold, refused, told, …
    std::string who;   ///< A person; empty: the program.
    std::string why;
    std::optional<core::Uuid> event_id;
    bool operator==(const Transition&) const = default;
};

/// What goes out: once per incident and kind.
struct Page {
    enum class Kind : std::uint8_t { firing, resolved, budget };
    core::Uuid page_id;
    core::Uuid incident_id;
    std::string module;
    Kind kind = Kind::firing;
    core::Timestamp due_at;
    bool operator==(const Page&) const = default;
};
[[nodiscard]] std::string_view name(Page::Kind) noexcept;

}  // namespace tristrata::incident
