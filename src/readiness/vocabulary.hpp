#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// Every word that the gate knows, by what it is taken for, in small letters (symbols of markets: in large
/// ones). Rules that need no list are better: what is here is what only its word tells.
namespace tristrata::readiness::vocabulary {

/// A word's length and its first letters as one number: those of a list are told apart without a look at
/// their letters, up to the longer ones that begin alike.
inline constexpr std::size_t letters_of_key = 7;
[[nodiscard]] constexpr std::uint64_t key_of(std::string_view word) noexcept {
    std::uint64_t key = word.size();
    for (std::size_t i = 0; i < letters_of_key; ++i)
        key = key << 8U | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0U);
    return key;
}

/// Words of one kind, in order, so that looking one up halves them each time. Made by words().
class Words {
public:
    constexpr Words() = default;

    [[nodiscard]] constexpr bool has(std::string_view word) const noexcept {
        if (word.size() > 0xFF) return false;  // No list has such a word, and no key.
        const std::uint64_t key = key_of(word);
        auto at = std::ranges::lower_bound(keys_, key);
        if (word.size() <= letters_of_key) return at != keys_.end() && *at == key;
        for (; at != keys_.end() && *at == key; ++at)
            if (sorted_[static_cast<std::size_t>(at - keys_.begin())] == word) return true;
        return false;
    }
    [[nodiscard]] constexpr auto begin() const noexcept { return sorted_.begin(); }
    [[nodiscard]] constexpr auto end() const noexcept { return sorted_.end(); }

private:
    template <std::size_t N>
    friend struct Sorted;
    constexpr Words(std::span<const std::string_view> sorted, std::span<const std::uint64_t> keys)
        : sorted_(sorted), keys_(keys) {}

    std::span<const std::string_view> sorted_;
    std::span<const std::uint64_t> keys_;
};

/// What holds the words of a list. Made by words() and sorted().
template <std::size_t N>
struct Sorted {
    std::array<std::string_view, N> words;
    std::array<std::uint64_t, N> keys;

    // NOLINTNEXTLINE(google-explicit-constructor): these are words.
    constexpr operator Words() const noexcept { return {words, keys}; }
    [[nodiscard]] constexpr auto begin() const { return words.begin(); }
    [[nodiscard]] constexpr auto end() const { return words.end(); }
};

template <std::size_t N>
[[nodiscard]] constexpr Sorted<N> sorted(std::array<std::string_view, N> given) {
    std::ranges::sort(given, {}, key_of);
    Sorted<N> made{given, {}};
    std::ranges::transform(given, made.keys.begin(), key_of);
    return made;
}
template <std::size_t N>
[[nodiscard]] consteval Sorted<N> words(const std::string_view (&&given)[N]) {
    std::array<std::string_view, N> copied;
    std::ranges::copy(given, copied.begin());
    return sorted(copied);
}

[[nodiscard]] constexpr bool has(Words words, std::string_view word) noexcept { return words.has(word); }

// What is no answer.

inline constexpr auto empty_answers = words({"", "na", "none", "nil", "no", "null", "unknown", "same"});
/// That begin a refusal.
inline constexpr auto refusals =
    words({"no",         "none",      "not",       "never",    "without", "skip",    "skipped",
           "impossible", "nothing",   "nil",       "na",       "omitted", "dropped", "waived",
           "unknown",    "undecided", "cancelled", "canceled", "nowhere", "nobody",  "unnecessary"});
/// Of free text, for which there is no grammar: what it says may be otherwise.
inline constexpr auto hedges =
    words({"maybe", "perhaps", "possibly", "presumably", "tentative", "tentatively", "provisional",
           "provisionally", "undecided", "unconfirmed",
           ("tb"
            "d"),
           "tbc", "tba", "hopefully"});
/// What is left to be written; in two pieces, so that a search for what is unfinished does not find these.
inline constexpr auto placeholders = std::to_array<std::string_view>(
    {("tb"
      "d"),
     ("to"
      "do"),
     ("fix"
      "me"),
     "tba", "to be decided", "to be defined", "to be done", "fill me in", "pick later", "decide later",
     "lorem ipsum", "to be determined", "to be written"});
/// A text of these words alone, with one that puts off, says nothing: "later", "to be named", "comes soon".
inline constexpr auto put_off = words({"later", "soon", "follow", "follows", "named", "added", "written",
                                       "done", "filled", "created", "announced", "come", "comes", "coming"});
inline constexpr auto puts_off = words({"later", "soon"});
inline constexpr auto beside_put_off =
    words({"to", "be", "it", "is", "are", "will", "in", "the", "this", "that", "on", "name", "names"});
