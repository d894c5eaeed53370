#include "accepted.hpp"
#include "judge.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

// Sentences of a section that deny what it is about.

namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

/// What an alert, a runbook, a lever or a sunset is not, or is, where it is none.
constexpr auto made = vocabulary::words({"work", "working", "written", "ready", "looked", "kept"});
constexpr auto silent = vocabulary::words({"muted", "silenced", "unwritten", "broken"});

/// Of one clause: whether it denies the subject.
class ClauseReader {
public:
    ClauseReader(std::span<const Token> clause, vocabulary::Words subjects)
        : clause_(clause), subjects_(subjects) {}

    [[nodiscard]] bool denies() const {
        for (std::size_t at = 0; at < clause_.size(); ++at) {
            // What follows "if" or "unless" is a condition.
            if (has(at, vocabulary::conditions) || has(at, accepted::denial_conditions)) return false;
            if (is_none(at) || is_left_out(at) || is_dropped(at)) return true;
        }
        return false;
    }

private:
    [[nodiscard]] bool has(std::size_t at, vocabulary::Words words) const {
        return at < clause_.size() && clause_[at].kind == Kind::word &&
               vocabulary::has(words, clause_[at].small);
    }
    [[nodiscard]] std::size_t behind(std::size_t at, vocabulary::Words words) const {
        while (has(at, words)) ++at;
        return at;
    }
    /// Behind the subject that begins here ("the shadow period"), or 0.
    [[nodiscard]] std::size_t behind_subject(std::size_t at) const {
        at = behind(at, accepted::denial_articles);
        if (!has(at, subjects_)) return 0;
        // "no way back"; "no way" is none.
        if (clause_[at].small == "way")
            return at + 1 < clause_.size() && clause_[at + 1].small == "back" ? at + 2 : 0;
        return behind(at + 1, accepted::denial_stages);
    }
    /// Whether the clause ends here, or goes on with when and whether the subject is needed.
    [[nodiscard]] bool ends(std::size_t at) const {
        at = behind(at, accepted::denial_links);
        return at == clause_.size() || has(at, accepted::denial_ends);
    }

    /// Two words that mean it together only: "set up", and no "set to page".
    [[nodiscard]] bool is_pair(std::size_t at, std::string_view one, std::string_view other) const {
        return at + 1 < clause_.size() && clause_[at].small == one && clause_[at + 1].small == other;
    }
    /// One of the words, and nothing behind it that says of what it holds: "not written by hand".
    [[nodiscard]] bool is_last(std::size_t at, vocabulary::Words words) const {
        return has(at, words) && ends(behind(at + 1, accepted::denial_stages));
    }

    /// "no shadow", "without any canary"; "never without" is none.
    [[nodiscard]] bool is_none(std::size_t at) const {
        // "Nobody is the DRI."
        static constexpr auto nobody = vocabulary::words({"nobody", "none"});
        if (!has(at, accepted::denial_none) && !has(at, nobody)) return false;
        for (std::size_t before = 0; before < at; ++before)
            if (has(before, accepted::denial_words)) return false;
        const std::size_t end =
            behind_subject(has(at, nobody) ? behind(at + 1, accepted::denial_links) : at + 1);
        return end > 0 && ends(end);
    }

    /// "the shadow is skipped", "the shadow is not needed", "the canary will not happen".
    [[nodiscard]] bool is_left_out(std::size_t at) const {
        if (!has(at, subjects_)) return false;
        static constexpr auto leads =
            vocabulary::words({"actually", "therefore", "time", "now", "hence", "unfortunately", "here",
                               "these", "those", "all", "p1", "p2", "p3"});
        for (std::size_t before = 0; before < at; ++before)
            if (!has(before, accepted::denial_articles) && !has(before, leads)) return false;
        at = behind(at + 1, accepted::denial_stages);
        const std::size_t link = at;
        at = behind(at, accepted::denial_links);
        const bool denied = has(at, accepted::denial_words);
        if (denied) at = behind(at + 1, accepted::denial_links);
        if (denied)
            return (at > link + 1 || has(link, accepted::denial_links)) &&
                   (has(at, accepted::denial_needs) || is_last(at, made) || is_pair(at, "set", "up"));
        // "is left out", "are switched off", "are muted"
        if (at > link && (is_pair(at, "left", "out") || is_pair(at, "switched", "off") ||
                          is_pair(at, "turned", "off") || is_last(at, silent)))
            return true;
        return has(at, accepted::denial_dropped) && (at > link || at + 1 == clause_.size());
    }

