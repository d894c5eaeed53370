#pragma once

#include "tristrata/drift/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::report {

/// Columns worst first: crit, warn, info, then those with no answer, then those without drift; else as they
/// stand.
[[nodiscard]] std::vector<const drift::ColumnReport*> by_severity(const drift::Report& report);

/// The same of the columns of a group.
[[nodiscard]] std::vector<const drift::ColumnReport*> by_severity(
    const std::vector<drift::ColumnReport>& columns);

/// Groups worst first, in the same order of verdicts; else as they stand.
[[nodiscard]] std::vector<const drift::Group*> by_severity(const drift::Groups& groups);

/// "2 of 8 groups drifted, 16 tests corrected together; 3 groups with 120 rows were not looked at, ...": what
/// was tested, and a word for what was not.
[[nodiscard]] std::string groups_line(const drift::Groups& groups);

/// What stood out in a group: "trades (crit), volume (warn)", the worst first, at most four.
[[nodiscard]] std::string worst_columns(const drift::Group& group);

/// "10,000 rows of the reference, 960 of current, 12 columns; 3 were left out.": what a joint test looked at.
[[nodiscard]] std::string joint_scope(const drift::JointTest& test);

/// "a and b: correlation 0.71 to -0.66 (p = 0.0025)", "a: 62 % of what tells them apart".
[[nodiscard]] std::string driver_text(const drift::Driver& driver);

/// Whether a peer's rules alone decided: then no null, PSI or adjusted p of ours has a place in the report.
[[nodiscard]] bool by_peer_alone(const drift::Report& report);
/// By whose rules, where they are a peer's: "Evidently's: each column by one test against one threshold,
/// ...".
[[nodiscard]] std::string rules_text(const drift::PlanSummary& plan);
/// What a peer measured of a column, of several tests the first that drifted: "0.1663", and its threshold
/// "0.1", "0.02 to 0.3"; "-" where there is none.
struct PeerNumbers {
    std::string value = "-", threshold = "-";
    std::optional<double> sorted_by, threshold_sorted_by;
};
[[nodiscard]] PeerNumbers peer_numbers(const drift::ColumnReport& column);

/// The worst of a column's distribution and its signals.
[[nodiscard]] std::optional<drift::Severity> worst_of(const drift::ColumnReport& column);

/// "105,382 trades", "BTC 63 %", "-": what a column held on one side.
[[nodiscard]] std::string value_of(const drift::ColumnSide& side, const std::string& unit);

/// printable(), and the five characters of markup replaced: safe in HTML, XML and attributes.
[[nodiscard]] std::string escaped(std::string_view text);

/// How long after an event a chunk fired: "3 d later (2023-03-24)"; "never".
[[nodiscard]] std::string delay_text(const std::optional<std::string>& key,
                                     const std::optional<core::Duration>& delay);

/// "A year of such checks without drift raises about 1.3 false alarms (0 to 4)": of the plan's tests, by what
/// they are called; empty where it is not known.
[[nodiscard]] std::string false_alarms_text(const drift::PlanSummary& plan, std::string_view tests);

/// "0.19", and never "-0.00".
[[nodiscard]] std::string two_digits(double value);

}  // namespace tristrata::report
