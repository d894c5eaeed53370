#pragma once

#include "tristrata/http/client.hpp"
#include "tristrata/relay/destination.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/technical/telemetry_settings.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::technical {

/// Where a spool's events end: a collector that takes OTLP over HTTP, as protobuf
/// (https://opentelemetry.io/docs/specs/otlp/). A batch is one request. What the collector answers decides:
///
/// 2xx                         stored; of a partial success as many as it rejected are dead
/// 429, 502, 503, 504; none    unavailable: the same batch again, not before Retry-After
/// 413                         limit_exceeded: the relay sends halves; one event alone is dead
/// anything else               dead, as OTLP asks: it must not be sent again
///
/// A collector that took a batch and whose answer was lost gets it again: `event.id` tells the copies.
///
/// Errors    configuration: the endpoint cannot be used, or a part of the program cannot be loaded.
/// Threads   One caller at a time.
class OtlpDestination final : public relay::Destination {
public:
    /// `notice` is told what a collector that took everything has to say all the same.
    explicit OtlpDestination(core::Result<OtlpEndpoint> endpoint,
                             std::function<void(std::string_view)> notice = {});
    ~OtlpDestination() override;

    [[nodiscard]] sink::RecordClass record_class() const noexcept override {
        return sink::RecordClass::event;
    }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override;
    /// Sends a request of no event, which a collector has to take: whether it would take one.
    [[nodiscard]] core::Status probe();
    /// What Retry-After asked for, an hour at most.
    [[nodiscard]] core::Duration wait_at_least() const noexcept override { return wait_at_least_; }

private:
    struct Opened;
    [[nodiscard]] core::Status open();
    [[nodiscard]] core::Result<http::Response> post(const std::vector<Event>& events);
    /// The answer to the records at these places of their batch.
    [[nodiscard]] core::Result<spool::Settlement> settled(const http::Response& response,
                                                          const std::vector<std::size_t>& places);
    void say(std::string sentence);

    core::Result<OtlpEndpoint> endpoint_;
    std::function<void(std::string_view)> notice_;
    std::unique_ptr<Opened> opened_;
    core::Duration wait_at_least_{0};
    std::string said_;
};

/// Without a spool: each append is sent at once, and is refused where the collector does not take it. A
/// pipeline waits for it, so it has no more than a second of the timeout.
///
/// Threads   Any number of callers, one after another; who waits for one that fails, or a second for the
///           others, is refused.
class OtlpSink final : public sink::Sink {
public:
    explicit OtlpSink(core::Result<OtlpEndpoint> endpoint, std::function<void(std::string_view)> notice = {});
    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override { return {}; }
    /// How long the collector asked to be left alone when it last took nothing.
    [[nodiscard]] core::Duration wait_at_least() const noexcept { return {wait_at_least_us_}; }

private:
    std::timed_mutex mutex_;
    std::atomic<std::int64_t> wait_at_least_us_ = 0;
    std::atomic<std::uint64_t> failures_ = 0;
    std::optional<core::Error> last_failure_;
    OtlpDestination destination_;
};

}  // namespace tristrata::technical
