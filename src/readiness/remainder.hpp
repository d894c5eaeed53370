#pragma once

#include "tokens.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::readiness {

/// Of a field's value, what may stand behind it.
struct Remainder {
    /// Another of its kind, beside which the value is one of two: a second handle, day, symbol.
    std::function<bool(const Token&)> is_another = [](const Token&) { return false; };
    /// Whether "if the canary holds" leaves it open; of a lever it says when.
    bool may_depend = false;
    /// The same where it is a stage or a decision that it waits for; "if there are 100 rows" is of what is
    /// measured.
    bool may_wait = false;
    /// Whether "off" and "disabled" are said of what it does, as of a lever, and do not take it back.
    bool may_be_off = false;
    /// Whether "planned", "in the next sprint" and "once merged" put off what has to be there: a lever, an
    /// alert. Of a day they say nothing.
    bool must_be_there = false;
};

/// What stands behind the value of a field is prose that decides nothing, unless it takes the value back
/// ("was removed", "does not exist", "to be confirmed", "not decided yet", a question, what is left to be
/// written), makes it depend on something, or offers another ("or @jonas"). Behind "because", and in
/// brackets, another may be told of. Returns the words that do so as they are written, empty where none do.
/// Linear.
[[nodiscard]] std::string taken_back_by(std::span<const Token> behind, const Remainder& of = {});

/// A clause that says nothing but that the value is none yet, or none in force: "(draft)", ", optional",
/// "— switched off for now"; or that it is undone, or may be, whatever follows: "(skipped for urgency)", ",
/// may change". "(draft model)", "no guess" and "dropped trades" say more. Empty where there is none.
[[nodiscard]] std::string doubt_in(std::span<const Token> tokens, bool may_be_off = false);

/// Whether a note of its own, as an item below the field, takes the value back: by doubt_in, or by its first
/// clause ("does not exist", "will be removed"). A question in it is one.
[[nodiscard]] std::string undone_by(std::span<const Token> note, const Remainder& of);

/// Whether prose may begin there: behind a sign, or with a word that adds a place, a time or a reason ("in
/// production", "against June", "which …"). "10 days minus 5" and "0.2 / 0.5 are not used" go on with the
/// value.
[[nodiscard]] bool begins_aside(std::span<const Token> behind);

/// ", at "which was removed"": where a message says over which words it stumbled; empty where over none.
[[nodiscard]] std::string at_words(std::string_view stumbled);

/// The pieces as they are written, a space between words: of a message.
[[nodiscard]] std::string text_of(std::span<const Token> tokens);

}  // namespace tristrata::readiness
