#include "judge.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

// The sections that are lists: rollout, rollback, owner, sign-off.
namespace tristrata::readiness {
namespace {

constexpr std::int64_t microseconds_of_a_day = 86'400'000'000;

/// A symbol: BTCUSDC, BTC-USDT, ETH/EUR, or a coin that stands alone.
bool reads_like_crypto(std::string_view token) {
    static constexpr std::array<std::string_view, 10> quotes{"USDC", "USDT", "FDUSD", "BUSD", "USD",
                                                             "EUR",  "BTC",  "ETH",   "BNB",  "TRY"};
    // Coins whose names are words or other letters too (OP, LINK, NEAR) are named by a pair.
    static constexpr std::array<std::string_view, 15> coins{"BTC", "ETH",  "BNB", "SOL",  "XRP",
                                                            "ADA", "DOGE", "LTC", "AVAX", "MATIC",
                                                            "TRX", "AAVE", "XLM", "BCH",  "SUI"};
    if (std::ranges::find(coins, token) != coins.end()) return true;
    if (std::ranges::any_of(token, [](char c) { return c >= 'a' && c <= 'z'; })) return false;
    for (const auto quote : quotes)
        if (token.size() >= quote.size() + 2 && token.ends_with(quote)) return true;
    return false;
}

/// The symbols that a text names, as it writes them.
std::vector<std::string> cryptos_of(const Policy& policy, std::string_view text) {
    std::vector<std::string> found;
    std::string token;
    for (const char c : std::string(text) + ' ') {
        const bool part = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (part) {
            token += c;
            continue;
        }
        // BTC-USDT and BTC/USDT are two tokens, of which one alone will do.
        const bool named = policy.cryptos.empty()
                               ? reads_like_crypto(token)
                               : std::ranges::find(policy.cryptos, token) != policy.cryptos.end();
        if (!token.empty() && named) found.push_back(token);
        token.clear();
    }
    return found;
}

bool tells_why(std::string_view text, const std::vector<std::string>& cryptos) {
    static constexpr std::array<std::string_view, 24> no_reason{
        "canary", "on",      "at",     "for",   "the",   "with",  "of",    "to",
        "from",   "in",      "from",   "until", "days",  "day",   "weeks", "week",
        "run",    "capital", "crypto", "host",  "hosts", "stage", "then",  "hours"};
    std::set<std::string, std::less<>> symbols;
    for (const auto& one : cryptos) symbols.insert(core::lowered(one));
    const auto words = words_of_text(text);
    return std::ranges::count_if(words, [&](const std::string& word) {
               return !symbols.contains(word) && std::ranges::find(no_reason, word) == no_reason.end();
           }) >= 2;
}

std::optional<long> date_of(const Section& section, const std::vector<Table>& tables,
                            const std::vector<std::string_view>& words) {
    for (const auto& saying : sayings_of(section, tables, words)) {
        // "2026-05-25 + 90 d = 2026-08-23": the sum is the answer.
        const auto sum = saying.text.rfind('=');
        if (sum != std::string::npos)
            if (const auto days = dates_of(std::string_view(saying.text).substr(sum)); !days.empty())
                return days.front();
        if (const auto days = dates_of(saying.text); !days.empty()) return days.front();
    }
    return std::nullopt;
}

/// Words that take back what stands close behind them, and those that do so close before.
bool is_taken_back(std::string_view text, std::size_t at, std::size_t end, std::size_t words_before) {
    static constexpr std::array<std::string_view, 20> before{
        "no",        "not",        "never",   "without", "nor",       "avoid",     "if",
        "fallback",  "unless",     "instead", "rather",  "zero",      "doesn",     "don",
        "otherwise", "afterwards", "later",   "avoids",  "meanwhile", "eventually"};
    static constexpr std::array<std::string_view, 5> after{"no", "none", "not", "never", "free"};
    constexpr std::size_t words_after = 2;
    // So many bytes hold the words that are looked at; more would make a long line quadratic.
    constexpr std::size_t window_bytes = 160;
    const std::string_view ahead = text.substr(at - std::min(at, window_bytes), std::min(at, window_bytes));
    const auto begin = ahead.find_last_of(".;!");
    auto words = words_of_text(ahead.substr(begin == std::string_view::npos ? 0 : begin + 1));
    for (std::size_t i = words.size() - std::min(words.size(), words_before); i < words.size(); ++i)
        if (std::ranges::find(before, words[i]) != before.end()) return true;
    const std::string_view behind = text.substr(end, window_bytes);
    words = words_of_text(behind.substr(0, behind.find_first_of(".;!,")));
    for (std::size_t i = 0; i < std::min(words.size(), words_after); ++i)
        if (std::ranges::find(after, words[i]) != after.end()) return true;
    return false;
}

/// Whether the text asks for one of these and does not take it back: "no flag", "code deploy: none".
bool asks_for(std::string_view text, const std::vector<std::string_view>& phrases, std::size_t words_before) {
    const std::string small = core::lowered(text);
    for (const auto phrase : phrases)
        for (auto at = small.find(phrase); at != std::string::npos; at = small.find(phrase, at + 1)) {
            const std::size_t end = at + phrase.size();
            const auto is_letter = [&](std::size_t i) {
                return i < small.size() && small[i] >= 'a' && small[i] <= 'z';
            };
            if ((at > 0 && is_letter(at - 1)) || is_letter(end)) continue;
            if (!is_taken_back(small, at, end, words_before)) return true;
        }
    return false;
}

void judge_shadow(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    static const std::vector<std::string_view> shortened{"cut",     "shortened", "reduced", "truncated",
                                                         "aborted", "skipped",   "waived",  "cancelled"};
    std::optional<double> days;
    std::size_t line = section.line;
    for (const auto& saying : sayings_of(section, tables, {"shadow"})) {
        const auto said = days_of(saying.text);
        const auto dates = dates_of(saying.text);
        std::optional<double> here = said;
        if (dates.size() >= 2) {
            const auto between = static_cast<double>(dates[1] - dates[0]);
            here = here ? std::min(*here, between) : between;
        }
        if (!here) here = days_of(saying.label);
        if (is_refused(saying.text) || asks_for(saying.text, shortened, 2)) here = 0.0;
        if (here && (!days || *here > *days)) days = here;
        if (line == section.line) line = saying.line;
    }
    if (days && *days >= judge.policy.shadow_days_min) return;
    judge.find("RDY401", line,
               days ? fmt::format("the shadow runs {} days; expected at least {}", *days,
                                  judge.policy.shadow_days_min)
                    : fmt::format("no length of a shadow; expected \"Shadow: {} days\" or more",
                                  judge.policy.shadow_days_min));
}

void judge_canary(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    const auto sayings = sayings_of(section, tables, {"canary"});
    const std::size_t line = sayings.empty() ? section.line : sayings.front().line;
    std::string text;
    std::optional<std::string> reason;
    for (const auto& saying : sayings) {
        text += " " + saying.text;
        if (saying.table == nullptr) continue;
        const auto column = saying.table->column({"reason", "why", "rationale", "justification"});
        if (column) reason = cell_of(*saying.row, column);
    }
    const auto cryptos = cryptos_of(judge.policy, text);
    const bool refused = std::ranges::any_of(sayings, [](const Saying& one) { return is_refused(one.text); });
    if (cryptos.empty() || refused) {
        judge.find("RDY402", line,
                   "the canary names no crypto; expected one, such as BTCUSDC, and why that one");
        return;
    }
    if (!tells_why(reason ? *reason : text, cryptos))
        judge.find("RDY403", line,
                   fmt::format("the canary is {} and nothing says why that one", cryptos.front()));
}

// How far back a word of refusal reaches: "no flag" is none; "no code has to be built for a redeploy" is none
// either.
constexpr std::size_t reach_of_levers = 2;
constexpr std::size_t reach_of_deploys = 6;

const std::vector<std::string_view>& levers() {
    static const std::vector<std::string_view> words{
        "ftf_config", "ftf",         "factor flag", "feature flag",         "flag",
        "mlflow",     "alias",       "config key",  "config-only",          "configuration",
        "config",     "setting",     "toggle",      "environment variable", "env var",
        "parameter",  "kill-switch", "kill switch", "config row",           "key",
        "switch",     "variable",    "weight"};
    return words;
}

const std::vector<std::string_view>& deploys() {
    static const std::vector<std::string_view> words{"redeploy",
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
                                                     "old container"};
    return words;
}

/// What nobody answers for by name.
bool is_team(const Policy& policy, std::string_view handle) {
    if (handle.find('/') != std::string_view::npos) return true;
    const std::string small = core::lowered(handle);
    for (const auto& [team, people] : policy.teams)
        if (core::lowered(team) == small) return true;
    static constexpr std::array<std::string_view, 41> teams{
        "team",     "teams",      "ops",      "oncall",    "operator",    "operators",  "squad",
        "devs",     "everyone",   "all",      "everybody", "committee",   "platform",   "support",
        "admins",   "bot",        "group",    "channel",   "engineering", "desk",       "sre",
        "sres",     "mlops",      "devops",   "we",        "us",          "crew",       "staff",
        "unit",     "department", "quants",   "engineers", "developers",  "anyone",     "someone",
        "somebody", "nobody",     "rotation", "infra",     "backend",     "maintainers"};
    std::string word;
    for (const char c : small + '-') {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            word += c;
            continue;
        }
        if (std::ranges::find(teams, word) != teams.end()) return true;
        word.clear();
    }
    return says(small, "on-call");
}

/// The handle of a line that names a person, or the one word that it has.
std::vector<std::string> people_of(std::string_view text) {
    auto handles = handles_of(text);
    if (handles.empty()) {
        const auto bare = trimmed_text(text);
        if (!is_empty_answer(bare) && bare.find_first_of(" ,;|/&") == std::string_view::npos)
            handles.emplace_back(bare);
    }
    return handles;
}

/// Whether a line names one more than its handle: "@maria and jonas", "@maria, jonas".
bool names_more(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos) return false;
    std::string rest;
    int depth = 0;
    for (const char c : text.substr(at)) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0) rest += c;
        depth -= c == ')' && depth > 0 ? 1 : 0;
    }
    const auto end = rest.find_first_of(" ,&+;");
    const std::string_view after =
        end == std::string::npos ? "" : trimmed_text(std::string_view(rest).substr(end));
    const auto words = words_of_text(after);
    if (words.empty()) return false;
    if (words.front() == "and" || words.front() == "or") return words.size() > 1;
    return std::string_view(",/&+;").find(after.front()) != std::string_view::npos && words.size() == 1;
}

