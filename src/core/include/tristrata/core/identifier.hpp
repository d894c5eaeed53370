#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::core {

/// 128 bits, written as 8-4-4-4-12 lower-case hexadecimal digits.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
};

/// Version 7 (RFC 9562): milliseconds of the clock, then random bits of the operating system. Sortable by
/// time to the millisecond.
[[nodiscard]] Uuid uuid_v7(Clock& clock);

/// Version 5 (RFC 9562): the same name in the same namespace is the same id, everywhere and always.
/// Example   uuid_v5(6ba7b810-9dad-11d1-80b4-00c04fd430c8, "www.example.com")
///           = 2ed6657d-e927-568b-95e1-2665a8aea6a2.
[[nodiscard]] Uuid uuid_v5(const Uuid& name_space, std::string_view name);

/// Tristrata's own namespace for version 5.
[[nodiscard]] const Uuid& tristrata_namespace() noexcept;

/// Any case; with or without hyphens.
[[nodiscard]] Result<Uuid> parse_uuid(std::string_view text);
[[nodiscard]] std::string to_string(const Uuid& uuid);

/// The ids of a trace and of a span in it, as W3C's Trace Context has them.
using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;
/// 32 hexadecimal digits in any case; none where there is no text, or nothing but zeros. refused: anything
/// else.
[[nodiscard]] Result<std::optional<TraceId>> parse_trace_id(std::string_view text);
/// 16 hexadecimal digits, likewise.
[[nodiscard]] Result<std::optional<SpanId>> parse_span_id(std::string_view text);
/// Lower-case hexadecimal digits.
[[nodiscard]] std::string hexadecimal(std::span<const std::uint8_t> bytes);

/// SHA-256, incremental.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::span<const std::byte> bytes);
    void update(std::string_view text);
    /// 64 lower-case hexadecimal digits; the state starts anew.
    [[nodiscard]] std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256(std::string_view text);
/// The same 32 bytes in base64, as a Content-Security-Policy names them.
[[nodiscard]] std::string sha256_base64(std::string_view text);

}  // namespace tristrata::core
