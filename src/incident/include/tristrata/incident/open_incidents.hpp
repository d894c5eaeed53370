#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

/// Whether one of them is of the module and type, and not closed.
[[nodiscard]] bool has_open(std::span<const Incident> incidents, std::string_view module,
                            drift::DriftType type) noexcept;

/// Of which modules and types an incident is open, and which windows were bad, for somebody who does not
/// evaluate them: the store is asked where its last answer is older than `asked_again`.
///
/// Failure   What the store said last stands; before its first answer nothing is open, and nothing was bad.
///           `failed` is told what is news.
/// Threads   Any.
class OpenIncidents {
public:
    static constexpr core::Duration asked_again{2'000'000};
    static constexpr std::uint64_t incidents_max = 10'000;
    using Failed = std::function<void(const core::Error&)>;

    OpenIncidents(config::Settings settings, core::Clock& clock, Failed failed)
        : settings_(std::move(settings)), clock_(clock), failed_(std::move(failed)) {}

    [[nodiscard]] bool is_open(std::string_view module, drift::DriftType type);
    [[nodiscard]] std::vector<core::TimeRange> bad_windows(std::string_view module,
                                                           std::string_view analyzer);

private:
    struct Known {
        std::vector<Incident> open;
        std::vector<BadWindows> bad;
    };
    /// Under mutex_.
    const Known& known();
    [[nodiscard]] core::Result<Known> ask();

    config::Settings settings_;
    core::Clock& clock_;
    Failed failed_;
    std::mutex mutex_;  ///< Of what follows.
    std::optional<IncidentStore> store_;
    std::optional<core::Timestamp> asked_at_;  ///< Steady.
    Known known_;
    std::string told_;
};

}  // namespace tristrata::incident