/// Whether a review passed, by the word of a verdict that stands first; nothing where there is none.
std::optional<bool> verdict_of(std::string_view text) {
    static constexpr std::array<std::string_view, 8> good{"passed",   "pass",   "approved", "approve",
                                                          "accepted", "accept", "cleared",  "granted"};
    static constexpr std::array<std::string_view, 25> bad{
        "not",    "never",    "reject",     "rejected",   "rejects",  "failed",    "fail",
        "fails",  "refused",  "refuse",     "blocked",    "pending",  "vetoed",    "veto",
        "denied", "declined", "deferred",   "postponed",  "awaiting", "withdrawn", "cancelled",
        "open",   "didn",     "unapproved", "outstanding"};
    const auto words = words_of_text(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (std::ranges::find(bad, words[i]) != bad.end()) return false;
        if (std::ranges::find(good, words[i]) != good.end()) return true;
        // "no go", "no pass"; "no remarks" says nothing yet.
        if (words[i] == "no" && i + 1 < words.size() && (words[i + 1] == "go" || words[i + 1] == "pass"))
            return false;
    }
    return std::nullopt;
}

/// RDY601 to 603; empty where there is no one person.
std::string judge_dri(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    auto sayings = sayings_of(section, tables, {"dri"});
    if (sayings.empty()) sayings = sayings_of(section, tables, {"owner"});
    const std::size_t line = sayings.empty() ? section.line : sayings.front().line;
    const std::string text = sayings.empty() ? "" : sayings.front().text;
    auto people = people_of(text);
    // A second line of a DRI is a second DRI.
    for (const auto& other : sayings) {
        if (people.size() > 1) break;
        if (says_any(other.label, {"backup", "deputy", "former", "previous"})) continue;
        for (auto& one : other.label == "dri" ? people_of(other.text) : handles_of(other.text))
            if (std::ranges::find(people, one) == people.end()) people.push_back(std::move(one));
    }
    if (people.size() > 1 || names_more(text) ||
        (people.empty() && !says_any(text, {"operator", "team", "on-call", "oncall"}))) {
        judge.find("RDY601", line,
                   text.empty() ? std::string("no DRI; expected \"DRI: @handle\", of one person")
                                : fmt::format("the DRI is {}; expected one handle", core::quoted(text)));
        return "";
    }
    if (people.empty() || is_team(judge.policy, people.front())) {
        judge.find("RDY602", line, fmt::format("the DRI is {}, which is no person", core::quoted(text)));
        return "";
    }
    const auto owners = people_of(judge.plan.owner.value);
    if (owners.size() == 1 && core::lowered(owners.front()) != core::lowered(people.front()))
        judge.find("RDY603", line,
                   fmt::format("the DRI is {} and the owner above {}; expected one person",
                               core::quoted(people.front()), core::quoted(owners.front())));
    return people.front();
}

}  // namespace

