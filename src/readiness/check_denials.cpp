#include "denial.hpp"
#include "judge.hpp"
#include "tokens.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

// Sentences of a section that deny what it is about.

namespace tristrata::readiness {
namespace {

using vocabulary::words;

constexpr unsigned thing = forms(Form::thing);

/// What a section is about, and the rule that owns it.
struct Subject {
    Part part;
    std::string_view rule;
    std::string_view name;
    DenialSubject words;
};

constexpr auto metric_nouns = words({"metric", "metrics", "monitoring"});
constexpr auto dashboard_nouns = words({"dashboard", "dashboards"});
constexpr auto rate_nouns = words({"prediction-rate"});
constexpr auto outcome_nouns = words({"outcome-metric"});
constexpr auto health_nouns = words({"health-metric"});
constexpr auto threshold_nouns = words({"threshold", "thresholds"});
constexpr auto alert_nouns = words({"alert", "alerting", "alerts", "pager", "paging"});
constexpr auto runbook_nouns = words({"runbook", "runbooks"});
constexpr auto drift_nouns = words({"drift"});
constexpr auto detection_nouns =
    words({"detection", "drift-detection", "monitoring", "psi", "threshold", "thresholds"});
constexpr auto gap_nouns = words({"performance-gap"});
constexpr auto shadow_nouns = words({"shadow", "shadowing", "staged-rollout"});
constexpr auto canary_nouns = words({"canaries", "canary"});
constexpr auto rollout_nouns = words({"full-rollout"});
constexpr auto rollback_nouns = words({"reversal", "reverting", "rollback", "rollbacks", "undo", "undoing"});
constexpr auto lever_nouns =
    words({"alias", "flag", "key", "lever", "levers", "setting", "switch", "toggle"});
constexpr auto rehearsal_nouns = words({"drill", "rehearsal"});
constexpr auto person_nouns = words({"dri", "owner"});
constexpr auto sunset_nouns = words({"review", "sunset"});
constexpr auto review_nouns = words({"review"});
constexpr std::array<Subject, 20> subjects{
    {{Part::monitoring, "RDY199", "metrics", {forms(Form::thing, Form::watch), metric_nouns}},
     {Part::monitoring, "RDY024", "dashboard", {thing, dashboard_nouns}},
     {Part::monitoring, "RDY101", "prediction rate", {thing, rate_nouns}},
     {Part::monitoring, "RDY102", "outcome", {thing, outcome_nouns}},
     {Part::monitoring, "RDY103", "health metric", {thing, health_nouns}},
     {Part::monitoring, "RDY104", "thresholds", {thing, threshold_nouns}},
     {Part::alerting, "RDY201", "alert", {forms(Form::thing, Form::page), alert_nouns}},
     {Part::alerting, "RDY203", "runbook", {thing, runbook_nouns}},
     {Part::drift_detection, "RDY301", "drift detection", {forms(Form::signal, Form::watch), drift_nouns}},
     {Part::drift_detection, "RDY301", "drift detection", {thing, detection_nouns}},
     {Part::drift_detection, "RDY302", "performance gap", {thing, gap_nouns}},
     {Part::rollout, "RDY401", "shadow", {forms(Form::thing, Form::whole), shadow_nouns}},
     {Part::rollout, "RDY402", "canary", {forms(Form::thing, Form::at_once), canary_nouns}},
     {Part::rollout, "RDY404", "full rollout", {thing, rollout_nouns}},
     {Part::rollback, "RDY501", "rollback", {forms(Form::thing, Form::reversal), rollback_nouns}},
     {Part::rollback, "RDY501", "lever", {forms(Form::switches), lever_nouns}},
     {Part::rollback, "RDY503", "rehearsal", {forms(Form::event, Form::rehearsal), rehearsal_nouns}},
     {Part::owner, "RDY601", "DRI", {forms(Form::thing, Form::person), person_nouns}},
     {Part::owner, "RDY701", "sunset", {thing, sunset_nouns}},
     {Part::sign_off, "RDY803", "review", {forms(Form::event, Form::reading), review_nouns}}}};

/// Of all of them, in order.
constexpr auto all_nouns = [] {
    constexpr auto count = [] {
        std::size_t sum = 0;
        for (const auto& one : subjects)
            sum += static_cast<std::size_t>(one.words.nouns.end() - one.words.nouns.begin());
        return sum;
    }();
    std::array<std::string_view, count> nouns;
    auto* end = nouns.begin();
    for (const auto& one : subjects) end = std::ranges::copy(one.words.nouns, end).out;
    return vocabulary::sorted(nouns);
}();

/// A paragraph, an item or a cell: GitHub shows it in one piece.
struct Passage {
    struct Line {
        std::size_t begin, number;
    };
    std::string text;
    std::vector<Line> lines;

