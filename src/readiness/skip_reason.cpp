#include "skip_reason.hpp"

#include "letters.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace tristrata::readiness {
namespace {

using vocabulary::words;
using Phrases = std::span<const std::string_view>;

/// Before what is said of the section: "we had", "there was", "this section is to be".
constexpr auto leads =
    words({"a",        "alerting",   "alerts",  "and",   "are",  "be",  "detection", "drift",
           "had",      "has",        "have",    "i",     "is",   "it",  "just",      "ll",
           "metrics",  "monitoring", "part",    "plan",  "rest", "s",   "shall",     "runbooks",
           "rollback", "rollout",    "section", "still", "that", "the", "there",     "they",
           "this",     "to",         "was",     "we",    "were", "will"});
constexpr auto to_come = words({"be", "ll", "shall", "to", "will"});
/// What somebody does with a section that is not written; its object.
constexpr auto fillings = words(
    {"add",       "added",      "clarified", "said",     "explained",  "discuss", "discussed", "come",
     "comes",     "complete",   "completed", "decide",   "decided",    "define",  "defined",   "describe",
     "described", "determined", "do",        "document", "documented", "done",    "fill",      "filled",
     "follow",    "follows",    "handle",    "handled",  "planned",    "prepare", "prepared",  "provide",
     "provided",  "specified",  "write",     "written"});
constexpr auto objects = words({"all", "down", "in", "it", "out", "section", "that", "the", "them", "this"});
/// When; behind "in the", "for the", "with" too.
constexpr auto times = words({"after", "afterwards", "before", "eventually", "later", "once", "someday",
                              "soon", "tomorrow", "until", "when", "while"});
constexpr auto places =
    words({"a", "another", "for", "in", "next", "of", "on", "our", "the", "this", "with"});
constexpr auto terms = words({"days", "month", "months", "phase", "quarter", "release", "sprint", "story",
                              "ticket", "version", "week", "weeks", "year"});
constexpr std::array<std::string_view, 15> ignorance{
    "do not know",     "does not know", "not known",        "unknown",        "no idea",
    "not sure",        "unclear",       "not clear",        "undecided",      "not decided",
    "not yet decided", "nobody knows",  "nobody could say", "nobody can say", "no one knows"};
constexpr std::array<std::string_view, 20> hurries{"ran out of time", "deadline was too close",
                                                   "no time to",      "no time for",
                                                   "no time left",    "no time before",
                                                   "no time yet",     "no time in",
                                                   "no time this",    "not any time",
                                                   "enough time",     "not enough time",
                                                   "lack of time",    "out of time",
                                                   "short of time",   "too busy",
                                                   "no capacity",     "time pressure",
                                                   "in a hurry",      "time was short"};
constexpr std::array<std::string_view, 1> refusals{"no reason"};
/// Of the rule's own advice, and of the template's.
constexpr std::array<std::string_view, 2> own_words{"one sentence that says why",
                                                    "why this change does not need"};
/// Beside a link that says nothing itself.
constexpr auto beside_links = words(
    {"see",       "at",  "the", "link",  "here",      "in",      "ticket", "issue", "details", "as",
     "described", "per", "cf",  "above", "below",     "there",   "page",   "for",   "more",    "discussion",
     "thread",    "and", "it",  "is",    "explained", "reasons", "reason", "why"});

/// Of a clause that says again that the section is skipped: "because we skip it", "drift detection is not
/// needed", "out of scope", "it is fine".
constexpr auto circular =
    words({"a",          "all",      "applicable", "apply",    "as",      "at",        "because", "change",
           "does",       "do",       "fine",       "for",      "good",    "here",      "if",      "in",
           "is",         "it",       "necessary",  "need",     "needed",  "needs",     "not",     "now",
           "n",          "na",       "no",         "of",       "ok",      "okay",      "our",     "out",
           "ready",      "relevant", "required",   "scope",    "section", "see",       "skip",    "skipped",
           "so",         "story",    "that",       "the",      "then",    "this",      "us",      "we",
           "will",       "yet",      "alerting",   "alerts",   "canary",  "detection", "drift",   "metrics",
           "monitoring", "rollback", "rollout",    "runbooks", "shadow",  "staged"});
constexpr auto away = words({"away", "holiday", "holidays", "leave", "vacation"});

/// Small words of a clause; what is a link is left out.
struct Clause {
    std::vector<Token> words;
    bool linked = false;

