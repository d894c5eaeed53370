#include "denial.hpp"
#include "judge.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

// Sentences of a section that deny what it is about.

namespace tristrata::readiness {
namespace {

using Kind = DenialSubject::Kind;
using vocabulary::words;

/// What a section is about, and the rule that owns it.
struct Subject {
    Part part;
    std::string_view rule;
    std::string_view name;
    DenialSubject words;
};

constexpr auto alert_nouns = words({"alert", "alerts", "alerting", "paging", "pager"});
constexpr auto runbook_nouns = words({"runbook", "runbooks"});
constexpr auto drift_nouns = words({"drift"});
constexpr auto detection_nouns = words({"detection", "monitoring", "psi", "threshold", "thresholds"});
constexpr auto drift_deeds = words({"watched", "monitored", "measured", "computed", "checked", "detected",
                                    "looked", "tracked", "compared", "evaluated", "calculated"});
constexpr auto shadow_nouns = words({"shadow", "shadowing"});
constexpr auto canary_nouns = words({"canary", "canaries"});
constexpr auto rollback_nouns = words({"rollback", "rollbacks", "way", "rolling", "going", "turning", "road",
                                       "reverting", "reversal", "undo", "undoing"});
constexpr auto lever_nouns =
    words({"lever", "levers", "key", "flag", "switch", "alias", "toggle", "setting"});
constexpr auto rehearsal_nouns = words({"rehearsal", "drill"});
constexpr auto person_nouns = words({"dri", "owner"});
constexpr auto person_answers = words({"answers", "answer", "owns", "own", "responsible", "accountable",
                                       "cares", "maintains", "charge", "assigned", "named", "appointed"});
constexpr auto sunset_nouns = words({"sunset", "review"});
constexpr std::array<Subject, 11> subjects{
    {{Part::alerting, "RDY201", "alert", {.nouns = alert_nouns}},
     {Part::alerting, "RDY203", "runbook", {.nouns = runbook_nouns}},
     {Part::drift_detection,
      "RDY301",
      "drift detection",
      {.kind = Kind::signal, .nouns = drift_nouns, .deeds = drift_deeds}},
     {Part::drift_detection, "RDY301", "drift detection", {.nouns = detection_nouns, .deeds = drift_deeds}},
     {Part::rollout, "RDY401", "shadow", {.nouns = shadow_nouns, .staged = true}},
     {Part::rollout, "RDY402", "canary", {.nouns = canary_nouns, .narrow = true}},
     {Part::rollback, "RDY501", "rollback", {.nouns = rollback_nouns, .taken_back = true}},
     {Part::rollback, "RDY501", "lever", {.kind = Kind::switches, .nouns = lever_nouns}},
     {Part::rollback, "RDY503", "rehearsal", {.nouns = rehearsal_nouns}},
     {Part::owner, "RDY601", "DRI", {.kind = Kind::person, .nouns = person_nouns, .answers = person_answers}},
     {Part::owner, "RDY701", "sunset", {.nouns = sunset_nouns}}}};

/// What of an entry may deny something; in a table of alerts a trigger says what is not there.
std::vector<std::string_view> texts_of(const Entry& entry) {
    if (entry.kind == Entry::Kind::text || entry.kind == Entry::Kind::item) return {entry.text};
    if (entry.kind != Entry::Kind::row) return {};
    return {entry.cells.begin(), entry.cells.end()};
}

}  // namespace

void judge_denials(const Judge& judge, const Section& section) {
    const auto& findings = judge.outcome.findings;
    // A section that is found to lack something is not told so twice.
    if (std::ranges::any_of(findings, [&](const Finding& one) {
            return one.rule->part == section.part && one.rule->level == Level::error;
        }))
        return;
    const auto is_told = [&](std::string_view rule) {
        return std::ranges::any_of(findings, [&](const Finding& one) { return one.rule->id == rule; });
    };
    struct Doubt {
        std::size_t line;
        std::string said;
        std::string_view name;
    };
    std::vector<Doubt> doubts;
    bool denied = false;
    for (const auto& entry : section.entries)
        for (const auto text : texts_of(entry)) {
            DenialReader reader(text);
            for (const auto& subject : subjects) {
                if (subject.part != section.part) continue;
                const auto found = reader.read(subject.words);
                const bool trigger = entry.kind == Entry::Kind::row && section.part == Part::alerting;
                if (found.denial == Denial::possible && !trigger &&
                    (doubts.empty() || doubts.back().line != entry.line))
                    doubts.push_back({entry.line, found.said, subject.name});
                if (found.denial != Denial::certain || is_told(subject.rule)) continue;
                denied = true;
                judge.find(
                    subject.rule, entry.line,
                    fmt::format("{} denies the {} that the section names; expected one of them, or the "
                                "section skipped: **SKIP — JUSTIFICATION**: and why",
                                core::quoted(found.said, 80), subject.name),
                    Finding::Kind::wrong);
            }
        }
    if (denied) return;
    for (const auto& doubt : doubts)
        judge.find("RDY024", doubt.line,
                   fmt::format("{} may deny the {} that the section names; a person should read this line",
                               core::quoted(doubt.said, 80), doubt.name));
}

}  // namespace tristrata::readiness
