#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tristrata::kill_switch {

/// What "engaged" stops, and what it does not; stands in every message.
inline constexpr std::string_view engaged_means =
    "no new buy signals and no new allocations; exits (take profit, stop loss, timeout) go on; orders in "
    "flight "
    "are not cancelled";

/// What one switch is for: "global", "crypto:BTCUSDT", "strategy:mean_reversion", or "drill", which no order
/// asks for. Written so everywhere.
struct Scope {
    enum class Kind : std::uint8_t { crypto, strategy, global, drill };
    Kind kind = Kind::global;
    std::string name;  ///< Of a crypto or a strategy.

    bool operator==(const Scope&) const = default;
};
[[nodiscard]] std::string to_string(const Scope& scope);
/// Whether both stop the same orders: of one kind, and their names differ at most in the case of letters. Who
/// writes and who reads both ask this, so that crypto:btcusdt engages what watches crypto:BTCUSDT.
[[nodiscard]] bool is_same(const Scope& a, const Scope& b);
/// usage: no such kind; a name that is empty, over 60 bytes, or holds more than letters, digits, '_', '-',
/// '.' and '/'.
[[nodiscard]] core::Result<Scope> parse_scope(std::string_view text);

/// Who or what asks.
enum class Source : std::uint8_t { cli, console, environment, webhook, airflow, analyzer, incident, system };
[[nodiscard]] std::string_view name(Source source) noexcept;
[[nodiscard]] core::Result<Source> parse_source(std::string_view text);
/// A person stands behind it: it needs no evidence, and engages also in shadow.
[[nodiscard]] constexpr bool by_person(Source source) noexcept {
    return source == Source::cli || source == Source::console || source == Source::environment;
}
/// It may disengage.
[[nodiscard]] constexpr bool may_disengage(Source source) noexcept {
    return source == Source::cli || source == Source::console || source == Source::airflow;
}

/// shadow: what would engage by itself is recorded as such, and nothing more; persons engage all the same.
enum class Mode : std::uint8_t { shadow, enforcing };
[[nodiscard]] std::string_view name(Mode mode) noexcept;

/// What became of a request.
enum class Decision : std::uint8_t {
    engaged,                ///< A transition.
    joined,                 ///< The scope was engaged already; the episode is noted as one of its reasons.
    repeated,               ///< The same scope, incident and episode came before: nothing is done.
    would_engage,           ///< Shadow.
    insufficient_evidence,  ///< To be looked at by a person.
    asked_human,            ///< More scopes than the policy takes in its window.
    held,                   ///< Telemetry is lost, and the policy says hold.
    ignored,                ///< Telemetry is lost, and the policy says ignore.
    nothing_open,           ///< The evaluation found nothing to engage for.
    unmapped,               ///< An incident of a module for which the policy names no scope.
    disengaged,             ///< A transition.
    disengage_refused,
};
[[nodiscard]] std::string_view name(Decision decision) noexcept;
[[nodiscard]] core::Result<Decision> parse_decision(std::string_view text);

}  // namespace tristrata::kill_switch
