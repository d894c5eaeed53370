#pragma once

#include "tristrata/core/result.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::config {

class Settings;

/// What values look like that must not stand anywhere in the clear: e-mail and wallet addresses, keys,
/// tokens, URLs with a password; and the patterns of sensitive.toml.
///
/// Cost      A built-in pattern is tried only where a text that each of its values holds is found: some 0.1
/// us
///           a value that is like none. Safe to call from any thread.
/// Example   "jane@example.com" is an "e-mail address" (tests/sensitive_test.cpp).
class SensitivePatterns {
public:
    /// The built-in ones.
    SensitivePatterns();
    /// The built-in ones and those of the file's table [patterns], name = "regular expression" (ECMAScript).
    /// configuration: an expression that is none, with its place.
    [[nodiscard]] static core::Result<SensitivePatterns> read(const std::filesystem::path& file);
    /// read() of the file that the setting "sensitive" names; the built-in ones where it is not set.
    [[nodiscard]] static core::Result<SensitivePatterns> of(const Settings& settings);

    /// The name of the first pattern of which the value holds a match; nothing where it holds none.
    [[nodiscard]] std::optional<std::string_view> match(std::string_view value) const;
    /// Whether any of the values holds one.
    [[nodiscard]] bool match_any(std::span<const std::string> values) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

/// Whether a key says that its value is a secret: password, secret, token, key or credential stands in it, in
/// any case.
[[nodiscard]] bool names_a_secret(std::string_view key);
/// Whether a text gives such a name a value: as a member ({'api_key': …}), a variable (API_KEY=…), an option
/// (--password …), or, of those that are no key or token, with a colon (password: …).
[[nodiscard]] bool holds_a_secret(std::string_view text);

/// "sha256:" and twelve digits: how a label of a sensitive column is shown and saved. A label that has this
/// form already stays as it is.
[[nodiscard]] std::string hashed_label(const std::string& label);

}  // namespace tristrata::config
