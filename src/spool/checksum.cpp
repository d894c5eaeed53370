#include "checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace tristrata::spool {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables made() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0x82F63B78U : 0U);
        tables[0][byte] = value;
    }
    for (std::size_t table = 1; table < tables.size(); ++table)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
        }
    return tables;
}

constexpr Tables tables = made();
static_assert(std::endian::native == std::endian::little);

}  // namespace

std::uint32_t crc32c(std::uint32_t before, std::string_view bytes) noexcept {
    std::uint32_t crc = ~before;
    while (bytes.size() >= 8) {
        std::uint32_t low = 0, high = 0;
        std::memcpy(&low, bytes.data(), 4);
        std::memcpy(&high, bytes.data() + 4, 4);
        low ^= crc;
        crc = tables[7][low & 0xFFU] ^ tables[6][(low >> 8U) & 0xFFU] ^ tables[5][(low >> 16U) & 0xFFU] ^
              tables[4][low >> 24U] ^ tables[3][high & 0xFFU] ^ tables[2][(high >> 8U) & 0xFFU] ^
              tables[1][(high >> 16U) & 0xFFU] ^ tables[0][high >> 24U];
        bytes.remove_prefix(8);
    }
    for (const char byte : bytes)
        crc = (crc >> 8U) ^ tables[0][(crc ^ static_cast<std::uint8_t>(byte)) & 0xFFU];
    return ~crc;
}

}  // namespace tristrata::spool
