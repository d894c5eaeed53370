#include "tristrata/kill_switch/engage_destination.hpp"

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;

/// The switch as a whole refused: no record of the batch is why, and the relay must not look for one.
core::Error of_the_switch(core::Error error) {
    if (error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::refused ||
        error.kind == ErrorKind::limit_exceeded)
        error.kind = ErrorKind::storage;
    return error;
}

}  // namespace

core::Result<spool::Settlement> EngageDestination::deliver(const spool::Batch& batch) {
    if (!switch_) {
        auto opened = opener_();
        if (!opened) return tl::unexpected(of_the_switch(opened.error()));
        switch_ = std::move(*opened);
    }
    spool::Settlement settlement;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        auto request = decode(batch.records[i]);
        if (!request && request.error().kind == ErrorKind::conflict) return propagate(request);
        if (!request) {
            settlement.dead.emplace_back(i, request.error());
            continue;
        }
        auto outcome = switch_->engage(*request);
        if (!outcome) {
            switch_.reset();
            return tl::unexpected(of_the_switch(outcome.error()));
        }
        ++(outcome->fresh ? settlement.stored : settlement.duplicate);
        if (told_) told_(*outcome);
    }
    return settlement;
}

std::shared_ptr<relay::Destination> engage_destination(const config::Settings& settings, core::Clock& clock,
                                                       Told told) {
    if (settings.find("kill_switch_url") == nullptr) return nullptr;
    return std::make_shared<EngageDestination>(
        [settings, &clock]() -> core::Result<std::unique_ptr<KillSwitch>> {
            auto place = place_of(settings);
            if (!place) return propagate(place);
            auto policy = Policy::read(settings);
            if (!policy) return propagate(policy);
            return KillSwitch::open(*place, std::move(*policy), clock);
        },
        std::move(told));
}

}  // namespace tristrata::kill_switch
