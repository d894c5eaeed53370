#include "accepted.hpp"
#include "field.hpp"
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
        if (vocabulary::has(accepted::no_coins, base)) return false;
        const bool plain = !small && !vocabulary::has(vocabulary::ambiguous_quotes, quote);
        return plain || vocabulary::has(vocabulary::coins, base);
    });
}

bool is_same_crypto(std::string_view one, std::string_view other) {
    return core::lowered(one) == core::lowered(other);
}

/// What a canary's text says of its crypto.
struct Canary {
    std::string crypto;
    std::set<std::string, std::less<>> cryptos;  ///< Each that stands in it.
    std::string odd;                             ///< What stands in place of the crypto, or beside it.
    bool is_open = false;                        ///< It names several, or one that may be it.
};

/// "BTC/USDC" and "BTC-USDC" are one symbol; what is left is as it stands.
std::vector<Token> with_pairs(std::vector<Token> tokens) {
    std::vector<Token> joined;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool pair =
            i + 2 < tokens.size() && tokens[i].kind == Token::Kind::word && tokens[i + 1].is_sign("/-") &&
            !tokens[i + 1].spaced && !tokens[i + 1].open &&
            vocabulary::has(vocabulary::quotes, tokens[i + 2].text) &&
            !(tokens[i].text == "BTC" && vocabulary::has(vocabulary::coins, tokens[i + 2].text));
        joined.push_back(std::move(tokens[i]));
        if (!pair) continue;
        joined.back().text += tokens[i + 2].text;
        joined.back().small += tokens[i + 2].small;
        joined.back().open = tokens[i + 2].open;
        i += 2;
    }
    return joined;
}

bool is_crypto(const Policy& policy, const Token& token) {
    if (token.kind != Token::Kind::word && token.kind != Token::Kind::code) return false;
    if (!policy.cryptos.empty()) return std::ranges::find(policy.cryptos, token.text) != policy.cryptos.end();
    return reads_like_crypto(token.text);
}

/// "or else ETHUSDC", "unless ETHUSDC is better then": another, wherever the reason stands.
bool names_instead(const Policy& policy, const std::vector<Token>& tokens, std::string_view crypto) {
    static constexpr auto begins = vocabulary::words({"or", "if", "failing"});
    static constexpr auto leads = vocabulary::words({"else", "unless", "otherwise", "alternatively"});
    bool first = true, instead = false;  // Of a clause.
    for (const auto& token : tokens) {
        if (token.is_sign(",.;:()|")) {
            first = true, instead = false;
            continue;
        }
        if (!crypto.empty() && instead && is_crypto(policy, token) && !is_same_crypto(token.text, crypto))
            return true;
        instead =
            instead || vocabulary::has(leads, token.small) || (first && vocabulary::has(begins, token.small));
        first = false;
    }
    return false;
}

