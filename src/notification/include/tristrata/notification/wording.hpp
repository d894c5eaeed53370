#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/notification/alert.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::notification {

/// How the title and the text of a page are made of an alert: texts with {placeholders}; {{ is a brace. The
/// placeholders are few and fixed (placeholders()); what an alert does not have is empty, and what it has is
/// core::printable(), line by line in the text.
///
/// Example   "[{severity}] {module}: {summary}" gives "[crit] features: dispersion is 1.000291".
class Wording {
public:
    /// [notification] of tristrata.toml with `title` and `text`; the built-in one where they are not set.
    /// configuration: a placeholder that is none, with its place and the nearest known one.
    [[nodiscard]] static core::Result<Wording> of(const config::Settings& settings);

    [[nodiscard]] std::string title(const Alert& alert) const;
    [[nodiscard]] std::string text(const Alert& alert) const;

private:
    std::string title_ = "[{severity}] {module}: {summary}";
    std::string text_ = "{description}\nRunbook: {runbook_url}";
};

/// By name, in alphabetical order.
[[nodiscard]] const std::vector<std::string>& placeholders();

}  // namespace tristrata::notification
