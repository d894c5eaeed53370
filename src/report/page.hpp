#pragma once

#include "tristrata/drift/report.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::report {

// What all HTML pages are made of: a head with who may act, badges, the list of sides, the tools above the
// one table that sorts and filters, notes, and the foot. Text goes in as it came and is escaped here, but
// where a name ends in _html.

/// "no_drift" as "no drift".
[[nodiscard]] std::string words(std::string_view name);

/// The verdict, or the severity of a drift, in a frame: a mark beside the word, for those who see no colour.
[[nodiscard]] std::string badge(drift::Verdict verdict, std::optional<drift::Severity> severity);

/// A name that may break where words of it end, and nowhere else unless it must.
[[nodiscard]] std::string breakable(std::string_view name);

/// A term of a list and what it is.
[[nodiscard]] std::string row(std::string_view term, const std::string& value_html);

/// "reference.csv, 1,344 rows, FROM to TO", with the beginning of its SHA-256.
[[nodiscard]] std::string side_row(std::string_view what, const drift::Side& side);

/// Null hypothesis, alpha, plan, and how often chance fires; `what` is repeated: "checks". Where a peer's
/// rules alone decided, these and the plan.
[[nodiscard]] std::string plan_rows(const drift::PlanSummary& plan, std::string_view what, bool by_peer);

/// A p for people: no row of digits, and never 0.
[[nodiscard]] std::string p_words(double p);

/// The signals that fired, as a list; empty where none did.
[[nodiscard]] std::string signal_list(const std::vector<drift::Signal>& signals);

/// From the doctype to the open header, with the headline in it: "Drift report of TIME", badge, sentence.
[[nodiscard]] std::string page_begin(std::string_view what, core::Timestamp created_at,
                                     std::string_view sentence, const std::string& badge_html);

/// The tools, hidden until the script shows them, over rows that are called `noun`.
[[nodiscard]] std::string tools(std::string_view noun, std::initializer_list<std::string_view> filters);

/// The one table that sorts, up to its body: headings that sort, of which `sorted` is sorted by at first, and
/// further ones. Each row is a tbody with data-name, data-verdict and data-severity.
[[nodiscard]] std::string table_begin(std::string_view noun, std::string_view caption,
                                      std::initializer_list<std::string_view> sorting,
                                      std::string_view sorted,
                                      std::initializer_list<std::string_view> further);
[[nodiscard]] std::string table_end();

[[nodiscard]] std::string note_section(const std::vector<std::string>& notes);

/// From the end of main to the end of the page.
[[nodiscard]] std::string page_end(const std::string& foot_html);

}  // namespace tristrata::report
