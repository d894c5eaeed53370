#include "response_rules.hpp"

#include <utility>

namespace tristrata::service {

core::Result<ResponseRules> ResponseRules::read(const config::Settings& settings) {
    auto policy = incident::policy_of(settings);
    if (!policy) return propagate(policy);
    auto owners = config::Owners::of(settings);
    if (!owners) return propagate(owners);
    ResponseRules rules{std::move(*policy), std::move(*owners)};
    if (!notification::has_receivers(settings)) return rules;
    rules.receivers = [settings] { return notification::receivers(settings); };
    if (auto receivers = rules.receivers(); !receivers) return propagate(receivers);
    return rules;
}

}  // namespace tristrata::service
