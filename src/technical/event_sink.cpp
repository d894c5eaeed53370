#include "tristrata/technical/event_sink.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::technical {
namespace {

constexpr core::Duration wait_first{1'000'000}, wait_max{60'000'000};

}  // namespace

core::Result<sink::Acknowledgement> EventSink::append(std::span<const sink::Record> records) {
    {
        const std::lock_guard lock(mutex_);
        if (failures_ > 0 && clock_.steady_now() < not_before_) {
            not_taken_ += records.size();
            return tl::unexpected(last_);
        }
    }
    auto behind = behind_();
    auto acknowledged = behind ? (*behind)->append(records)
                               : core::Result<sink::Acknowledgement>(tl::unexpected(behind.error()));
    if (acknowledged) {
        worked();
        return acknowledged;
    }
    not_taken_ += records.size();
    failed(acknowledged.error());
    return acknowledged;
}

core::Status EventSink::flush() {
    auto behind = behind_();
    if (!behind) return propagate(behind);
    return (*behind)->flush();
}

void EventSink::failed(const core::Error& error) {
    bool is_new = false;
    core::Duration wait = wait_first;
    {
        const std::lock_guard lock(mutex_);
        is_new = failures_ == 0;
        for (unsigned i = 0; i < failures_ && wait < wait_max; ++i) wait.microseconds *= 2;
        wait = std::min(wait, wait_max);
        if (wait_at_least_) wait = std::max(wait, wait_at_least_());
        ++failures_;
        not_before_ = clock_.steady_now() + wait;
        last_ = error;
        if (is_new) said_at_ = not_taken_ - 1;
    }
    if (is_new && notice_) notice_(fmt::format("events are not taken, and count as lost: {}", error.message));
}

void EventSink::worked() {
    std::uint64_t lost = 0;
    {
        const std::lock_guard lock(mutex_);
        if (failures_ == 0) return;
        failures_ = 0;
        lost = not_taken_ - said_at_;
    }
    if (notice_)
        notice_(
            fmt::format("events are taken again; {} not", core::plural(lost, "event was", "events were")));
}

}  // namespace tristrata::technical
