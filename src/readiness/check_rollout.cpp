#include "accepted.hpp"
#include "canary_field.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "labels.hpp"
#include "remainder.hpp"
#include "saying.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

// The section of stages: shadow, canary, full rollout.
namespace tristrata::readiness {
namespace {

/// Of the lines that speak of the shadow, the one that counts: the first that fits, or the first.
struct ShadowLine {
    ShadowText said;
    std::size_t line = 0;
    std::string text;
    std::string label;
    std::size_t other_line = 0;  ///< Of a line that says otherwise; 0 where none does.
    std::string other;
};

/// Whether a second line of the shadow refuses it, or names another length: "Shadow mode: 2 days".
bool says_otherwise(const ShadowText& counted, const Saying& saying, const ShadowText& said) {
    if (saying.row != nullptr) return false;
    const auto label = tokens_of(saying.label);
    if (!std::ranges::all_of(
            label, [](const Token& one) { return vocabulary::has(accepted::shadow_before, one.small); }))
        return false;
    if (is_refused(saying.text)) return true;
    return counted.length && said.length && said.odd.empty() && said.length->days != counted.length->days &&
           !counted.length->is_least && !said.length->is_least;
}

ShadowLine shadow_of(const Section& section, const std::vector<Table>& tables) {
    ShadowLine counted{{}, section.line, "", "", 0, ""};
    const auto fits = [](const ShadowText& said) { return said.odd.empty() && (said.length || said.begin); };
    bool any = false, exact = false;
    for (const auto& saying : sayings_of(section, tables, labels::shadow)) {
        std::vector<std::string> texts{saying.text};
        if (saying.row != nullptr) texts.assign(saying.row->cells.begin() + 1, saying.row->cells.end());
        else if (core::lowered(saying.text).starts_with(saying.label))
            texts.front().erase(0, saying.label.size());
        // "Shadow (14 days): all symbols"
        if (const auto bracket = saying.label.find('('); bracket != std::string::npos)
            texts.push_back(saying.label.substr(bracket + 1, saying.label.find(')') - bracket - 1));
        for (const auto& text : texts) {
            if (trimmed_text(text).empty()) continue;
            ShadowText said = read_shadow(text);
            // "Shadow: none" is not made good by another line.
            const bool named = saying.label == "shadow" && saying.row == nullptr && &text == &texts.front();
            // Of two lines with one label RDY003 speaks.
            if (any && saying.label != counted.label && fits(counted.said) && counted.other_line == 0 &&
                says_otherwise(counted.said, saying, said))
                counted.other_line = saying.line, counted.other = text;
            if (any && fits(counted.said) && (!named || fits(said) || exact)) {
                if (fits(said) && !counted.said.begin && said.begin) {
                    counted.said.begin = said.begin;
                    counted.said.end = said.end;
                } else if (fits(said) && !counted.said.length) {
                    counted.said.length = said.length;
                }
                continue;
            }
            if (any && !fits(said) && !named) continue;
            if (any && exact && !fits(counted.said)) continue;
            counted = ShadowLine{std::move(said), saying.line, text, saying.label, 0, ""};
            any = true;
            exact = exact || named;
        }
        if (!any) counted.line = saying.line;
    }
    return counted;
}

/// RDY401. Returns the last day of the shadow, where it can be told.
std::optional<long> judge_shadow(const Judge& judge, const Section& section,
                                 const std::vector<Table>& tables) {
    const auto [said, line, text, label, other_line, other] = shadow_of(section, tables);
    const std::string write =
        fmt::format("write {}, of {} days or more", accepted::shadow_line, judge.policy.shadow_days_min);
    const auto find = [&](const std::string& message) {
        judge.find("RDY401", line, message, kind_of(text));
        return std::nullopt;
    };
    if (other_line > 0) {
        judge.find(
            "RDY401", other_line,
            fmt::format("the shadow is {} in line {}, and {} here; expected one of them",
                        core::quoted(trimmed_text(text), 60), line, core::quoted(trimmed_text(other), 60)),
            Finding::Kind::wrong);
        return std::nullopt;
    }
    if (trimmed_text(text).empty()) return find(fmt::format("no length of a shadow; {}", write));
    if (!said.odd.empty() || (!said.length && !said.begin) || (said.begin && !said.end && !said.length))
        return find(fmt::format("no length of a shadow is read in {}{}; {}",
                                core::quoted(trimmed_text(text), 80),
                                said.odd.empty() || said.odd == trimmed_text(text)
                                    ? ""
                                    : fmt::format(", at {}", core::quoted(said.odd, 40)),
                                write));
    if (said.length && said.length->is_most)
        return find(fmt::format("{} is an upper bound, and no length; {}",
                                core::quoted(trimmed_text(text), 80), write));
    std::optional<double> days = said.length ? std::optional(said.length->days) : std::nullopt;
    std::optional<long> last = said.end;
    if (said.end) {
        const std::string dates = fmt::format("{} to {}", date_text(*said.begin), date_text(*said.end));
        if (*said.end < *said.begin)
            return find(
                fmt::format("the shadow ends before it begins, {}; expected the earlier day first", dates));
        const auto between = static_cast<double>(*said.end - *said.begin) + (said.inclusive ? 1.0 : 0.0);
        // The last day may be counted, too.
        const bool longer = days && *days > between + 1.0,
                   shorter = days && *days < between - 0.5 && !said.length->is_least;
        if (longer || shorter)
            return find(fmt::format(
                "the shadow is said to run {} days, and its days, {}, are {}; expected one length",
                shown_number(*days), dates, shown_number(between)));
        days = days && *days > between ? *days : between;
    } else if (said.begin) {
        last = *said.begin + static_cast<long>(*days);
    }
    if (*days >= judge.policy.shadow_days_min) return last;
    return find(fmt::format(
        "the shadow runs {} days{}; expected at least {}", shown_number(*days),
        said.end ? fmt::format(", from {} to {}", date_text(*said.begin), date_text(*said.end)) : "",
        judge.policy.shadow_days_min));
}

/// The reason that stands in a line of its own below the canary's: "Why: …"; empty where there is none.
std::string reason_below(const Section& section, std::size_t line) {
    for (std::size_t i = 0; i + 1 < section.entries.size(); ++i) {
        if (section.entries[i].line != line) continue;
        const auto next = labelled(section.entries[i + 1].text);
        if (next && says_any(next->label, {"why", "reason", "rationale", "justification"}))
            return next->value;
    }
    return "";
}

/// What to write: one of those that the policy lists, where it does.
std::string expected_canary(const Policy& policy) {
    if (policy.cryptos.empty())
        return fmt::format("expected one, and why that one: {}", accepted::canary_line);
    constexpr std::size_t names_max = 12;
    std::string names;
    for (std::size_t i = 0; i < std::min(policy.cryptos.size(), names_max); ++i)
        names += (i > 0 ? ", " : "") + policy.cryptos[i];
    if (policy.cryptos.size() > names_max)
        names += fmt::format(" and {} more", policy.cryptos.size() - names_max);
    return fmt::format(
        "expected one of {} ([minima] cryptos), and why that one: \"Canary: {}, because a fault costs least "
        "there\"",
        names, policy.cryptos.front());
}

void judge_canary(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    const auto sayings = sayings_of(section, tables, labels::canary);
    const std::size_t line = sayings.empty() ? section.line : sayings.front().line;
    std::string text, reason;
    std::vector<std::string> code;
    Canary canary;
    bool any = false;
    for (const auto& saying : sayings) {
        if (saying.row == nullptr && says_any(saying.label, {"why", "reason", "rationale"})) {
            reason += saying.text + " ; ";
            continue;
        }
        if (saying.table != nullptr)
            reason +=
                cell_of(*saying.row, saying.table->column({"reason", "why", "rationale", "justification"})) +
                " ; ";
        else reason += reason_below(section, saying.line) + " ; ";
        std::string said = saying.text;
        if (core::lowered(said).starts_with(saying.label)) said.erase(0, saying.label.size());
        // Of two lines RDY003 speaks.
        if (any && is_empty_answer(said)) continue;
        Canary one = canary_in(judge.policy, with_pairs(tokens_of(said)));
        text += said + " ; ";
        // A line beside it, "Canary ends: 2026-05-25", names none; a second symbol is a second canary.
        if (any && one.crypto.empty() && !canary.crypto.empty()) continue;
        const bool another = any && !canary.crypto.empty() && !is_same_crypto(one.crypto, canary.crypto);
        const bool open = canary.is_open || another;
        canary = std::move(one);
        canary.is_open = canary.is_open || open;
        any = true;
    }
    const std::string write = expected_canary(judge.policy);
    if (canary.crypto.empty() || canary.is_open) {
        judge.find("RDY402", line,
                   canary.is_open && !canary.second.empty()
                       ? fmt::format("{} beside {} leaves open which is the canary; {}",
                                     core::quoted(canary.second, 40), canary.crypto, write)
                   : canary.is_open ? fmt::format("{} leaves open which crypto is the canary; {}",
                                                  core::quoted(trimmed_text(sayings.front().text), 80), write)
                   : !judge.policy.cryptos.empty() && canary.cryptos.empty() && !canary.odd.empty()
                       ? fmt::format("the canary begins with {}, which is none of the policy's cryptos; {}",
                                     core::quoted(canary.odd, 40), write)
                   : canary.odd.empty() || canary.cryptos.empty()
                       ? fmt::format("the canary names no crypto; {}", write)
                       : fmt::format("the canary does not begin with its crypto, but with {}; {}",
                                     core::quoted(canary.odd, 40), write),
                   kind_of(text));
        return;
    }
    const auto tokens = with_pairs(tokens_of(text));
    if (!tells_why(tokens, canary.cryptos, false) &&
        (is_refused(reason) || !tells_why(tokens_of(reason), canary.cryptos, true))) {
        judge.find("RDY403", line,
                   fmt::format("the canary is {} and nothing says why that one; expected \"because\" and why",
                               canary.crypto));
        return;
    }
    auto odd = undecided(judge.policy, tokens, canary);
    // "may be skipped", "waived"
    if (odd.empty()) odd = doubt_in(tokens);
    if (odd.empty()) odd = taken_back_by(tokens, {.may_wait = true});
    if (odd.empty()) odd = hedge_in(text);
    if (odd.empty()) odd = hedge_in(reason);
    if (odd.empty()) odd = opens_canary(text + " " + reason);
    if (!odd.empty())
        judge.find("RDY402", line,
                   fmt::format("{} beside {} leaves open whether it is the canary; {}", core::quoted(odd, 60),
                               canary.crypto, write),
                   Finding::Kind::wrong);
}

}  // namespace

void judge_rollout(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    const auto shadow_end = judge_shadow(judge, section, tables);
    judge_canary(judge, section, tables);
    const auto full = sayings_of(section, tables, labels::full_rollout);
    const auto& day = judge.outcome.named.full_rollout = date_of(section, tables, labels::full_rollout);
    const std::size_t line = full.empty() ? section.line : full.front().line;
    if (!day)
        judge.find("RDY404", line,
                   full.empty() || is_empty_answer(full.front().text)
                       ? "no day of the full rollout; expected \"Full rollout: 2026-05-25\""
                       : fmt::format("no one day of the full rollout is read in {}; expected \"Full rollout: "
                                     "2026-05-25\"",
                                     unread_day(full.front())),
                   full.empty() ? Finding::Kind::missing : kind_of(full.front().text));
    else if (shadow_end && *day < *shadow_end)
        judge.find(
            "RDY404", line,
            fmt::format(
                "the full rollout of {} lies before the end of the shadow, {}; expected a day behind it",
                date_text(*day), date_text(*shadow_end)),
            Finding::Kind::wrong);
    judge_denials(judge, section);
}

}  // namespace tristrata::readiness
