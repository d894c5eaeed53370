#include "remainder.hpp"

#include "accepted.hpp"
#include "tristrata/core/text.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;
using vocabulary::words;

/// Before what is said of the value: "which was removed", "it has now been called off".
constexpr auto leads =
    words({"which", "that", "who",   "it",  "this", "is",    "are",       "was",   "were",    "be",
           "been",  "has",  "have",  "had", "but",  "and",   "now",       "s",     "already", "recently",
           "then",  "does", "do",    "did", "can",  "could", "currently", "still", "to",      "will",
           "shall", "must", "being", "he",  "she",  "the",   "they",      "we"});
/// Where one of these leads, what follows is still to come.
constexpr auto to_come = words({"to", "will", "shall", "must"});
/// That take back whatever they are said of.
constexpr auto undoing =
    words({"abandoned", "absent",     "away",        "cancelled", "canceled", "deferred", "defunct",
           "deleted",   "dropped",    "former",      "formerly",  "gone",     "invalid",  "leave",
           "missing",   "obsolete",   "postponed",   "removed",   "resigned", "revoked",  "skipped",
           "suspended", "unassigned", "unavailable", "undecided", "vacant",   "vacation", "void",
           "waived",    "withdrawn",  "broken",      "cut",       "reduced",  "shortened"});
/// Of which "not" and "to be" take back what is there: "not decided", "to be added", "does not exist".
constexpr auto made =
    words({"added", "agreed",      "approved",   "assigned", "available", "built",     "chosen",
           "come",  "confirmed",   "created",    "decided",  "defined",   "deployed",  "done",
           "exist", "exists",      "final",      "held",     "fixed",     "follow",    "follows",
           "found", "implemented", "introduced", "known",    "merged",    "named",     "picked",
           "ready", "set",         "sure",       "there",    "valid",     "work",      "working",
           "works", "written",     "announced",  "add",      "build",     "implement", "introduce"});
/// Some are taken away at the end, which is ordinary: "the flag is removed after the sunset".
constexpr auto retired = words({"deleted", "dropped", "removed"});
constexpr auto at_the_end = words({"after", "at", "before", "by", "once", "until", "when", "with"});
constexpr auto nots = words({"cannot", "never", "not"});
constexpr auto depends = words({"if", "unless", "provided", "providing", "depending", "assuming", "subject",
                                "once", "when", "until", "pending", "should"});
constexpr auto put_offs = words({"eventually", "later", "soon", "someday"});
constexpr auto alternatives =
    words({"or", "and", "plus", "also", "alternatively", "else", "otherwise", "instead"});
/// Begin what explains: another of the kind may be told of in it.
constexpr auto explains = words({"because", "since", "as", "so", "given", "due", "thanks", "unlike", "than"});

/// That a value is said to be in place of one.
constexpr auto doubts =
    words({"approx",        "approximate", "approximately", "arbitrary",    "conditional",  "desirable",
           "discretionary", "draft",       "drafts",        "drafted",      "dummy",        "estimate",
           "estimated",     "estimates",   "example",       "examples",     "flexible",     "guess",
           "guessed",       "guesses",     "guesstimate",   "guesswork",    "hypothetical", "idea",
           "ideas",         "ideally",     "invented",      "likely",       "negotiable",   "nonbinding",
           "optional",      "optionally",  "placeholder",   "placeholders", "preliminary",  "probably",
           "proposal",      "proposed",    "roughly",       "skippable",    "speculative",  "suggested",
           "suggestion",    "supposedly",  "uncertain",     "unclear",      "unsettled",    "unsure",
           "voluntary",     "whatever",    "wip",           "non",          "progress",     "wish",
           "wishful"});
/// That it is not in force.
constexpr auto offs = words({"deactivated", "disabled", "ignored", "inactive", "inoperative", "muted", "off",
                             "paused", "silenced", "unenforced", "unused"});
/// Beside them: "just a first guess of mine", "switched off for now".
constexpr auto beside_doubts = words(
    {"a",        "all",      "an",      "at",     "best",      "both",       "by",      "default", "educated",
     "entirely", "figure",   "figures", "first",  "for",       "fully",      "good",    "here",    "honest",
     "in",       "initial",  "just",    "length", "mere",      "mine",       "moment",  "mostly",  "my",
     "number",   "numbers",  "of",      "on",     "only",      "or",         "our",     "ours",    "own",
     "present",  "pure",     "purely",  "quite",  "rather",    "rough",      "so",      "some",    "somewhat",
     "step",     "switched", "these",   "those",  "threshold", "thresholds", "today",   "turned",  "value",
     "values",   "very",     "wild",    "work",   "yet",       "far",        "binding", "today"});

bool ends_clause(const Token& token) {
    return token.is_sign(",;:().!|") || (token.is_sign("-") && token.spaced && token.open);
}

