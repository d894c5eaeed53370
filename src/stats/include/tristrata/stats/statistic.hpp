#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace tristrata::stats {

/// Why a statistic has no value. Not an error: a drift report prints it and goes on.
enum class Undefined : std::uint8_t {
    empty_sample,     ///< No finite value on one side.
    too_few_values,   ///< Fewer than the method needs.
    constant_sample,  ///< No spread where a spread is divided by.
    no_overlap,       ///< Nothing in which both sides meet: the distance is infinite.
    unequal_sizes,    ///< The method needs as many rows on one side as on the other.
    not_applicable,   ///< The method does not speak of this kind of column.
};

/// One sentence fragment for a report: "no finite value on one side".
[[nodiscard]] std::string_view describe(Undefined reason) noexcept;

/// A number that exists, or the reason it does not. Never NaN.
using Statistic = std::variant<double, Undefined>;

[[nodiscard]] inline bool has_value(const Statistic& s) noexcept { return std::holds_alternative<double>(s); }
[[nodiscard]] inline std::optional<double> value_of(const Statistic& s) noexcept {
    if (const double* v = std::get_if<double>(&s)) return *v;
    return std::nullopt;
}

/// What a test found: its statistic, the p-value under its null, and how p was come by
/// ("exact", "asymptotic", "permutation").
struct TestResult {
    double statistic = 0.0;
    double p = 1.0;
    std::string_view how;
};
using TestOutcome = std::variant<TestResult, Undefined>;

/// A two-sided interval; low <= high.
struct Interval {
    double low = 0.0;
    double high = 0.0;
};

}  // namespace tristrata::stats
