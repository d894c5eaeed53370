#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::drift {

/// One side of a check.
struct Side {
    std::string source;   ///< The file or query, as shown.
    std::string version;  ///< SHA-256 of its bytes, or a profile's version.
    std::uint64_t rows = 0;
    std::optional<core::Timestamp> from;  ///< First time of the window, where there is a time column.
    std::optional<core::Timestamp> to;
};

/// What a column held on one side.
struct ColumnSide {
    std::uint64_t n = 0;                        ///< Rows, missing and infinite ones among them.
    std::optional<double> missing_share = 0.0;  ///< None: of values that cannot be read nobody knows it.
    double infinite_share = 0.0;
    std::uint64_t distinct = 0;
    std::optional<double> median;  ///< Numeric columns; and the rest of this block.
    std::optional<double> mean;
    std::optional<double> standard_deviation;
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::optional<std::string> mode;   ///< Categorical and boolean: the most frequent label...
    std::optional<double> mode_share;  ///< ...and its share of the values present; of numbers, too.
};

struct Test {
    std::string method;  ///< "ks", "chi_square", "two_part", ...: a row of the table of methods.
    std::string how;     ///< "exact", "asymptotic", "permutation".
    std::string null;    ///< "independent", "dependent", "chunks".
    std::optional<double> statistic;
    std::optional<double> p;
    std::optional<double> p_adjusted;
};

struct Effect {
    std::string measure;  ///< "psi_excess", "ks", "total_variation".
    std::optional<double> value;
    std::optional<double> low;
    std::optional<double> high;
};

/// A small picture: counts over shared edges (numeric, time) or shares of labels (categorical). `edges` has
/// one element more than the counts; the outer bins also hold what lies beyond. Exactly one of edges and
/// labels is filled, or neither.
struct Distribution {
    std::vector<double> edges;
    std::vector<std::string> labels;
    std::vector<double> reference;  ///< Shares, summing to 1 where the side has a value.
    std::vector<double> current;
};

struct Signal {
    SignalKind kind = SignalKind::missing_share;
    std::optional<double> reference;
    std::optional<double> current;
    Verdict verdict = Verdict::no_drift;
    std::optional<Severity> severity;  ///< Absent where there is no drift.
    std::string reason;
};

/// One chunk of current, as a tool that looks at chunks measures it.
struct PeerChunk {
    std::string key;  ///< "[0:4999]", "2023-03".
    std::uint64_t rows = 0;
    std::optional<double> value;
    bool alert = false;
};

/// What a method of another tool says of a column, by that tool's own rules (docs/compatibility.md).
struct PeerTest {
    std::string method;           ///< As the tool calls it: "wasserstein".
    std::string title;            ///< As its reports print it: "Wasserstein distance (normed)".
    std::optional<double> score;  ///< Absent where the tool has NaN; of chunks the largest.
    std::string rule;             ///< "score >= threshold".
    std::optional<double> lower;  ///< The threshold below which it is drift ...
    std::optional<double> upper;  ///< ... or above which; a rule of one threshold has one of them.
    std::string reason;           ///< Why a bound that the rule names is absent; else empty.
    bool drifted = false;
    std::uint64_t alerts = 0;       ///< Chunks of current that alert.
    std::vector<PeerChunk> chunks;  ///< Empty for a tool that does not cut.
};

/// Our own verdict on a column that a peer judged, and why it is another one or the same.
struct Difference {
    Verdict verdict = Verdict::not_tested;
    std::optional<Severity> severity;
    std::string reason;       ///< Ours, as a report of our own would say it.
    std::string explanation;  ///< What of the column makes the two rules answer as they do.
};

struct ColumnReport {
    std::string name;
    Kind kind = Kind::numeric;
    Role role = Role::feature;
    DriftType drift_type = DriftType::data_drift;
    std::string unit;  ///< From the plan; may be empty.
    Verdict verdict = Verdict::not_tested;
    std::optional<Severity> severity;  ///< Absent where there is no drift.
    std::string reason;                ///< One sentence, for a person.
    bool sensitive = false;            ///< Labels are hashed everywhere.
    ColumnSide reference;
    ColumnSide current;
    std::optional<double> effective_n_reference;  ///< n/τ, where dependence was taken into account.
    std::optional<double> effective_n_current;
    std::optional<Test> test;
    std::optional<Effect> effect;
    /// Everything measured, by name, in the order of the table of methods: psi, ks, wasserstein, ...
    std::vector<std::pair<std::string, std::optional<double>>> measures;
    Distribution distribution;
    std::vector<Signal> signals;
    double importance = 1.0;       ///< From the plan or the domain classifier; 1 where neither speaks.
    std::optional<double> impact;  ///< effect_size() x importance; absent where nothing was measured.
    std::vector<PeerTest>
        peer;  ///< Where the plan's method is another tool's; the verdict then follows them.
    std::optional<Difference> difference;  ///< Where it was asked for.
};

/// How far current moved in a column, between 0 and 1 and comparable between kinds: ks, or total_variation of
/// labels. Absent where neither was measured.
[[nodiscard]] std::optional<double> effect_size(const ColumnReport& column) noexcept;

