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
           "shall", "must", "being", "he",  "she",  "the",   "they",      "we",    "may",     "might"});
/// What a note speaks of: "the verdict was withdrawn", "of which five are skipped", "none of them run".
constexpr auto subjects =
    words({"alert",  "alerts",    "all",    "also",      "approval",   "both",    "canary", "date",
           "day",    "days",      "dri",    "drill",     "each",       "even",    "half",   "just",
           "length", "lever",     "limit",  "limits",    "most",       "of",      "only",   "our",
           "part",   "rehearsal", "review", "rollout",   "runs",       "session", "shadow", "some",
           "stage",  "sunset",    "them",   "threshold", "thresholds", "verdict", "which"});
constexpr auto modals = words({"may", "might", "can", "could"});
constexpr auto copulas = words({"is", "are", "was", "were", "be", "been", "being", "has", "have", "had"});
constexpr auto nones = words({"none", "zero"});
/// Where one of these leads, what follows is still to come.
constexpr auto to_come = words({"to", "will", "shall", "must"});
/// That take back whatever they are said of.
constexpr auto undoing =
    words({"abandoned", "absent",     "away",        "cancelled", "canceled", "deferred",  "defunct",
           "deleted",   "dropped",    "former",      "formerly",  "gone",     "invalid",   "leave",
           "missing",   "obsolete",   "postponed",   "removed",   "resigned", "revoked",   "skipped",
           "suspended", "unassigned", "unavailable", "undecided", "vacant",   "vacation",  "void",
           "waived",    "withdrawn",  "broken",      "cut",       "reduced",  "shortened", "rescinded",
           "expired",   "pending",    "skip",        "skipping",  "waive",    "unwired",   "unimplemented",
           "unmerged",  "nonexistent"});
/// What may, or can, still be done with a value that is none yet: "may change", "can be shortened".
constexpr auto alters =
    words({"cancel",   "change", "changed", "defer",   "delay",   "delayed",  "differ", "drop",
           "ignore",   "move",   "moved",   "omit",    "omitted", "postpone", "reduce", "replace",
           "replaced", "shift",  "shifted", "shorten", "skip",    "slip",     "vary",   "waive"});
/// Of which "not" and "none" take back what is in force: "not run", "never started", "none of them run".
constexpr auto carried = words({"alerted", "binding", "checked", "complete", "completed", "enforced",
                                "happen", "needed", "paged", "ran", "required", "run", "started", "wired"});
/// That end what is said of the value: behind them stands why, when or by whom. "dropped trades" says more.
constexpr auto stops =
    words({"after", "again",      "altogether", "and",    "as",       "at",    "because",   "before",
           "by",    "completely", "due",        "during", "entirely", "for",   "from",      "if",
           "in",    "last",       "later",      "on",     "once",     "since", "so",        "this",
           "to",    "today",      "until",      "when",   "while",    "with",  "yesterday", "yet"});
constexpr auto yets = words({"anywhere", "because", "currently", "for", "now", "so", "this", "today", "yet"});
/// What stands for a run that there was none of, and where: "replayed in an hour"; "simulated orders" are
/// sent.
constexpr auto instead_of_runs = words({"backfilled", "compressed", "replayed", "simulated"});
constexpr auto no_runs = words({"backtest", "backtester", "backtests", "replay", "simulation"});
/// Of which "not" and "to be" take back what is there: "not decided", "to be added", "does not exist".
constexpr auto made =
    words({"added",       "agreed",      "approved",   "assigned", "available", "built",     "chosen",
           "come",        "confirmed",   "created",    "decided",  "defined",   "deployed",  "done",
           "exist",       "exists",      "final",      "held",     "fixed",     "follow",    "follows",
           "found",       "implemented", "introduced", "known",    "merged",    "named",     "picked",
           "ready",       "set",         "sure",       "there",    "valid",     "work",      "working",
           "works",       "written",     "announced",  "add",      "build",     "implement", "introduce",
           "provisioned", "routed",      "wired"});
/// Once which a thing is there.
constexpr auto arrived =
    words({"added", "available", "built", "created", "deployed", "exist", "exists", "implemented",
           "introduced", "merged", "provisioned", "ready", "there", "wired", "written"});
