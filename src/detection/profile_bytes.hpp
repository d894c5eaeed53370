#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace tristrata::detection {

// The bytes of a profile are little-endian, and so is every machine this is built for.
static_assert(std::endian::native == std::endian::little);

template <class Value>
concept PlainNumber = std::is_arithmetic_v<Value>;

/// Appends numbers and texts (a u32 of their bytes, then the bytes).
class ByteWriter {
public:
    template <PlainNumber Value>
    void number(Value value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    template <PlainNumber Value>
    void numbers(std::span<const Value> values) {
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }
    void text(std::string_view text) {
        number(static_cast<std::uint32_t>(text.size()));
        bytes_.append(text);
    }
    void raw(std::string_view bytes) { bytes_.append(bytes); }
    /// Zeros up to a multiple of eight bytes.
    void pad() { bytes_.resize((bytes_.size() + 7) / 8 * 8, '\0'); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

/// Reads what ByteWriter wrote. After the first thing that does not fit, everything is zero or empty and
/// failed() stays true: a caller asks once, at the end, and before it makes room for a count.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <PlainNumber Value>
    [[nodiscard]] Value number() {
        Value value{};
        if (const auto* from = take(sizeof value)) std::memcpy(&value, from, sizeof value);
        return value;
    }
    /// `count` numbers into `out`, which is resized; nothing where so many are not there.
    template <PlainNumber Value, class Container>
    void numbers(std::uint64_t count, Container& out) {
        if (count > left() / sizeof(Value)) {
            failed_ = true;
            return;
        }
        out.resize(count);
        if (count > 0) std::memcpy(out.data(), take(count * sizeof(Value)), count * sizeof(Value));
    }
    [[nodiscard]] std::string text() {
        const auto size = number<std::uint32_t>();
        const auto* from = take(size);
        return from == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(from), size);
    }
    [[nodiscard]] std::string raw(std::size_t size) {
        const auto* from = take(size);
        return from == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(from), size);
    }
    /// Whether what is left is fewer than eight bytes, all zero.
    [[nodiscard]] bool at_padding() const {
        if (failed_ || left() >= 8) return false;
        for (const std::byte byte : bytes_.subspan(at_))
            if (byte != std::byte{0}) return false;
        return true;
    }
    /// Whether `count` things of at least `bytes` each can still follow.
    [[nodiscard]] bool holds(std::uint64_t count, std::size_t bytes) {
        if (count > left() / bytes) failed_ = true;
        return !failed_;
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    void fail() noexcept { failed_ = true; }
    [[nodiscard]] std::size_t left() const noexcept { return failed_ ? 0 : bytes_.size() - at_; }

private:
    const std::byte* take(std::size_t count) {
        if (failed_ || count > bytes_.size() - at_) {
            failed_ = true;
            return nullptr;
        }
        const auto* from = bytes_.data() + at_;
        at_ += count;
        return from;
    }

    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace tristrata::detection
