#include "tristrata/kill_switch/vocabulary.hpp"

#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tristrata::kill_switch {
namespace {

constexpr std::array source_names{std::pair{Source::cli, "cli"},
                                  std::pair{Source::console, "console"},
                                  std::pair{Source::environment, "environment"},
                                  std::pair{Source::webhook, "webhook"},
                                  std::pair{Source::airflow, "airflow"},
                                  std::pair{Source::analyzer, "analyzer"},
                                  std::pair{Source::incident, "incident"},
                                  std::pair{Source::system, "system"}};

constexpr std::array decision_names{std::pair{Decision::engaged, "engaged"},
                                    std::pair{Decision::joined, "joined"},
                                    std::pair{Decision::repeated, "repeated"},
                                    std::pair{Decision::would_engage, "would_engage"},
                                    std::pair{Decision::insufficient_evidence, "insufficient_evidence"},
                                    std::pair{Decision::asked_human, "asked_human"},
                                    std::pair{Decision::held, "held"},
                                    std::pair{Decision::ignored, "ignored"},
                                    std::pair{Decision::nothing_open, "nothing_open"},
                                    std::pair{Decision::unmapped, "unmapped"},
                                    std::pair{Decision::disengaged, "disengaged"},
                                    std::pair{Decision::disengage_refused, "disengage_refused"}};

template <class Value, std::size_t n>
core::Result<Value> value_of(const std::array<std::pair<Value, const char*>, n>& names, std::string_view what,
                             std::string_view text) {
    std::string known;
    for (const auto& [value, word] : names) {
        if (text == word) return value;
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    return core::fail(core::ErrorKind::usage,
                      fmt::format("there is no {} {}; expected one of {}", what, core::quoted(text), known));
}

template <class Value, std::size_t n>
std::string_view name_in(const std::array<std::pair<Value, const char*>, n>& names, Value wanted) noexcept {
    for (const auto& [value, word] : names)
        if (value == wanted) return word;
    return "unknown";
}

constexpr std::size_t longest_name = 60;

}  // namespace

std::string_view name(Source source) noexcept { return name_in(source_names, source); }
std::string_view name(Decision decision) noexcept { return name_in(decision_names, decision); }
std::string_view name(Mode mode) noexcept { return mode == Mode::shadow ? "shadow" : "enforcing"; }

core::Result<Source> parse_source(std::string_view text) { return value_of(source_names, "source", text); }
core::Result<Decision> parse_decision(std::string_view text) {
    return value_of(decision_names, "decision", text);
}

std::string to_string(const Scope& scope) {
    switch (scope.kind) {
        case Scope::Kind::crypto:
            return "crypto:" + scope.name;
        case Scope::Kind::strategy:
            return "strategy:" + scope.name;
        case Scope::Kind::drill:
            return "drill";
        case Scope::Kind::global:
            break;
    }
    return "global";
}

bool is_same(const Scope& a, const Scope& b) {
    return a.kind == b.kind && core::lowered(a.name) == core::lowered(b.name);
}

core::Result<Scope> parse_scope(std::string_view text) {
    if (text == "global") return Scope{Scope::Kind::global, {}};
    if (text == "drill") return Scope{Scope::Kind::drill, {}};
    const auto colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view called = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    const bool fits =
        !called.empty() && called.size() <= longest_name && std::ranges::all_of(called, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c == '-' || c == '.' || c == '/';
        });
    if (fits && kind == "crypto") return Scope{Scope::Kind::crypto, std::string(called)};
    if (fits && kind == "strategy") return Scope{Scope::Kind::strategy, std::string(called)};
    return core::fail(
        core::ErrorKind::usage,
        fmt::format("{} is no scope; expected global, crypto:NAME or strategy:NAME, the name of at most "
                    "{} letters, digits, '_', '-', '.' and '/'",
                    core::quoted(text), longest_name));
}

}  // namespace tristrata::kill_switch