void judge_rollout(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    judge_shadow(judge, section, tables);
    judge_canary(judge, section, tables);
    const auto full = sayings_of(section, tables, {"full", "full rollout", "general availability", "100"});
    judge.outcome.named.full_rollout =
        date_of(section, tables, {"full", "full rollout", "general availability", "100"});
    if (!judge.outcome.named.full_rollout)
        judge.find("RDY404", full.empty() ? section.line : full.front().line,
                   "no day of the full rollout; expected \"Full rollout: 2026-05-25\"");
}

void judge_rollback(const Judge& judge, const Section& section) {
    bool lever = false;
    const Entry* deploy = nullptr;
    bool rehearsed = false;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::heading) continue;
        // "Lever:" itself is no lever: what follows it is.
        const auto line = labelled(entry.text);
        const std::string_view said =
            line && says(line->label, "lever") ? std::string_view(line->value) : entry.text;
        const bool deploys_code = asks_for(entry.text, deploys(), reach_of_deploys);
        const bool of_lever = line && says(line->label, "lever");
        lever = lever || (asks_for(said, levers(), reach_of_levers) && !(of_lever && is_refused(said))) ||
                (of_lever && !entry.code.empty() && !is_refused(said) && !deploys_code);
        if (deploy == nullptr && deploys_code) deploy = &entry;
        if (says_any(entry.text, {"rehearsed", "rehearsal", "drill", "tested", "tried"}) &&
            (!dates_of(entry.text).empty() || !entry.addresses.empty()))
            rehearsed = true;
    }
    if (deploy != nullptr)
        judge.find("RDY502", deploy->line,
                   "the way back is a deploy of code; expected a flag, an alias or a key of ftf_config. "
                   "Where there is "
                   "none, ADR-56 reviews the change");
    else if (!lever)
        judge.find("RDY501", section.line,
                   "no lever of configuration; expected a flag, an alias or a key of ftf_config");
    if (!rehearsed)
        judge.find("RDY503", section.line,
                   "nothing says that the way back was rehearsed; expected the day, or a link");
}

