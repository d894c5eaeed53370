#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/readiness/plan.hpp"
#include "tristrata/readiness/policy.hpp"
#include "tristrata/readiness/rule.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::readiness {

struct Facts;

struct Finding {
    /// A rule that asks for something to be written is broken by what is missing, and by what stands there
    /// and is wrong.
    enum class Kind : std::uint8_t { missing, wrong };

    const Rule* rule = nullptr;
    std::string file;
    std::size_t line = 0;      ///< From 1; 0: of no line.
    std::string message = {};  ///< What was found, and what to write.
    Kind kind = Kind::missing;

    /// Of nothing but what was not written; of a rule that asks for something to be so never.
    [[nodiscard]] bool is_missing() const { return rule->completeness && kind == Kind::missing; }
};

/// A section that says SKIP and why: for the committee to accept or refuse.
struct Skipped {
    Part part = Part::header;
    std::size_t line = 0;
    std::string why;
};

/// What a plan names, for whoever looks it up, or reminds of it.
struct Named {
    std::string story;
    std::string owner;  ///< The DRI's handle.
    std::vector<std::string> metrics;
    std::vector<std::string> alerts;
    bool sourced = false;           ///< A metric says which module emits it.
    std::optional<long> filled_on;  ///< Days since 1970, these too.
    std::optional<long> full_rollout;
    std::optional<long> sunset;
    std::optional<long> accountable_until;
    std::string outcome;  ///< "permanent", "revisited", or empty.
    std::optional<long>
        undone_on;        ///< Of an outcome that says so: the day on which the change was taken back.
    std::string session;  ///< Of the review.
};

struct Outcome {
    std::string file;
    std::string state;  ///< "not committed", "differs from HEAD": it is the working tree's; else empty.
    SectionSet required;
    /// Who says which sections count.
    enum class AskedBy : std::uint8_t {
        request,  ///< What changed, or --sections.
        record,   ///< The plan's own line "Sections asked for:".
        nothing,  ///< No line of the plan says less than all.
    } asked_by = AskedBy::request;
    std::size_t asked_line = 0;     ///< Of that line; 0: there is none.
    std::vector<Finding> findings;  ///< By line, then rule.
    std::vector<Skipped> skipped;
    std::vector<const Rule*> passed;
    std::vector<const Rule*> not_judged;  ///< Of what is not there, or not filled.
    Named named;

    [[nodiscard]] std::size_t count(Level level) const;
    /// An error, or with `strict` a warning.
    [[nodiscard]] bool blocked(bool strict) const;
    /// Blocked, and by nothing but what was not written.
    [[nodiscard]] bool blocked_for_completeness(bool strict) const;
};

struct CheckOptions {
    SectionSet required = SectionSet::all();
    bool recorded = false;  ///< Where the plan records which sections were asked of it, these count instead.
    core::Timestamp now;
    const Policy* policy = nullptr;
    const Plan* form =
        nullptr;  ///< The template, whose own words fill nothing; null: only <…> is looked for.
    const Facts* facts = nullptr;  ///< What exists; null: it is not looked up.
    bool brought = false;  ///< The change set brings the plan: nothing of it can have been taken back.
    std::string folder;    ///< The story that the plan's folder is named after; empty: not known.
};

/// Judges a plan. Pure: the same plan, options and day give the same outcome.
///
/// Cost      Linear in the plan. Safe to call from any thread.
[[nodiscard]] Outcome check(const Plan& plan, const CheckOptions& options);

/// Whether the text of a pull request links the plan and its review: RDY810, RDY811. `address`: of the issue
/// that holds the plan, in place of its path.
void check_pull_request(Outcome& outcome, std::string_view text, const std::string& file,
                        const std::string& address);
/// RDY004, of the repository's template.
void check_template(Outcome& outcome, const Plan& form, const Policy& policy,
                    const std::vector<std::string>& missing_decisions);

/// RDY022: whether a change of the gate's own files comes with a decision. `paths`: what changed and is there
/// still, or is of the gate; `own`: the gate's files; `whose`: the policy that counts.
void check_change_set(Outcome& outcome, const std::vector<std::string>& paths,
                      const std::vector<std::string>& own, const std::string& whose);

/// An outcome of one finding: no plan (RDY001), or one that cannot be read (RDY002).
[[nodiscard]] Outcome outcome_of(std::string_view rule, std::string file, std::string message,
                                 SectionSet required);

}  // namespace tristrata::readiness