/// Some are taken away at the end, which is ordinary: "the flag is removed after the sunset".
constexpr auto retired = words({"deleted", "dropped", "removed"});
constexpr auto at_the_end = words({"after", "at", "before", "by", "once", "until", "when", "with"});
constexpr auto nots = words({"cannot", "never", "not"});
constexpr auto depends = words({"if", "unless", "provided", "providing", "depending", "assuming", "subject",
                                "once", "when", "until", "pending", "should"});
/// What a value waits for behind them, which is no part of it.
constexpr auto awaited =
    words({"agree",      "agreed", "agrees", "approval",  "approved", "approves", "canary",   "committee",
           "everything", "green",  "holds",  "necessary", "needed",   "objects",  "possible", "review",
           "rollout",    "shadow", "time",   "wanted",    "well",     "works"});
/// A clause of one of these says that there is no value.
constexpr auto emptied = words({"na", "never", "nil", "no", "none", "nope", "nothing"});
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
           "wishful",       "interim",     "partly",        "partially"});
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

/// Where a clause says of the value what becomes of it, behind "which was", "five of them are", and how.
struct Said {
    std::size_t at = 0;
    bool coming = false, modal = false, linked = false, none = false, told = false;
};

/// A clause, and the rest of its sentence or bracket.
class NoteClause {
public:
    NoteClause(std::span<const Token> clause, std::span<const Token> behind)
        : clause_(clause), behind_(behind) {}

    [[nodiscard]] bool has(std::size_t at, vocabulary::Words list) const {
        return at < clause_.size() && clause_[at].kind == Kind::word &&
               vocabulary::has(list, clause_[at].small);
    }
    [[nodiscard]] bool ends(std::size_t at) const { return at >= clause_.size(); }

    [[nodiscard]] Said said() const {
        Said said;
        for (std::size_t& at = said.at; !ends(at); ++at) {
            const bool number = clause_[at].kind == Kind::number ||
                                std::ranges::find(vocabulary::numbers, clause_[at].small,
                                                  &vocabulary::Number::word) != vocabulary::numbers.end();
            const bool lead = has(at, leads), none = has(at, nones), own = has(at, subjects) || none;
            if (!number && !lead && !own) break;
            said.coming = said.coming || has(at, to_come);
            said.modal = said.modal || has(at, modals);
            said.linked = said.linked || has(at, copulas);
            said.none = said.none || none;
            said.told = said.told || lead || own;
        }
        return said;
    }

    /// "was skipped in v1, runs now": of what has been, where it is otherwise by now.
    [[nodiscard]] bool is_past(const Said& said) const {
        static constexpr auto places = words({"in", "by", "at", "last", "on", "before", "during"});
        static constexpr auto since = words({"now", "again", "today"});
        constexpr std::size_t reach = 12;
        if (said.coming || said.modal || !has(0, words({"was", "were", "had"})) || !has(said.at + 1, places))
            return false;
        for (std::size_t i = 0; i < std::min(behind_.size(), reach) && !behind_[i].is_sign(").;"); ++i)
            if (vocabulary::has(since, behind_[i].small)) return true;
        return false;
    }

    /// "skipped for urgency", "may change", "not run", "only 2 run", "in theory"; "dropped trades" says more.
    [[nodiscard]] bool undoes(const Said& said, const Remainder& of) const {
        const std::size_t at = said.at;
        const bool stop = ends(at + 1) || has(at + 1, stops);
        // "removed in November", and not "removed in v2"
        const bool in_month =
            has(at + 1, words({"in"})) && at + 2 < clause_.size() &&
            std::ranges::find(vocabulary::months, clause_[at + 2].small) != vocabulary::months.end();
        const bool at_end = has(at, retired) && (has(at + 1, at_the_end) || in_month);
        const bool first = at == 0 || said.told;
        if (has(at, undoing) && !at_end && first && !said.none && !is_past(said) && (said.linked || stop))
            return true;
        if (said.none && (has(at, carried) || has(at, made))) return true;
        if (has(at, nots) || (said.modal && has(at, words({"not"})))) return is_not_carried(at + 1);
        static constexpr auto early = words({"early", "earlier", "sooner"});
        static constexpr auto finish = words({"end", "ends", "stop", "stops"});
        if (has(at, finish) && has(at + 1, early)) return true;
        static constexpr auto onward = words({"on", "ahead", "forward"});
        if (!of.may_be_off && said.modal && has(at, alters) && !has(at + 1, onward)) return true;
        if (said.modal && has(at, words({"go"})) && has(at + 1, words({"without"}))) return true;
        // "with the job stopped"
        static constexpr auto running = words({"job", "process", "runner", "service", "shadow"});
        static constexpr auto halted = words({"disabled", "down", "off", "paused", "stopped"});
        if (!of.may_be_off && has(0, words({"with"})) && has(1, words({"the", "its", "our"})) &&
            has(2, running) && has(3, halted) && ends(4))
            return true;
        return is_no_run(at, stop);
    }

