#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/dataset/derived.hpp"
#include "tristrata/detection/compatibility.hpp"
#include "tristrata/detection/method.hpp"
#include "tristrata/drift/severity.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// The null hypothesis: what the rows of an undrifted column are taken to be.
enum class Null : std::uint8_t {
    automatic,    ///< chunks where K + 1 >= 1/alpha; else dependent where there is a time column; else
                  ///< independent.
    independent,  ///< Rows are draws.
    dependent,    ///< One time-ordered window each; autocorrelation is taken into account.
    chunks,       ///< Reference and current are K + 1 windows treated alike.
};
[[nodiscard]] std::string_view name(Null null) noexcept;
[[nodiscard]] core::Result<Null> parse_null(std::string_view text);

/// Classes of windows for the null `chunks`, by the UTC day or hour at which a window begins.
enum class Season : std::uint8_t { none, weekend, weekday, hour };
[[nodiscard]] std::string_view name(Season season) noexcept;
[[nodiscard]] core::Result<Season> parse_season(std::string_view text);

/// What a plan says of one column; everything absent is decided from the reference.
struct ColumnPlan {
    drift::Role role = drift::Role::feature;
    std::optional<drift::Kind> kind;
    std::string unit;
    bool sensitive = false;
    bool ignore = false;
    std::optional<double> importance;  ///< Beside the other columns' 1; 0 does not count at all.
    std::optional<double> minimum;     ///< Values beyond either end are a signal, however few.
    std::optional<double> maximum;
    std::optional<double> dispersion_min;  ///< Spread of nine in ten values over their median, at least.
    std::optional<std::string> test;       ///< In place of the kind's: a row of the table of methods.
    std::optional<double> threshold;       ///< Of Evidently's test of this column.
};

/// The tests that stand in for those of a kind; absent: the kind's own (docs/verdicts.md).
struct TestChoice {
    std::optional<std::string> numeric;
    std::optional<std::string> categorical;  ///< Of boolean columns too.
};

/// What is checked, and how (docs/plan.md).
struct Plan {
    std::string method = "tristrata";
    Null null = Null::automatic;
    Season season = Season::none;
    double alpha = 0.05;
    std::uint64_t seed = 0;
    std::string time;                  ///< The column that orders the rows; empty: none.
    std::vector<std::string> columns;  ///< Only these; empty: all.
    std::map<std::string, ColumnPlan, std::less<>> column;
    std::vector<dataset::Derived> derived;  ///< Columns that whoever opens a source makes of its own.
    std::string by;  ///< The column whose labels split the check into groups; empty: no groups.
    std::uint64_t groups_max = 50;          ///< The groups with the most rows are looked at, so many of them.
    bool multivariate = false;              ///< Also test all columns together (docs/multivariate.md).
    std::optional<std::uint64_t> rows_min;  ///< Of current; fewer are a signal.
    std::optional<std::int64_t> max_age_us;  ///< Of current's newest row when the report is made.
    TestChoice tests;
    EvidentlyOptions evidently;       ///< Where the method is evidently ...
    NannymlOptions nannyml;           ///< ... or nannyml.
    bool explain_difference = false;  ///< With a peer's method: ours too, and why they differ.
    drift::SeverityPolicy severity = drift::SeverityPolicy::defaults();
    config::SensitivePatterns patterns;  ///< A column with a label like one of these is sensitive.

    /// Whose rules the verdicts follow; validate() says whether `method` is one.
    [[nodiscard]] Engine engine() const;
    [[nodiscard]] const ColumnPlan& of(std::string_view column_name) const noexcept;
};

/// Reads a plan file. Unknown keys are refused with the nearest known one named.
[[nodiscard]] core::Result<Plan> read_plan(const std::filesystem::path& file);
[[nodiscard]] core::Result<Plan> parse_plan(std::string_view text, std::string name);
/// usage: an alpha outside (0, 0.5], an unknown method or test, a peer's options out of range, groups by the
/// time column or none at most.
[[nodiscard]] core::Status validate(const Plan& plan);
/// Chooses each test, a row of the engine's, for the kinds that it takes; usage where there is none of that
/// name.
[[nodiscard]] core::Status choose_tests(Plan& plan, const std::vector<std::string>& tests);
/// The plan in one canonical form: equal plans have equal digests, whatever their file looked like.
[[nodiscard]] std::string digest(const Plan& plan);

}  // namespace tristrata::detection
