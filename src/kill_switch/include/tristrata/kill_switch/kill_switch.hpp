#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/kill_switch/policy.hpp"
#include "tristrata/kill_switch/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::kill_switch {

/// A scope as the last transition left it; a row of history is the same as of then.
struct State {
    Scope scope;
    bool engaged = false;
    std::int64_t version = 0;  ///< From 1; each transition counts it up by one.
    std::string incident;
    std::int64_t episode = 0;
    Source source = Source::cli;
    std::string who;
    std::string why;
    std::optional<std::string> ticket;
    std::optional<std::string> override_text;
    std::optional<std::string> evidence;  ///< JSON.
    core::Timestamp changed_at;           ///< The database's clock.
    core::Duration age;                   ///< By that clock, when it was read.
};

/// What was decided of a request.
struct Outcome {
    Decision decision = Decision::repeated;
    Decision first = Decision::repeated;  ///< What it was decided to be when it first came.
    bool fresh = false;                   ///< A row was written; false where all of it was there.
    Mode mode = Mode::shadow;
    std::string reason;          ///< A sentence.
    std::optional<State> state;  ///< Of the scope afterwards, where it has one.
    Scope scope;                 ///< The request's as it is known, or global where the policy goes so far.
    core::Uuid evaluation_id;    ///< The same for the same request and decision.
    /// As recorded when it first came, so that what is told of it is the same however often it comes.
    Mode first_mode = Mode::shadow;
    std::string first_reason;
    core::Timestamp evaluated_at;
    bool telemetry_lost = false;  ///< Nobody could read the incidents: whatever follows, people are told.
};

struct DisengageRequest {
    Scope scope;
    Source source = Source::cli;
    std::string who;
    std::string why;
    std::string ticket;
    /// Says why although a crit incident is open, or the dwell is not over.
    std::string override_text;
    /// The version that the person looked at; absent: whatever is there.
    std::optional<std::int64_t> expected_version;
    std::vector<std::string> open_crit_incidents;  ///< That the person names.
    core::Timestamp asked_at;
};
/// Whether the incident of this id is open and crit; false for one that nobody knows. An error: that is not
/// known, and nothing is disengaged.
using CritOpen = std::function<core::Result<bool>(const std::string& incident)>;

struct Evaluation {
    core::Timestamp recorded_at;
    Mode mode = Mode::shadow;
    Decision decision = Decision::would_engage;
    std::string reason;
    std::string scope;
    std::string incident;
    std::int64_t episode = 0;
    std::string source;
    std::string who;
    std::string why;
    std::optional<std::string> evidence_sha256;
};

struct Overview {
    std::string backend;  ///< "sqlite" or "postgresql".
    std::string where;
    Mode mode = Mode::shadow;  ///< In force.
    std::string mode_reason;   ///< Why it is not the policy's.
    std::int64_t shadow_days = 0;
    std::uint64_t would_engage = 0;  ///< Evaluations in all.
    std::vector<State> states;
};

/// Where the state is, and as whom.
struct Place {
    config::Backend backend = config::Backend::sqlite;
    std::string path;        ///< SQLite's file.
    core::SecretSource url;  ///< PostgreSQL.
};
/// The setting kill_switch_url. configuration: it is missing, or none.
[[nodiscard]] core::Result<Place> place_of(const config::Settings& settings);

/// Makes or migrates the tables; safe to run twice and at once. On PostgreSQL `admin` is a user who may
/// create schemas and roles. Returns how many migrations were applied.
[[nodiscard]] core::Result<std::int64_t> init(const Place& place,
                                              const std::optional<core::SecretSource>& admin,
                                              const std::string& role_prefix, core::Clock& clock);
/// The SQL of that, for a DBA.
[[nodiscard]] core::Result<std::string> postgres_schema(std::string_view role_prefix);

class Tables;

/// The switch: decides, and writes state, history and evaluations in one transaction. Two writers at once are
/// one after the other: a version that another counted up is read again.
///
/// Errors    unavailable, storage, configuration (no tables: says how to make them): nothing was changed, but
///           for possibly_persisted; the same request may be repeated harmlessly. usage: check().
/// Threads   One caller at a time.
class KillSwitch {
public:
    [[nodiscard]] static core::Result<std::unique_ptr<KillSwitch>> open(const Place& place, Policy policy,
                                                                        core::Clock& clock);
    ~KillSwitch();

