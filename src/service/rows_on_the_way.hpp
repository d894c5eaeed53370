#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/spool/inspection.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace tristrata::service {

/// What waits in this spool for a store that analyzers ask. Each call by any thread.
class RowsOnTheWay {
public:
    static constexpr core::Duration look_again{1'000'000};

    RowsOnTheWay(spool::FileSystem& files, core::Clock& clock, std::string root)
        : files_(files), clock_(clock), root_(std::move(root)) {}

    /// When the oldest row that waits for `store` was emitted, up to ten seconds too early, as it was found
    /// at `not_before` or later and within the last second. Of "kpi" and "drift" their own rows; another name
    /// is of a database that may be either's. Of a spool that cannot be read nothing is known: /healthz says
    /// so.
    std::optional<core::Timestamp> since(const std::string& store, core::Timestamp not_before);

private:
    spool::FileSystem& files_;
    core::Clock& clock_;
    const std::string root_;
    std::mutex mutex_;  ///< Of what follows.
    std::optional<core::Timestamp> looked_at_;
    std::optional<core::Timestamp> kpi_, drift_;
};

}  // namespace tristrata::service
