#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/drift/event.hpp"

#include <functional>
#include <string_view>

namespace tristrata::session {

/// An event with a payload as a store may keep it: each text under a key that names a secret, and each that
/// looks like one, stands as core::redacted, which `notice`, where there is one, is told. A payload that is
/// no JSON stays: who stores it refuses it.
[[nodiscard]] drift::EventRequest storable(const drift::EventRequest& request,
                                           const config::SensitivePatterns& sensitive,
                                           const std::function<void(std::string_view)>& notice);

}  // namespace tristrata::session