    [[nodiscard]] core::Result<Outcome> engage(const EngageRequest& request);
    /// refused: no ticket, who or why; the minimum dwell is not over, or crit incidents are open, and no
    /// override text; a source or a database user that may not; conflict: another version than the one
    /// expected; not_found: the scope is not engaged. Every refusal is recorded where that can be.
    ///
    /// Without an override text `crit_open` is asked, before anything is locked, for the incident that
    /// engaged the scope and for those that joined it. Null: there are no incidents to ask for.
    [[nodiscard]] core::Result<Outcome> disengage(const DisengageRequest& request, const CritOpen& crit_open);
    /// An evaluation that found nothing to engage for: one row a day, which shows that shadow mode looked.
    [[nodiscard]] core::Result<Outcome> nothing_open(core::Timestamp at);
    /// Incidents cannot be read: what the policy says to that. `why` names what was lost, `read_at` when
    /// the caller last read them, if it ever did. A loss is one episode of its day, whoever notes it and
    /// however often; the next one is another where the end of the last was noted, or the caller has read
    /// incidents behind it.
    [[nodiscard]] core::Result<Outcome> telemetry_lost(const std::string& why, core::Timestamp at,
                                                       std::optional<core::Timestamp> read_at = {});
    /// They can be read: the end of the day's last loss is noted, where it is not yet.
    [[nodiscard]] core::Status telemetry_found(core::Timestamp at);
    /// An incident of a module that the policy maps to no scope.
    [[nodiscard]] core::Result<Outcome> unmapped(const EngageRequest& request, std::string_view module);

    [[nodiscard]] core::Result<Overview> overview();
    /// Newest first.
    [[nodiscard]] core::Result<std::vector<State>> history(const std::optional<Scope>& scope,
                                                           std::uint64_t limit);
    [[nodiscard]] core::Result<std::vector<Evaluation>> evaluations(std::uint64_t limit);
    [[nodiscard]] const Policy& policy() const noexcept { return policy_; }

private:
    KillSwitch(std::unique_ptr<Tables> tables, Policy policy, core::Clock& clock);
    [[nodiscard]] core::Result<std::pair<Mode, std::string>> mode_in_force();
    /// As the tables spell it, or the policy, or as it is given: one row for what stops the same orders.
    [[nodiscard]] core::Result<Scope> as_known(const Scope& scope);
    /// Which of the losses that `incident` counts this one is.
    [[nodiscard]] core::Result<std::int64_t> episode_of_loss(const std::string& incident,
                                                             std::optional<core::Timestamp> read_at);
    /// An evaluation without a transition.
    [[nodiscard]] core::Result<Outcome> note(const EngageRequest& request, Decision decision,
                                             std::string reason);
    /// Puts those of the scope's incidents that are open to `open_crit_incidents`, and the version that was
    /// looked at to the request.
    [[nodiscard]] core::Status ask_what_is_open(DisengageRequest& request, const CritOpen& crit_open);
    /// What the outcome is told with: as it was recorded first, where it came before.
    [[nodiscard]] core::Status tell_as_recorded(Outcome& outcome);

    std::unique_ptr<Tables> tables_;
    Policy policy_;
    core::Clock& clock_;
    bool earned_ = false;  ///< Seven days in shadow lie behind it.
};

/// What the drift store is told of an outcome; absent where there is nothing to tell. The type is
/// business_kpi_drift, the module "kill_switch", the metric "engaged:SCOPE" with 0 and 1, the severity crit
/// where a person has to decide and where telemetry was lost, unless the policy ignores that: no incident
/// pages of it then. warn where it engaged or lacked evidence, info for the rest. One decision is one event:
/// an outcome that came again has the id, the time and the words of the first.
[[nodiscard]] std::optional<drift::EventRequest> event_of(const Outcome& outcome);
/// The module of those events: its incidents neither engage nor keep anybody from disengaging.
inline constexpr std::string_view event_module = "kill_switch";

}  // namespace tristrata::kill_switch
