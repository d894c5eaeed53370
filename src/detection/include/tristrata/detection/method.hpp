#pragma once

#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tristrata::detection {

/// What a method reads of a column.
enum class SummaryKind : std::uint8_t { sample, counts, histogram, windows };

/// One row of the one table of methods: plan, --help, schema, documents and tests iterate over it.
struct Method {
    std::string_view name;
    std::string_view title;
    std::span<const drift::Kind> kinds;
    SummaryKind needs;
    bool has_p;               ///< Can carry a verdict; otherwise it is a measure, reported beside one.
    std::string_view nulls;   ///< Space separated, empty for a measure.
    std::string_view effect;  ///< The effect gate that stands beside p, or the measure's own unit.
    std::string_view page;    ///< Under docs/statistics/.
};

/// All methods, in the order in which a report lists their measures.
[[nodiscard]] std::span<const Method> methods() noexcept;
/// The row of this name; nullptr where there is none.
[[nodiscard]] const Method* find_method(std::string_view name) noexcept;

}  // namespace tristrata::detection
