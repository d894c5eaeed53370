#pragma once

#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/intake.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::service {

/// What was last found of one store whose tables have partitions.
struct StoreFigures {
    std::string store;                       ///< "kpi", "drift"
    std::optional<core::Timestamp> horizon;  ///< Absent until it is known.
    std::optional<core::Error> error;        ///< Why it is not known anew.
};

/// What became of retention in one store since the service began.
struct RetentionFigures {
    std::string store;
    std::optional<core::Timestamp> done_at;         ///< When a run last came to its end.
    std::uint64_t rows = 0;                         ///< That left the store.
    std::optional<core::Error> error;               ///< Why the last run did not, or passed something over.
    std::optional<core::Timestamp> failed_at = {};  ///< When it did.
};

/// Analyzers, as far as they got since the service began or was told to read its settings anew.
struct AnalysisFigures {
    std::uint64_t analyzers = 0;
    analyzer::RoundFigures rounds;
    std::uint64_t pushed = 0;          ///< Events, handed on.
    std::uint64_t waiting = 0;         ///< Events, to be handed on again.
    std::uint64_t lost = 0;            ///< Events: too many waited.
    std::optional<core::Error> error;  ///< Why events wait.
    std::uint64_t refused = 0;         ///< Events that no drift store takes, set aside one by one.
    /// The last of them: when, and which it was with the reason.
    std::optional<std::pair<core::Timestamp, std::string>> refusal = {};
};

/// An Alertmanager that did not take what it was told again.
struct PeerFigures {
    std::string peer;                  ///< As it may be shown.
    std::uint64_t failures = 0;        ///< Turns that it did not take.
    std::optional<core::Error> error;  ///< Why it did not take the last.
};
/// What Alertmanagers are told again.
struct RetellingFigures {
    std::uint64_t told = 0;                  ///< Alerts.
    std::vector<PeerFigures> peers;          ///< Those that failed once.
    std::optional<core::Error> error;        ///< Why nobody could be told the last time.
    std::vector<std::string> taken_by = {};  ///< Peers that took all of it the last time.
};

/// What Alertmanagers are silent of, since somebody answered for it.
struct SilencingFigures {
    std::uint64_t begun = 0;           ///< Silences, of each peer.
    std::uint64_t ended = 0;           ///< Likewise.
    std::vector<PeerFigures> peers;    ///< Those that failed once.
    std::optional<core::Error> error;  ///< Why nobody could be asked the last time.
};

/// Incidents, in this process since it began or read its settings anew.
struct ResponseFigures {
    std::optional<core::Timestamp> evaluated_at;  ///< When an evaluation last came to its end.
    bool leads = false;                           ///< This process evaluates; else another one does, which is
    std::string holder;                           ///< called so.
    bool is_unshown = false;                      ///< That one names no kill switch, and this process does.
    std::uint64_t taken = 0;                      ///< Events.
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t withheld = 0;
    std::uint64_t alerts = 0;  ///< Handed to the spool.
    std::uint64_t open_warn = 0;
    std::uint64_t open_crit = 0;
    std::vector<std::string> untold = {};  ///< Of those, whose page every receiver refused: a sentence each.
    std::uint64_t uncarried = 0;           ///< Of those, paged and not answered, while no receiver is named.
    std::optional<core::Error> error;      ///< Why the last evaluation did not come to its end.
    std::uint64_t asked = 0;               ///< Requests to the kill switch.
    std::uint64_t switch_failures = 0;     ///< Turns in which it could not be asked.
    std::optional<core::Error> switch_error = {};       ///< Why it could not the last time.
    std::uint64_t digests = 0;                          ///< Handed to the spool by this process.
    std::uint64_t digest_failures = 0;                  ///< Evaluations in which one could not be.
    std::optional<core::Error> digest_error = {};       ///< Why it could not the last time.
    std::optional<core::Timestamp> digest_untold = {};  ///< One was due then, and nobody takes it.
    std::optional<RetellingFigures> retelling = {};
    std::optional<SilencingFigures> silencing = {};
};

