#pragma once

#include <cstdint>
#include <string_view>

namespace tristrata::spool {

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), going on from a checksum; 0 begins.
///
/// Example   crc32c(0, "123456789") = 0xE3069283 (tests/segment_test.cpp).
/// Cost      Eight bytes a step, by tables.
/// Source    RFC 3720, appendix B.4.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t before, std::string_view bytes) noexcept;

}  // namespace tristrata::spool