/// The symbol stands first, beside a length, a share, a day; a reason may stand before it ("as the deepest
/// book, BTCUSDC hosts it"). Behind it the reason follows, and no second symbol does.
Canary canary_in(const Policy& policy, const std::vector<Token>& tokens) {
    Canary canary;
    for (const auto& token : tokens)
        if (is_crypto(policy, token)) canary.cryptos.insert(token.text);
    TokenReader reader(tokens);
    const auto take_beside = [&] {
        while (!reader.at_end()) {
            if (is_crypto(policy, reader.now())) return;
            if (!reader.is(Token::Kind::number) && !reader.is(Token::Kind::day) &&
                !reader.is(Token::Kind::code) && !reader.now().is_sign(">=%~-:|,") &&
                !vocabulary::has(accepted::canary_beside, reader.now().small) &&
                !std::ranges::any_of(vocabulary::numbers,
                                     [&](auto& one) { return one.word == reader.now().small; }))
                return;
            if (reader.is(Token::Kind::code)) return;
            reader.skip();
        }
    };
    if (reader.take(accepted::canary_reason_first)) {
        while (!reader.at_end() && !reader.now().is_sign(",")) reader.skip();
        reader.take_sign(",");
    }
    take_beside();
    if (reader.at_end() || !is_crypto(policy, reader.now())) {
        if (!reader.at_end()) canary.odd = reader.now().text;
        return canary;
    }
    canary.crypto = reader.now().text;
    reader.skip();
    const std::size_t behind = reader.place();
    // Another symbol, or whoever else goes with it.
    const auto is_another = [&] {
        const std::size_t place = reader.place();
        const bool added = reader.take(accepted::adds) || reader.take_sign("&/+");
        const bool other = !reader.at_end() &&
                           ((added && place == behind) || is_crypto(policy, reader.now())) &&
                           !is_same_crypto(canary.crypto, reader.now().text);
        reader.go_to(place);
        return other;
    };
    for (bool begun = false; !reader.at_end();) {
        if (reader.now().is_sign("?")) canary.is_open = true;
        // "…, because its book is deep, and ETHUSDC, because …"
        if (!begun && is_another()) canary.is_open = true;
        if (begun && (reader.now().is_sign(",;.") || reader.is(Token::Kind::word)) &&
            (reader.take_sign(",;.") || reader.take(accepted::adds))) {
            reader.take(accepted::adds);
            if (!reader.at_end() && is_crypto(policy, reader.now()) && reader.now().text != canary.crypto) {
                reader.skip();
                canary.is_open = canary.is_open || reader.at_end() || reader.take_separator() ||
                                 (!reader.at_end() && reader.now().is_sign(","));
            }
            continue;
        }
        if (reader.now().is_sign(",") && !begun) {
            reader.skip();
            if (!reader.at_end() && is_crypto(policy, reader.now())) canary.is_open = true;
            continue;
        }
        if (!begun && reader.take(accepted::not_this)) {
            if (!reader.at_end()) reader.skip();
            continue;
        }
        if (reader.take_separator()) {
            begun = true;
            continue;
        }
        reader.skip();
    }
    canary.is_open = canary.is_open || names_instead(policy, tokens, canary.crypto);
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
        if (token.kind == Token::Kind::sign) {
            const bool dash = word == "-" && !(token.spaced && token.open);
            if (dash || word == "/" || word == "'") continue;
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
            // "nobody knows", "none"
            static constexpr auto unnamed =
                vocabulary::words({"nobody", "somebody", "someone", "none", "everybody", "anybody"});
            if (vocabulary::has(unnamed, word)) continue;
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

/// What stands between the symbol and its reason and is neither a length, a share or a place nor a reason:
/// "(provisional)", "to be confirmed".
std::string undecided(const Policy& policy, const std::vector<Token>& tokens, const Canary& canary) {
    std::size_t at = 0;
    while (at < tokens.size() && !is_crypto(policy, tokens[at])) ++at;
    std::vector<Token> clause;
    std::string text;
    for (++at; at <= tokens.size(); ++at) {
        const bool caused = at < tokens.size() && tokens[at].kind == Token::Kind::word &&
                            vocabulary::has(vocabulary::causes, tokens[at].small);
        TokenReader reader(std::span<const Token>(tokens).subspan(std::min(at, tokens.size())));
        const bool ends = at == tokens.size() || tokens[at].is_sign(",") || reader.take_separator();
        if (!ends) {
            text += (text.empty() ? "" : " ") + tokens[at].text;
            clause.push_back(tokens[at]);
            continue;
        }
        const bool denies = !clause.empty() && vocabulary::has(accepted::not_this, clause.front().small) &&
                            clause.size() == 2;
        const bool beside = std::ranges::all_of(clause, [&](const Token& one) {
            return one.kind == Token::Kind::number || one.kind == Token::Kind::day ||
                   one.kind == Token::Kind::sign || is_same_crypto(one.text, canary.crypto) ||
                   vocabulary::has(accepted::canary_beside, one.small) ||
                   std::ranges::any_of(vocabulary::numbers,
                                       [&](auto& number) { return number.word == one.small; });
        });
        if (!beside && !denies) return tells_why(clause, canary.cryptos, false) ? "" : text;
        if (caused) return "";
        clause.clear();
        text.clear();
    }
    return "";
}

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
    for (const auto& saying : sayings_of(section, tables, {"shadow"})) {
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
    const auto sayings = sayings_of(section, tables, {"canary"});
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
                   canary.is_open ? fmt::format("the canary leaves open which crypto it is; {}", write)
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
    if (odd.empty()) odd = hedge_in(text);
    if (odd.empty()) odd = hedge_in(reason);
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
    const auto full = sayings_of(section, tables, {"full rollout", "full", "general availability", "100"});
    const auto& day = judge.outcome.named.full_rollout =
        date_of(section, tables, {"full rollout", "full", "general availability", "100"});
    const std::size_t line = full.empty() ? section.line : full.front().line;
    if (!day)
        judge.find("RDY404", line, "no one day of the full rollout; expected \"Full rollout: 2026-05-25\"",
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
