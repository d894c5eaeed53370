#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <cstdint>
#include <optional>
#include <string>
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
};

/// The whole of /metrics.
[[nodiscard]] std::string metrics_text(const Figures& figures);

/// What is wrong, and what to do; one finding a cause.
struct Finding {
    std::string check;  ///< "spool", "relay", "backlog", "partitions", "retention"
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

/// With less on the spool's disk than this no slot gets another segment, and emits are refused.
inline constexpr std::uint64_t bytes_free_min = spool::segment_bytes_default;

[[nodiscard]] Health assess(const Figures& figures);
[[nodiscard]] std::string health_json(const Figures& figures, const Health& health);

}  // namespace tristrata::service
