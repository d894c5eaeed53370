#include "judge.hpp"
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

/// A symbol: BTCUSDC, BTC-USDT, ETH/EUR, or a coin that stands alone.
bool reads_like_crypto(std::string_view token) {
    if (vocabulary::has(vocabulary::coins, token)) return true;
    std::string large;
    bool small = false;
    for (const char c : token) {
        const bool lower = c >= 'a' && c <= 'z';
        // A letter of another alphabet looks like one of these.
        if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return false;
        small = small || lower;
        large += lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return std::ranges::any_of(vocabulary::quotes, [&](std::string_view quote) {
        if (large.size() < quote.size() + 2 || !large.ends_with(quote)) return false;
        const auto base = std::string_view(large).substr(0, large.size() - quote.size());
        const bool plain = !small && !vocabulary::has(vocabulary::ambiguous_quotes, quote);
        return plain || vocabulary::has(vocabulary::coins, base);
    });
}

/// One word of a sentence, or the sign that ends a clause.
struct Token {
    std::string text;   ///< As it is written.
    std::string small;  ///< In small letters.
    bool is_sign = false;
};

std::vector<Token> tokens_of(std::string_view given) {
    // A dash between spaces ends a clause; one inside a word joins.
    std::string text = with_plain_dashes(given);
    for (auto at = text.find("e.g."); at != std::string::npos; at = text.find("e.g.", at))
        text.replace(at, 4, "eg");
    std::vector<Token> tokens;
    std::string word;
    const auto finish = [&] {
        if (!word.empty()) tokens.push_back(Token{word, core::lowered(word), false});
        word.clear();
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool part = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (part) {
            word += c;
            continue;
        }
        finish();
        const bool dash =
            c == '-' && at > 0 && text[at - 1] == ' ' && at + 1 < text.size() && text[at + 1] == ' ';
        // A point inside a number or a name ends nothing.
        const bool point = c == '.' && (at + 1 == text.size() || text[at + 1] == ' ');
        if (dash || point || std::string_view(",;:!?()|").find(c) != std::string_view::npos)
            tokens.push_back(Token{std::string(1, c), std::string(1, c), true});
    }
    finish();
    return tokens;
}

/// What a canary's text says of its crypto.
struct Canary {
    std::string first;
    std::set<std::string, std::less<>> cryptos;  ///< Those that it names, and does not take away.
    bool is_open = false;                        ///< It names one of several, or one that may be it.
};

Canary canary_in(const Policy& policy, const std::vector<Token>& tokens) {
    Canary canary;
    bool hedged = false, conditional = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.is_sign) {
            hedged = conditional = false;
            continue;
        }
        hedged = hedged || vocabulary::has(vocabulary::hedges, token.small);
        conditional = conditional || vocabulary::has(vocabulary::conditions, token.small);
        const bool named = policy.cryptos.empty()
                               ? reads_like_crypto(token.text)
                               : std::ranges::find(policy.cryptos, token.text) != policy.cryptos.end();
        if (!named) continue;
        bool denied = conditional;
        for (std::size_t before = i; before > 0 && i - before < 2 && !tokens[before - 1].is_sign; --before)
            denied = denied || vocabulary::has(vocabulary::takes_away, tokens[before - 1].small);
        if (denied) continue;
        std::size_t next = i + 1;
        if (next < tokens.size() && tokens[next].small == ",") ++next;
        const std::string_view behind = next < tokens.size() ? std::string_view(tokens[next].small) : "";
        canary.is_open = canary.is_open || hedged || behind == "or" || behind == "?";
        if (canary.cryptos.empty()) canary.first = token.text;
        canary.cryptos.insert(token.text);
    }
    return canary;
}