    /// Of what has to be there: "planned", "coming soon", "in the next sprint", "in the future".
    [[nodiscard]] bool is_put_off(const Said& said) const {
        static constexpr auto off = words({"planned", "upcoming", "forthcoming", "future"});
        static constexpr auto comes = words({"come", "comes", "coming", "follow", "follows"});
        static constexpr auto times = words({"in", "next", "soon", "later", "with"});
        static constexpr auto terms =
            words({"iteration", "month", "quarter", "release", "sprint", "story", "version", "week", "year"});
        std::size_t at = said.at;
        if (has(at, words({"exist", "exists"}))) return false;
        if (has(at, comes) && (ends(at + 1) || has(at + 1, words({"soon", "later", "next"})))) return true;
        if (has(at, comes) && has(at + 1, times)) at += 1;
        if (has(at, words({"in", "with"}))) ++at;
        while (has(at, words({"the", "a", "our"}))) ++at;
        if (has(at, off) && (ends(at + 1) || has(at + 1, stops))) return true;
        return has(at, words({"next"})) && has(at + 1, terms);
    }

private:
    /// Behind "not": "run", "be completed", and no place or time of which alone it is said.
    [[nodiscard]] bool is_not_carried(std::size_t at) const {
        while (has(at, leads)) ++at;
        return has(at, carried) && (ends(at + 1) || has(at + 1, yets) ||
                                    (has(at + 1, words({"at"})) && has(at + 2, words({"all", "present"}))));
    }
    [[nodiscard]] bool is_no_run(std::size_t at, bool stop) const {
        if (has(at, words({"in"})) && has(at + 1, words({"theory"}))) return true;
        if (has(at, words({"on"})) && has(at + 1, words({"paper"})) && ends(at + 2)) return true;
        if (has(at, instead_of_runs) && stop) return true;
        // "(of simulation)", "in the backtest", "only 2 run"
        if (has(0, words({"in", "of"}))) {
            const std::size_t next = has(1, words({"a", "the"})) ? 2 : 1;
            if (has(next, no_runs) && ends(next + 1)) return true;
        }
        return at == 2 && has(0, words({"only"})) && has(at, words({"run", "ran", "done", "held"})) &&
               ends(at + 1);
    }

    std::span<const Token> clause_, behind_;
};

