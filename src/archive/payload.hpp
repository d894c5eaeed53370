#pragma once

#include "tristrata/store/event_rows.hpp"

#include <optional>
#include <string>

namespace tristrata::archive {

/// The SHA-256 of the object that a row points to; nothing where it points to none.
[[nodiscard]] std::optional<std::string> payload_of(const store::EventRow& row, store::Layer layer);

}  // namespace tristrata::archive
