#pragma once

#include "field.hpp"
#include "table.hpp"
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

    void find(std::string_view rule, std::size_t line, std::string message,
              Finding::Kind kind = Finding::Kind::missing) const;
};

/// Of what stands in a field where nothing is read: nothing does, or something else.
[[nodiscard]] Finding::Kind kind_of(std::string_view written);

/// Findings by file, line and rule.
void settle(Outcome& outcome);

// The rules of each section. None is called for a section that is missing, skipped or not filled.
void judge_monitoring(const Judge& judge, const Section& section);
void judge_alerting(const Judge& judge, const Section& section);
void judge_drift(const Judge& judge, const Section& section);
void judge_rollout(const Judge& judge, const Section& section);
void judge_rollback(const Judge& judge, const Section& section);
void judge_owner(const Judge& judge, const Section& section);
void judge_sign_off(const Judge& judge, const Section& section);

/// Cells that no rule of their own asks for, of the columns that are called so, say no "later" and no "?";
/// one finding.
void judge_cells(const Judge& judge, std::string_view rule, const Table& table,
                 const std::vector<std::string_view>& columns);

/// Of a section that has no finding yet: "There is no shadow this time" below its shadow.
void judge_denials(const Judge& judge, const Section& section);

/// Of a section that has no finding yet, too: "The canary is ETHUSDC" below a canary of BTCUSDC (RDY024).
void judge_contradictions(const Judge& judge, const Section& section);

/// Items and lines below a field, and cells of a column of states beside it, that take it back: "withdrawn"
/// below "Review: …"; of a rule without a finding yet.
void judge_notes(const Judge& judge, const Section& section);

void judge_header_notes(const Judge& judge);

/// RDY025: what stands beside the value of a field, behind it or below it, and is none of the field's words.
/// Where a rule has a finding of the same line nothing is told.
void judge_asides(const Judge& judge, const Section& section);
void judge_header_asides(const Judge& judge);
/// What the template has between < and >, left without them as the whole of a cell or a field; empty where
/// nothing is.
[[nodiscard]] std::string left_of_form(const Entry& entry);

/// Title, story, owner, day and review; RDY015 of each line with a name; RDY003 of fields that stand twice.
void judge_header(const Judge& judge);
void judge_names(const Judge& judge);
void judge_twice(const Judge& judge);
/// "the plan stands inside a code block that opens at line 3"
[[nodiscard]] std::string swallowed(const Swallowed& one, std::string_view what);

/// Whether a file's name or a title is numbered as a decision's: "0080-the-gate.md", "ADR-80: the gate".
[[nodiscard]] bool names_a_decision(std::string_view name);

/// Whether a text is a decision: its file or its title is numbered, and it says anything below its title.
/// `name`: of its file.
[[nodiscard]] bool decides(std::string_view text, const std::string& name);

/// Whether a plan is named by the address of its issue, and by no path.
[[nodiscard]] inline bool is_address(std::string_view file) {
    return file.starts_with("https://") || file.starts_with("http://");
}

/// "wiki.example.com/runbooks" of "https://wiki.example.com/runbooks/".
[[nodiscard]] std::string without_scheme(std::string_view address);

/// What nobody answers for by name: a team, a bot, "on-call".
/// The owner that the header names; in small letters where the DRI is called so: "ada lovelace". `odd`: the
/// words behind a name that make it none.
[[nodiscard]] std::optional<Person> owner_of(const Judge& judge, std::string* odd = nullptr);
[[nodiscard]] bool is_team(const Policy& policy, std::string_view handle);

/// What a plan names, held against what there is. `line` of each: where it stands.
void judge_metric(const Judge& judge, std::size_t line, const std::string& metric);
void judge_alert(const Judge& judge, std::size_t line, const std::string& alert, bool p1);
void judge_runbook(const Judge& judge, std::size_t line, const std::string& cell,
                   const std::vector<std::string>& addresses);
void judge_modules(const Judge& judge, std::size_t line, const std::string& module);
void judge_thresholds(const Judge& judge, std::size_t line, std::string_view what, const Thresholds& named,
                      const std::optional<Thresholds>& used);

}  // namespace tristrata::readiness
