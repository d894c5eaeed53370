#include "tristrata/core/authentication.hpp"

#include "tristrata/core/identifier.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <array>
#include <cassert>
#include <cstdint>
#include <vector>

namespace tristrata::core {

std::string hmac_sha256(const Secret& key, std::string_view text) {
    std::array<std::uint8_t, 32> digest{};
    unsigned size = 0;
    const auto* made =
        HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    assert(made != nullptr && size == digest.size());
    (void)made;
    return hexadecimal(digest);
}

Secret basic_authorization(std::string_view user, const Secret& password) {
    const std::string both = std::string(user) + ":" + password.reveal();
    // Four characters for each three bytes that were begun, and a zero.
    std::vector<unsigned char> encoded((both.size() + 2) / 3 * 4 + 1);
    const int length = EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(both.data()),
                                       static_cast<int>(both.size()));
    return Secret("Basic " + std::string(encoded.begin(), encoded.begin() + length));
}

bool is_same_secret(const Secret& secret, std::string_view shown) {
    // Of one length, whatever the two have.
    const std::string expected = sha256(secret.reveal()), found = sha256(shown);
    return CRYPTO_memcmp(expected.data(), found.data(), expected.size()) == 0;
}

}  // namespace tristrata::core
