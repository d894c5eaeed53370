#pragma once

#include "tristrata/store/store.hpp"

#include <string_view>

namespace tristrata::session {

/// The setting that names a layer's store.
[[nodiscard]] constexpr std::string_view key_of(store::Layer layer) noexcept {
    return layer == store::Layer::kpi ? "kpi_url" : "drift_url";
}

}  // namespace tristrata::session
