#include "canary_field.hpp"

#include "accepted.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>

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

bool is_crypto(const Policy& policy, const Token& token) {
    if (token.kind != Token::Kind::word && token.kind != Token::Kind::code) return false;
    if (!policy.cryptos.empty())
        return std::ranges::any_of(policy.cryptos, [&](const std::string& one) {
            return one == token.text || symbol_of(one) == token.text;
        });
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

/// A second symbol that is a canary, too, behind the first; empty where none is. One that is compared stands
/// behind "than", "not" or "such as"; one with a verb of its own is told of: "ETHUSDC is thin". Behind
/// "because" one is only where it is added: "and ETHUSDC in the second week".
std::string second_in(const Policy& policy, const std::vector<Token>& tokens, std::string_view crypto) {
    static constexpr auto compares = vocabulary::words(
        {"not", "than", "unlike", "versus", "vs", "never", "before", "such", "against", "beside"});
    // Right before the symbol alone: "twice the depth of ETHUSDC".
    static constexpr auto joins = vocabulary::words({"of", "from"});
    static constexpr auto adds =
        vocabulary::words({"and", "or", "plus", "also", "then", "later", "afterwards", "next", "maybe"});
    // Behind it, where it is no subject: "ETHUSDC in the second week".
    static constexpr auto places = vocabulary::words(
        {"in",  "if",   "when",   "once",    "from",  "after", "on",      "at",  "as",      "with",
         "for", "next", "second", "instead", "later", "also",  "follows", "too", "because", "then"});
    static constexpr auto also =
        vocabulary::words({"canary", "second", "next", "also", "host", "hosts", "follows", "then", "goes"});
    bool compared = false, caused = false, named = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.is_sign(".;:()|")) compared = caused = false;
        compared = compared || vocabulary::has(compares, token.small);
        caused = caused || (named && token.kind == Token::Kind::word &&
                            vocabulary::has(vocabulary::causes, token.small));
        if (!is_crypto(policy, token)) continue;
        named = true;
        // "BTC" of BTCUSDC is the same.
        if (is_same_crypto(token.text, crypto) || compared || core::lowered(crypto).starts_with(token.small))
            continue;
        if (i > 0 && vocabulary::has(joins, tokens[i - 1].small)) continue;
        const bool ends = i + 1 == tokens.size() || tokens[i + 1].kind != Token::Kind::word;
        const bool place = !ends && vocabulary::has(places, tokens[i + 1].small);
        const bool added =
            i > 0 && (vocabulary::has(adds, tokens[i - 1].small) || tokens[i - 1].is_sign(",&/+"));
        if ((ends || place) && (added || !caused)) return token.text;
        if (caused && !added) continue;
        // More words of one clause are not looked through.
        constexpr std::size_t words_max = 12;
        for (std::size_t next = i + 1;
             next < std::min(tokens.size(), i + words_max) && !tokens[next].is_sign(".,;:()|"); ++next)
            if (vocabulary::has(also, tokens[next].small) ||
                (tokens[next].small == "too" &&
                 (next + 1 == tokens.size() || tokens[next + 1].kind == Token::Kind::sign)))
                return token.text;
    }
    return "";
}

}  // namespace

bool is_same_crypto(std::string_view one, std::string_view other) {
    return core::lowered(one) == core::lowered(other);
}

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

std::string symbol_of(std::string_view text) {
    const auto tokens = with_pairs(tokens_of(text));
    return tokens.size() == 1 && tokens[0].kind == Token::Kind::word ? tokens[0].text : "";
}

std::string opens_canary(std::string_view text) {
    static constexpr auto phrases = std::to_array<std::string_view>(
        {"to be confirmed", "final choice", "take another", "choose another", "pick another", "another one",
         "for example", "for instance", "dunno"});
    for (const auto phrase : phrases)
        if (says(text, phrase)) return std::string(phrase);
    // "it is an example of a deep book" says what it is.
    if (says(text, "an example") && !says(text, "an example of")) return "an example";
    const auto tokens = tokens_of(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool ends = i + 1 == tokens.size() || tokens[i + 1].kind == Token::Kind::sign;
        if (tokens[i].small == "later" && ends && (i == 0 || tokens[i - 1].small != "no")) return "later";
    }
    return "";
}

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
    // "BTCUSDC (0 % of traffic)" is none.
    if (TokenReader ahead = reader; ahead.take_sign("(,") && ahead.is(Token::Kind::number)) {
        static constexpr auto percents = vocabulary::words({"percent", "pct"});
        const bool none = ahead.now().value <= 0.0;
        ahead.skip();
        if (none && (ahead.take_sign("%") || ahead.take(percents))) canary.is_open = true;
    }
    for (bool begun = false; !reader.at_end();) {
        if (reader.now().is_sign("?")) canary.is_open = true;
        // "…, because its book is deep, and ETHUSDC, because …"
        if (!begun && is_another()) canary.is_open = true;
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
    canary.second = second_in(policy, tokens, canary.crypto);
    canary.is_open = canary.is_open || !canary.second.empty() || names_instead(policy, tokens, canary.crypto);
    return canary;
}

bool tells_why(const std::vector<Token>& tokens, const std::set<std::string, std::less<>>& cryptos,
               bool is_reason) {
    // "because we have to name one", "because the template asks for one", "because of course"
    static constexpr auto empty_words = vocabulary::words(
        {"adr",      "asked", "asks", "course", "demands",  "field",   "form",    "gate",
         "had",      "line",  "must", "name",   "named",    "names",   "need",    "needed",
         "needs",    "no",    "plan", "rdy403", "reason",   "reasons", "require", "required",
         "requires", "rule",  "said", "says",   "template", "want",    "wanted",  "wants"});
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
            if (caused && vocabulary::has(empty_words, word)) continue;
            if (caused) return true;
            ++clause;
        }
    }
    finish();
    return all >= 2;
}

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
        // "BTCUSDC, chosen because its order book is the deepest"
        static constexpr auto picked = vocabulary::words({"chosen", "picked", "selected", "taken"});
        const bool choice = caused && clause.size() == 1 && vocabulary::has(picked, clause.front().small);
        if (!beside && !denies && !choice) return tells_why(clause, canary.cryptos, false) ? "" : text;
        if (caused) return "";
        clause.clear();
        text.clear();
    }
    return "";
}

}  // namespace tristrata::readiness
