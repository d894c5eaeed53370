#pragma once

#include "figures.hpp"

namespace tristrata::service {

inline constexpr core::Timestamp sample_time{1'700'000'000'000'000};

/// One slot with kpi rows of every end, one route that works, two stores, of which one is not known yet.
inline Figures sample_figures() {
    Figures figures;
    figures.version = "1.2.3";
    figures.started_at = figures.now = sample_time;
    figures.sampled_at = sample_time;
    spool::SlotStatus slot;
    slot.folder = "/var/spool/slot_0000";
    slot.has_writer = true;
    slot.segments = 2;
    slot.bytes = 8'388'608;
    auto& kpi = slot.classes[spool::place(sink::RecordClass::kpi)];
    kpi.emitted = 100;
    kpi.pending = 10;
    kpi.ledger.stored = 80;
    kpi.ledger.duplicate = 7;
    kpi.ledger.dead = 3;
    kpi.pending_since = core::Timestamp{sample_time.microseconds - 60'000'000};
    figures.slots.push_back(slot);
    relay::RouteStatus route;
    route.record_class = sink::RecordClass::kpi;
    route.attempts = 5;
    route.batches = 4;
    route.failures = 1;
    route.stored = 80;
    route.parked = 2;
    route.last_delivered_at = sample_time;
    figures.routes.push_back(route);
    figures.stores.push_back({"kpi", core::Timestamp{sample_time.microseconds + 2'592'000'000'000}, {}});
    figures.stores.push_back({"drift", {}, {}});
    return figures;
}

}  // namespace tristrata::service
