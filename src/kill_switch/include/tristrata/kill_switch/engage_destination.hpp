#pragma once

#include "tristrata/kill_switch/kill_switch.hpp"
#include "tristrata/relay/destination.hpp"

#include <functional>
#include <memory>

namespace tristrata::kill_switch {

/// Told of each outcome, also of one that came again: the same event twice is one row.
using Told = std::function<void(const Outcome&)>;

/// Where a spool's records of class engage end: the switch, opened when something is first delivered and
/// again after each failure. A decision of any kind settles a record; what was decided stands in
/// kill_switch.evaluations.
class EngageDestination final : public relay::Destination {
public:
    using Opener = std::function<core::Result<std::unique_ptr<KillSwitch>>()>;
    explicit EngageDestination(Opener opener, Told told = {})
        : opener_(std::move(opener)), told_(std::move(told)) {}
    [[nodiscard]] sink::RecordClass record_class() const noexcept override {
        return sink::RecordClass::engage;
    }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override;

private:
    Opener opener_;
    Told told_;
    std::unique_ptr<KillSwitch> switch_;
};

/// By the settings kill_switch_url and [kill_switch]; absent where the first is not set.
[[nodiscard]] std::shared_ptr<relay::Destination> engage_destination(const config::Settings& settings,
                                                                     core::Clock& clock, Told told = {});

}  // namespace tristrata::kill_switch
