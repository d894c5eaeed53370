#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tristrata::detection {

/// Whose rules a method follows: ours, or those of a tool that teams come from (docs/compatibility.md).
enum class Engine : std::uint8_t { tristrata, evidently, nannyml };
[[nodiscard]] std::string_view name(Engine engine) noexcept;
/// usage: the nearest known one is named.
[[nodiscard]] core::Result<Engine> parse_engine(std::string_view text);

/// What a method reads of a column.
enum class SummaryKind : std::uint8_t { sample, counts, histogram, windows };

/// When a peer's score means drift, given its threshold.
enum class Rule : std::uint8_t { none, below, at_or_below, above, at_or_above };
/// "score < threshold"; empty for none.
[[nodiscard]] std::string_view rule_text(Rule rule) noexcept;

/// One row of the one table of methods: plan, --help, schema, documents and tests iterate over it.
struct Method {
    std::string_view name;  ///< Unique within its engine; a peer's as the peer calls it.
    std::string_view title;
    std::span<const drift::Kind> kinds;
    SummaryKind needs;
    bool has_p;               ///< Can carry a verdict; otherwise it is a measure, reported beside one.
    std::string_view nulls;   ///< Space separated, empty for a measure and for a peer.
    std::string_view effect;  ///< The effect gate that stands beside p, or the measure's own unit.
    std::string_view page;    ///< Under docs/statistics/.
    Engine engine = Engine::tristrata;
    Rule rule = Rule::none;  ///< Of a peer whose score decides by itself.
    double threshold = 0.0;  ///< Its default.
};

/// All methods, in the order in which a report lists their measures; the peers' last.
[[nodiscard]] std::span<const Method> methods() noexcept;
/// The row of this name; nullptr where there is none.
[[nodiscard]] const Method* find_method(std::string_view name, Engine engine = Engine::tristrata) noexcept;

}  // namespace tristrata::detection
