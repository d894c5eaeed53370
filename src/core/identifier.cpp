#include "tristrata/core/identifier.hpp"
#include "tristrata/core/ascii.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
// The digests themselves, not the providers around them: to load those, with their settings file, takes a
// command longer than most of what it does.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <algorithm>
#include <cassert>
#include <charconv>
#include <random>

namespace tristrata::core {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

void fetch_random(std::span<std::uint8_t> bytes) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
}

/// Random bytes of a thread, fetched by the page: a call of the system for each id costs more than the rest
/// of an emit's id. A forked child finds the page wiped, and fetches its own.
class RandomPage {
public:
    RandomPage() {
        void* page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) return;
        if (::madvise(page, bytes, MADV_WIPEONFORK) == 0) page_ = static_cast<Page*>(page);
        else ::munmap(page, bytes);
    }
    ~RandomPage() {
        if (page_ != nullptr) ::munmap(page_, bytes);
    }
    RandomPage(const RandomPage&) = delete;
    RandomPage& operator=(const RandomPage&) = delete;

    void take(std::span<std::uint8_t> wanted) {
        if (page_ == nullptr) return fetch_random(wanted);
        if (page_->left < wanted.size()) {
            fetch_random(page_->random);
            page_->left = page_->random.size();
        }
        page_->left -= wanted.size();
        const auto from = std::span(page_->random).subspan(page_->left, wanted.size());
        std::ranges::copy(from, wanted.begin());
        std::ranges::fill(from, std::uint8_t{0});  // Given out once.
    }

private:
    static constexpr std::size_t bytes = 4096;
    struct Page {
        std::size_t left;
        std::array<std::uint8_t, bytes - sizeof(std::size_t)> random;
    };
    Page* page_ = nullptr;
};

void stamp(Uuid& uuid, unsigned version) {
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0Fu) | (version << 4u));
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3Fu) | 0x80u);
}

/// So many bytes as hexadecimal digits; none where they are absent, or all zeros.
template <std::size_t n>
Result<std::optional<std::array<std::uint8_t, n>>> parse_id(std::string_view text, std::string_view what) {
    if (text.empty()) return std::nullopt;
    std::array<std::uint8_t, n> id{};
    const bool whole = text.size() == 2 * n && std::ranges::all_of(text, [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                       });
    if (!whole)
        return fail(ErrorKind::refused, fmt::format("{} is no id of a {}; expected {} hexadecimal digits",
                                                    quoted(text), what, 2 * n));
    for (std::size_t i = 0; i < n; ++i)
        (void)std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, id[i], 16);
    if (id == std::array<std::uint8_t, n>{}) return std::nullopt;
    return id;
}

}  // namespace

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4u];
        text += digits[byte & 15u];
    }
    return text;
}

Result<std::optional<TraceId>> parse_trace_id(std::string_view text) {
    return parse_id<std::tuple_size_v<TraceId>>(text, "trace");
}

Result<std::optional<SpanId>> parse_span_id(std::string_view text) {
    return parse_id<std::tuple_size_v<SpanId>>(text, "span");
}

Uuid uuid_v7(Clock& clock) {
    Uuid uuid;
    thread_local RandomPage random;
    random.take(uuid.bytes);
    const auto milliseconds = static_cast<std::uint64_t>(clock.now().microseconds / 1000);
    for (unsigned i = 0; i < 6; ++i)
        uuid.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40u - 8u * i));
    stamp(uuid, 7);
    return uuid;
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, name_space.bytes.data(), name_space.bytes.size());
    SHA1_Update(&context, name.data(), name.size());
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1_Final(digest.data(), &context);
    Uuid uuid;
    std::copy_n(digest.begin(), 16, uuid.bytes.begin());
    stamp(uuid, 5);
    return uuid;
}

const Uuid& tristrata_namespace() noexcept {
    // uuid5 of the DNS namespace and "tristrata"; fixed for good, since stored ids come from it.
    static const Uuid id = uuid_v5(*parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "tristrata");
    return id;
}

Result<Uuid> parse_uuid(std::string_view text) {
    Uuid uuid;
    std::size_t nibbles = 0;
    for (const char c : text) {
        if (c == '-') continue;
        const auto value = digits.find(lowered(c));
        if (value == std::string_view::npos || nibbles == 32) {
            nibbles = 33;
            break;
        }
        auto& byte = uuid.bytes[nibbles / 2];
        byte = static_cast<std::uint8_t>((byte << 4u) | static_cast<std::uint8_t>(value));
        ++nibbles;
    }
    if (nibbles != 32)
        return fail(ErrorKind::usage,
                    fmt::format("{} is not a UUID; expected 32 hexadecimal digits", quoted(text)));
    return uuid;
}

std::string to_string(const Uuid& uuid) {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[uuid.bytes[i] >> 4u];
        text += digits[uuid.bytes[i] & 15u];
    }
    return text;
}

struct Sha256::State {
    SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;
void Sha256::update(std::span<const std::byte> bytes) {
    SHA256_Update(&state_->context, bytes.data(), bytes.size());
}
void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }
std::string Sha256::finish() {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &state_->context);
    SHA256_Init(&state_->context);
    return hexadecimal(digest);
}

std::string sha256_base64(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::array<unsigned char, 45> encoded{};  // 44 characters and a zero.
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return {encoded.begin(), encoded.begin() + length};
}

std::string sha256(std::string_view text) {
    Sha256 state;
    state.update(text);
    return state.finish();
}

}  // namespace tristrata::core
