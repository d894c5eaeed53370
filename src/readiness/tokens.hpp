#pragma once

#include "vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// One piece of a field's text.
struct Token {
    enum class Kind : std::uint8_t { word, number, day, sign, handle, address, code };
    Kind kind = Kind::word;
    std::string text;   ///< As it is written; of a handle without its @.
    std::string small;  ///< In small letters of ASCII.
    double value = 0.0;
    long day = 0;         ///< Days since 1970.
    bool spaced = false;  ///< A space, or nothing at all, stands before it.
    bool open = false;    ///< A space, or nothing at all, stands behind it.

    [[nodiscard]] bool is_sign(std::string_view signs) const {
        return kind == Kind::sign && signs.find(text) != std::string_view::npos;
    }
};

/// Words, numbers, days, signs of a text. `code`: what stands in backticks, each one piece. Linear.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view text, const std::vector<std::string>& code = {});

/// With a day for "4 May" of "4 May - 11 May 2026", "4" of "4-11 May 2026" and "May 4" of "May 4 to May 11,
/// 2026".
[[nodiscard]] std::vector<Token> with_first_days(std::vector<Token> tokens);

/// What a full stop, an exclamation or a question mark ends, each with its sign.
[[nodiscard]] std::vector<std::string_view> sentences_of(std::string_view text);

/// Goes through the pieces of a field, from its beginning.
class TokenReader {
public:
    using Words = vocabulary::Words;
    using Phrases = std::span<const std::string_view>;

    explicit TokenReader(std::span<const Token> tokens) : tokens_(tokens) {}

    [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }
    [[nodiscard]] const Token& now() const { return tokens_[at_]; }
    [[nodiscard]] std::size_t place() const { return at_; }
    void go_to(std::size_t place) { at_ = place; }
    void skip() { ++at_; }
    [[nodiscard]] bool is(Token::Kind kind) const { return !at_end() && now().kind == kind; }

    bool take(Words words);             ///< One of these words.
    void take_all(Words words);         ///< As many of them as stand here.
    bool take_phrase(Phrases phrases);  ///< One of these, words apart by a space.
    bool take_sign(std::string_view signs);
    /// Whether a reason may begin here: ; : ( ) | a point, a dash between spaces, "because", "since". Takes
    /// it.
    bool take_separator();
    /// A separator and the reason behind it, to the next separator, of a bracket with its end: three words at
    /// least, of "because" one; fewer are of `words` or `more`, numbers and days. Takes nothing where it is
    /// no reason.
    bool take_reason(Words words, Words more = {});

private:
    std::span<const Token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace tristrata::readiness
