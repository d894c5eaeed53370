#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/notification/alert.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace tristrata::notification {

/// Of what one receiver answers with a status, or not at all, and does not take: when each is sent again, the
/// wait doubling, so that it holds nothing of what comes behind it. By its message_id(); of this process
/// alone.
///
/// Threads   Any number of callers at once.
class Alone {
public:
    Alone(core::Duration first, core::Duration max) : first_(first), max_(max) {}

    void failed(const Alert& alert, core::Timestamp steady) {
        const std::lock_guard lock(mutex_);
        One& one = all_[core::to_string(message_id(alert))];
        if (one.opposite.empty()) {
            Alert other = alert;
            if (other.ends_at) other.ends_at.reset();
            else other.ends_at = other.starts_at;
            one.opposite = core::to_string(message_id(other));
            one.shown = std::string(alert.label("drift_type")) + " of " + std::string(alert.label("module"));
        }
        constexpr unsigned doublings_max = 20;
        one.not_before =
            steady + core::Duration{std::min(max_.microseconds,
                                             first_.microseconds << std::min(one.failures, doublings_max))};
        ++one.failures;
    }
    [[nodiscard]] bool has(const std::string& id) const {
        const std::lock_guard lock(mutex_);
        return all_.contains(id);
    }
    /// None where it never failed.
    [[nodiscard]] std::optional<core::Timestamp> not_before(const std::string& id) const {
        const std::lock_guard lock(mutex_);
        const auto found = all_.find(id);
        return found == all_.end() ? std::nullopt : std::optional(found->second.not_before);
    }
    /// The other word of its page, which is not to overtake it: a message_id(). Empty where it never failed.
    [[nodiscard]] std::string opposite(const std::string& id) const {
        const std::lock_guard lock(mutex_);
        const auto found = all_.find(id);
        return found == all_.end() ? std::string() : found->second.opposite;
    }
    void forget(const std::string& id) {
        const std::lock_guard lock(mutex_);
        all_.erase(id);
    }
    void keep_only(const std::set<std::string>& ids) {
        const std::lock_guard lock(mutex_);
        std::erase_if(all_, [&](const auto& one) { return !ids.contains(one.first); });
    }
    /// "volume of features": one of them.
    [[nodiscard]] std::optional<std::string> first() const {
        const std::lock_guard lock(mutex_);
        return all_.empty() ? std::nullopt : std::optional(all_.begin()->second.shown);
    }

private:
    struct One {
        std::string opposite, shown;
        unsigned failures = 0;
        core::Timestamp not_before{INT64_MIN};
    };
    core::Duration first_, max_;
    mutable std::mutex mutex_;
    std::map<std::string, One> all_;
};

}  // namespace tristrata::notification
