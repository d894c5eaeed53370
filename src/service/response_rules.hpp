#pragma once

#include "tristrata/config/owners.hpp"
#include "tristrata/incident/policy.hpp"
#include "tristrata/notification/receivers.hpp"

#include <functional>

namespace tristrata::service {

/// By what events become incidents, and who is told: the same for everything here that pages.
struct ResponseRules {
    incident::Policy policy;
    config::Owners owners;
    /// Reads them anew; empty where none is set.
    std::function<core::Result<notification::Receivers>()> receivers = {};

    /// configuration: a policy, owners or receivers that cannot be used.
    [[nodiscard]] static core::Result<ResponseRules> read(const config::Settings& settings);
};

}  // namespace tristrata::service