/// What takes the value back in one clause; empty where nothing does.
std::string in_clause(std::span<const Token> clause, std::span<const Token> behind, const Remainder& of,
                      bool first, bool explained) {
    const NoteClause note(clause, behind);
    const auto has = [&](std::size_t at, vocabulary::Words list) { return note.has(at, list); };
    const Said said = note.said();
    if (note.undoes(said, of) || (of.must_be_there && note.is_put_off(said))) return text_of(clause);
    std::size_t lead = 0;
    bool coming = false;
    while (has(lead, leads)) coming = coming || has(lead, to_come), ++lead;
    const std::size_t begun = lead;
    // "on vacation"; "on vacation 2026-12-24 to 2027-01-02" is back.
    const bool dated = begun + 2 < clause.size() && clause[begun + 2].kind == Kind::day;
    if (has(begun, words({"on"})) && has(begun + 1, undoing) && !dated) return text_of(clause);
    if (has(begun, words({"on"})) && has(begun + 1, words({"hold"}))) return text_of(clause);
    if (coming && has(lead, made)) return text_of(clause);
    // "if the canary holds", "or when it is ready"
    const std::size_t condition = has(0, alternatives) ? 1 : 0;
    if (of.may_depend && first && has(condition, depends)) return text_of(clause);
    if (of.may_wait && has(condition, depends) &&
        std::ranges::any_of(clause, [](const Token& one) { return vocabulary::has(awaited, one.small); }))
        return text_of(clause);
    // "once merged", "if it exists"
    if (of.must_be_there && has(condition, words({"if", "once", "when", "provided"}))) {
        std::size_t met = condition + 1;
        while (has(met, leads)) ++met;
        if (has(met, arrived)) return text_of(clause);
    }
    // "— later", "the flag follows soon"
    if (!clause.empty() && has(clause.size() - 1, put_offs) &&
        (clause.size() == 1 || coming || has(lead, made)))
        return text_of(clause);
    // "has no effect", "does nothing"
    if (of.must_be_there &&
        ((has(lead, words({"no"})) && has(lead + 1, words({"effect"})) && note.ends(lead + 2)) ||
         (has(lead, words({"nothing"})) && note.ends(lead + 1))))
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

/// "(none)", ": none", "(N/A)"; behind a label it is said of that: "deputy: none".
bool is_none(std::span<const Token> tokens, std::size_t begin, std::size_t end) {
    if (begin == 0 || begin == end) return false;
    const bool none = (end - begin == 1 && vocabulary::has(emptied, tokens[begin].small)) ||
                      (end - begin == 3 && tokens[begin].small == "n" && tokens[begin + 1].is_sign("/") &&
                       tokens[begin + 2].small == "a");
    if (!none || !tokens[begin - 1].is_sign(":")) return none;
    std::size_t label = begin - 1;
    while (label > 0 && !ends_clause(tokens[label - 1])) --label;
    return std::ranges::any_of(tokens.subspan(label, begin - 1 - label),
                               [](const Token& one) { return one.kind != Kind::word; });
}

}  // namespace

bool begins_aside(std::span<const Token> behind) {
    constexpr auto adds =
        words({"across", "against", "as",    "at",       "because", "before",     "beginning", "behind",
               "by",     "during",  "for",   "from",     "given",   "in",         "on",        "over",
               "per",    "since",   "so",    "starting", "through", "throughout", "under",     "versus",
               "via",    "vs",      "which", "while",    "with"});
    if (behind.empty()) return false;
    const Token& first = behind.front();
    return ends_clause(first) || (first.kind == Kind::word && vocabulary::has(adds, first.small));
}

std::string doubt_in(std::span<const Token> tokens, bool may_be_off) {
    const Remainder of{.may_be_off = may_be_off};
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
        const auto clause = tokens.subspan(begin, end - begin);
        const NoteClause note(clause, tokens.subspan(end));
        if ((doubts_it && alone) || note.undoes(note.said(), of)) return text_of(clause);
        if (!may_be_off && is_none(tokens, begin, end)) return text_of(clause);
        begin = end + 1;
    }
    return "";
}

std::string undone_by(std::span<const Token> note, const Remainder& of) {
    if (auto doubt = doubt_in(note, of.may_be_off); !doubt.empty()) return doubt;
    const auto end = static_cast<std::size_t>(std::ranges::find_if(note, ends_clause) - note.begin());
    for (const auto& token : note.first(end))
        if (vocabulary::has(vocabulary::hedges, token.small)) return token.text;
    const NoteClause clause(note.first(end), note.subspan(end));
    if (clause.has(0, words({"in"})) && clause.has(1, words({"fact"}))) return text_of(note.first(end));
    // "if the gap is above 5 pp, we stop" says what follows; a condition alone is one of the value.
    if (end + 1 < note.size())
        return in_clause(note.first(end), note.subspan(end),
                         {.may_be_off = of.may_be_off, .must_be_there = of.must_be_there}, false, false);
    if (clause.has(0, words({"only"})) && clause.has(1, depends) && !of.must_be_there)
        return text_of(note.first(end));
    return in_clause(note.first(end), note.subspan(end), of, of.may_depend, false);
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
        if (auto said = in_clause(clause, behind.subspan(end), of, first, explained || depth > 0);
            !said.empty())
            return said;
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
