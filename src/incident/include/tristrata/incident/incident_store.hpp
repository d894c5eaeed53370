#pragma once

#include "tristrata/config/owners.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/incident/apply.hpp"
#include "tristrata/incident/hypotheses.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/notification/reception.hpp"
#include "tristrata/notification/silencer.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

class Connection;
struct Looked;

struct StepOptions {
    const Policy* policy = nullptr;
    const config::Owners* owners = nullptr;
    core::Clock* clock = &core::system_clock();
    std::string holder;                ///< Who asks for the lease: another text for each process.
    core::Duration lease{30'000'000};  ///< For how long it is the leader, longer than between two steps.
    std::uint64_t events_max = 5000;   ///< Of one step; crit first.
    bool takes_digests = true;  ///< Else a digest that is due is made when somebody is named who takes it.
    std::string spool;  ///< The folder in which pages wait for their receivers, which a digest says; or none.
    /// A page that another spool was handed so long ago, and that nobody confirms, is told again by who
    /// leads.
    core::Duration confirmed_within{60'000'000};
};

/// What one step did.
struct Stepped {
    bool leader = false;  ///< False: another one evaluates, and nothing was done.
    std::string holder;   ///< Who leads, and
    std::optional<core::Timestamp>
        until;  ///< how long the lease of another one lasts, unless it is extended.
    std::int64_t epoch = 0;
    std::uint64_t taken = 0;  ///< Events.
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t withheld = 0;
    std::uint64_t paged = 0;    ///< Pages that became due: firing, resolved, and of a budget that is spent.
    std::uint64_t digests = 0;  ///< That became due and have something to say.
    std::optional<core::Timestamp> digest_untold;  ///< One was due then, and nobody is named who takes it.
    std::uint64_t appended = 0;               ///< Records handed to the sink, also those of a step that died.
    bool more = false;                        ///< There were more events than events_max: step again at once.
    std::optional<core::Error> not_appended;  ///< Why pages still wait; the next step tries again.
    std::optional<core::Error> no_digest;     ///< Why the digest waits; likewise.
    std::vector<std::string> notices;  ///< A sentence each: a module that nobody owns, a clock that is ahead.
};

struct IncidentQuery {
    std::optional<std::string> module;  ///< Or the beginning of several, with * at its end.
    std::optional<drift::Severity> severity_at_least;
    bool closed = false;  ///< Also those.
    core::TimeRange opened;
    std::uint64_t limit = 100;
};

/// In which windows an analyzer, or reports, found a module bad.
struct BadWindows {
    std::string module;
    std::string analyzer;  ///< Empty: reports.
    core::TimeRange ends;  ///< Of the first and of the last of them; without `to` it lasts.
    bool operator==(const BadWindows&) const = default;
};

[[nodiscard]] std::vector<core::TimeRange> ends_of(std::span<const BadWindows> all, std::string_view module,
                                                   std::string_view analyzer);

/// What happened in a time, for people to read.
struct Digest {
    core::TimeRange range;
    std::vector<Incident> incidents;  ///< Opened before its end and not closed before its beginning; by
                                      ///< module, crit first, then the newest.
    std::uint64_t false_alarms = 0;   ///< Dismissed in the range.
};

/// Incidents on SQLite or PostgreSQL: the schema `response`, beside a drift store of the same kind.
///
/// A step takes the drift events of the last max_age that it has not taken: no watermark, so that what
/// commits late or out of order is seen. Good evaluations of what was never bad are looked through once, and
/// again every ten minutes. All that it decides is one transaction with the row of the lease
/// held; its pages are rows of it and are handed to the sink behind the commit, again after a death: their
/// labels and starts_at are the same then, and so they are one alert.
///
/// Errors    configuration (not initialised: says the command; rights), unavailable (locked, unreachable),
///           conflict (another program's history). A step that fails has changed nothing.
/// Threads   One caller at a time.
class IncidentStore {
public:
    explicit IncidentStore(std::unique_ptr<Connection> database);
    ~IncidentStore();
    IncidentStore(IncidentStore&&) noexcept;
    IncidentStore& operator=(IncidentStore&&) noexcept;

    /// TRISTRATA_RESPONSE_URL; on SQLite beside the drift store's file.
    [[nodiscard]] static core::Result<IncidentStore> open(const config::Settings& settings);
    [[nodiscard]] static core::Result<IncidentStore> open_sqlite(const std::string& path,
                                                                 const std::string& drift_path);
    [[nodiscard]] static core::Result<IncidentStore> open_postgres(core::SecretSource url);

    /// One evaluation, and the digest where the policy has one that is due: once for each time it is due,
    /// however many programs step; those that nobody made in time are one. `alerts` takes records of class
    /// alert.
    [[nodiscard]] core::Result<Stepped> step(const StepOptions& options, sink::Sink& alerts);
    /// Whoever comes next need not wait for the lease to end.
    [[nodiscard]] core::Status resign(const std::string& holder);