/// Whether a text says why: words that are neither of the stage nor of a choice that somebody makes, two of
/// them, or one behind a word such as "because". What follows "when" or "if" is a condition; who will choose,
/// and when, is no reason.
bool tells_why(const std::vector<Token>& tokens, const std::set<std::string, std::less<>>& cryptos,
               bool is_reason) {
    std::size_t all = 0, clause = 0;
    bool conditional = false, caused = is_reason, chooses = false, by = false, will = false;
    const auto finish = [&] {
        if (!chooses || (by && !will)) all += clause;
        clause = 0;
        conditional = chooses = by = will = false;
    };
    for (const auto& token : tokens) {
        const std::string& word = token.small;
        if (token.is_sign) {
            finish();
            if (word == "." || word == ";") caused = is_reason;
        } else if (vocabulary::has(vocabulary::causes, word)) {
            caused = true;
            conditional = false;
        } else if (vocabulary::has(vocabulary::conditions, word)) {
            conditional = true;
        } else if (!conditional) {
            const bool choice = vocabulary::has(vocabulary::choosing, word);
            chooses = chooses || choice;
            by = by || (chooses && vocabulary::has(vocabulary::grounds, word));
            will = will || vocabulary::has(vocabulary::futures, word);
            const bool digits = word.find_first_not_of("0123456789") == std::string::npos;
            const bool symbol =
                cryptos.contains(token.text) || vocabulary::has(vocabulary::quotes, token.text);
            if (choice || digits || symbol || word.size() < 2 ||
                vocabulary::has(vocabulary::stage_words, word))
                continue;
            if (caused) return true;
            ++clause;
        }
    }
    finish();
    return all >= 2;
}

/// What stands before "because": what it gives as a reason is no length.
std::string_view before_the_reason(std::string_view text) {
    const std::string small = core::lowered(text);
    return text.substr(0, std::min(small.find("because"), small.find("so that")));
}

void judge_shadow(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    std::optional<double> days;
    std::string unread;
    std::size_t line = section.line;
    for (const auto& saying : sayings_of(section, tables, {"shadow"})) {
        const std::string_view text = before_the_reason(saying.text);
        const auto said = days_of(text);
        const auto dates = dates_of(text);
        std::optional<double> here = said;
        if (dates.size() >= 2) {
            const auto between = static_cast<double>(dates[1] - dates[0]);
            here = here ? std::min(*here, between) : between;
        }
        if (!here) here = days_of(saying.label);
        if (is_refused(saying.text) || asks_for(saying.text, vocabulary::shortened, 2)) here = 0.0;
        if (!here && unread.empty()) unread = trimmed_text(saying.text);
        if (here && (!days || *here > *days)) days = here;
        if (line == section.line) line = saying.line;
    }
    if (days && *days >= judge.policy.shadow_days_min) return;
    const std::string write = fmt::format(
        "write \"Shadow: {} days\" or more, \"2 weeks\", or \"from\" a day \"to\" a day, such as "
        "2026-05-04 to 2026-05-18",
        judge.policy.shadow_days_min);
    judge.find("RDY401", line,
               days ? fmt::format("the shadow runs {} days; expected at least {}", *days,
                                  judge.policy.shadow_days_min)
               : unread.empty()
                   ? fmt::format("no length of a shadow; {}", write)
                   : fmt::format("no length of a shadow is read in {}; {}", core::quoted(unread, 80), write));
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

void judge_canary(const Judge& judge, const Section& section, const std::vector<Table>& tables) {
    const auto sayings = sayings_of(section, tables, {"canary"});
    const std::size_t line = sayings.empty() ? section.line : sayings.front().line;
    std::string text, reason;
    for (const auto& saying : sayings) {
        text += saying.text + " ; ";
        if (saying.table != nullptr)
            reason +=
                cell_of(*saying.row, saying.table->column({"reason", "why", "rationale", "justification"})) +
                " ; ";
        else if (says_any(saying.label, {"why", "reason", "rationale"})) reason += saying.text + " ; ";
        else reason += reason_below(section, saying.line) + " ; ";
    }
    const auto tokens = tokens_of(text);
    const Canary canary = canary_in(judge.policy, tokens);
    const bool refused = std::ranges::any_of(sayings, [](const Saying& one) { return is_refused(one.text); });
    if (canary.cryptos.empty() || refused || canary.is_open) {
        judge.find(
            "RDY402", line,
            canary.is_open && !refused
                ? "the canary leaves open which crypto it is; expected one, such as BTCUSDC, and why that one"
                : "the canary names no crypto; expected one, such as BTCUSDC, and why that one");
        return;
    }
    if (!tells_why(tokens, canary.cryptos, false) &&
        (is_refused(reason) || !tells_why(tokens_of(reason), canary.cryptos, true)))
        judge.find("RDY403", line,
                   fmt::format("the canary is {} and nothing says why that one; expected \"because\" and why",
                               canary.first));
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

}  // namespace tristrata::readiness
