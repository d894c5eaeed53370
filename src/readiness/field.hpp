#pragma once

#include "tokens.hpp"
#include "tristrata/readiness/policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

// Fields of a plan, each by its grammar (accepted.hpp): the answer stands first, and what stands behind it is
// prose that decides nothing (remainder.hpp), unless it takes the answer back or offers another. Linear.

/// A length of time in days.
struct Length {
    double days = 0.0;
    bool is_least = false;  ///< "at least 7 days", "7 days or more", "7 to 14 days", "7 trading days"
    bool is_most = false;   ///< "at most 7 days"
    bool is_rough = false;  ///< "3 months": of how many days, the calendar says.

    [[nodiscard]] bool is_exact() const { return !is_least && !is_most && !is_rough; }
};
[[nodiscard]] std::optional<Length> read_length(TokenReader& reader);

/// What a line of the shadow says.
struct ShadowText {
    std::optional<Length> length;
    std::optional<long> begin, end;  ///< Days since 1970.
    bool inclusive = false;
    std::string odd;  ///< Words that fit nowhere; the rest counts for nothing then.
};
[[nodiscard]] ShadowText read_shadow(std::string_view text);
/// What a note of a shadow of so many days says that ends it before them: "but only 3 if green", "aborted
/// after two", "left out"; empty where nothing does.
[[nodiscard]] std::string shadow_ended_by(std::span<const Token> note, double days);

/// One day and nothing beside it that leaves it open. `rollout`: what "full rollout + 90 days" counts from.
/// `odd`: where there is none, the words behind a day that leave it open.
[[nodiscard]] std::optional<long> read_day(std::string_view text, std::optional<long> rollout = std::nullopt,
                                           std::string* odd = nullptr);

/// Who answers for something: a handle without its @, or a name: "maria", "Ada Lovelace", "María de la Cruz".
struct Person {
    std::string name;
    std::string called;  ///< The name that stands beside the handle: "Ada Lovelace (@ada)".
    std::optional<long> until;
};
/// `odd`: where there is none, the words behind a name that make it none.
[[nodiscard]] std::optional<Person> read_person(const Policy& policy, std::string_view text,
                                                std::string* odd = nullptr);

/// What a line says of the review.
struct ReviewText {
    std::string session;
    std::string second;          ///< Another session beside it.
    std::optional<bool> passed;  ///< By its last verdict.
    std::optional<long> day;     ///< The latest beside it, on either side: of the session, or its verdict.
    std::string odd;             ///< What leaves the verdict open.
};
[[nodiscard]] ReviewText read_review(std::string_view text, const std::vector<std::string>& addresses);

/// Whether a text names a lever by kind and identifier.
enum class Lever : std::uint8_t { named, deploys, none };
/// `odd`: of one that is none, the words that it stumbled over.
[[nodiscard]] Lever read_lever(std::string_view text, const std::vector<std::string>& code,
                               std::string* odd = nullptr);
/// Whether a note of a lever asks for a build of code: "needs a new image"; "no build is needed" does not.
[[nodiscard]] bool asks_for_build(std::span<const Token> note);

/// "permanent" (not since a day after `today`), "revisited", or empty.
[[nodiscard]] std::string read_outcome(std::string_view text, long today);
/// "due at the sunset", with its day.
[[nodiscard]] bool reads_as_due(std::string_view text);
/// The day of "rolled back on 2026-12-18", said of the change: not of another ("v41 was rolled back on …"),
/// nor denied, nor where it may come to it. What is taken back need not wait for its sunset.
[[nodiscard]] std::optional<long> undone_day(std::string_view text);

/// "4.9", as people write it.
[[nodiscard]] std::string shown_number(double number);

}  // namespace tristrata::readiness
