#pragma once

#include "tristrata/session/session.hpp"

#include "late_crit.hpp"

#include "tristrata/config/sensitive.hpp"
#include "tristrata/drift/payload.hpp"
#include "tristrata/execution/tag_policy.hpp"
#include "tristrata/objects/object_destination.hpp"
#include "tristrata/spool/fork_generation.hpp"
#include "tristrata/spool/spool.hpp"
#include "tristrata/store/store_sink.hpp"
#include "tristrata/technical/event_sink.hpp"
#include "tristrata/technical/otlp.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace tristrata::session {

/// What has been opened so far.
struct Session::Opened {
    struct Direct {
        std::unique_ptr<store::Store> store;
        std::unique_ptr<store::StoreSink> sink;
        std::unique_ptr<objects::ObjectSink> objects;  ///< Before the sink.
    };
    std::uint64_t generation = spool::fork_generation();
    std::mutex mutex;
    Direct kpi;
    Direct drift;
    std::unique_ptr<spool::Spool> spool;
    std::unique_ptr<relay::Relay> relay;
    std::unique_ptr<drift::PayloadSink> payloads;  ///< Before whatever takes the drift layer's records.
    std::unique_ptr<LateCrit> late;                ///< Before those.
    std::optional<execution::TagPolicy> tags;
    std::optional<config::SensitivePatterns> sensitive;
    /// What every event of this process shares; its instance id is no other process's.
    struct Events {
        technical::EventCatalogue catalogue;
        config::SensitivePatterns sensitive;
        technical::Resource resource;
        std::unique_ptr<technical::OtlpSink> direct;  ///< Without a spool; before the sink.
        std::unique_ptr<technical::EventSink> sink;   ///< None: events are their lines alone.
    };
    std::unique_ptr<Events> events;
    bool said_kpis_wait = false;
    bool said_drift_waits = false;

    /// Read and compiled once; an error is not kept. Under the mutex.
    core::Result<config::SensitivePatterns> patterns(const config::Settings& settings) {
        if (!sensitive) {
            auto read = config::SensitivePatterns::of(settings);
            if (!read) return propagate(read);
            sensitive = std::move(*read);
        }
        return *sensitive;
    }
};

}  // namespace tristrata::session