    /// Newest first.
    [[nodiscard]] core::Result<std::vector<Incident>> list(const IncidentQuery& query);
    /// Of incidents that are not closed: what an analyzer found, of warn or crit. What did not report is not
    /// among it, nor a source without an answer: the rows of their windows are as good as any. Nor is what
    /// somebody called a false alarm.
    [[nodiscard]] core::Result<std::vector<BadWindows>> bad_windows();
    /// Of incidents that ended within a year and were no false alarms: what was crit and bad in three
    /// evaluations or more, likewise; of what stood out once or twice chance is as likely.
    [[nodiscard]] core::Result<std::vector<BadWindows>> recovered_windows(core::Timestamp now);
    /// By its id or the beginning of it: not_found, or usage where several begin so.
    [[nodiscard]] core::Result<Incident> find(std::string_view beginning);
    [[nodiscard]] core::Result<std::vector<Transition>> history(const core::Uuid& incident_id);
    /// What is remembered of a module's metrics, whether they are bad now or good again.
    [[nodiscard]] core::Result<std::vector<Signal>> signals(const std::string& module);

    /// Somebody works on it: it pages no more, unless it becomes worse. usage: it is closed or
    /// dismissed.
    [[nodiscard]] core::Result<Incident> acknowledge(std::string_view id, const std::string& who,
                                                     const std::string& why, core::Timestamp now);
    /// Its alert ends until then; what is still open then pages anew. usage: closed, or not in the future.
    [[nodiscard]] core::Result<Incident> snooze(std::string_view id, core::Timestamp until,
                                                const std::string& who, const std::string& why,
                                                core::Timestamp now);
    /// A false alarm: silent for as long as the policy says, counted, closed once it recovers.
    [[nodiscard]] core::Result<Incident> dismiss(std::string_view id, const std::string& who,
                                                 const std::string& why, core::Timestamp now);
    /// A maintenance window.
    [[nodiscard]] core::Status silence(const Silence& silence, core::Clock& clock);
    /// Those that have not ended.
    [[nodiscard]] core::Result<std::vector<Silence>> silences(core::Timestamp now);

    /// What has to be sent again, always with the same labels and starts_at: alerts that last, and for a
    /// quarter of an hour those that ended.
    [[nodiscard]] core::Result<std::vector<notification::Alert>> open_alerts(core::Timestamp now);
    /// What receivers answered to an alert of an incident becomes a step of its history, once: of its page
    /// `untold` (all refused it), `refused` (some did) or `told` (one took it behind that); of another alert
    /// `end_refused` or `notice_refused`. Returns whether there is such an incident.
    [[nodiscard]] core::Result<bool> note(const notification::Reception& reception);
    /// Of whom Alertmanager is to be silent: alerts that were told, and acknowledged behind that. With an end
    /// where they are over, for a day; by incident.
    [[nodiscard]] core::Result<std::vector<notification::Answered>> answered(core::Timestamp now);
    /// Another text whenever somebody, in any process, has changed an incident that is not closed, opened or
    /// closed one, or added a silence. While it is the same, list(), signals(), silences(), answered() and
    /// open_alerts() say the same but for what the clock alone ends. Cheaper than those: it reads no
    /// evidence.
    [[nodiscard]] core::Result<std::string> mark();
    /// Keeps what somebody says of a hypothesis; the same again is one row. usage: nobody, or nothing said.
    [[nodiscard]] core::Result<Word> say(const Word& word);
    /// Until then, by time.
    [[nodiscard]] core::Result<std::vector<Word>> words(core::Timestamp until);
    [[nodiscard]] core::Result<Digest> digest(const core::TimeRange& range);
    [[nodiscard]] const std::string& where() const;

private:
    struct Change;
    [[nodiscard]] core::Result<Incident> change(std::string_view id, const Change& change);
    [[nodiscard]] core::Status decide(const StepOptions& options, core::Timestamp now,
                                      std::optional<Looked>& looked, Stepped& done);
    [[nodiscard]] core::Status make_digest(const StepOptions& options, core::Timestamp now, Stepped& done);
    [[nodiscard]] core::Status tell_digest(const StepOptions& options, sink::Sink& alerts,
                                           core::Timestamp now, Stepped& done);
    /// What left this spool is confirmed; who leads takes back what another one may not have delivered.
    [[nodiscard]] core::Status confirm(const StepOptions& options, core::Timestamp now, Stepped& done);
    [[nodiscard]] core::Status hand_over(const std::string& table, const std::string& key, sink::Sink& alerts,
                                         const std::string& place, core::Timestamp now, Stepped& done);

    std::unique_ptr<Connection> database_;
    std::unique_ptr<std::optional<Looked>> looked_;  ///< What need not be looked at again.
};

/// Notes what receivers answered and takes it out of its folder; what cannot be noted stays. Nothing is asked
/// of the store where nothing is there. Returns a sentence of each incident whose page was refused.
[[nodiscard]] core::Result<std::vector<std::string>> note_receptions(
    IncidentStore& store, const notification::Receptions& receptions);

/// Makes or migrates the schema `response`: SQLite's file, or PostgreSQL as who owns the drift store, with
/// the prefix of its roles. Returns how many migrations were applied. configuration: there is no drift store.
[[nodiscard]] core::Result<std::int64_t> init_sqlite(const std::string& path, core::Clock& clock);
[[nodiscard]] core::Result<std::int64_t> init_postgres(const core::SecretSource& admin);
/// TRISTRATA_RESPONSE_URL, as TRISTRATA_ADMIN_URL on PostgreSQL.
[[nodiscard]] core::Result<std::int64_t> init(const config::Settings& settings, core::Clock& clock);
/// What init does on PostgreSQL, as SQL for a DBA, to be run behind the drift store's; usage: a prefix that
/// it refuses.
[[nodiscard]] core::Result<std::string> postgres_schema(std::string_view role_prefix);

}  // namespace tristrata::incident
