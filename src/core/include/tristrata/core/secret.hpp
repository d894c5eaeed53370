#pragma once

#include "tristrata/core/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::core {

/// Text that must not be seen. It has no stream operator, does not format, and compares as text; reveal()
/// is the one way out, so that a search finds every use.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    bool operator==(const Secret&) const = default;

private:
    std::string text_;
};

/// A secret that may be exchanged while the process runs, as mounted ones are: it is read anew at each use.
struct SecretSource {
    std::string origin;  ///< The setting that names it, for messages: "TRISTRATA_KPI_URL_FILE".
    std::function<Result<Secret>()> read;
};

/// What is shown in a secret's place.
inline constexpr std::string_view hidden = "[hidden]";

/// What is stored in the place of a value that looks like a secret.
inline constexpr std::string_view redacted = "[redacted]";

/// A message in which each `scheme://user:password@` has lost user and password: what somebody wrote where a
/// path was expected is repeated in errors. What stands for them in our own advice, USER:PASSWORD, stays.
[[nodiscard]] std::string without_credentials(std::string_view message);

}  // namespace tristrata::core
