#pragma once

#include "tristrata/readiness/check.hpp"
#include "tristrata/readiness/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// One check while it goes on: the plan, what is asked, and what was found so far.
struct Judge {
    const Plan& plan;
    const CheckOptions& options;
    const Policy& policy;
    Outcome& outcome;

    void find(std::string_view rule, std::size_t line, std::string message) const;
};

/// A table with its column names.
struct Table {
    const Entry* columns = nullptr;
    std::vector<const Entry*> rows;

    /// The first column whose name says one of the words; nothing where there is none.
    [[nodiscard]] std::optional<std::size_t> column(const std::vector<std::string_view>& words) const;
};
[[nodiscard]] std::vector<Table> tables_of(const Section& section);
/// A row's cell; empty where the row is short or there is no such column.
[[nodiscard]] std::string cell_of(const Entry& row, std::optional<std::size_t> column);

/// What a plan says under a label: "Shadow: 7 days", "| Shadow | 7 days |", or lines below "### Shadow".
struct Saying {
    std::size_t line = 0;
    std::string label;
    std::string text;
    const Entry* row = nullptr;  ///< Where it is a table's.
    const Table* table = nullptr;
};
/// Those whose label says one of the words.
[[nodiscard]] std::vector<Saying> sayings_of(const Section& section, const std::vector<Table>& tables,
                                             const std::vector<std::string_view>& words);

// The rules of each section. None is called for a section that is missing, skipped or not filled.
void judge_monitoring(const Judge& judge, const Section& section);
void judge_alerting(const Judge& judge, const Section& section);
void judge_drift(const Judge& judge, const Section& section);
void judge_rollout(const Judge& judge, const Section& section);
void judge_rollback(const Judge& judge, const Section& section);
void judge_owner(const Judge& judge, const Section& section);
void judge_sign_off(const Judge& judge, const Section& section);

/// What a plan names, held against what there is. `line` of each: where it stands.
void judge_metric(const Judge& judge, std::size_t line, const std::string& metric);
void judge_alert(const Judge& judge, std::size_t line, const std::string& alert, bool p1);
void judge_runbook(const Judge& judge, const Entry& row, const std::string& cell);
void judge_modules(const Judge& judge, std::size_t line, const std::string& module);
void judge_thresholds(const Judge& judge, std::size_t line, std::string_view what, const Thresholds& named,
                      const std::optional<Thresholds>& used);

}  // namespace tristrata::readiness