    [[nodiscard]] bool has(std::size_t at, vocabulary::Words list) const {
        return at < words.size() && vocabulary::has(list, words[at].small);
    }
    [[nodiscard]] std::size_t behind(std::size_t at, vocabulary::Words list) const {
        while (has(at, list)) ++at;
        return at;
    }
    [[nodiscard]] bool goes_on_with(std::size_t at, Phrases phrases) const {
        TokenReader reader(words);
        reader.go_to(at);
        return reader.take_phrase(phrases);
    }
    /// "later", "in the next sprint", "with S08"
    [[nodiscard]] bool is_time(std::size_t at) const {
        if (has(at, times)) return true;
        const std::size_t next = behind(at, places);
        return next < words.size() && (has(next, terms) || is_digit(words[next].small.back()));
    }
};

/// "cvn-n001-ef-s08": letters, a dash, a number.
bool names_story(std::string_view word) {
    return !word.empty() && is_letter(word.front()) && word.find('-') != std::string_view::npos &&
           std::ranges::any_of(word, is_digit);
}

/// Clauses end at a comma, a semicolon, a colon, and with the sentence.
std::vector<Clause> read(std::string_view given) {
    std::vector<Clause> clauses(1);
    const std::string text = with_not_spelt_out(core::lowered(given));
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const auto piece = std::string_view(text).substr(at, end - at);
        at = end + 1;
        Clause& clause = clauses.back();
        // A point within a word ends no sentence: "docs/plan.md".
        if (piece.find("://") != std::string_view::npos || piece.starts_with("www.") ||
            piece.starts_with('#') ||
            (piece.find('/') != std::string_view::npos && piece.find('.') < piece.size() - 1) ||
            (names_story(piece) && std::ranges::all_of(clause.words, [](auto& word) {
                 return vocabulary::has(beside_links, word.small);
             }))) {
            clause.linked = true;
            continue;
        }
        std::string word;
        const auto add = [&] {
            if (!word.empty())
                clause.words.push_back({.kind = Token::Kind::word, .text = word, .small = word});
            word.clear();
        };
        for (const char c : piece) {
            const bool letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
            if (letter || (!word.empty() && c >= '0' && c <= '9')) word += c;
            else add();
        }
        add();
        if (!piece.empty() && std::string_view(".,;:!?").find(piece.back()) != std::string_view::npos)
            clauses.emplace_back();
    }
    return clauses;
}

/// "will be written", "filled in after the merge"; "it will do the same computation" says what it does.
bool is_promise(const Clause& clause) {
    const std::size_t at = clause.behind(0, leads);
    bool promised = false;
    for (std::size_t i = 0; i < at; ++i) promised = promised || clause.has(i, to_come);
    if (!clause.has(at, fillings)) return false;
    const std::size_t next = clause.behind(at + 1, objects);
    // "to be discussed with the committee"
    const bool bare = at == 2 && clause.words[0].small == "to" && clause.words[1].small == "be";
    return bare || (promised && next == clause.words.size()) || clause.is_time(at + 1) ||
           clause.is_time(next);
}

/// "the data scientist will write it after the holidays": the like, of whoever does it.
bool is_promise_of_somebody(const Clause& clause) {
    static constexpr auto will = words({"ll", "shall", "will"});
    for (std::size_t at = 0; at < clause.words.size(); ++at) {
        if (!clause.has(at, will)) continue;
        const std::size_t done = at + (clause.has(at + 1, words({"be"})) ? 2 : 1);
        return clause.has(done, fillings) && clause.is_time(clause.behind(done + 1, objects));
    }
    return false;
}

std::string_view instead_of_a_reason(const Clause& clause) {
    const std::size_t at = clause.behind(0, leads);
    if (clause.goes_on_with(at, ignorance)) return "says that it is not known";
    if (clause.goes_on_with(at, hurries) ||
        (at + 2 == clause.words.size() && clause.words[at].small == "no" &&
         clause.words[at + 1].small == "time"))
        return "says that there was no time";
    if (clause.goes_on_with(at, refusals)) return "says that there is none";
    if (clause.goes_on_with(at, own_words)) return "has the template's own words";
    if (is_promise(clause) || is_promise_of_somebody(clause)) return "is a promise to say it later";
    if (!clause.words.empty() && vocabulary::has(away, clause.words.back().small))
        return "says that somebody was away";
    if (!clause.linked && !clause.words.empty() &&
        std::ranges::all_of(clause.words, [](auto& word) { return vocabulary::has(circular, word.small); }))
        return "says again that it is skipped";
    const auto own = std::ranges::count_if(
        clause.words, [](auto& word) { return !vocabulary::has(beside_links, word.small); });
    if (own == 0 || (clause.linked && own < 3)) return "is a link alone";
    return "";
}

}  // namespace

std::string_view no_reason_in(std::string_view why) {
    constexpr std::size_t words_of_a_fact = 3;
    std::string_view first;
    for (const auto& clause : read(why)) {
        if (clause.words.empty() && !clause.linked) continue;
        const auto instead = instead_of_a_reason(clause);
        // "once the model is live" goes on with what was said.
        if (instead.empty() && clause.words.size() >= words_of_a_fact && !clause.is_time(0)) return "";
        if (first.empty()) first = instead;
    }
    return first;
}

}  // namespace tristrata::readiness
