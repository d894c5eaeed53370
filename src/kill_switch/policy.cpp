#include "tristrata/kill_switch/policy.hpp"

#include "tristrata/config/module_pattern.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <optional>
#include <type_traits>

namespace tristrata::kill_switch {
namespace {

constexpr std::uint64_t rows_max = 1'000'000'000;  ///< More than any window has.

tl::unexpected<core::Error> refuse(const config::Reader& section, std::string_view key,
                                   std::string_view value, std::string_view expected) {
    return core::fail(
        core::ErrorKind::configuration,
        fmt::format("{}: {} is {}; expected {}", section.where(key), key, core::quoted(value, 40), expected));
}

core::Status read_duration(config::Reader& section, std::string_view key, core::Duration& into) {
    auto text = section.text(key);
    if (!text) return propagate(text);
    if (!*text) return {};
    auto read = core::parse_duration(**text);
    if (!read) return refuse(section, key, **text, "a whole number with its unit, such as 15m");
    into = *read;
    return {};
}

core::Status read_count(config::Reader& section, std::string_view key, std::uint64_t& into,
                        std::optional<std::uint64_t> most = std::nullopt) {
    auto number = section.integer(key);
    if (!number) return propagate(number);
    if (!*number) return {};
    const bool is_reached = !most || **number <= static_cast<std::int64_t>(*most);
    if (**number >= 1 && is_reached) {
        into = static_cast<std::uint64_t>(**number);
        return {};
    }
    // What asks for more than there can be looks armed, and never engages.
    return core::fail(core::ErrorKind::configuration,
                      fmt::format("{}: {} is {}{}; expected {}", section.where(key), key, **number,
                                  is_reached ? "" : ", which no data could reach",
                                  most ? fmt::format("1 to {}", *most) : "a whole number from 1 on"));
}

template <class Word>
core::Status read_word(config::Reader& section, std::string_view key,
                       std::initializer_list<std::pair<std::string_view, std::type_identity_t<Word>>> words,
                       Word& into) {
    auto text = section.text(key);
    if (!text) return propagate(text);
    if (!*text) return {};
    std::string known;
    for (const auto& [word, value] : words) {
        if (**text == word) {
            into = value;
            return {};
        }
        known += (known.empty() ? "" : " or ") + std::string(word);
    }
    return refuse(section, key, **text, known);
}

core::Status read_scopes(config::Reader& section, Policy& policy) {
    auto scopes = section.table("scopes");
    if (!scopes) return propagate(scopes);
    if (!*scopes) return {};
    for (const std::string& module : (*scopes)->keys()) {
        if (auto fit = config::check_module_pattern(module, "\"candles.*\" = \"global\""); !fit)
            return core::fail(fit.error().kind,
                              fmt::format("{}: {}", (*scopes)->where(module), fit.error().message));
        auto text = (*scopes)->text(module);
        if (!text) return propagate(text);
        auto scope = parse_scope(**text);
        if (!scope || scope->kind == Scope::Kind::drill)
            return refuse(**scopes, module, **text, "global, crypto:NAME or strategy:NAME");
        policy.scopes.emplace(module, std::move(*scope));
    }
    return {};
}

}  // namespace

core::Result<Policy> Policy::read(const config::Settings& settings) {
    Policy policy;
    auto section = settings.section("kill_switch");
    if (!section) return policy;
    config::Reader& reader = *section;
    for (const auto& status :
         {read_word(reader, "mode", {{"shadow", Mode::shadow}, {"enforcing", Mode::enforcing}}, policy.mode),
          read_duration(reader, "minimum_dwell", policy.minimum_dwell),
          read_count(reader, "evidence_rows", policy.evidence.rows, rows_max),
          read_count(reader, "evidence_fired", policy.evidence.fired, evaluations_kept),
          read_duration(reader, "evidence_age", policy.evidence.age_max),
          read_count(reader, "scopes_max", policy.scopes_max),
          read_duration(reader, "scopes_window", policy.scopes_window),
          read_word(reader, "over_limit", {{"ask", OverLimit::ask}, {"global", OverLimit::global}},
                    policy.over_limit),
          read_word(reader, "telemetry_lost",
                    {{"hold", TelemetryLost::hold},
                     {"engage", TelemetryLost::engage},
                     {"ignore", TelemetryLost::ignore}},
                    policy.telemetry_lost),
          read_scopes(reader, policy), reader.finish()})
        if (!status) return propagate(status);
    return policy;
}

const Scope* Policy::scope_of(std::string_view module) const {
    const auto found = scopes.find(module);
    if (found != scopes.end()) return &found->second;
    const Scope* best = nullptr;
    std::size_t longest = 0;
    for (const auto& [pattern, scope] : scopes) {
        if (!config::fits(pattern, module) || pattern.size() < longest) continue;
        best = &scope;
        longest = pattern.size();
    }
    return best;
}

}  // namespace tristrata::kill_switch
