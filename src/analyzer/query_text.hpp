#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::analyzer {

/// What is wrong with an analyzer's SQL, as sentences; nothing where it may be asked. It is looked at as
/// text: quotes and comments are known, the database has the last word.
[[nodiscard]] std::vector<std::string> mistakes_of_sql(std::string_view sql);

/// The SQL with :from and :to as literals of ISO 8601 with six digits, as the stores write their times. What
/// stands in quotes or comments, and a cast (::), stays.
[[nodiscard]] std::string with_window(std::string_view sql, core::Timestamp from, core::Timestamp to);

/// The store whose rows an analyzer of SQL reads: the place's, where that is "kpi" or "drift"; else the one
/// of these whose schema the query names; and the place's name where it names both, or neither.
[[nodiscard]] std::string store_read_by(const Definition& definition);

/// "2026-01-02T03:04:05.000000Z"
[[nodiscard]] std::string six_digits(core::Timestamp time);

}  // namespace tristrata::analyzer
