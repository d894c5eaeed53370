#pragma once

#include "tokens.hpp"
#include "tristrata/readiness/policy.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What a canary's text says of its crypto.
struct Canary {
    std::string crypto;
    std::set<std::string, std::less<>> cryptos;  ///< Each that stands in it.
    std::string odd;                             ///< What stands in place of the crypto, or beside it.
    std::string second;    ///< A second one beside it, where that is what leaves it open.
    bool is_open = false;  ///< It names several, or one that may be it.
};

[[nodiscard]] bool is_same_crypto(std::string_view one, std::string_view other);

/// "BTC/USDC" and "BTC-USDC" are one symbol; what is left is as it stands.
[[nodiscard]] std::vector<Token> with_pairs(std::vector<Token> tokens);

/// "BTCUSDC" of "BTC/USDC"; empty of what is no one symbol.
[[nodiscard]] std::string symbol_of(std::string_view text);

/// Words that leave it open which one it is, wherever they stand.
[[nodiscard]] std::string opens_canary(std::string_view text);

/// The symbol stands first, beside a length, a share, a day; a reason may stand before it ("as the deepest
/// book, BTCUSDC hosts it"). Behind it the reason follows, and no second symbol does.
[[nodiscard]] Canary canary_in(const Policy& policy, const std::vector<Token>& tokens);

/// Whether a text says why: words that are neither of the stage nor of a choice that somebody makes, two of
/// them, or one behind a word such as "because". What follows "when" or "if" is a condition; who will choose,
/// and when, is no reason.
[[nodiscard]] bool tells_why(const std::vector<Token>& tokens,
                             const std::set<std::string, std::less<>>& cryptos, bool is_reason);

/// What stands between the symbol and its reason and is neither a length, a share or a place nor a reason:
/// "(provisional)", "to be confirmed".
[[nodiscard]] std::string undecided(const Policy& policy, const std::vector<Token>& tokens,
                                    const Canary& canary);

}  // namespace tristrata::readiness