/// What takes the value back in one clause; empty where nothing does.
std::string in_clause(std::span<const Token> clause, const Remainder& of, bool first, bool explained) {
    const auto has = [&](std::size_t at, vocabulary::Words list) {
        return at < clause.size() && clause[at].kind == Kind::word && vocabulary::has(list, clause[at].small);
    };
    std::size_t lead = 0;
    bool coming = false;
    while (has(lead, leads)) coming = coming || has(lead, to_come), ++lead;
    const std::size_t begun = lead;
    if (has(begun, words({"on"})) && has(begun + 1, undoing)) ++lead;
    if (has(begun, words({"on"})) && has(begun + 1, words({"hold"}))) return text_of(clause);
    const bool at_end = has(lead, retired) && has(lead + 1, at_the_end);
    if ((has(lead, undoing) && !at_end) || (coming && has(lead, made))) return text_of(clause);
    // "if the canary holds", "or when it is ready"
    if (of.may_depend && first && has(has(0, alternatives) ? 1 : 0, depends)) return text_of(clause);
    // "— later", "the flag follows soon"
    if (!clause.empty() && has(clause.size() - 1, put_offs) &&
        (clause.size() == 1 || coming || has(lead, made)))
        return text_of(clause);
    constexpr std::size_t reach = 3;
    if (has(lead, nots) || (has(lead, words({"no"})) && has(lead + 1, words({"longer"}))))
        for (std::size_t next = lead + 1; next < clause.size() && next <= lead + reach; ++next)
            if (has(next, made)) return text_of(clause.first(next + 1));
    for (std::size_t i = 0; i < clause.size(); ++i) {
        if (explained || !of.is_another(clause[i])) continue;
        const bool offered = i > 0 && (has(i - 1, alternatives) || clause[i - 1].is_sign("/&+"));
        if (offered || i == 0) return text_of(clause);
    }
    return "";
}

}  // namespace

bool begins_aside(std::span<const Token> behind) {
    constexpr auto adds = words(
        {"across", "against",  "as",      "at",         "because", "before", "beginning", "behind", "by",
         "during", "for",      "from",    "given",      "in",      "on",     "over",      "per",    "since",
         "so",     "starting", "through", "throughout", "under",   "via",    "which",     "while",  "with"});
    if (behind.empty()) return false;
    const Token& first = behind.front();
    return ends_clause(first) || (first.kind == Kind::word && vocabulary::has(adds, first.small));
}

std::string doubt_in(std::span<const Token> tokens, bool may_be_off) {
    for (std::size_t begin = 0; begin < tokens.size();) {
        std::size_t end = begin;
        bool doubts_it = false, alone = true;
        for (; end < tokens.size() && !ends_clause(tokens[end]); ++end) {
            const std::string& word = tokens[end].small;
            const bool said = vocabulary::has(doubts, word) || (!may_be_off && vocabulary::has(offs, word));
            doubts_it = doubts_it || said;
            // "as a guess", and not "as proposed".
            const bool as = word == "as" && end + 1 < tokens.size() &&
                            vocabulary::has(words({"a", "an", "my", "our"}), tokens[end + 1].small);
            alone = alone && (said || as || tokens[end].is_sign("-") || vocabulary::has(leads, word) ||
                              vocabulary::has(beside_doubts, word));
        }
        if (doubts_it && alone) return text_of(tokens.subspan(begin, end - begin));
        begin = end + 1;
    }
    return "";
}

std::string at_words(std::string_view stumbled) {
    return stumbled.empty() ? "" : fmt::format(", at {}", core::quoted(stumbled, 60));
}

std::string text_of(std::span<const Token> tokens) {
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool joined = !tokens[i].spaced || tokens[i].is_sign(",;:.)?!");
        if (!text.empty() && !joined && !(i > 0 && tokens[i - 1].is_sign("("))) text += ' ';
        if (tokens[i].kind == Kind::code) text += '`' + tokens[i].text + '`';
        else text += (tokens[i].kind == Kind::handle ? "@" : "") + tokens[i].text;
    }
    return text;
}

std::string taken_back_by(std::span<const Token> behind, const Remainder& of) {
    for (const auto& token : behind) {
        if (token.is_sign("?")) return token.text;
        if (token.kind == Kind::word && vocabulary::has(vocabulary::hedges, token.small)) return token.text;
    }
    const std::string text = text_of(behind);
    if (auto hedge = hedge_in(text); !hedge.empty()) return hedge;
    if (auto left = placeholder_in(text); !left.empty()) return left;
    if (auto doubt = doubt_in(behind, of.may_be_off); !doubt.empty()) return doubt;
    bool explained = false, first = true;
    std::size_t depth = 0;
    for (std::size_t begin = 0; begin < behind.size();) {
        std::size_t end = begin;
        while (end < behind.size() && !ends_clause(behind[end])) ++end;
        // "because …" explains to the end of its sentence, what stands in brackets to their end.
        if (begin < end && behind[begin].kind == Kind::word && vocabulary::has(explains, behind[begin].small))
            explained = true;
        const auto clause = behind.subspan(begin, end - begin);
        if (auto said = in_clause(clause, of, first, explained || depth > 0); !said.empty()) return said;
        if (!clause.empty()) first = false;
        if (end < behind.size()) {
            if (behind[end].is_sign("(")) ++depth;
            else if (behind[end].is_sign(")") && depth > 0) --depth;
            else if (behind[end].is_sign(";.!|")) explained = false;
        }
        begin = end + 1;
    }
    return "";
}

}  // namespace tristrata::readiness
