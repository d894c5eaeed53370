#include "judge.hpp"
#include "saying.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

// The sections that are lists: rollback, owner, sign-off.
namespace tristrata::readiness {
namespace {

constexpr std::int64_t microseconds_of_a_day = 86'400'000'000;

// How far back a word of refusal reaches: "no flag" is none; "no code has to be built for a redeploy" is none
// either.
constexpr std::size_t reach_of_levers = 2;
constexpr std::size_t reach_of_deploys = 6;

/// What nobody answers for by name.
bool is_team(const Policy& policy, std::string_view handle) {
    if (handle.find('/') != std::string_view::npos) return true;
    const std::string small = core::lowered(handle);
    for (const auto& [team, people] : policy.teams)
        if (core::lowered(team) == small) return true;
    std::string word;
    for (const char c : small + '-') {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            word += c;
            continue;
        }
        if (vocabulary::has(vocabulary::teams, word)) return true;
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
    const auto words = words_of_text(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (vocabulary::has(vocabulary::not_passed, words[i])) return false;
        if (vocabulary::has(vocabulary::passed, words[i])) {
            constexpr std::size_t reach = 2;
            const std::size_t begin = i - std::min(i, reach), end = std::min(i + 1 + reach, words.size());
            for (std::size_t near = begin; near < end; ++near)
                if (vocabulary::has(near < i
                                        ? std::span<const std::string_view>(vocabulary::expected)
                                        : std::span<const std::string_view>(vocabulary::verdict_conditions),
                                    words[near]))
                    return false;
            return true;
        }
        // "no go", "no pass"; "no remarks" says nothing yet.
        if (words[i] == "no" && i + 1 < words.size() && (words[i + 1] == "go" || words[i + 1] == "pass"))
            return false;
    }
    return std::nullopt;
}

/// "a flag will be added where it is needed": what is still to be made is no lever.
bool is_unbuilt(std::string_view text) {
    constexpr std::size_t reach = 3;
    const auto words = words_of_text(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!vocabulary::has(vocabulary::futures, words[i])) continue;
        // "back to what was written" is of the past.
        if (words[i] == "to" && (i + 1 == words.size() || words[i + 1] != "be")) continue;
        for (std::size_t next = i + 1; next < std::min(i + 1 + reach, words.size()); ++next)
            if (vocabulary::has(vocabulary::making, words[next])) return true;
    }
    return false;
}

/// Whether a line names the day, not after today, or the run of a rehearsal, and takes nothing back.
bool is_rehearsed(const Entry& entry, const std::optional<Labelled>& line, long today) {
    static constexpr std::array<std::string_view, 5> words{"rehearsed", "rehearsal", "drill", "tested",
                                                           "tried"};
    if (!asks_for(entry.text, words, 1) || (line && is_refused(line->value))) return false;
    const auto days = dates_of(entry.text);
    if (days.empty()) return !entry.addresses.empty();
    return std::ranges::any_of(days, [&](long day) { return day <= today; });
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

void judge_rollback(const Judge& judge, const Section& section) {
    bool lever = false;
    const Entry* deploy = nullptr;
    bool rehearsed = false;
    const auto today = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day);
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::heading) continue;
        // "Lever:" itself is no lever: what follows it is.
        const auto line = labelled(entry.text);
        const std::string_view said =
            line && says(line->label, "lever") ? std::string_view(line->value) : entry.text;
        const bool deploys_code = asks_for(entry.text, vocabulary::deploys, reach_of_deploys);
        const bool of_lever = line && says(line->label, "lever");
        lever = lever || (!is_unbuilt(said) && !(of_lever && is_refused(said)) &&
                          (asks_for(said, vocabulary::levers, reach_of_levers) ||
                           (of_lever && !entry.code.empty() && !deploys_code)));
        if (deploy == nullptr && deploys_code) deploy = &entry;
        if (is_rehearsed(entry, line, today)) rehearsed = true;
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
        if (asks_for(saying.text, vocabulary::stays, 3)) outcome = "permanent";
        if (asks_for(saying.text, vocabulary::is_revisited, 3))
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
        ticked += is_marked(small) ? 1 : 0;
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