    [[nodiscard]] std::size_t line_at(std::size_t place) const {
        return std::prev(std::ranges::upper_bound(lines, place, {}, &Line::begin))->number;
    }
};

/// "Shadow: 7 days" begins something of its own.
bool is_labelled(std::string_view text) {
    constexpr std::size_t words_max = 3;
    const auto line = labelled(text);
    return line && words_of_text(line->label).size() <= words_max;
}

/// What may deny something. Cells of alerts are not: a trigger says what is not there.
std::vector<Passage> passages_of(const Section& section) {
    std::vector<Passage> passages;
    std::size_t next = 0;  // The line with which the last one may go on.
    for (const auto& entry : section.entries) {
        const bool text = entry.kind == Entry::Kind::text, item = entry.kind == Entry::Kind::item;
        if (text && entry.line == next && !is_labelled(entry.text)) {
            Passage& last = passages.back();
            last.lines.push_back({last.text.size() + 1, entry.line});
            last.text += " " + entry.text;
        } else if (text || item) {
            passages.push_back({entry.text, {{0, entry.line}}});
        } else if (entry.kind == Entry::Kind::row && section.part != Part::alerting) {
            for (const auto& cell : entry.cells) passages.push_back({cell, {{0, entry.line}}});
        }
        next = text || item ? entry.line + 1 : 0;
    }
    return passages;
}

}  // namespace

void judge_denials(const Judge& judge, const Section& section) {
    const auto& findings = judge.outcome.findings;
    // A section that is found to lack something is not told so twice.
    if (std::ranges::any_of(findings, [&](const Finding& one) {
            return one.rule->part == section.part && one.rule->level == Level::error;
        }))
        return;
    struct Doubt {
        std::size_t line;
        std::string said;
        std::string_view name;
    };
    std::vector<Doubt> doubts;
    std::set<std::string_view> denied;
    for (const auto& passage : passages_of(section))
        for (const auto said : sentences_of(passage.text)) {
            const DenialSentence sentence(said, all_nouns);
            const auto line = passage.line_at(static_cast<std::size_t>(said.data() - passage.text.data()));
            for (const auto& subject : subjects) {
                if (subject.part != section.part) continue;
                const auto found = sentence.read(subject.words);
                if (found == Denial::possible && (doubts.empty() || doubts.back().line != line))
                    doubts.push_back({line, core::quoted(said, 80), subject.name});
                if (found != Denial::certain) continue;
                if (denied.insert(subject.rule).second)
                    judge.find(
                        subject.rule, line,
                        fmt::format("{} denies the {} that the section names; {}", core::quoted(said, 80),
                                    subject.name,
                                    section.part == Part::owner || section.part == Part::sign_off
                                        ? "take out what is not so"
                                        : "take out which of them is not so, or skip the section: **SKIP — "
                                          "JUSTIFICATION**: and why"),
                        Finding::Kind::wrong);
                break;
            }
        }
    if (!denied.empty()) return;
    judge_contradictions(judge, section);
    for (const auto& doubt : doubts)
        judge.find("RDY024", doubt.line,
                   fmt::format("{} may deny the {} that the section names; a person should read this line",
                               doubt.said, doubt.name));
}

}  // namespace tristrata::readiness
