#pragma once

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

/// What is shown in a secret's place.
inline constexpr std::string_view hidden = "[hidden]";

}  // namespace tristrata::core
