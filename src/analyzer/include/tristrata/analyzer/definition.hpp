#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::analyzer {

/// What an analyzer asks.
enum class SourceKind : std::uint8_t { sql, promql };
[[nodiscard]] std::string_view name(SourceKind kind) noexcept;

/// How PromQL is evaluated: at every step of the windows, or once a window, at its end.
enum class Evaluation : std::uint8_t { range, instant };

/// Where a source is and how it is reached.
struct Place {
    SourceKind kind = SourceKind::sql;
    std::string store;              ///< SQL: "analyzer", or the name of a store of the settings.
    std::string url;                ///< PromQL: the server, http or https.
    std::string bearer_token_file;  ///< PromQL; read at each request. Or
    std::string user;               ///< with its password, of which the file is read at each request.
    std::string password_file;
    std::string certificate;  ///< PEM: who signs the server; and the next two.
    std::string client_certificate;
    std::string client_key;
    auto operator<=>(const Place&) const = default;
};
/// "the store kpi", "http://prometheus:9090": without credentials.
[[nodiscard]] std::string shown(const Place& place);

/// A combination of labels that has to report in every window: {"fold_id": "3", "variant": "a"}.
using Combination = std::map<std::string, std::string>;
/// "fold_id=3,variant=a"
[[nodiscard]] std::string to_string(const Combination& combination);

/// One [[analyzer]] of the file (docs/analyzers.md).
struct Definition {
    std::string name;
    std::string where;  ///< "analyzers.toml:3:1"
    Place place;
    std::string query;
    std::string query_sha256;  ///< In hex, made when the file is read: it stands in every event.
    Evaluation evaluation = Evaluation::range;
    core::Duration step{};                ///< PromQL, range.
    core::Duration window{};              ///< Of current, and of each window of the reference.
    std::uint64_t reference_windows = 0;  ///< At most so many before current, and
    std::uint64_t reference_min = 0;      ///< at least so many of them with rows.
    core::Duration every{};
    core::Duration delay{};  ///< How late rows may come: so long after its end a window is looked at.
    core::Duration timeout{};
    std::uint64_t rows_max = 0;
    std::uint64_t series_max = 0;  ///< PromQL.
    std::uint64_t rows_min = 1;    ///< Of current; 0: nothing is an answer too.
    std::vector<Combination> expects;
    std::string time = "time";         ///< The column with each row's time.
    std::vector<std::string> columns;  ///< That are looked at; empty: all that hold numbers.
    std::optional<double> alpha;       ///< Absent: alpha_of() decides.
    bool has_bounds = false;           ///< minimum, maximum or dispersion_min stand in the plan.
    detection::ColumnPlan bounds;
    detection::Plan plan;  ///< Season, severity, newest row's age; time and alpha are set when it is used.
    drift::DriftType drift_type = drift::DriftType::data_drift;
    std::string module;
    std::string metric;
};

/// The share of windows that may stand out by chance: one in twenty, and no more than two a week, but never
/// less than the windows at hand can show: a window that ranks above all of them, also where up to half of
/// them hold too little to be compared.
///
/// Example   hours against 168 of them: 2/168; days against 84: 0.05 (tests/definition_test.cpp, "alpha").
[[nodiscard]] double alpha_of(const Definition& definition, std::uint64_t windows) noexcept;

/// A mistake in the file.
struct Problem {
    std::string where;  ///< "analyzers.toml:3:1"
    std::string message;
    bool operator==(const Problem&) const = default;
};

struct Definitions {
    std::vector<Definition> analyzers;
    std::vector<Problem> problems;  ///< All of them, in the order of the file; none where it can be run.
};

/// Reads a file of analyzers, and says every mistake that can be seen without asking a source: unknown keys,
/// two analyzers of one name, or of one module, drift type and metric, SQL that is no single SELECT of :from
/// and :to or reads a clock, thresholds in the wrong order or out of reach, an alpha that the reference
/// cannot show.
///
/// Errors    not_found; configuration: no TOML.
[[nodiscard]] core::Result<Definitions> read_definitions(const std::filesystem::path& file);
[[nodiscard]] core::Result<Definitions> parse_definitions(std::string_view text, std::string name);
/// The same where nothing may be wrong: configuration, with every problem on a line of its own.
[[nodiscard]] core::Result<std::vector<Definition>> require_definitions(const std::filesystem::path& file);

}  // namespace tristrata::analyzer
