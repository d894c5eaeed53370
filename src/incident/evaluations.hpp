#pragma once

#include "tristrata/drift/event.hpp"
#include "tristrata/incident/incident.hpp"
#include "tristrata/incident/policy.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

/// Whether an event says that rows or labels did not come, or came twice, which casts a doubt on whatever
/// else moved in its module. What is said of one column, such as its share of nulls, does not.
[[nodiscard]] bool tells_of_missing_rows(const drift::Event& event);

/// Of an event that another tool told as an alert (notification::drift_event_of): which one (by its
/// fingerprint: senders change the start of what is resolved), and whether it is the end of it.
struct ToldAlert {
    core::Uuid alert;
    bool ended = false;
};
[[nodiscard]] std::optional<ToldAlert> told_alert(const drift::Event& event);
/// Whether it is no evaluation, of which a rule asks for so many: an alert, which its tool has weighed, or a
/// decision of the kill switch. Either is said once.
[[nodiscard]] bool is_said_once(const drift::Event& event);
/// Whether the tools that told what is part of the incident have told the end of all of it. Where more was
/// told than is kept that is not known.
[[nodiscard]] bool all_ended(const std::vector<Evaluation>& recent, const core::Uuid& incident_id);

/// The row of a report that stands for the whole of it.
[[nodiscard]] bool is_whole_report(const drift::Event& event);

/// Puts an evaluation in its place by time and returns that place; nothing where it is there already, or a
/// report's row that says good of what the same report called bad. The bad one replaces the good. The caller
/// forgets what is too old.
[[nodiscard]] std::optional<std::size_t> remember(std::vector<Evaluation>& recent,
                                                  const Evaluation& evaluation);

/// A good one, likewise; but the end of an alert is no evaluation: what that told up to `seen` is marked as
/// ended, and nothing is said of what others told. False: it changes nothing.
[[nodiscard]] bool remember_good(std::vector<Evaluation>& recent, const drift::Event& event,
                                 core::Timestamp seen);

/// Whether some window of `of` evaluations that holds the one at `index` has `count` of at least this level.
[[nodiscard]] bool reached(const std::vector<Evaluation>& recent, std::size_t index, const Evidence& evidence,
                           drift::Severity level);
/// Whether the last `close` evaluations are good.
[[nodiscard]] bool recovered(const std::vector<Evaluation>& recent, std::uint64_t close);
/// The first of the bad evaluations between which no `good` one lies, up to this time.
[[nodiscard]] core::Timestamp first_bad(const std::vector<Evaluation>& recent, core::Timestamp at);

/// What a whole report says of metrics that have no row in it.
class Testimony {
public:
    explicit Testimony(const drift::Event& whole);
    /// It tested what the metric is about. Where the report's payload is an object elsewhere, of all.
    [[nodiscard]] bool covers(const std::string& metric) const;

private:
    bool all_ = false;                                  ///< It does not list its columns.
    std::map<std::string, bool, std::less<>> columns_;  ///< Tested.
};

/// Which layer's data an event speaks of: what its payload says ("layer"), else what its type is about.
[[nodiscard]] std::string layer_of(const drift::Event& event);

/// Another event of a finding's metric.
void add(Finding& finding, const drift::Event& event, core::Timestamp seen);

/// Whether something of it, when it was last bad, was crit; more rows than before are none that are missing.
[[nodiscard]] bool is_crit_still(const Incident& one, const std::vector<Signal>& signals);
/// Whether the metric is of what is crit of it so.
[[nodiscard]] bool is_crit_still(const Incident& one, const Signal& signal);
/// Whether something that is crit of it was bad in its last evaluation up to that time.
[[nodiscard]] bool was_bad_at(const Incident& one, const std::vector<Signal>& signals, core::Timestamp at);
/// The last time at which something that is crit of it was bad; absent: the last evaluation of one is bad.
[[nodiscard]] std::optional<core::Timestamp> was_bad_until(const Incident& one,
                                                           const std::vector<Signal>& signals);

}  // namespace tristrata::incident
