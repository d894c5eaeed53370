#include "tristrata/config/sensitive.hpp"

#include "tristrata/config/document.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <regex>
#include <string>
#include <vector>

namespace tristrata::config {
namespace {

struct Pattern {
    std::string name;
    std::string needs;  ///< A text that every match holds; empty: nobody knows one.
    std::regex expression;
};

const std::vector<Pattern>& built_in() {
    static const std::vector<Pattern> patterns{
        {"e-mail address", "@", std::regex(R"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,})")},
        {"URL with a password", "://", std::regex(R"([a-z][a-z0-9+]*://[^/\s:@]+:[^/\s@]+@)")},
        {"AWS access key", "IA", std::regex(R"((AKIA|ASIA)[A-Z0-9]{16})")},
        {"private key", "-----BEGIN ", std::regex(R"(-----BEGIN [A-Z ]*PRIVATE KEY)")},
        {"JSON web token", "eyJ", std::regex(R"(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.)")},
        {"wallet address", "0x", std::regex(R"(0x[0-9a-fA-F]{40})")},
        {"token of GitHub", "gh", std::regex(R"((ghp|gho|ghs)[_-][A-Za-z0-9-]{10,})")},
        {"authorization header", "uthorization",
         std::regex(R"(uthorization['"]?\s*[:=]\s*['"]?(Bearer|Basic|Token)\s+[^\s'"]{8,})")},
        {"token of Slack", "xox", std::regex(R"((xoxb|xoxp)[_-][A-Za-z0-9-]{10,})")},
    };
    return patterns;
}

constexpr std::array<std::string_view, 5> secret_words{"password", "secret", "token", "key", "credential"};

constexpr std::string_view of_a_name = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

/// Whether the name around a word at this place has its value behind it: `{"api_key": "x"}`, `api_key=x`,
/// `--password x`, `password: x`. A message speaks of a key or a token with a colon (`KeyError: 'fold'`,
/// `unexpected token: }`), so that a colon alone counts for the other words only, and `key=` for names that
/// are longer.
bool gives_a_value(const std::string& text, std::size_t at, std::string_view word) {
    const auto before = at == 0 ? std::string::npos : text.find_last_not_of(of_a_name, at - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const auto end = text.find_first_not_of(of_a_name, at);
    if (end == std::string::npos) return false;
    const auto next = text.find_first_not_of(' ', end + 1);
    if (next == std::string::npos) return false;
    switch (text[end]) {
        case '\'':
        case '"':
            return text[next] == ':' && text.find('{') != std::string::npos;
        case '=':
            return next == end + 1 && text[next] != '=' && (word != "key" || end - begin > word.size());
        case ':':
            return next > end + 1 && word != "key" && word != "token";
        case ' ':
            return text.compare(begin, 2, "--") == 0;
        default:
            return false;
    }
}

}  // namespace

struct SensitivePatterns::Compiled {
    std::vector<Pattern> patterns;
};

SensitivePatterns::SensitivePatterns() {
    static const auto defaults = std::make_shared<const Compiled>(Compiled{built_in()});
    compiled_ = defaults;
}

core::Result<SensitivePatterns> SensitivePatterns::read(const std::filesystem::path& file) {
    auto document = read_document(file);
    if (!document) return propagate(document);
    Reader root = document->root();
    auto table = root.table("patterns");
    if (!table) return propagate(table);
    Compiled compiled{built_in()};
    if (*table)
        for (const auto& name : (*table)->keys()) {
            auto text = (*table)->text(name);
            if (!text) return propagate(text);
            try {
                compiled.patterns.push_back({name, "", std::regex(text->value_or(""))});
            } catch (const std::regex_error&) {
                return core::fail(core::ErrorKind::configuration,
                                  fmt::format("{}: the pattern {} is no regular expression (ECMAScript)",
                                              (*table)->where(name), core::quoted(name)));
            }
        }
    if (auto status = root.finish(); !status) return propagate(status);
    SensitivePatterns patterns;
    patterns.compiled_ = std::make_shared<const Compiled>(std::move(compiled));
    return patterns;
}

core::Result<SensitivePatterns> SensitivePatterns::of(const Settings& settings) {
    const std::string file = settings.text("sensitive");
    if (file.empty()) return SensitivePatterns();
    return read(file);
}

std::optional<std::string_view> SensitivePatterns::match(std::string_view value) const {
    for (const Pattern& pattern : compiled_->patterns) {
        if (value.find(pattern.needs) == std::string_view::npos) continue;
        if (std::regex_search(value.begin(), value.end(), pattern.expression)) return pattern.name;
    }
    return std::nullopt;
}

bool SensitivePatterns::match_any(std::span<const std::string> values) const {
    return std::ranges::any_of(values, [this](const auto& value) { return match(value).has_value(); });
}

bool names_a_secret(std::string_view key) {
    const std::string folded = core::lowered(key);
    return std::ranges::any_of(secret_words,
                               [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

bool holds_a_secret(std::string_view text) {
    const std::string folded = core::lowered(text);
    return std::ranges::any_of(secret_words, [&](std::string_view word) {
        for (auto at = folded.find(word); at != std::string::npos;) {
            if (gives_a_value(folded, at, word)) return true;
            const auto end = folded.find_first_not_of(of_a_name, at);  // The same name again says the same.
            at = end == std::string::npos ? end : folded.find(word, end);
        }
        return false;
    });
}

std::string hashed_label(const std::string& label) {
    constexpr std::string_view mark = "sha256:";
    constexpr std::size_t digits = 12;
    const bool done = label.size() == mark.size() + digits && label.starts_with(mark) &&
                      label.find_first_not_of("0123456789abcdef", mark.size()) == std::string::npos;
    return done ? label : std::string(mark) + core::sha256(label).substr(0, digits);
}

}  // namespace tristrata::config
