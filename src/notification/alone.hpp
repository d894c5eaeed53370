#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/notification/alert.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tristrata::notification {

/// Of what one receiver answers with a status and does not take: when each is sent again, the wait doubling,
/// so that it holds nothing of what comes behind it. By its file's path; of this process alone.
class Alone {
public:
    Alone(core::Duration first, core::Duration max) : first_(first), max_(max) {}

    void failed(const std::string& path, const Alert& alert, core::Timestamp steady) {
        One& one = all_[path];
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
    [[nodiscard]] bool has(const std::string& path) const { return all_.contains(path); }
    [[nodiscard]] bool waits(const std::string& path, core::Timestamp steady) const {
        const auto found = all_.find(path);
        return found != all_.end() && steady < found->second.not_before;
    }
    /// The other word of its page, which is not to overtake it: a message_id(). Empty where it never failed.
    [[nodiscard]] std::string_view opposite(const std::string& path) const {
        const auto found = all_.find(path);
        return found == all_.end() ? std::string_view() : std::string_view(found->second.opposite);
    }
    void forget(const std::string& path) { all_.erase(path); }
    void keep_only(const std::set<std::string>& paths) {
        std::erase_if(all_, [&](const auto& one) { return !paths.contains(one.first); });
    }
    /// "volume of features": the oldest.
    [[nodiscard]] std::optional<std::string> first() const {
        return all_.empty() ? std::nullopt : std::optional(all_.begin()->second.shown);
    }

private:
    struct One {
        std::string opposite, shown;
        unsigned failures = 0;
        core::Timestamp not_before{INT64_MIN};
    };
    core::Duration first_, max_;
    std::map<std::string, One> all_;
};

}  // namespace tristrata::notification
