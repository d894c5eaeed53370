#include "tristrata/incident/open_incidents.hpp"

#include <algorithm>
#include <utility>

namespace tristrata::incident {

bool has_open(std::span<const Incident> incidents, std::string_view module, drift::DriftType type) noexcept {
    return std::ranges::any_of(incidents, [&](const Incident& one) {
        return one.phase != Phase::closed && one.module == module && one.drift_type == type;
    });
}

std::optional<core::Timestamp> bad_since(std::span<const Incident> incidents,
                                         std::string_view module) noexcept {
    std::optional<core::Timestamp> first;
    for (const Incident& one : incidents)
        if (one.phase != Phase::closed && !one.dismissed_at && one.module == module)
            first = std::min(first.value_or(one.first_seen), one.first_seen);
    return first;
}

core::Result<std::vector<Incident>> OpenIncidents::ask() {
    if (!store_) {
        auto opened = IncidentStore::open(settings_);
        if (!opened) return propagate(opened);
        store_.emplace(std::move(*opened));
    }
    IncidentQuery query;
    query.limit = incidents_max;
    return store_->list(query);
}

bool OpenIncidents::is_open(std::string_view module, drift::DriftType type) {
    const std::lock_guard lock(mutex_);
    return has_open(known(), module, type);
}

std::optional<core::Timestamp> OpenIncidents::bad_since(std::string_view module) {
    const std::lock_guard lock(mutex_);
    return incident::bad_since(known(), module);
}

const std::vector<Incident>& OpenIncidents::known() {
    const core::Timestamp steady = clock_.steady_now();
    if (!asked_at_ || steady >= *asked_at_ + asked_again) {
        asked_at_ = steady;
        auto open = ask();
        if (open) {
            open_ = std::move(*open);
            told_.clear();
        } else {
            // Another database may answer next.
            store_.reset();
            if (told_ != open.error().message) failed_(open.error());
            told_ = open.error().message;
        }
    }
    return open_;
}

}  // namespace tristrata::incident
