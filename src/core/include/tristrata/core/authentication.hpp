#pragma once

#include "tristrata/core/secret.hpp"

#include <string>
#include <string_view>

namespace tristrata::core {

/// HMAC-SHA256 (RFC 2104): 64 lower-case hexadecimal digits that only who has the key can make of this text.
///
/// Example   key "Jefe", text "what do ya want for nothing?" gives 5bdcc146…3843 (RFC 4231, test case 2).
[[nodiscard]] std::string hmac_sha256(const Secret& key, std::string_view text);

/// What a client shows of itself by user and password (RFC 7617): "Basic " and both in base64.
///
/// Example   "Aladdin", "open sesame" gives "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" (RFC 7617, section 2).
[[nodiscard]] Secret basic_authorization(std::string_view user, const Secret& password);

/// Whether what somebody shows is the secret. Its time tells nothing of where they differ, nor of the
/// secret's length.
[[nodiscard]] bool is_same_secret(const Secret& secret, std::string_view shown);

}  // namespace tristrata::core