struct Summary {
    std::uint64_t columns = 0;
    std::uint64_t tested = 0;
    std::uint64_t drifted = 0;
    std::uint64_t insufficient_data = 0;
    std::uint64_t not_tested = 0;
    double share_drifted = 0.0;        ///< drifted / tested; 0 where nothing was tested.
    std::optional<Severity> severity;  ///< The worst of columns and signals.
};

/// What was asked for: kept so that a report can be repeated.
struct PlanSummary {
    std::string method = "tristrata";
    std::string null = "auto";  ///< As asked; each column's test names the one used.
    std::string null_reason;    ///< Why that one.
    std::string season = "none";
    double alpha = 0.05;
    std::string digest;  ///< SHA-256 of the plan's canonical form.
    std::optional<double> expected_false_days_a_year;
    std::optional<double> expected_false_days_low;   ///< 5 % of a year's.
    std::optional<double> expected_false_days_high;  ///< 95 %.
};

/// A column, or a pair of them, that a joint test points at.
struct Driver {
    std::vector<std::string> columns;
    std::optional<double> reference;   ///< A pair's correlation, and
    std::optional<double> current;     ///< what it is now.
    std::optional<double> share;       ///< A column's part of what tells the sides apart.
    std::optional<double> p_adjusted;  ///< Of a pair, over all pairs.
};

/// A test of all columns together (docs/multivariate.md).
struct JointTest {
    std::string method;  ///< "pca_reconstruction", "domain_classifier", "correlation".
    Verdict verdict = Verdict::not_tested;
    std::optional<Severity> severity;  ///< Absent where there is no drift.
    std::string reason;                ///< One sentence, for a person.
    std::uint64_t reference_rows = 0;  ///< Rows looked at: a seeded sample where there are many.
    std::uint64_t current_rows = 0;
    std::uint64_t columns = 0;           ///< Looked at, and
    std::uint64_t columns_left_out = 0;  ///< not.
    std::optional<Test> test;
    std::optional<Effect> effect;
    std::vector<std::pair<std::string, std::optional<double>>> measures;
    std::vector<Driver> drivers;  ///< What moved most, first.
};

/// The rows in which the grouping column holds one label (docs/groups.md).
struct Group {
    std::string label;
    std::uint64_t reference_rows = 0;
    std::uint64_t current_rows = 0;
    Verdict verdict = Verdict::not_tested;  ///< drift where a column of it drifted.
    std::optional<Severity> severity;       ///< The worst of its columns and their signals.
    std::string reason;
    std::vector<ColumnReport> columns;  ///< Empty where only one side has the group.
};

/// All groups of a check, their columns corrected together.
struct Groups {
    std::string by;
    std::uint64_t limit = 0;         ///< So many groups are looked at: those with the most rows.
    std::uint64_t tests = 0;         ///< Groups x columns that have a p: one family.
    std::uint64_t beyond_limit = 0;  ///< Groups that were not looked at, and their rows:
    std::uint64_t beyond_limit_reference_rows = 0;
    std::uint64_t beyond_limit_current_rows = 0;
    std::uint64_t ungrouped_reference_rows = 0;  ///< Rows in which the grouping column is missing.
    std::uint64_t ungrouped_current_rows = 0;
    std::vector<Group> groups;  ///< Those with the most rows first; ties by label.
};

/// Verdict, severity and reason of a group from its columns; left as they are where it has none.
void conclude(Group& group);

/// A drift report, "tristrata.drift_report/1": self-contained; one column's failure is a row of it, never
/// its end. Columns stand in the order of the reference's schema.
struct Report {
    core::Uuid report_id;
    core::Timestamp created_at;
    Side reference;
    Side current;
    PlanSummary plan;
    Summary summary;
    std::vector<ColumnReport> columns;
    std::vector<Signal> signals;          ///< Of the table as a whole: gaps, rows, time order.
    std::vector<std::string> notes;       ///< What was done to the input: "sorted by open_time".
    std::vector<JointTest> multivariate;  ///< Where the plan asks for them.
    std::optional<Groups> groups;         ///< Where the plan names a grouping column.
};

inline constexpr std::string_view report_schema = "tristrata.drift_report/1";

/// uuid5 of plan digest, both versions, both windows and created_at: the same check is the same report.
[[nodiscard]] core::Uuid report_identity(const Report& report);
/// Numbers that are not finite become absent, and a note of the report names them: what values near the ends
/// of a double make together may not fit one, and JSON has no word for it. A report without one is unchanged.
void leave_out_not_finite(Report& report);
/// Counts columns and finds the worst severity.
[[nodiscard]] Summary summarise(const Report& report);
/// "2 of 12 tested columns drifted", "The one tested column did not drift", "No column could be tested": how
/// a report and an event begin.
[[nodiscard]] std::string columns_drifted(std::uint64_t drifted, std::uint64_t tested);

/// docs/formats/drift_report.md; docs/formats/drift_report.schema.json.
[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_json(const ColumnReport& column);
[[nodiscard]] std::string to_json(const JointTest& test);
/// The same of a group's column, with a first member "group": {"by", "label"}.
[[nodiscard]] std::string to_json(const ColumnReport& column, std::string_view by, std::string_view label);
/// invalid_input names what is wrong and where; another schema version is an error of kind conflict.
[[nodiscard]] core::Result<Report> parse_report(std::string_view json);

}  // namespace tristrata::drift
