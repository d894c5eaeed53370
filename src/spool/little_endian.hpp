#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tristrata::spool {

// What the spool writes is little-endian, and so is every machine this is built for.
static_assert(std::endian::native == std::endian::little);

template <class Number>
void put(std::string& bytes, Number number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// The caller has made sure that the bytes are there.
template <class Number>
[[nodiscard]] Number get(std::string_view bytes, std::size_t offset) {
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

}  // namespace tristrata::spool