/// Of HTML, as GitHub shows it: no placeholder.
inline constexpr auto tags = words(
    {"a",      "abbr",    "b",       "bdo",     "blockquote", "br",    "center", "cite", "code",  "dd",
     "del",    "details", "dfn",     "div",     "dl",         "dt",    "em",     "h1",   "h2",    "h3",
     "h4",     "h5",      "h6",      "hr",      "i",          "img",   "ins",    "kbd",  "li",    "mark",
     "ol",     "p",       "picture", "pre",     "q",          "ruby",  "s",      "samp", "small", "span",
     "strike", "strong",  "sub",     "summary", "sup",        "table", "tbody",  "td",   "tfoot", "th",
     "thead",  "tr",      "tt",      "u",       "ul",         "var",   "wbr"});

// What takes back, or puts off.

/// Before what they take back; and behind it.
inline constexpr auto takes_back_before =
    words({"no",        "not",        "never",   "without", "nor",       "avoid",     "if",
           "fallback",  "unless",     "instead", "rather",  "zero",      "doesn",     "don",
           "otherwise", "afterwards", "later",   "avoids",  "meanwhile", "eventually"});
inline constexpr auto takes_back_behind = words({"no", "none", "not", "never", "free"});
/// What follows is a condition, or a time, and no reason.
inline constexpr auto conditions =
    words({"when", "once", "if", "unless", "until", "till", "after", "before", "whenever", "depending",
           "provided", "subject", "pending", "assuming", "soon", "whichever"});
/// What follows is a reason.
inline constexpr auto causes = words(
    {"because", "since", "due", "owing", "thanks", "given", "reason", "why", "rationale", "justification"});
/// Behind a word of choosing: what follows is by what was chosen.
inline constexpr auto grounds = words({"for", "by", "as"});
inline constexpr auto futures = words({"will", "shall", "would", "should", "to", "might", "must"});
/// Of choosing: that somebody does it is no reason for what is chosen.
inline constexpr auto choosing = words(
    {"pick",     "picks",     "picked",   "picking",  "choose",    "chooses",    "chose",     "chosen",
     "choosing", "choice",    "select",   "selects",  "selected",  "selecting",  "selection", "decide",
     "decides",  "decided",   "deciding", "decision", "determine", "determined", "confirm",   "confirmed",
     "named",    "announced", "agreed",   "assigned", "settled",   "set",        "committee", "team",
     "defined",  "specified", "known",    "ready",    "available", "later",      "eventually"});
/// That speak of a stage and its canary, and not of why it is that one.
inline constexpr auto stage_words = words(
    {"canary",  "canaries", "on",      "at",        "the",     "with",   "of",      "to",      "from",
     "in",      "days",     "day",     "weeks",     "week",    "hours",  "hour",    "run",     "runs",
     "running", "capital",  "crypto",  "cryptos",   "symbol",  "pair",   "market",  "coin",    "host",
     "hosts",   "hosted",   "stage",   "then",      "first",   "next",   "goes",    "go",      "live",
     "other",   "others",   "follow",  "follows",   "only",    "alone",  "as",      "so",      "by",
     "for",     "will",     "would",   "shall",     "should",  "can",    "could",   "may",     "might",
     "must",    "we",       "they",    "it",        "its",     "this",   "that",    "these",   "is",
     "are",     "was",      "be",      "been",      "being",   "an",     "and",     "our",     "us",
     "you",     "here",     "there",   "one",       "two",     "three",  "start",   "starts",  "started",
     "begin",   "begins",   "rollout", "percent",   "traffic", "trades", "trading", "use",     "used",
     "uses",    "using",    "have",    "has",       "do",      "does",   "done",    "yes",     "not",
     "just",    "see",      "sees",    "seen",      "look",    "looks",  "find",    "know",    "knows",
     "think",   "believe",  "guess",   "hope",      "feel",    "want",   "wanted",  "wants",   "like",
     "try",     "tried",    "say",     "says",      "said",    "out",    "what",    "how",     "happens",
     "happen",  "reasons",  "some",    "something", "let",     "lets",   "who",     "whatever"});

// Lengths of time.

struct Number {
    std::string_view word;
    double value;
};
inline constexpr auto numbers = std::to_array<Number>(
    {{"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},      {"five", 5},
     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},
     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},
     {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},
     {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},    {"ninety", 90}});
