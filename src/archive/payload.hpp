#pragma once

#include "tristrata/store/event_rows.hpp"

#include <optional>
#include <string>

namespace tristrata::archive {

/// What keys of payloads begin with, and the key of one by its SHA-256 (docs/objects.md).
inline constexpr const char* payload_prefix = "payload/sha256";
[[nodiscard]] std::string payload_key(const std::string& sha256);

/// The SHA-256 of the object that a row points to; nothing where it points to none.
[[nodiscard]] std::optional<std::string> payload_of(const store::EventRow& row, store::Layer layer);

}  // namespace tristrata::archive
