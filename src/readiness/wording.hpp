#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::readiness {

// What sentences and cells of a plan say. Each looks at small letters of ASCII only and is linear in its
// text.

[[nodiscard]] std::string_view trimmed_text(std::string_view text) noexcept;
/// With - for an en dash and a minus, and " - " for an em dash.
[[nodiscard]] std::string with_plain_dashes(std::string_view text);
/// With a space for each sign that divides as one does, or shows nothing.
[[nodiscard]] std::string without_signs(std::string_view text);

/// The label of "Owner : @maria", in small letters ("owner"), and what follows it; nothing where no colon
/// ends one.
struct Labelled {
    std::string label;
    std::string value;
};
[[nodiscard]] std::optional<Labelled> labelled(std::string_view text);

/// Whether the word, or phrase, stands in the text, with no letter or digit beside it; in any case.
[[nodiscard]] bool says(std::string_view text, std::string_view phrase);
[[nodiscard]] bool says_any(std::string_view text, const std::vector<std::string_view>& phrases);

/// Days since 1970 of each 2026-05-22, 2026/05/22, 22 May 2026 or May 22, 2026; such as are no day of the
/// calendar are left out.
[[nodiscard]] std::vector<long> dates_of(std::string_view text);
[[nodiscard]] std::string date_text(long day);

/// The day that begins at a place of a text in small letters, and where it ends.
[[nodiscard]] std::optional<std::pair<long, std::size_t>> day_at(std::string_view small, std::size_t at);

/// @maria, without the @; each once, in the order of the text. A team of an organisation is "org/team".
[[nodiscard]] std::vector<std::string> handles_of(std::string_view text);

/// "don't" as "do not", whichever apostrophe it has.
[[nodiscard]] std::string with_not_spelt_out(std::string text);

/// Words of two letters or more, in small letters, without numbers and what is no letter.
[[nodiscard]] std::vector<std::string> words_of_text(std::string_view text);

/// Whether a line has a tick: ✅, ☑, ✔, [x], :white_check_mark:.
[[nodiscard]] bool is_marked(std::string_view text);

/// Nothing, a dash, "n/a", "none", "...", "later", "to be named": what is no answer.
[[nodiscard]] bool is_empty_answer(std::string_view text);
/// Whether the answer begins by refusing: "none; …", "no canary, …", "skipped", "impossible".
[[nodiscard]] bool is_refused(std::string_view text);
/// Whether the text asks for one of these and does not take it back: "no flag", "code deploy: none".
/// `words_before`: how far back a word of refusal reaches.
[[nodiscard]] bool asks_for(std::string_view text, std::span<const std::string_view> phrases,
                            std::size_t words_before);
/// What a template leaves to be written: <metric>, "to be decided", an ellipsis; empty where there is none.
[[nodiscard]] std::string placeholder_in(std::string_view text);

/// The word that takes back what a sentence says, wherever it stands: "perhaps", "not decided yet"; empty
/// where there is none.
[[nodiscard]] std::string hedge_in(std::string_view text);

/// An identifier of a review: six or more letters and digits, a digit among them, no date ("8db2529d").
[[nodiscard]] std::optional<std::string> session_in(std::string_view text);
/// Another than the first, in words that are no addresses; a UUID is one. Empty where there is none.
[[nodiscard]] std::string second_session_in(std::string_view text);

}  // namespace tristrata::readiness