/// Crit that its store did not confirm in time, in this process since it began or read its settings anew.
struct UnconfirmedFigures {
    std::uint64_t sent = 0;            ///< Alerts that went out from the spool,
    std::uint64_t ended = 0;           ///< and those of them that the store's evaluation did not page.
    std::uint64_t withheld = 0;        ///< By the policy.
    std::uint64_t lasting = 0;         ///< Alerts, told again here.
    std::optional<core::Error> error;  ///< Why the spool could not be looked at, or an alert waits.
    RetellingFigures retelling = {};
};

/// What one scheduled check came to.
struct CheckFigures {
    std::string check;
    std::optional<core::Timestamp> done_at;  ///< When one last came to its end.
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::optional<core::Error> error;  ///< Why the last did not.
    std::uint64_t skipped = 0;         ///< Windows that ended while nothing ran, and cannot be checked now.
};

/// What came in from other tools.
struct IntakeFigures {
    notification::IntakeCounts taken;
    /// Requests that were refused before they were read, by reason.
    std::map<std::string, std::uint64_t, std::less<>> refused;
};

/// What a service knows of spool, relay and stores at a time: what /metrics and /healthz are made of.
struct Figures {
    std::string version;
    core::Timestamp started_at;
    core::Timestamp now;
    std::optional<core::Timestamp> sampled_at;  ///< When the spool was looked at.
    std::optional<core::Error> spool_error;     ///< Then it could not be.
    std::optional<std::uint64_t> bytes_free;    ///< Left to this user on the spool's disk, where it says.
    std::vector<spool::SlotStatus> slots;
    std::vector<relay::RouteStatus> routes;
    std::vector<StoreFigures> stores;
    std::vector<RetentionFigures> retention;  ///< Empty where it is not asked for.
    std::optional<AnalysisFigures> analysis = {};
    std::optional<ResponseFigures> response = {};
    std::optional<UnconfirmedFigures> unconfirmed = {};
    std::vector<CheckFigures> checks = {};
    std::vector<notification::ReceiverStatus> receivers = {};  ///< Whom alerts go to.
    std::optional<IntakeFigures> intake = {};
    std::uint64_t reloads = 0;          ///< Settings that were read anew and taken.
    std::uint64_t reloads_refused = 0;  ///< And those that were not: the old ones count.
    std::optional<core::Error> reload_error = {};
};

/// The whole of /metrics.
[[nodiscard]] std::string metrics_text(const Figures& figures);

/// What is wrong, and what to do; one finding a cause.
struct Finding {
    std::string check;  ///< "spool", "relay", "backlog", "partitions", "retention", "analyzers", …
    std::string what;
    std::string advice;
};
struct Health {
    std::vector<Finding> problems;  ///< Somebody has to do something.
    std::vector<Finding> notes;     ///< Somebody may want to know.
    [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
};

/// Pending rows older than this, of a class that is being delivered, are a problem.
inline constexpr core::Duration backlog_age_max{15LL * 60 * 1'000'000};
/// Partitions must reach this far ahead: a week to notice, of the thirty-three days that are kept.
inline constexpr core::Duration horizon_min{7LL * 86'400 * 1'000'000};
/// Retention that fails is tried again; after two days somebody has to look.
inline constexpr core::Duration retention_age_max{2LL * 86'400 * 1'000'000};
/// A spool that was not looked at for so long is on a disk that hangs.
inline constexpr core::Duration sample_age_max{60LL * 1'000'000};

/// An event of an analyzer that was refused is a problem for so long.
inline constexpr core::Duration refusal_age_max{3600LL * 1'000'000};
/// Incidents that were not evaluated for so long: whoever is to be paged is not.
inline constexpr core::Duration evaluation_age_max{60LL * 1'000'000};

/// With less on the spool's disk than this no slot gets another segment, and emits are refused.
inline constexpr std::uint64_t bytes_free_min = spool::segment_bytes_default;

[[nodiscard]] Health assess(const Figures& figures);
[[nodiscard]] std::string health_json(const Figures& figures, const Health& health);

}  // namespace tristrata::service