void judge_owner(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    Named& named = judge.outcome.named;
    named.owner = judge_dri(judge, section, tables);
    named.sunset = date_of(section, tables, {"sunset"});
    const auto sunsets = sayings_of(section, tables, {"sunset"});
    const std::size_t line = sunsets.empty() ? section.line : sunsets.front().line;
    if (!named.sunset) {
        judge.find("RDY701", line,
                   "no sunset; expected \"Sunset:\" and the day of the full rollout and 90 days");
    } else if (named.full_rollout && *named.sunset != *named.full_rollout + judge.policy.sunset_days) {
        judge.find(
            "RDY702", line,
            fmt::format("the sunset is {}; the full rollout of {} and {} days is {}",
                        date_text(*named.sunset), date_text(*named.full_rollout), judge.policy.sunset_days,
                        date_text(*named.full_rollout + judge.policy.sunset_days)));
    }
    const auto terms = sayings_of(section, tables, {"accountable", "term", "accountable until"});
    if (const auto until = date_of(section, tables, {"accountable", "term"})) {
        named.accountable_until = until;
        if (named.sunset && *until < *named.sunset)
            judge.find("RDY604", terms.front().line,
                       fmt::format("the DRI's term ends on {}, before the sunset of {}", date_text(*until),
                                   date_text(*named.sunset)));
    }
    std::string outcome;
    for (const auto& saying : sayings_of(section, tables, {"outcome"})) {
        if (asks_for(saying.text, {"permanent"}, 3)) outcome = "permanent";
        if (asks_for(saying.text, {"revisited", "revisit"}, 3))
            outcome = outcome.empty() ? "revisited" : "both";
    }
    if (outcome == "both") outcome.clear();
    named.outcome = outcome;
    const auto today = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day);
    if (named.sunset && *named.sunset <= today && outcome.empty())
        judge.find(
            "RDY703", line,
            fmt::format("the sunset was on {} and no outcome is named; expected \"Outcome: permanent\", or "
                        "revisited and the story that does it",
                        date_text(*named.sunset)));
}

