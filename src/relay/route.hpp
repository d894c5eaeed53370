#pragma once

#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/backlog.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tristrata::relay {

/// A destination, and how it has answered so far.
struct Route {
    Route(std::shared_ptr<Destination> to, std::size_t records)
        : destination(std::move(to)), records_max(records) {
        status.record_class = destination->record_class();
    }

    std::mutex turn;  ///< One carries to it at a time; of the rest here, but for the status.
    std::shared_ptr<Destination> destination;
    core::Timestamp not_before;
    RouteStatus status;       ///< Changed under the mutex of who reads it.
    std::size_t records_max;  ///< Smaller for a while after a refused batch.
};

/// A slot, and its backlog once nobody else drains it.
struct Slot {
    std::mutex mutex;  ///< Held while the disk is used, never while a destination is.
    std::unique_ptr<spool::Backlog> backlog;
    std::size_t out = 0;  ///< Batches on their way.
};

/// What one went out for: to carry to a route, in a thread of its own.
struct Errand {
    std::thread thread;
    sink::RecordClass record_class = sink::RecordClass::kpi;
    std::optional<Delivered> brought;  ///< At its end; without the counts, which are the routes'.
};

}  // namespace tristrata::relay