    /// "we skip the shadow", "we do not run a canary".
    [[nodiscard]] bool is_dropped(std::size_t at) const {
        if (at > 2 || !std::ranges::all_of(clause_.first(at), [](const Token& one) {
                return one.kind == Kind::word &&
                       (one.small == "there" || vocabulary::has(accepted::denial_people, one.small));
            }))
            return false;
        if (has(at, accepted::denial_dropping)) {
            const std::size_t end = behind_subject(at + 1);
            return end > 0 && ends(end);
        }
        bool denied = false;
        std::size_t next = at;
        for (; has(next, accepted::denial_words) || has(next, accepted::denial_links); ++next)
            denied = denied || has(next, accepted::denial_words);
        // "There will not be a shadow."
        const bool there = next > at && clause_[next - 1].small == "be";
        if (!denied || (!there && !has(next, accepted::denial_having))) return false;
        const std::size_t end = behind_subject(there ? next : next + 1);
        return end > 0 && ends(end);
    }

    std::span<const Token> clause_;
    vocabulary::Words subjects_;
};

/// The clause of a text that denies a subject altogether, "There is no shadow this time", "the canary is
/// skipped"; empty where none does. What holds of a part of it ("no alert without a runbook"), on a condition
/// or of another thing ("no shadow metric is slow") denies nothing. Linear.
std::string denial_in(std::string_view text, vocabulary::Words subjects) {
    // Most texts do not speak of it.
    const std::string small = core::lowered(text);
    const auto is_said = [&](std::string_view word) { return small.find(word) != std::string::npos; };
    if (std::ranges::none_of(subjects, is_said)) return "";
    std::string plain(text);
    // "don't" is "do not".
    for (const std::string_view mark : {"n't", "n\u2019t"})
        for (auto at = plain.find(mark); at != std::string::npos; at = plain.find(mark, at))
            plain.replace(at, mark.size(), " not");
    const auto tokens = tokens_of(plain);
    for (std::size_t begin = 0; begin < tokens.size();) {
        std::size_t end = begin;
        while (
            end < tokens.size() && !tokens[end].is_sign(".,;:!?()|") &&
            !(tokens[end].is_sign("-") && tokens[end].spaced) &&
            !(tokens[end].kind == Kind::word && (vocabulary::has(vocabulary::causes, tokens[end].small) ||
                                                 vocabulary::has(accepted::denial_joins, tokens[end].small))))
            ++end;
        const auto clause = std::span<const Token>(tokens).subspan(begin, end - begin);
        if (ClauseReader(clause, subjects).denies()) {
            std::string said;
            for (const auto& token : clause) said += (said.empty() || !token.spaced ? "" : " ") + token.text;
            return said;
        }
        begin = end + 1;
    }
    return "";
}

/// What a section is about, and the rule that owns it.
struct Subject {
    Part part;
    std::string_view rule;
    std::string_view name;
    vocabulary::Words words;
};

constexpr auto alert_words = vocabulary::words({"alert", "alerts"});
constexpr auto runbook_words = vocabulary::words({"runbook", "runbooks"});
constexpr auto shadow_words = vocabulary::words({"shadow"});
constexpr auto canary_words = vocabulary::words({"canary", "canaries"});
constexpr auto rollback_words = vocabulary::words({"rollback", "lever", "way"});
constexpr auto rehearsal_words = vocabulary::words({"rehearsal", "drill"});
constexpr auto dri_words = vocabulary::words({"dri", "owner"});
constexpr auto sunset_words = vocabulary::words({"sunset"});
constexpr std::array<Subject, 8> subjects{{{Part::alerting, "RDY201", "alert", alert_words},
                                           {Part::alerting, "RDY203", "runbook", runbook_words},
                                           {Part::rollout, "RDY401", "shadow", shadow_words},
                                           {Part::rollout, "RDY402", "canary", canary_words},
                                           {Part::rollback, "RDY501", "rollback", rollback_words},
                                           {Part::rollback, "RDY503", "rehearsal", rehearsal_words},
                                           {Part::owner, "RDY601", "DRI", dri_words},
                                           {Part::owner, "RDY701", "sunset", sunset_words}}};

}  // namespace

void judge_denials(const Judge& judge, const Section& section) {
    const auto of_section = [&](const Finding& one) { return one.rule->part == section.part; };
    for (const auto& subject : subjects) {
        // A section that is found to lack something is not told so twice.
        if (subject.part != section.part || std::ranges::any_of(judge.outcome.findings, of_section)) continue;
        for (const auto& entry : section.entries) {
            if (entry.kind != Entry::Kind::text && entry.kind != Entry::Kind::item) continue;
            const std::string said = denial_in(entry.text, subject.words);
            if (said.empty()) continue;
            judge.find(subject.rule, entry.line,
                       fmt::format("{} denies the {} that the section names; expected one of them, or the "
                                   "section skipped: **SKIP — JUSTIFICATION**: and why",
                                   core::quoted(said, 80), subject.name));
            break;
        }
    }
}

}  // namespace tristrata::readiness
