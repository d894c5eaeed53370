#pragma once

#include "tristrata/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tristrata::sink {

// The parts of which packed records are made (docs/formats/record.md). Numbers are little-endian; a count has
// seven bits a byte, the lowest first, and the eighth bit set on all bytes but its last; a text is the count
// of its bytes and UTF-8.

inline void add_byte(std::string& out, std::uint8_t byte) { out += static_cast<char>(byte); }

template <std::size_t n>
void add_bytes(std::string& out, const std::array<std::uint8_t, n>& bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), n);
}

inline void add_fixed(std::string& out, std::uint64_t value) {
    std::array<char, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
    out.append(bytes.data(), bytes.size());
}

inline void add_count(std::string& out, std::size_t parts) {
    for (; parts >= 0x80U; parts >>= 7U) out += static_cast<char>(static_cast<std::uint8_t>(parts | 0x80U));
    out += static_cast<char>(parts);
}

inline void add_text(std::string& out, std::string_view text) {
    add_count(out, text.size());
    out += text;
}

/// Takes one part after another; after one that is not there, `whole` is false and what comes is empty. Texts
/// stand in the bytes, which have to stay.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

    std::string_view take(std::uint64_t size) {
        if (size > bytes_.size()) {
            whole = false;
            bytes_ = {};
            return {};
        }
        const auto taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }
    std::uint8_t byte() {
        const auto one = take(1);
        return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
    }
    template <std::size_t n>
    void bytes(std::array<std::uint8_t, n>& into) {
        std::ranges::copy(take(n), into.begin());
    }
    std::uint64_t count() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const std::uint8_t part = byte();
            value |= std::uint64_t{part & 0x7fU} << shift;
            if (part < 0x80U) return value;
        }
        whole = false;
        return 0;
    }
    std::uint64_t fixed() {
        const auto eight = take(8);
        std::uint64_t value = 0;
        for (std::size_t i = eight.size(); i-- > 0;)
            value = value << 8U | static_cast<std::uint8_t>(eight[i]);
        return value;
    }
    std::string_view text() {
        const auto taken = take(count());
        if (!core::is_utf8(taken)) whole = false;
        return taken;
    }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }

    bool whole = true;

private:
    std::string_view bytes_;
};

}  // namespace tristrata::sink