void judge_sign_off(const Judge& judge, const Section& section) {
    std::size_t ticked = 0;
    std::optional<std::string> session;
    std::size_t line = section.line;
    bool passed = true, told = false;
    for (const auto& entry : section.entries) {
        const std::string small = core::lowered(entry.text);
        if (small.starts_with("[ ]") || entry.text.find("\u274c") != std::string::npos ||
            entry.text.find("\u2610") != std::string::npos)
            judge.find("RDY801", entry.line, "this box is not ticked");
        ticked += small.starts_with("[x]") || entry.text.find("\u2705") != std::string::npos ||
                          entry.text.find("\u2611") != std::string::npos
                      ? 1
                      : 0;
        if (!says_any(entry.text, {"session", "review", "reviewed", "committee", "reviewed by committee"}))
            continue;
        std::string where = entry.text;
        for (const auto& address : entry.addresses) where += " " + address;
        const auto found = session_in(where);
        if (!found) continue;
        if (!session) session = found, line = entry.line;
        const auto verdict = verdict_of(entry.text);
        if (verdict && !*verdict) passed = false;
        told = told || verdict.has_value();
    }
    if (ticked == 0 &&
        std::ranges::none_of(judge.outcome.findings, [](auto& one) { return one.rule->id == "RDY801"; }))
        judge.find("RDY801", section.line, "no box is ticked; expected a checklist, each line with [x]");
    if (!session) {
        judge.find("RDY802", section.line,
                   "no session of the review; expected \"Review: session\" and its id");
        return;
    }
    const std::string& above = judge.outcome.named.session;
    // The verdict may stand in a line of its own.
    if (!told)
        for (const auto& entry : section.entries)
            if (const auto verdict = verdict_of(entry.text);
                verdict && !core::lowered(entry.text).starts_with("[") && entry.kind != Entry::Kind::columns)
                told = true, passed = passed && *verdict;
    const auto above_verdict = verdict_of(judge.plan.reviewed.value);
    if (!told) judge.find("RDY803", line, "the review has no verdict; expected PASSED behind its session");
    else if (!passed || (above_verdict && !*above_verdict))
        judge.find("RDY803", passed ? judge.plan.reviewed.line : line, "the review did not pass");
    if (!above.empty() && core::lowered(above) != core::lowered(*session))
        judge.find("RDY804", line,
                   fmt::format("the sign-off names the session {} and the header {}", *session, above));
}

}  // namespace tristrata::readiness
