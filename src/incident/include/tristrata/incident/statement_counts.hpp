#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/execution/kpi.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

/// Of statements that bear no panel's mark, are not this program's own, and read kpi.events.
inline constexpr std::string_view ad_hoc_kind = "ad_hoc";
/// What the dashboard Execution asks once each time that it is opened.
inline constexpr std::string_view opened_kind = "execution/opened";

/// One kind of statement: a panel's name, or ad_hoc.
struct StatementCount {
    std::string kind;
    std::uint64_t calls = 0;
    std::uint64_t statements = 0;  ///< Different ones, a user each.
};

struct StatementCounts {
    std::vector<StatementCount> counts;    ///< ad_hoc_kind and opened_kind always, also with 0.
    std::optional<core::Timestamp> since;  ///< When counting began; a server before 14 does not say.
    std::uint64_t left_out = 0;            ///< Panels, beyond the 200 that are asked most.
};

/// What pg_stat_statements has counted in the database that the URL names. Counts grow until they are reset,
/// or an entry makes room for another.
///
/// Told apart  A panel's statement begins with a comment "tristrata panel=NAME". This program's own begin
/// with
///             "tristrata" alone, whoever runs it: also an analyzer's, `kpi query` and `--sql`. Of the rest
///             those count that begin with SELECT, WITH, TABLE, COPY or DECLARE and name kpi.events: not what
///             finds it by search_path or through a view.
/// Errors      configuration: there is no extension, it is not loaded or counts nothing, or the user may not
///             see what others asked; each with what to do. As of database::Postgres otherwise.
[[nodiscard]] core::Result<StatementCounts> count_statements(const core::SecretSource& url);
/// As TRISTRATA_READ_URL, TRISTRATA_ADMIN_URL or TRISTRATA_KPI_URL: the first of them that may; where none
/// may, why the first may not. configuration: the KPI store is a SQLite file, which counts no statements.
[[nodiscard]] core::Result<StatementCounts> count_statements(const config::Settings& settings);

/// What a day's counts are as KPIs of the module "tristrata": one emit a kind, its dag_node, with the metrics
/// statement_calls, statement_count and statement_calls_since (seconds since 1970). Its time is the day's
/// beginning (UTC) and its id made of kind and day: a day sampled twice is one row, the first.
[[nodiscard]] std::vector<execution::KpiRequest> samples_of(const StatementCounts& counts,
                                                            core::Timestamp at);

}  // namespace tristrata::incident
