#include "tristrata/incident/open_incidents.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tristrata::incident {

bool has_open(std::span<const Incident> incidents, std::string_view module, drift::DriftType type) noexcept {
    return std::ranges::any_of(incidents, [&](const Incident& one) {
        return one.phase != Phase::closed && one.module == module && one.drift_type == type;
    });
}

core::Result<OpenIncidents::Known> OpenIncidents::ask() {
    if (!store_) {
        auto opened = IncidentStore::open(settings_);
        if (!opened) return propagate(opened);
        store_.emplace(std::move(*opened));
    }
    IncidentQuery query;
    query.limit = incidents_max;
    auto open = store_->list(query);
    if (!open) return propagate(open);
    auto bad = store_->bad_windows();
    if (!bad) return propagate(bad);
    auto recovered = store_->recovered_windows(clock_.now());
    if (!recovered) return propagate(recovered);
    std::ranges::move(*recovered, std::back_inserter(*bad));
    return Known{std::move(*open), std::move(*bad)};
}

bool OpenIncidents::is_open(std::string_view module, drift::DriftType type) {
    const std::lock_guard lock(mutex_);
    return has_open(known().open, module, type);
}

std::vector<core::TimeRange> OpenIncidents::bad_windows(std::string_view module, std::string_view analyzer) {
    const std::lock_guard lock(mutex_);
    return ends_of(known().bad, module, analyzer);
}

const OpenIncidents::Known& OpenIncidents::known() {
    const core::Timestamp steady = clock_.steady_now();
    if (!asked_at_ || steady >= *asked_at_ + asked_again) {
        asked_at_ = steady;
        auto answer = ask();
        if (answer) {
            known_ = std::move(*answer);
            told_.clear();
        } else {
            // Another database may answer next.
            store_.reset();
            if (told_ != answer.error().message) failed_(answer.error());
            told_ = answer.error().message;
        }
    }
    return known_;
}

}  // namespace tristrata::incident
