#pragma once

#include "tristrata/notification/receivers.hpp"

#include <mutex>
#include <utility>

namespace tristrata::service {

/// Who takes alerts by the settings that count now: who reads settings anew changes where what is told from
/// then on goes.
///
/// Threads   Any number of callers at once.
class NamedReceivers {
public:
    explicit NamedReceivers(config::Settings settings) : settings_(std::move(settings)) {}

    [[nodiscard]] core::Result<notification::Receivers> read() const {
        return notification::receivers(now());
    }
    [[nodiscard]] bool has_any() const { return notification::has_receivers(now()); }
    void count_from_now(config::Settings settings) {
        const std::lock_guard lock(mutex_);
        settings_ = std::move(settings);
    }

private:
    /// A file that one of them names is read without the lock.
    [[nodiscard]] config::Settings now() const {
        const std::lock_guard lock(mutex_);
        return settings_;
    }
    mutable std::mutex mutex_;
    config::Settings settings_;
};

}  // namespace tristrata::service
