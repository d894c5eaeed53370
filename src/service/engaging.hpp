#pragma once

#include "tristrata/kill_switch/engage_destination.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace tristrata::service {

/// Where requests to engage end, by the policy that counts now: who reads settings anew changes what decides,
/// and what waits in the spool meanwhile is decided by the new one.
///
/// Threads   One caller of deliver() at a time; read_anew() from any.
class Engaging final : public relay::Destination {
public:
    /// Null where no switch is set.
    [[nodiscard]] static std::shared_ptr<Engaging> open(config::Settings settings, core::Clock& clock,
                                                        kill_switch::Told told) {
        auto first = kill_switch::engage_destination(settings, clock, told);
        if (!first) return nullptr;
        return std::shared_ptr<Engaging>(
            new Engaging(std::move(settings), clock, std::move(told), std::move(first)));
    }

    [[nodiscard]] sink::RecordClass record_class() const noexcept override {
        return sink::RecordClass::engage;
    }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override {
        std::shared_ptr<relay::Destination> now;
        {
            const std::lock_guard lock(mutex_);
            now = now_;
        }
        return now->deliver(batch);
    }
    /// The policy of these; where the switch is stays as it began. configuration: a policy that is none, and
    /// the one before counts.
    [[nodiscard]] core::Status read_anew(config::Settings settings) {
        if (auto policy = kill_switch::Policy::read(settings); !policy) return propagate(policy);
        settings.set("kill_switch_url", *settings_.find("kill_switch_url"));
        auto next = kill_switch::engage_destination(settings, clock_, told_);
        const std::lock_guard lock(mutex_);
        now_ = std::move(next);
        return {};
    }

private:
    Engaging(config::Settings settings, core::Clock& clock, kill_switch::Told told,
             std::shared_ptr<relay::Destination> first)
        : settings_(std::move(settings)), clock_(clock), told_(std::move(told)), now_(std::move(first)) {}

    const config::Settings settings_;
    core::Clock& clock_;
    const kill_switch::Told told_;
    std::mutex mutex_;  ///< Of what follows.
    std::shared_ptr<relay::Destination> now_;
};

}  // namespace tristrata::service
