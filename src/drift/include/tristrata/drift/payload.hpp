#pragma once

#include "tristrata/drift/event.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::drift {

/// From so many bytes of UTF-8 on a payload is an object of its own, and its row points to it.
inline constexpr std::size_t object_payload_bytes = 102'400;

/// Where a row's payload is, when it is not in the row: three members of what stands there in its place.
struct PayloadPointer {
    std::string url;          ///< "payload_url": where it was put, for people; its name is its SHA-256.
    std::string sha256;       ///< "payload_sha256"
    std::uint64_t bytes = 0;  ///< "payload_bytes"
};
/// Absent where the event's payload is all of it.
[[nodiscard]] std::optional<PayloadPointer> pointer_of(const Event& event);

/// What a row keeps of a payload that is an object: the pointer, and its short members (each at most 400
/// bytes, 4,000 in all, in their order), so that lists and dashboards keep their words.
[[nodiscard]] std::string pointing_payload(const PayloadPointer& pointer, std::string_view payload);

/// invalid_input: the bytes are not those that the row points to.
[[nodiscard]] core::Status check_payload(const PayloadPointer& pointer, std::string_view bytes);

/// Before a store's rows: a large payload becomes an object record of the same append, and its row points to
/// it. Everything else goes through as it is. The acknowledgement counts rows of the store only.
///
/// Errors    configuration: a payload is that large and there is no place for objects. What the sink behind
///           it says.
class PayloadSink final : public sink::Sink {
public:
    /// `place`: what keys are appended to, "s3://bucket/prefix"; `without`: what a refusal says where there
    /// is none. The sink outlives this.
    PayloadSink(sink::Sink& behind, std::optional<std::string> place, std::string without = {})
        : behind_(behind), place_(std::move(place)), without_(std::move(without)) {}
    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override { return behind_.flush(); }

private:
    sink::Sink& behind_;
    std::optional<std::string> place_;
    std::string without_;
};

}  // namespace tristrata::drift