/// In days.
inline constexpr auto units = std::to_array<Number>({{"d", 1},
                                                     {"day", 1},
                                                     {"days", 1},
                                                     {"w", 7},
                                                     {"wk", 7},
                                                     {"wks", 7},
                                                     {"week", 7},
                                                     {"weeks", 7},
                                                     {"fortnight", 14},
                                                     {"fortnights", 14},
                                                     {"month", 30},
                                                     {"months", 30},
                                                     {"h", 1.0 / 24},
                                                     {"hr", 1.0 / 24},
                                                     {"hrs", 1.0 / 24},
                                                     {"hour", 1.0 / 24},
                                                     {"hours", 1.0 / 24}});
/// Between a number and its unit: "7 full days".
inline constexpr auto beside_units = words({"full", "whole", "calendar", "consecutive", "complete", "trading",
                                            "business", "working", "market", "more", "or", "entire"});

inline constexpr auto months =
    std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july", "august",
                                     "september", "october", "november", "december"});

// Symbols of markets.

inline constexpr auto quotes =
    words({"USDC", "USDT", "FDUSD", "BUSD", "USD", "EUR", "BTC", "ETH", "BNB", "TRY"});
/// Coins whose names are words or other letters too (OP, LINK, NEAR) are named by a pair.
inline constexpr auto coins = words({"BTC", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE", "LTC", "AVAX", "MATIC",
                                     "TRX", "AAVE", "XLM", "BCH", "SUI"});

/// Quotes that end words of English, too (ENTRY, TEETH): only a coin stands before them.
inline constexpr auto ambiguous_quotes = words({"TRY", "ETH", "EUR", "BNB"});

// Thresholds.

/// That thresholds are named with: no reason for them.
inline constexpr auto threshold_words = words(
    {"psi",         "warn", "crit", "warning", "critical", "threshold", "thresholds", "default", "defaults",
     "performance", "perf", "gap",  "for",     "all",      "features",  "feature",    "the",     "and",
     "of",          "each", "see",  "above",   "below",    "rationale", "reason",     "ok",      "fine"});
/// "no reason given", "without a rationale".
inline constexpr auto reasons = words({"reason", "reasons", "rationale", "explanation", "justification"});
inline constexpr auto without_reasons = words({"no", "none", "not", "without", "any", "lacks"});

// Metrics.

/// Of a line that says that one metric serves several minima.
inline constexpr auto shared = std::to_array<std::string_view>(
    {"serves", "doubles as", "stands for", "counts as", "is both", "at once", "covers both", "shared by"});

/// Of a line that is ticked.
inline constexpr auto ticks =
    std::to_array<std::string_view>({"\u2705", "\u2714", "\u2611", "[x]",
                                     ":white_check_mark:", ":heavy_check_mark:", ":ballot_box_with_check:"});

// The way back.

inline constexpr auto levers = std::to_array<std::string_view>(
    {"ftf_config", "ftf",         "factor flag", "feature flag",         "flag",
     "mlflow",     "alias",       "config key",  "config-only",          "configuration",
     "config",     "setting",     "toggle",      "environment variable", "env var",
     "parameter",  "kill-switch", "kill switch", "config row",           "key",
     "switch",     "variable",    "weight"});
inline constexpr auto deploys = std::to_array<std::string_view>({"redeploy",
                                                                 "re-deploy",
                                                                 "code deploy",
                                                                 "git revert",
                                                                 "revert the commit",
                                                                 "revert commit",
                                                                 "revert the pr",
                                                                 "revert pr",
                                                                 "revert the merge",
                                                                 "hotfix",
                                                                 "new release",
                                                                 "rebuild the image",
                                                                 "deploy the previous",
                                                                 "roll back the deployment",
                                                                 "rollback the deployment",
                                                                 "code deployment",
                                                                 "deploy",
                                                                 "deploying",
                                                                 "helm rollback",
                                                                 "helm upgrade",
                                                                 "rollout undo",
                                                                 "git checkout",
                                                                 "git reset",
                                                                 "terraform apply",
                                                                 "docker run",
                                                                 "rebuild",
                                                                 "previous image",
                                                                 "previous container",
                                                                 "old image",
                                                                 "old container"});

// People and verdicts.

/// What nobody answers for by name.
inline constexpr auto teams =
    words({"team",     "teams",      "ops",      "oncall",    "operator",    "operators",  "squad",
           "devs",     "everyone",   "all",      "everybody", "committee",   "platform",   "support",
           "admins",   "bot",        "group",    "channel",   "engineering", "desk",       "sre",
           "sres",     "mlops",      "devops",   "we",        "us",          "crew",       "staff",
           "unit",     "department", "quants",   "engineers", "developers",  "anyone",     "someone",
           "somebody", "nobody",     "rotation", "infra",     "backend",     "maintainers"});

}  // namespace tristrata::readiness::vocabulary
